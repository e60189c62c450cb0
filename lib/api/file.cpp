// SPDX-License-Identifier: Apache-2.0
// The file of a message, given out piece by piece.
#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/impl.hpp"
#include "api/query.hpp"
#include "json/parse.hpp"
#include "media/sealed_file.hpp"
#include "media/sniff.hpp"

namespace sigilo::api {
namespace {

Result<vault::SealedFile> stored_file(std::optional<vault::MediaRow> row, Seq seq) {
  if (!row)
    return fail(ErrorCode::not_found, fmt::format("record {} names no file", seq.value()),
                "'sigilo messages' shows which messages are images, documents and so on");
  if (row->file) return std::move(*row->file);
  switch (row->state) {
    case vault::MediaState::waiting:
      return fail(ErrorCode::refused,
                  fmt::format("the file of record {} is not there yet: {}", seq.value(),
                              row->reply.empty() ? "it waits to be fetched" : row->reply),
                  "'sigilo status' says what stands in the way, if anything");
    case vault::MediaState::lost:
      return fail(ErrorCode::refused,
                  fmt::format("the file of record {} was lost: {}", seq.value(), row->reply),
                  "ask the sender for it again");
    case vault::MediaState::stored:
      break;
  }
  return fail(ErrorCode::refused, fmt::format("the file of record {} was erased", seq.value()),
              "its erasure record says why");
}

/// The type that its bytes showed, out of the signed record; never the sender's word.
Result<std::string> sniffed_type(vault::AuditReader& audit, std::optional<Seq> record) {
  std::string type(media::unknown_type);
  if (!record) return type;
  SIGILO_TRY_DO(
      audit.each_record(static_cast<std::int64_t>(record->value()), [&](vault::RawRecord&& raw) {
        const auto body = json::parse(raw.body.value_or(""));
        const auto* object = body ? body->if_object() : nullptr;
        if (object != nullptr) type = json::text_at(*object, "sniffed").value_or(type);
        return false;
      }));
  const bool plain = std::ranges::all_of(type, [](char c) { return c > ' ' && c < '\x7F'; });
  return plain && !type.empty() ? type : std::string(media::unknown_type);
}

}  // namespace

Result<net::Response> LocalApi::Impl::file(const net::Request& request, uid_t uid) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(const auto seq, seq_of(rest_of(request)));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(auto row, vault.media_of(seq));
  const auto record = row ? row->record : std::nullopt;
  SIGILO_TRY(auto found, stored_file(std::move(row), seq));
  SIGILO_TRY(auto audit, vault::AuditReader::open(services.vault_directory, services.vault_key));
  net::Response response;
  SIGILO_TRY(response.content_type, sniffed_type(audit, record));
  response.headers.emplace_back("X-Sigilo-SHA256", found.sha256.hex());
  response.headers.emplace_back("X-Sigilo-Size", std::to_string(found.size));
  SIGILO_TRY_DO(remember({uid, "media", {}, {seq}}));
  const auto file = std::make_shared<const vault::SealedFile>(std::move(found));
  SIGILO_TRY(response.source,
             streams.start(
                 *services.io,
                 [file, media = media::media_directory(services.vault_directory)](
                     const auto& sink) { return media::open_sealed(media, *file, sink); },
                 [this, seq](const Error& error) {
                   log.error("the file of record {} cannot be given out: {}", seq.value(),
                             error.message());
                 }));
  return response;
}

}  // namespace sigilo::api
