// SPDX-License-Identifier: Apache-2.0
#include "message/text_writer.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "json/quoted.hpp"

namespace sigilo::message {
std::string quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  SIGILO_CHECK(json::append_quoted(out, text), "text of an event is UTF-8");
  return out;
}

std::string ObjectText::finish() {
  std::ranges::sort(members_, {}, [](const auto& member) { return member.first; });
  std::string out = "{";
  for (const auto& [key, value] : members_) {
    if (out.size() > 1) out += ',';
    out += '"';
    out += key;
    out += "\":";
    out += value;
  }
  out += '}';
  return out;
}

std::string array_text(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const std::string& element : elements) {
    if (out.size() > 1) out += ',';
    out += element;
  }
  out += ']';
  return out;
}

}  // namespace sigilo::message
