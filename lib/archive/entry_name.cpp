// SPDX-License-Identifier: Apache-2.0
#include "archive/entry_name.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace sigilo::archive {
namespace {

/// The character at `at`, which moves on; nothing where it is no UTF-8 (RFC 3629).
std::optional<char32_t> next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  const std::size_t more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || text.size() - at <= more)
    return std::nullopt;
  char32_t c = more == 0 ? first : first & (0x3FU >> more);
  for (std::size_t i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return std::nullopt;
    c = c << 6 | (byte(at + i) & 0x3FU);
  }
  at += more + 1;
  const char32_t least = more == 2 ? 0x800 : more == 3 ? 0x10000 : 0;
  if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return std::nullopt;
  return c;
}

bool is_forbidden(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return true;
  if (c < 0x80)
    return std::string_view("\\:*?\"<>|").find(static_cast<char>(c)) != std::string::npos;
  return c == 0x061C || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::invalid_input, fmt::format("a name in the archive {}", why));
}

std::string lower(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace

Result<> check_name(std::string_view name) {
  if (name.empty()) return refuse("is empty");
  if (name.size() > most_name_bytes)
    return refuse(fmt::format("is longer than {} bytes", most_name_bytes));
  for (std::size_t at = 0; at < name.size();) {
    const auto c = next_character(name, at);
    if (!c) return refuse("is not valid UTF-8");
    if (is_forbidden(*c)) return refuse("holds a character that names may not hold");
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const auto part = name.substr(begin, end - begin);
    if (part.empty()) return refuse("is absolute or has an empty part");
    if (part == "." || part == "..") return refuse("leads out of its directory");
    if (part.ends_with('.') || part.ends_with(' ')) return refuse("ends in a dot or a space");
    begin = end + 1;
  }
  return {};
}

Result<> Names::add(std::string_view name) {
  SIGILO_TRY_DO(check_name(name));
  const std::string key = lower(name);
  if (directories_.contains(key)) return refuse("is a file and a directory");
  if (!files_.insert(key).second) return refuse("is there twice");
  for (std::size_t at = 0; (at = key.find('/', at)) != std::string::npos; ++at) {
    if (files_.contains(key.substr(0, at))) return refuse("is a file and a directory");
    directories_.insert(key.substr(0, at));
  }
  return {};
}

}  // namespace sigilo::archive
