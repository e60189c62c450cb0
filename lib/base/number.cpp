// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"

#include <string>

namespace sigilo {
namespace {

std::optional<std::string> digits_of(std::string_view text) {
  constexpr std::string_view scheme = "whatsapp:";
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  std::string digits;
  bool first = true;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c == '+') {
      if (!first) return std::nullopt;
    } else if (std::string_view(" -.()").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
    first = first && c == ' ';
    if (digits.size() > 15) return std::nullopt;
  }
  if (digits.size() < 7 || digits.front() == '0') return std::nullopt;
  return digits;
}

/// 55 + two digits of area + eight digits that begin like a mobile's: the ninth digit is missing.
void add_brazils_ninth_digit(std::string& digits) {
  if (digits.size() == 12 && digits.starts_with("55") && digits[4] >= '6') digits.insert(4, 1, '9');
}

/// 54 + ten digits: the mobile 9 is missing.
void add_argentinas_mobile_nine(std::string& digits) {
  if (digits.size() == 12 && digits.starts_with("54") && digits[2] != '9') digits.insert(2, 1, '9');
}

/// 52 1 + ten digits: the mobile 1 of before 2019.
void drop_mexicos_mobile_one(std::string& digits) {
  if (digits.size() == 13 && digits.starts_with("521")) digits.erase(2, 1);
}

}  // namespace

std::optional<E164> normalise_number(std::string_view text) {
  auto digits = digits_of(text);
  if (!digits) return std::nullopt;
  add_brazils_ninth_digit(*digits);
  add_argentinas_mobile_nine(*digits);
  drop_mexicos_mobile_one(*digits);
  return E164("+" + *digits);
}

}  // namespace sigilo
