// SPDX-License-Identifier: Apache-2.0
#include "graph/answers.hpp"

#include <algorithm>
#include <charconv>

#include "crypto/digest.hpp"
#include "json/parse.hpp"
#include "message/content.hpp"
#include "net/http.hpp"

namespace sigilo::graph {

namespace {

constexpr std::size_t most_cursor = 1024;  // samples have about 100 bytes
constexpr std::size_t most_request_id = 256;

Result<json::Object> read_object(std::string_view body) {
  SIGILO_TRY(auto value, json::parse(body));
  if (!value.is_object()) return fail(ErrorCode::invalid_input, "the answer is no JSON object");
  return std::move(value.get_object());
}

/// A number, or a string of digits: the documentation shows the one, servers send both.
std::uint64_t read_size(const json::Object& object) {
  if (const auto number = json::integer_at(object, "file_size")) {
    return *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
  }
  const auto text = json::text_at(object, "file_size").value_or("");
  std::uint64_t size = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), size);
  return failed == std::errc() && end == text.data() + text.size() ? size : 0;
}

std::string read_sha256(const json::Object& object) {
  auto plain = message::plain_sha256(json::text_at(object, "sha256").value_or(""));
  return crypto::Digest::from_hex(plain) ? plain : std::string();
}

}  // namespace

Result<MediaInfo> read_media(std::string_view body) {
  SIGILO_TRY(const auto object, read_object(body));
  MediaInfo info;
  info.url = json::text_at(object, "url").value_or("");
  if (info.url.empty()) {
    return fail(ErrorCode::invalid_input, "the answer names no url for the file");
  }
  info.mime_type = json::text_at(object, "mime_type").value_or("");
  info.sha256 = read_sha256(object);
  info.size = read_size(object);
  return info;
}

Result<std::optional<std::string>> read_next_cursor(std::string_view body) {
  SIGILO_TRY(const auto object, read_object(body));
  const auto* paging = json::object_at(object, "paging");
  const auto next = paging == nullptr ? std::nullopt : json::text_at(*paging, "next");
  if (!next) return std::optional<std::string>();
  const auto* cursors = json::object_at(*paging, "cursors");
  std::string after;
  if (cursors != nullptr) after = json::text_at(*cursors, "after").value_or("");
  if (after.empty()) {
    // Only the cursor is taken from the provider's URL: the rest of the call stays ours.
    net::Request as_request;
    as_request.target = *next;
    after = as_request.query("after").value_or("");
  }
  if (after.empty() || after.size() > most_cursor) {
    return fail(ErrorCode::invalid_input, "the answer has a further page and does not say which");
  }
  return std::optional<std::string>(std::move(after));
}

Result<std::string> read_request_id(std::string_view body) {
  SIGILO_TRY(const auto object, read_object(body));
  const auto id = json::text_at(object, "request_id").value_or("");
  return std::string(id.substr(0, most_request_id));
}

}  // namespace sigilo::graph
