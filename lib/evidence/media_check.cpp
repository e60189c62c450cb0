// SPDX-License-Identifier: Apache-2.0
#include "evidence/media_check.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "crypto/sealed_stream.hpp"
#include "evidence/first_finding.hpp"
#include "evidence/index_check.hpp"

namespace sigilo::evidence {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t read_at_once = std::size_t{1} << 20U;

/// What the row says must lie below media/: nothing outside is opened, whatever was put there.
bool is_inside(const fs::path& path) {
  return !path.empty() && path.is_relative() &&
         std::ranges::none_of(path, [](const fs::path& part) { return part == ".."; });
}

/// Why the file isn't what its record says; "" if it is. `stopped`: it was not read to its end.
std::string wrong_file(const fs::path& path, const vault::RawMediaFile& row,
                       const crypto::Digest& sha256, const std::function<bool()>& go_on,
                       bool& stopped) {
  if (row.key.view().size() != crypto::sealing_key_size) return "no key of 32 bytes";
  std::ifstream in(path, std::ios::binary);
  if (!in) return "a file that can't be read";
  crypto::Sha256 hash;
  crypto::OpeningStream stream(row.key, [&](BytesView plain) -> Result<> {
    hash.update(plain);
    return {};
  });
  Bytes part(read_at_once);
  while (in) {
    in.read(reinterpret_cast<char*>(part.data()), static_cast<std::streamsize>(part.size()));
    const auto opened = stream.update(BytesView(part).first(static_cast<std::size_t>(in.gcount())));
    if (!opened) return opened.error().what;
    stopped = !go_on();
    if (stopped) return "";
  }
  if (in.bad()) return "a file that can't be read to its end";
  if (const auto ended = stream.finish(); !ended) return ended.error().what;
  return hash.finish() == sha256 ? "" : "bytes with another hash";
}

}  // namespace

void MediaCheck::outcome(std::uint64_t seq, const MediaBody& body) {
  const bool names_one = std::ranges::binary_search(named_, body.message);
  const bool first = outcomes_.try_emplace(body.message, Outcome{seq, body}).second;
  if (!doubts_->contains(body.message) && (!names_one || !first || body.message >= seq))
    findings_->add(seq, cause::media_mismatch, "an earlier record that names a file, not finished",
                   fmt::format("record {}", body.message));
  if (body.stored) files_.try_emplace(body.sha256, File{seq, body.size});
}

void MediaCheck::run(Source& source, const std::function<bool()>& go_on) {
  source.revive();
  check_rows(source.reader());
  source.revive();
  check_files(source, go_on);
}

bool MediaCheck::is_doubtful(std::int64_t seq) const {
  return seq >= 0 && doubts_->contains(static_cast<std::uint64_t>(seq));
}

bool MediaCheck::fits(const vault::RawMedia& row, const Outcome* outcome) const {
  if (outcome == nullptr) {
    // Where its media record can't be relied on, only the row says what became of it.
    if (row.record && is_doubtful(*row.record)) return true;
    return row.state == "waiting" && !row.record && !row.file;
  }
  if (row.state != (outcome->body.stored ? "stored" : "lost") || !row.record ||
      std::cmp_not_equal(*row.record, outcome->seq))
    return false;
  if (!outcome->body.stored) return !row.file;
  return row.sha256 == as_text(outcome->body.sha256.view()) && row.size &&
         std::cmp_equal(*row.size, outcome->body.size);
}

void MediaCheck::check_rows(vault::AuditReader& reader) {
  FirstFinding missing(cause::media_missing, "a row in media", "no such row");
  FirstFinding altered(cause::media_altered, "what the media record says", "something else");
  FirstFinding surplus(cause::media_surplus, "no such row in media", "a row");
  auto expected = named_.begin();
  const auto read = reader.each_media([&](vault::RawMedia&& row) {
    for (; expected != named_.end() && std::cmp_less(*expected, row.message); ++expected)
      missing.add(static_cast<std::int64_t>(*expected));
    const bool known = expected != named_.end() && std::cmp_equal(*expected, row.message);
    if (!known) {
      if (!is_doubtful(row.message)) surplus.add(row.message);
      return true;
    }
    const auto outcome = outcomes_.find(*expected++);
    if (!fits(row, outcome == outcomes_.end() ? nullptr : &outcome->second))
      altered.add(row.message);
    return true;
  });
  if (!read) return table_failed(*findings_, "media", read.error());
  for (; expected != named_.end(); ++expected) missing.add(static_cast<std::int64_t>(*expected));
  for (const auto* one : {&missing, &altered, &surplus}) one->report(*findings_);
}

void MediaCheck::check_files(Source& source, const std::function<bool()>& go_on) {
  FirstFinding surplus(cause::file_surplus, "no such row in media_file", "a row");
  const bool all_records = !doubts_->any_in(0, INT64_MAX);
  const auto read = source.reader().each_media_file([&](vault::RawMediaFile&& row) {
    const auto digest = crypto::Digest::from(as_bytes(row.sha256.value_or("")));
    const auto file = digest ? files_.find(*digest) : files_.end();
    if (file == files_.end()) {
      // The record that names it may be one that can't be relied on.
      if (all_records) surplus.add(-1);
      return true;
    }
    if (go_on()) check_file(source.directory(), row, file->second, go_on);
    return go_on();
  });
  if (!read) return table_failed(*findings_, "media_file", read.error());
  surplus.report(*findings_);
}

void MediaCheck::check_file(const fs::path& directory, const vault::RawMediaFile& row,
                            const File& file, const std::function<bool()>& go_on) {
  const auto altered = [&](std::string found) {
    findings_->add(file.record, cause::file_altered,
                   fmt::format("the {} bytes that record {} names", file.size, file.record),
                   std::move(found));
  };
  const fs::path path = row.path.value_or("");
  if (!is_inside(path)) return altered("no path below media/");
  const fs::path full = directory / "media" / path;
  std::error_code code;
  const auto status = fs::symlink_status(full, code);
  if (status.type() == fs::file_type::not_found)
    return findings_->add(file.record, cause::file_missing, "its sealed file", "no such file");
  if (code || status.type() != fs::file_type::regular) return altered("something that is no file");
  if (fs::file_size(full, code) != crypto::sealed_length(file.size) || code)
    return altered("a sealed file of another length");
  bool stopped = false;
  const auto digest = crypto::Digest::from(as_bytes(*row.sha256));
  if (auto why = wrong_file(full, row, *digest, go_on, stopped); !why.empty() && !stopped)
    altered(std::move(why));
}

}  // namespace sigilo::evidence
