// SPDX-License-Identifier: Apache-2.0
#include "api/access.hpp"

#include <algorithm>
#include <array>

#include <pwd.h>

#include "json/canonical.hpp"

namespace sigilo::api {

std::string user_name(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return {};
  return found->pw_name;
}

std::string access_body(const Reading& reading) {
  json::Object body{{"count", reading.shown.size()},
                    {"event", "read"},
                    {"filter", reading.filter},
                    {"uid", static_cast<std::uint64_t>(reading.uid)},
                    {"user", user_name(reading.uid)},
                    {"v", 1},
                    {"what", reading.what}};
  if (reading.shown.size() <= max_listed_seqs) {
    json::Array seqs;
    for (const auto seq : reading.shown) seqs.emplace_back(seq.value());
    body["seqs"] = std::move(seqs);
  } else {
    const auto [first, last] = std::minmax_element(reading.shown.begin(), reading.shown.end());
    body["first"] = first->value();
    body["last"] = last->value();
  }
  return json::canonical(body);
}

}  // namespace sigilo::api
