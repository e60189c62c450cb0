// SPDX-License-Identifier: Apache-2.0
// The provider's way in: Meta's webhook. Whoever holds the app secret is believed; nobody else, and
// no header, is.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "net/http_server.hpp"

namespace sigilo::source {

/// Meta sends at most 3 MB in one request.
inline constexpr std::size_t max_delivery_bytes = 3 * 1024 * 1024;

/// One request of a provider, its signature checked, byte for byte as it came.
struct Delivery {
  std::string source = "meta";
  std::string body;
  std::string signature_header;
  Timestamp received;
};

/// What became of a delivery. Only `stored` is told to the provider as success; it repeats all
/// others for days.
enum class Outcome { stored, busy, no_space, failed };

/// Takes a delivery over; calls back exactly once, on io, when it is durable or can't be.
using Accept = std::function<void(Delivery, std::function<void(Outcome)>)>;

struct MetaSettings {
  std::string path;                              ///< "/webhook/meta"
  std::vector<crypto::SecretBytes> app_secrets;  ///< several during a rotation; never empty
  crypto::SecretBytes verify_token;
};

/// Runs on: io. Must outlive the server it serves and every callback it gave to Accept.
class MetaWebhook {
 public:
  struct Counts {
    std::uint64_t handshakes = 0;
    std::uint64_t refused_handshakes = 0;
    std::uint64_t accepted = 0;           ///< signature right, given to Accept
    std::uint64_t refused_signature = 0;  ///< missing, malformed or wrong
    std::uint64_t stored = 0;
    std::uint64_t put_off = 0;  ///< busy, no space or failed: 503
  };

  MetaWebhook(MetaSettings settings, Accept accept, const Clock& clock, Logger log);

  /// For a server of its own: every other path is 404.
  [[nodiscard]] net::HttpHandlers handlers();
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  [[nodiscard]] std::optional<net::Response> judge_head(const net::Request& request,
                                                        const net::Peer& peer);
  void take(net::Request request, const net::Peer& peer, const net::Responder& respond);
  [[nodiscard]] net::Response handshake(const net::Request& request);
  [[nodiscard]] bool signed_by_provider(const crypto::Digest& given, std::string_view body) const;
  net::Response refuse_signature(const net::Peer& peer);
  net::Response answer(Outcome outcome);

  const std::string path_;
  std::vector<crypto::HmacSha256> keys_;
  const crypto::SecretBytes verify_token_;
  const Accept accept_;
  const Clock& clock_;
  const Logger log_;
  Counts counts_;
};

}  // namespace sigilo::source
