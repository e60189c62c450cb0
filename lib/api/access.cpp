// SPDX-License-Identifier: Apache-2.0
#include "api/access.hpp"

#include <array>
#include <set>

#include <pwd.h>

#include "json/canonical.hpp"
#include "text/unicode.hpp"

namespace sigilo::api {

std::string user_name(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return {};
  return text::to_utf8(found->pw_name);
}

std::string access_body(const Reading& reading) {
  const std::set<Seq> shown(reading.shown.begin(), reading.shown.end());
  json::Object body{{"count", shown.size()},
                    {"event", "read"},
                    {"filter", reading.filter},
                    {"uid", static_cast<std::uint64_t>(reading.uid)},
                    {"user", user_name(reading.uid)},
                    {"v", 1},
                    {"what", reading.what}};
  if (shown.size() <= max_listed_seqs) {
    json::Array seqs;
    for (const auto seq : shown) seqs.emplace_back(seq.value());
    body["seqs"] = std::move(seqs);
  } else {
    body["first"] = shown.begin()->value();
    body["last"] = shown.rbegin()->value();
  }
  return json::canonical(body);
}

}  // namespace sigilo::api
