// SPDX-License-Identifier: Apache-2.0
// The query parameters of the local API: untrusted text in, filters out. The command line asks the
// same functions before it sends, so that a mistake is told without a daemon too.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "bundle/ask.hpp"
#include "evidence/verify.hpp"
#include "json/value.hpp"
#include "net/http.hpp"
#include "vault/reader.hpp"

namespace sigilo::api {

/// Longest value of a parameter, in bytes.
inline constexpr std::size_t max_parameter = 512;
/// Alerts that are listed where no limit is given.
inline constexpr std::size_t default_alerts = 1000;

using Parameters = std::map<std::string, std::string, std::less<>>;

/// The decoded parameters of a request: each known, given once, UTF-8, neither empty nor too long.
/// A filter that is misread shows more than was asked for, so nothing is passed over.
/// Errors: invalid_input.
Result<Parameters> parameters(const net::Request& request,
                              std::initializer_list<std::string_view> known);

/// line, party, since, until, kind, limit. Errors: invalid_input.
Result<vault::MessageFilter> message_filter(const net::Request& request);

struct AlertFilter {
  bool only_open = false;
  std::size_t limit = default_alerts;  ///< the newest so many
};
/// open (1 or 0), limit. Errors: invalid_input.
Result<AlertFilter> alert_filter(const net::Request& request);

/// Gaps that are listed where no limit is given.
inline constexpr std::size_t default_gaps = 1000;
/// limit. Errors: invalid_input.
Result<std::size_t> gap_limit(const net::Request& request);

/// again (1 or 0): also where it was asked before. Errors: invalid_input.
Result<bool> asks_again(const net::Request& request);

struct VerifyRequest {
  evidence::VerifyOptions options;
  std::string directory;  ///< the vault that is meant; "": whichever the daemon keeps
};
/// depth (tree, full; full where absent), fingerprint (64 hex digits), directory; the body, where
/// there is one, is a checkpoint's note to compare with.
/// Errors: invalid_input.
Result<VerifyRequest> verify_request(const net::Request& request);

/// line, party, since, until; or alert; or record (numbers with commas between them, at most
/// bundle::max_named). Also language and timezone. Errors: invalid_input, also where nothing is
/// chosen: a whole vault is no evidence of anything.
Result<bundle::Ask> bundle_ask(const net::Request& request);

/// A record number in decimal. Errors: invalid_input.
Result<Seq> seq_of(std::string_view text);

/// The parameters as they were asked, for the access record. Only for a request that one of the
/// functions above accepted.
json::Object filter_json(const net::Request& request);

}  // namespace sigilo::api
