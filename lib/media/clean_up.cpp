// SPDX-License-Identifier: Apache-2.0
#include "media/clean_up.hpp"

#include <vector>

#include <fmt/format.h>

#include "media/disk.hpp"
#include "media/names.hpp"

namespace sigilo::media {

namespace fs = std::filesystem;

namespace {

/// Names in a directory; none where it does not exist.
Result<std::vector<std::string>> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code trouble;
  fs::directory_iterator entry(directory, trouble);
  for (; !trouble && entry != fs::directory_iterator(); entry.increment(trouble))
    names.push_back(entry->path().filename().string());
  if (trouble && trouble != std::errc::no_such_file_or_directory)
    return fail(ErrorCode::io,
                fmt::format("cannot list {}: {}", directory.string(), trouble.message()));
  return names;
}

Result<std::size_t> remove_unfinished(const fs::path& incoming, const Logger& log) {
  std::size_t removed = 0;
  SIGILO_TRY(const auto names, names_in(incoming));
  for (const std::string_view name : names) {
    if (!is_unfinished_name(name)) {
      log.warning("{} holds a file that sigilo did not put there; it is left alone",
                  incoming.string());
      continue;
    }
    SIGILO_TRY(const bool was, remove_file(incoming / name));
    removed += was ? 1 : 0;
  }
  if (removed > 0) SIGILO_TRY_DO(sync_directory(incoming));
  return removed;
}

Result<std::size_t> remove_orphans(const fs::path& media, const std::string& folder,
                                   const IsNamed& is_named, const Logger& log) {
  std::size_t removed = 0;
  SIGILO_TRY(const auto names, names_in(media / folder));
  for (const auto& name : names) {
    const std::string path = folder + "/" + name;
    if (!is_sealed_path(path)) {
      log.warning("{} holds a file that sigilo did not put there; it is left alone",
                  (media / folder).string());
      continue;
    }
    SIGILO_TRY(const bool named, is_named(path));
    if (named) continue;
    SIGILO_TRY(const bool was, remove_file(media / path));
    removed += was ? 1 : 0;
  }
  if (removed > 0) SIGILO_TRY_DO(sync_directory(media / folder));
  return removed;
}

}  // namespace

Result<CleanedUp> clean_up(const fs::path& media, const IsNamed& is_named, const Logger& log) {
  CleanedUp done;
  SIGILO_TRY(done.unfinished, remove_unfinished(incoming_directory(media), log));
  SIGILO_TRY(const auto folders, names_in(media));
  for (const auto& folder : folders) {
    if (!is_hex(folder, folder_digits)) continue;
    SIGILO_TRY(const auto removed, remove_orphans(media, folder, is_named, log));
    done.orphans += removed;
  }
  if (done.unfinished + done.orphans > 0)
    log.info("media: removed {} unfinished files and {} that no record names", done.unfinished,
             done.orphans);
  return done;
}

}  // namespace sigilo::media
