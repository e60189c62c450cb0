// SPDX-License-Identifier: Apache-2.0
// The query parameters of the local API: untrusted text in, filters out.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "evidence/verify.hpp"
#include "json/value.hpp"
#include "net/http.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

/// Longest value of a parameter, in bytes.
inline constexpr std::size_t max_parameter = 512;

/// line, party, since, until, kind, limit. Errors: invalid_input.
Result<vault::MessageFilter> message_filter(const net::Request& request);
/// The parameters as they were asked, for the access record.
json::Object filter_json(const net::Request& request);
/// depth (tree, full; full where absent), fingerprint. Errors: invalid_input.
Result<evidence::VerifyOptions> verify_options(const net::Request& request);
/// A record number in decimal. Errors: invalid_input.
Result<Seq> seq_of(std::string_view text);

}  // namespace sigilo::api
