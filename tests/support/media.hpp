// SPDX-License-Identifier: Apache-2.0
// A provider of files that a test decides, messages that name files, and what then lies on the
// disk.
#pragma once

#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/digest.hpp"
#include "graph/api.hpp"
#include "json/canonical.hpp"
#include "media/clean_up.hpp"
#include "media/fetcher.hpp"
#include "media/sealed_file.hpp"
#include "support/vault.hpp"

namespace sigilo::test {

inline Bytes bytes_of(std::string_view text) {
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

struct OfferedFile {
  Bytes bytes;
  std::string mime_type = "image/jpeg";
  std::optional<std::string> sha256{};  ///< absent: the right one
  std::optional<std::uint64_t> size{};  ///< absent: the right one
  std::uint64_t repeat = 1;             ///< the bytes come so often, one after another
};

inline graph::Failure failure(graph::FailureKind kind, int http_status = 0,
                              std::string what = "it did not work") {
  graph::Failure result;
  result.kind = kind;
  result.http_status = http_status;
  result.what = std::move(what);
  return result;
}

/// Answers as the Graph API does; what is in the queues goes first. Several FakeApi may use it.
struct Provider {
  std::mutex mutex;
  std::map<std::string, OfferedFile, std::less<>> files;  ///< by media id
  std::deque<graph::Failure> media_failures;
  std::deque<graph::Failure> download_failures;     ///< before any byte
  std::function<void()> while_downloading = [] {};  ///< between the first half and the second
  std::size_t piece = 16384;
  int asked = 0;
  int downloads = 0;
  std::string last_phone_number_id;
  std::stop_token stop;  ///< as the latest client was given it
};

class FakeApi final : public graph::Api {
 public:
  FakeApi(Provider& provider, std::stop_token stop) : provider_(provider), stop_(std::move(stop)) {
    const std::lock_guard guard(provider_.mutex);
    provider_.stop = stop_;
  }

  graph::Answer<graph::MediaInfo> media(std::string_view id,
                                        std::string_view phone_number_id) override {
    const std::lock_guard guard(provider_.mutex);
    ++provider_.asked;
    provider_.last_phone_number_id = phone_number_id;
    if (auto failed = next(provider_.media_failures)) return tl::unexpected(*failed);
    const auto found = provider_.files.find(id);
    if (found == provider_.files.end())
      return tl::unexpected(failure(graph::FailureKind::missing, 400, "there is no such object"));
    const auto& file = found->second;
    return graph::MediaInfo{"https://files.example/" + std::string(id), file.mime_type,
                            file.sha256.value_or(crypto::sha256(file.bytes).hex()),
                            file.size.value_or(file.bytes.size() * file.repeat)};
  }

  graph::Answer<graph::Downloaded> download(std::string_view url, std::uint64_t max_bytes,
                                            const graph::Sink& sink) override {
    std::unique_lock lock(provider_.mutex);
    ++provider_.downloads;
    if (auto failed = next(provider_.download_failures)) return tl::unexpected(*failed);
    const auto file = provider_.files.at(std::string(url.substr(url.rfind('/') + 1)));
    const auto during = provider_.while_downloading;
    const auto piece = provider_.piece;
    lock.unlock();
    std::uint64_t sent = 0;
    for (std::uint64_t n = 0; n < file.repeat; ++n) {
      for (BytesView rest = file.bytes; !rest.empty();) {
        if (stop_.stop_requested()) return tl::unexpected(failure(graph::FailureKind::stopped));
        const auto part = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(part.size());
        if (sent + part.size() > max_bytes)
          return tl::unexpected(failure(graph::FailureKind::refused, 200, "more bytes came"));
        if (auto taken = sink(part); !taken)
          return tl::unexpected(failure(graph::FailureKind::temporary, 200, taken.error().what));
        const bool half = sent <= file.bytes.size() / 2;
        sent += part.size();
        if (half && sent > file.bytes.size() / 2) during();
      }
    }
    return graph::Downloaded{sent, file.mime_type};
  }

  graph::Answer<std::vector<std::string>> phone_numbers(std::string_view) override { return {}; }
  graph::Answer<std::string> request_sync(std::string_view, graph::SyncType) override { return {}; }

 private:
  static std::optional<graph::Failure> next(std::deque<graph::Failure>& failures) {
    if (failures.empty()) return std::nullopt;
    auto first = failures.front();
    failures.pop_front();
    return first;
  }
  Provider& provider_;
  std::stop_token stop_;
};

/// A message that names a file.
struct MediaMessage {
  std::string id = "wamid.1";
  std::string media = "1001";
  std::string sha256{};
  std::string mime_type = "image/jpeg";
  std::string filename{};
  message::Via via = message::Via::api;
};

inline vault::Ingest media_delivery(const MediaMessage& message) {
  auto delivery = delivery_of({.id = message.id, .text = ""});
  auto& item = delivery.events[0];
  json::Object media{{"id", message.media}, {"mime_type", message.mime_type}};
  if (!message.sha256.empty()) media["sha256"] = message.sha256;
  if (!message.filename.empty()) media["filename"] = message.filename;
  item.event.type = "document";
  item.event.via = message.via;
  item.event.details = json::canonical(json::Object{{"media", std::move(media)}});
  item.body = message::make_body(item.event, delivery.provenance, delivery.raw);
  return delivery;
}

/// Everything under a vault's media/, by path below it; directories are left out.
inline std::set<std::string> files_below(const std::filesystem::path& media) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(media))
    if (!entry.is_directory()) found.insert(entry.path().lexically_relative(media).string());
  return found;
}

/// A vault, a provider, and a fetcher between them, on the test's thread.
struct FileRoom {
  TestVault vault;
  Provider provider;
  std::uint64_t media_max = std::uint64_t{100} << 20U;
  std::function<Result<>()> before_report = [] { return Result<>{}; };
  std::vector<vault::MediaState> states;  ///< of the outcomes that were committed
  std::mutex mutex;
  std::unique_ptr<media::Fetcher> fetcher = make_fetcher();

  [[nodiscard]] std::filesystem::path media() const {
    return media::media_directory(vault.directory());
  }
  media::Fetcher::MakeApi make_api() {
    return [this](std::stop_token stop) { return std::make_unique<FakeApi>(provider, stop); };
  }
  media::Fetcher::Settings settings() {
    return {media(), media_max, {{"+5491150000001", "106540352242922"}}};
  }
  std::unique_ptr<media::Fetcher> make_fetcher() {
    return std::make_unique<media::Fetcher>(
        settings(), [this] { return vault::Reader::open(vault.directory(), vault.key); },
        make_api(), [this](const auto& outcome, const auto&) { return report(outcome); },
        vault.clock, vault.random, vault.log);
  }
  Result<> report(const vault::MediaOutcome& outcome) {
    const std::lock_guard guard(mutex);
    SIGILO_TRY_DO(before_report());
    SIGILO_TRY_DO(vault.run(
        [&](vault::WriteTransaction& transaction) { return transaction.media_outcome(outcome); }));
    states.push_back(outcome.state);
    return {};
  }

  Seq ingest(const MediaMessage& message) {
    return vault.ingest(media_delivery(message)).seqs.at(0);
  }
  /// A message with a file of these bytes, which the provider has.
  Seq offer(const MediaMessage& message, Bytes bytes) {
    provider.files[message.media] = {.bytes = std::move(bytes)};
    return ingest(message);
  }
  [[nodiscard]] vault::MediaRow row(Seq message) const {
    return must(vault.reader().media_of(message)).value();
  }
  [[nodiscard]] Bytes stored(Seq message) const {
    Bytes plain;
    must(media::open_sealed(media(), row(message).file.value(), [&](BytesView part) -> Result<> {
      plain.insert(plain.end(), part.begin(), part.end());
      return {};
    }));
    return plain;
  }
  /// Body of the file's `media` record.
  [[nodiscard]] std::string record(Seq message) const {
    std::string body;
    auto audit = vault.audit();
    must(audit.each_record(static_cast<std::int64_t>(row(message).record.value().value()),
                           [&](vault::RawRecord&& record) {
                             body = record.body.value_or("");
                             return false;
                           }));
    return body;
  }
  /// Runs the fetcher whenever it wants to, for so long.
  void pass(Duration time) {
    for (const auto end = vault.clock.now() + time; vault.clock.now() < end;) {
      const auto wait = std::max<Duration>(fetcher->run_once(), std::chrono::seconds(1));
      vault.clock.advance(std::min(wait, end - vault.clock.now()));
    }
    fetcher->run_once();
  }
  /// As clean_up() asks: true for what a message of the vault has.
  [[nodiscard]] media::IsNamed named_by_vault() const {
    auto reader = vault.reader();
    std::set<std::string> paths;
    for (const auto& message : must(reader.messages({.limit = vault::max_rows}))) {
      const auto row = must(reader.media_of(message.seq));
      if (row && row->file) paths.insert(row->file->path);
    }
    return [paths](std::string_view path) -> Result<bool> {
      return paths.count(std::string(path)) > 0;
    };
  }
};

}  // namespace sigilo::test
