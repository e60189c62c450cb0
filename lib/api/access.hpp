// SPDX-License-Identifier: Apache-2.0
// Who reads what, as the ledger remembers it.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/domain.hpp"
#include "json/value.hpp"

namespace sigilo::api {

/// More record numbers than these are written as first, last and count beside the filter.
inline constexpr std::size_t max_listed_seqs = 1000;

struct Reading {
  uid_t uid = 0;
  std::string what;        ///< "messages", "show", "alerts"
  json::Object filter;     ///< what was asked for
  std::vector<Seq> shown;  ///< records whose content is to be shown; one may occur several times
};

/// Name of a Unix user in UTF-8; "" where it has none.
std::string user_name(uid_t uid);

/// Body of the `access` record (docs/local-api.md): {"count","event":"read","filter","seqs" (each
/// once, in order) or "first","last","uid","user","v":1,"what"}. `filter` must be UTF-8.
std::string access_body(const Reading& reading);

}  // namespace sigilo::api
