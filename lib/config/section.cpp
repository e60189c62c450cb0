// SPDX-License-Identifier: Apache-2.0
#include "config/section.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/check.hpp"

namespace sigilo::config {
namespace {

constexpr std::size_t max_text = 1000;
constexpr std::size_t max_elements = 1000;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

Section::Section(std::string_view name, Table table, LineMap& lines, std::string label)
    : name_(name),
      table_(std::move(table)),
      lines_(lines),
      label_(label.empty() ? std::string(name) : std::move(label)) {
  lines_[label_] = table_.line();
}

void Section::read(std::string_view key, std::string& target) {
  if (auto written = text(key)) target = *std::move(written);
}

void Section::read(std::string_view key, bool& target) {
  ask(key, KeyType::boolean);
  if (const auto written = table_.boolean(key)) target = *written;
}

void Section::complain(std::string_view key, std::string_view what, std::string remedy) {
  table_.complain(key, fmt::format("{}.{}: {}", name_, key, what), std::move(remedy));
}

std::optional<std::string> Section::text(std::string_view key) {
  ask(key, KeyType::text);
  auto written = table_.text(key);
  if (written && !is_plain(key, table_.line(key), *written)) return std::nullopt;
  return written;
}

std::vector<std::string> Section::texts(std::string_view key) {
  const auto& known = ask(key, KeyType::texts);
  auto written = table_.texts(key, true);
  if (!written) return {};
  const auto lines = table_.lines_of(key);
  if (written->empty() && known.required) {
    refuse(key, table_.line(key), {ErrorCode::invalid_input, "the list is empty", ""});
  }
  if (written->size() > max_elements) {
    complain(key, fmt::format("more than {} elements", max_elements), "write fewer");
    return {};
  }
  bool plain = true;
  for (std::size_t i = 0; i < written->size(); ++i) {
    lines_[fmt::format("{}.{}[{}]", label_, key, i)] = lines[i];
    plain = is_plain(key, lines[i], (*written)[i]) && plain;
  }
  return plain ? *std::move(written) : std::vector<std::string>();
}

const Key& Section::ask(std::string_view key, KeyType type) {
  const Key& known = key_of(name_, key);
  SIGILO_CHECK(known.type == type, "the parser reads a key as another type than the table says");
  if (table_.has(key)) lines_[fmt::format("{}.{}", label_, key)] = table_.line(key);
  if (known.required && !table_.has(key)) {
    complain(key, fmt::format("missing ({})", known.help),
             fmt::format("write {} = {}", key, known.example));
  }
  return known;
}

bool Section::is_plain(std::string_view key, int line, std::string_view value) {
  const auto refuse_as = [&](std::string what) {
    refuse(key, line, {ErrorCode::invalid_input, std::move(what), ""});
  };
  if (std::any_of(value.begin(), value.end(), is_control)) {
    refuse_as("a line break or another control character in it");
    return false;
  }
  if (value.find_first_not_of(' ') == std::string_view::npos) {
    refuse_as("empty");
    return false;
  }
  if (value.size() > max_text) {
    refuse_as(fmt::format("longer than {} bytes", max_text));
    return false;
  }
  return true;
}

void Section::refuse(std::string_view key, int line, const Error& error) {
  const Key& known = key_of(name_, key);
  table_.complain_at(
      line, fmt::format("{}.{}: {}", name_, key, error.what),
      error.remedy.empty() ? fmt::format("write {} = {}", key, known.example) : error.remedy);
}

}  // namespace sigilo::config
