// SPDX-License-Identifier: Apache-2.0
// How the daemon is, and what needs a person.
#pragma once

#include "api/local_api.hpp"
#include "base/result.hpp"
#include "json/value.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

/// Gaps that are counted one by one; where there are more, so many or more.
inline constexpr std::size_t max_counted_gaps = 1000;

/// docs/local-api.md, "Status".
Result<json::Object> status_json(vault::Reader& vault, const Runtime& runtime);

}  // namespace sigilo::api
