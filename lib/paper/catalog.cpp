// SPDX-License-Identifier: Apache-2.0
// cairo has no call for a document's language; screen readers and PDF/A want it in the catalog.
// The catalog is among the last objects, so the end is held back and corrected before it goes out:
// an update appended to a finished file would look like a later change.
#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "paper/sheets_impl.hpp"

namespace sigilo::paper {
namespace {

constexpr std::string_view catalog = "<< /Type /Catalog\n";
constexpr std::size_t entry_size = 20;  // "0000000015 00000 n \n", ISO 32000-1, 7.5.4

std::optional<std::uint64_t> number_at(std::string_view text, std::size_t at) {
  std::uint64_t value = 0;
  if (at > text.size()) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

}  // namespace

void name_language(std::string& tail, std::uint64_t before, std::string_view language) {
  const std::size_t at = tail.rfind(catalog);
  const std::size_t table = tail.rfind("\nxref\n0 ");
  const std::size_t start = tail.rfind("startxref\n");
  if (at == std::string::npos || table == std::string::npos || start == std::string::npos) return;
  if (at > table || table > start) return;
  const auto count = number_at(tail, table + 8);
  const auto told = number_at(tail, start + 10);
  if (!count || told != before + table + 1) return;
  const std::size_t entries = tail.find('\n', table + 8) + 1;
  if (*count > (tail.size() - entries) / entry_size) return;

  const std::string words =
      fmt::format("   /Lang ({})\n   /ViewerPreferences << /DisplayDocTitle true >>\n", language);
  std::string changed = tail;
  const std::uint64_t place = before + at;
  for (std::size_t i = 0; i < *count; ++i) {
    const std::size_t entry = entries + i * entry_size;
    const auto offset = number_at(changed, entry);
    if (!offset) return;
    if (*offset > place && changed[entry + 17] == 'n')
      changed.replace(entry, 10, fmt::format("{:010}", *offset + words.size()));
  }
  changed.replace(start + 10, fmt::format("{}", *told).size(),
                  fmt::format("{}", *told + words.size()));
  changed.insert(at + catalog.size(), words);
  tail = std::move(changed);
}

}  // namespace sigilo::paper
