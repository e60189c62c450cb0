// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "base/new_file.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "cli/page.hpp"
#include "crypto/encoding.hpp"
#include "json/parse.hpp"
#include "ledger/checkpoint.hpp"

namespace sigilo::cli {
namespace {

namespace fs = std::filesystem;

void print_place(const json::Object& place, const config::Config& config) {
  print_heading(fmt::format("{}  {}", text_of(place, "kind"), text_of(place, "where")));
  if (const auto* last = json::object_at(place, "last")) {
    print_field("remembers", fmt::format("the first {} records", text_of(*last, "size")));
    print_field("since", fmt::format("{} (record {})", time_of(*last, "time", config),
                                     text_of(*last, "seq")));
  } else {
    print_field("remembers", "nothing yet");
  }
  if (flag_of(place, "overdue")) print_field("OVERDUE", "somebody must look");
  const auto* failure = json::object_at(place, "failure");
  if (failure == nullptr) return;
  print_field("FAILED",
              fmt::format("{}: {}", time_of(*failure, "last", config), text_of(*failure, "what")));
  print_field("what to do", text_of(*failure, "remedy"));
  print_field("fails since", fmt::format("{} ({} attempts)", time_of(*failure, "since", config),
                                         text_of(*failure, "attempts")));
}

/// True: written; false: it was there already, from an earlier export.
Result<bool> write_new(const fs::path& path, BytesView bytes) {
  auto file = NewFile::create(path);
  if (!file && file.error().code == ErrorCode::already_exists) return false;
  if (!file) return tl::unexpected(file.error());
  SIGILO_TRY_DO(file->write(bytes));
  SIGILO_TRY_DO(file->finish());
  return true;
}

/// "UUID-SIZE.txt": the note; beside it "UUID-SIZE-SEQ.token" (DER) for each time stamp, and
/// "UUID-SIZE-SEQ.txt", the note with the line, for each cosignature.
Result<int> export_one(const json::Object& kept, const fs::path& directory) {
  const auto note = text_of(kept, "note");
  const auto proof = text_of(kept, "proof");
  SIGILO_TRY(const auto checkpoint, ledger::parse_checkpoint(note));
  const auto uuid = std::string_view(checkpoint.origin).substr(checkpoint.origin.find('/') + 1);
  if (uuid.find_first_not_of("0123456789abcdef-") != std::string_view::npos)
    return fail(ErrorCode::corrupt, "a checkpoint's origin names no vault", "run 'sigilo verify'");
  const auto stem = fmt::format("{}-{}", uuid, checkpoint.size);
  int files = 0;
  SIGILO_TRY(const bool noted, write_new(directory / (stem + ".txt"), as_bytes(note)));
  files += noted ? 1 : 0;
  if (proof.empty()) return files;
  const auto name = fmt::format("{}-{}", stem, text_of(kept, "seq"));
  if (text_of(kept, "kind") == "rfc3161") {
    SIGILO_TRY(const auto token, crypto::from_base64(proof));
    SIGILO_TRY(const bool written, write_new(directory / (name + ".token"), token));
    return files + (written ? 1 : 0);
  }
  SIGILO_TRY(const bool written, write_new(directory / (name + ".txt"), as_bytes(note + proof)));
  return files + (written ? 1 : 0);
}

int export_all(const Context& context, const config::Config& config, const fs::path& directory) {
  const auto kept = ask_for_list(config, request_for("GET", "/v1/anchors/kept"));
  if (!kept) return complain(kept.error());
  int files = 0;
  for (const auto& one : *kept) {
    if (!one.is_object()) continue;
    const auto written = export_one(one.get_object(), directory);
    if (!written) return complain(written.error());
    files += *written;
  }
  if (context.json)
    print_json(json::Object{{"anchors", kept->size()}, {"files", files}});
  else
    print_line(
        fmt::format("{} anchors, {} new files in {}; docs/anchors.md says how they are "
                    "checked with openssl",
                    kept->size(), files, directory.string()));
  return exit_ok;
}

}  // namespace

int anchors(const Context& context, const std::string& directory) {
  const auto config = context.config();
  if (!config) return exit_config;
  if (!directory.empty()) return export_all(context, *config, directory);
  auto places = ask_for_list(*config, request_for("GET", "/v1/anchors"));
  if (!places) return complain(places.error());
  if (context.json) {
    print_json_lines(std::move(*places));
    return exit_ok;
  }
  if (places->empty())
    print_line("no checkpoint is remembered outside of this machine: write [anchor]");
  for (const auto& place : *places)
    if (place.is_object()) print_place(place.get_object(), *config);
  return exit_ok;
}

}  // namespace sigilo::cli
