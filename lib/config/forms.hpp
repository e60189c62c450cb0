// SPDX-License-Identifier: Apache-2.0
// The forms that values of sigilo.toml have. Each reads one text, or says what is wrong with it
// (invalid_input); where no remedy is given, the key's example is one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "config/address.hpp"
#include "config/config.hpp"

namespace sigilo::config {

/// What to do where full messages would go to a relay outside.
inline constexpr auto outside_remedy =
    "write content = \"excerpt\" or \"reference\", or external = true if the firm accepts it";

/// A refused secret is never repeated: most likely it is the secret itself.
Result<SecretRef> parse_secret_ref(std::string_view text);
Result<Endpoint> parse_endpoint(std::string_view text);
Result<std::string> parse_absolute_path(std::string_view text);
/// A path short enough for a Unix socket's name.
Result<std::string> parse_socket_path(std::string_view text);
/// "/webhook/meta": path of a URL, no query.
Result<std::string> parse_url_path(std::string_view text);
/// https://, or http:// on loopback; without a slash at the end.
Result<std::string> parse_api_url(std::string_view text);
/// https:// or http://; for services whose answers are signed.
Result<std::string> parse_web_url(std::string_view text);
/// https://, or http:// on loopback: an answer that is refused is not signed.
Result<std::string> parse_witness_url(std::string_view text);
/// "NAME+8 hex digits+base64", as C2SP signed-note writes keys; what it holds is read by whoever
/// asks the witness.
Result<std::string> parse_verifier_key(std::string_view text);
/// smtp:// or smtps:// with a host, and a port where one is meant.
Result<Url> parse_relay(std::string_view text);
/// One address as RFC 5321 sends it: ASCII, dot-atom, one @. No display name, no line breaks.
Result<std::string> parse_mail_address(std::string_view text);
Result<std::string> parse_group(std::string_view text);
Result<std::string> parse_zone(std::string_view text);
Result<std::string> parse_graph_version(std::string_view text);
/// Digits, as the provider writes its ids.
Result<std::string> parse_provider_id(std::string_view text);
Result<std::string> parse_twilio_account(std::string_view text);
Result<E164> parse_number(std::string_view text);
Result<Language> parse_language_code(std::string_view text);
Result<MailTls> parse_mail_tls(std::string_view text);
Result<MailContent> parse_mail_content(std::string_view text);
/// "forever", or a duration of 1d to 36500d.
Result<std::string> parse_retention(std::string_view text);
/// "100MiB": a whole number of KiB, MiB or GiB within limits, in bytes.
Result<std::uint64_t> parse_size_within(std::string_view text, std::uint64_t least,
                                        std::uint64_t most);
/// A duration within limits, both in seconds and both allowed.
Result<Duration> parse_duration_within(std::string_view text, std::int64_t least,
                                       std::int64_t most);

}  // namespace sigilo::config
