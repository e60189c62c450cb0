// SPDX-License-Identifier: Apache-2.0
#include "media/attempt.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "media/disk.hpp"
#include "media/sniff.hpp"

namespace sigilo::media {
namespace {

using End = Attempt::End;
using graph::FailureKind;

constexpr std::size_t longest_type = 255;  // RFC 6838 allows 127 + "/" + 127

/// Untrusted, and it goes into a signed record: visible ASCII only, and not endless.
std::string clean(std::string_view text, std::size_t most) {
  std::string result(text.substr(0, most));
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

Attempt failed(const graph::Failure& failure, bool asking) {
  Attempt result;
  result.end = failure.kind == FailureKind::stopped ? End::stopped : End::failed;
  result.what = failure.what;
  result.remedy = failure.remedy;
  result.failure = failure;
  // A file's own server may be down alone.
  result.whole_api = failure.kind == FailureKind::token ||
                     failure.kind == FailureKind::rate_limited ||
                     (asking && failure.kind == FailureKind::temporary && failure.http_status == 0);
  return result;
}

Attempt ended(End end, std::string what, std::string remedy = {}) {
  Attempt result;
  result.end = end;
  result.what = std::move(what);
  result.remedy = std::move(remedy);
  return result;
}

Attempt disk(const Error& error) {
  return ended(End::disk, error.what, error.remedy);
}

/// Collects the first bytes, by which the type is seen.
struct Head {
  Bytes bytes;
  void take(BytesView part) {
    const auto more = part.first(std::min(part.size(), sniffed_bytes - bytes.size()));
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
};

class OneFile {
 public:
  OneFile(const vault::MediaJob& job, const Tools& tools) : job_(job), tools_(tools) {}

  Attempt run() {
    if (!job_.readable) return unreadable();
    if (job_.file.id.empty())
      return ended(End::erased, "the message was erased before its file was fetched");
    if (auto end = ask()) return std::move(*end);
    if (auto end = already_kept()) return std::move(*end);
    auto end = download();
    if (end && end->end == End::failed && end->failure.kind == FailureKind::missing) {
      // Urls live for minutes: one may have ended before it was used.
      if (auto asked = ask()) return std::move(*asked);
      end = download();
    }
    if (end) return std::move(*end);
    return compare();
  }

 private:
  using Ended = std::optional<Attempt>;  ///< nullopt: go on

  /// Waits like any failure: the damage may be mended from a backup while the provider has the
  /// file.
  [[nodiscard]] Attempt unreadable() const {
    graph::Failure damage;
    damage.what = fmt::format("record {}, which names the file, is damaged and cannot be read",
                              job_.message.value());
    damage.remedy = "run sigilo verify, and restore the vault from a backup";
    return failed(damage, false);
  }

  Ended ask() {
    auto answer = tools_.api.media(job_.file.id, tools_.phone_number_id);
    if (!answer) return failed(answer.error(), true);
    info_ = std::move(*answer);
    if (info_.size > tools_.media_max)
      return too_large(fmt::format("has {} bytes, by the provider's word", info_.size));
    return std::nullopt;
  }

  [[nodiscard]] Attempt too_large(std::string_view how) const {
    return ended(End::too_large,
                 fmt::format("the file {}; the largest that is fetched has {} (media_max)", how,
                             tools_.media_max),
                 "set media_max higher for files to come");
  }

  /// Without a download: two independent words of the provider name bytes that we hold, and have
  /// read again just now.
  Ended already_kept() {
    if (job_.file.sha256.empty() || job_.file.sha256 != info_.sha256) return std::nullopt;
    const auto digest = crypto::Digest::from_hex(job_.file.sha256);
    if (!digest) return std::nullopt;
    auto kept = tools_.reader.file_with(*digest);
    if (!kept) return disk(kept.error());
    if (!*kept || (info_.size != 0 && info_.size != (*kept)->size)) return std::nullopt;
    Head head;
    const auto whole = open_sealed(tools_.media, **kept, [&](BytesView part) -> Result<> {
      if (tools_.stop.stop_requested()) return fail(ErrorCode::unavailable, "stopping");
      head.take(part);
      return {};
    });
    if (!whole) return std::nullopt;  // compare() mends it
    auto result = ended(End::stored,
                        "not fetched again: message and provider name the hash of a file that is "
                        "kept");
    result.file = std::move(**kept);
    return described(std::move(result), head);
  }

  Ended download() {
    auto writer = SealedWriter::create(tools_.media, tools_.random);
    if (!writer) return disk(writer.error());
    if (auto fits = require_room(tools_.media, info_.size); !fits) return disk(fits.error());
    head_ = {};
    const auto begun = tools_.clock.steady();
    std::optional<Error> full;
    Ended cut;
    const auto answer =
        tools_.api.download(info_.url, tools_.media_max, [&](BytesView part) -> Result<> {
          cut = why_cut(begun, writer->size() + part.size());
          if (cut) return fail(ErrorCode::unavailable, cut->what);
          head_.take(part);
          auto written = writer->write(part);
          if (!written) full = written.error();
          return written;
        });
    if (full) return disk(*full);
    if (cut) return cut;
    if (!answer) {
      // Refused though the server was willing: it is more than was asked for.
      if (answer.error().kind == FailureKind::refused && answer.error().http_status / 100 == 2)
        return too_large("is larger than the provider said");
      return failed(answer.error(), false);
    }
    if (auto sealed = writer->seal(); !sealed) return disk(sealed.error());
    writer_ = std::move(*writer);
    return std::nullopt;
  }

  /// nullopt: the download may go on.
  [[nodiscard]] Ended why_cut(SteadyTime begun, std::uint64_t size) const {
    if (tools_.stop.stop_requested()) return ended(End::stopped, "the daemon stops");
    if (size > tools_.media_max) return too_large("is larger than the provider said");
    const auto taken = tools_.clock.steady() - begun;
    if (taken <= slow_grace + std::chrono::seconds(size / slowest)) return std::nullopt;
    graph::Failure slow;
    slow.http_status = 200;
    slow.what = fmt::format("the download was too slow: {} bytes in {} seconds", size,
                            std::chrono::duration_cast<std::chrono::seconds>(taken).count());
    slow.remedy = "check the line to the provider";
    return failed(slow, false);
  }

  /// "" where the bytes are the file.
  [[nodiscard]] std::string difference() const {
    const auto sha256 = writer_->sha256().hex();
    const auto& named = job_.file.sha256.empty() ? info_.sha256 : job_.file.sha256;
    if (named.empty() ? info_.size == 0 || info_.size == writer_->size() : named == sha256)
      return {};
    return fmt::format(
        "other bytes came than were named: {} bytes with SHA-256 {}; {} names {}{}",
        writer_->size(), sha256, job_.file.sha256.empty() ? "the provider" : "the message",
        named.empty() ? std::string("no SHA-256") : clean(named, 64),
        info_.size == 0 ? std::string{} : fmt::format(" and the provider {} bytes", info_.size));
  }

  /// What contradicts the bytes and does not decide.
  [[nodiscard]] std::string remark() const {
    const auto sha256 = writer_->sha256().hex();
    std::string text;
    if (!info_.sha256.empty() && info_.sha256 != sha256)
      text = fmt::format("the provider's API names another SHA-256, {}", clean(info_.sha256, 64));
    if (info_.size != 0 && info_.size != writer_->size())
      text += fmt::format("{}the provider's API names another size, {} bytes",
                          text.empty() ? "" : "; ", info_.size);
    if (job_.file.sha256.empty() && info_.sha256.empty())
      text = info_.size == 0 ? "the provider named neither hash nor size: nothing to compare with"
                             : "the provider named no hash: only the size was compared";
    return text;
  }

  Attempt compare() {
    if (auto what = difference(); !what.empty()) return ended(End::other_bytes, std::move(what));
    auto result = ended(End::stored, remark());
    auto kept = tools_.reader.file_with(writer_->sha256());
    if (!kept) return disk(kept.error());
    if (*kept && check_sealed(tools_.media, **kept)) {
      result.file = std::move(**kept);
      return described(std::move(result), head_);
    }
    auto file = writer_->keep();
    if (!file) return disk(file.error());
    result.file = std::move(*file);
    result.ours = true;
    if (*kept) {
      // The vault keeps one file for these bytes; it is damaged, and here they are.
      const auto mended = repair(tools_.media, *result.file, **kept, tools_.random);
      const auto removed = remove_sealed(tools_.media, result.file->path);
      if (!mended) return disk(mended.error());
      if (!removed) tools_.log.warning("media: {}", removed.error().message());
      tools_.log.warning(
          "media: the sealed file {} was damaged and is whole again: its bytes came "
          "once more",
          (*kept)->path);
      result.file = std::move(**kept);
      result.ours = false;
    }
    return described(std::move(result), head_);
  }

  [[nodiscard]] Attempt described(Attempt result, const Head& head) const {
    result.declared =
        clean(job_.file.mime_type.empty() ? info_.mime_type : job_.file.mime_type, longest_type);
    result.sniffed = sniff(head.bytes);
    return result;
  }

  const vault::MediaJob& job_;
  const Tools& tools_;
  graph::MediaInfo info_;
  Head head_;
  std::optional<SealedWriter> writer_;  ///< sealed, not kept
};

}  // namespace

Attempt attempt(const vault::MediaJob& job, const Tools& tools) {
  auto result = OneFile(job, tools).run();
  constexpr std::size_t longest_reason = 1000;
  result.what = clean(result.what, longest_reason);
  if (result.declared.empty()) result.declared = clean(job.file.mime_type, longest_type);
  return result;
}

}  // namespace sigilo::media
