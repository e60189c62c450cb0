// SPDX-License-Identifier: Apache-2.0
#include "base/domain.hpp"

#include <array>
#include <utility>

namespace sigilo {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<Direction, 2> directions{{{Direction::in, "in"}, {Direction::out, "out"}}};
constexpr Names<Severity, 3> severities{
    {{Severity::low, "low"}, {Severity::medium, "medium"}, {Severity::high, "high"}}};
constexpr Names<Language, 3> languages{
    {{Language::es, "es"}, {Language::pt, "pt"}, {Language::en, "en"}}};
constexpr Names<RecordKind, 24> record_kinds{{
    {RecordKind::genesis, "genesis"},
    {RecordKind::key, "key"},
    {RecordKind::message, "message"},
    {RecordKind::edit, "edit"},
    {RecordKind::revoke, "revoke"},
    {RecordKind::status, "status"},
    {RecordKind::media, "media"},
    {RecordKind::unrecognised, "unrecognised"},
    {RecordKind::line, "line"},
    {RecordKind::consent, "consent"},
    {RecordKind::policy, "policy"},
    {RecordKind::alert, "alert"},
    {RecordKind::mail, "mail"},
    {RecordKind::review, "review"},
    {RecordKind::access, "access"},
    {RecordKind::export_, "export"},
    {RecordKind::hold, "hold"},
    {RecordKind::release, "release"},
    {RecordKind::erasure, "erasure"},
    {RecordKind::config, "config"},
    {RecordKind::checkpoint, "checkpoint"},
    {RecordKind::gap, "gap"},
    {RecordKind::clock, "clock"},
    {RecordKind::service, "service"},
}};

template <class Enum, std::size_t N>
std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  return "";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Direction value) {
  return name_of(directions, value);
}
std::string_view to_string(Severity value) {
  return name_of(severities, value);
}
std::string_view to_string(Language value) {
  return name_of(languages, value);
}
std::string_view to_string(RecordKind value) {
  return name_of(record_kinds, value);
}

std::optional<Direction> parse_direction(std::string_view text) {
  return value_of(directions, text);
}
std::optional<Severity> parse_severity(std::string_view text) {
  return value_of(severities, text);
}
std::optional<Language> parse_language(std::string_view text) {
  return value_of(languages, text);
}
std::optional<RecordKind> parse_record_kind(std::string_view text) {
  return value_of(record_kinds, text);
}

}  // namespace sigilo
