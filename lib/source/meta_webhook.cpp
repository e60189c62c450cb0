// SPDX-License-Identifier: Apache-2.0
#include "source/meta_webhook.hpp"

#include <bit>
#include <utility>

#include "base/check.hpp"

namespace sigilo::source {

namespace {

constexpr std::string_view signature_name = "X-Hub-Signature-256";
constexpr std::string_view signature_start = "sha256=";
// Only hints: the provider keeps its own plan.
constexpr const char* retry_when_busy = "1";
constexpr const char* retry_when_broken = "60";

net::Response text(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.body = std::move(body);
  return response;
}

/// Strangers get no kept connection.
net::Response refusal(int status, std::string body) {
  net::Response response = text(status, std::move(body));
  response.close = true;
  return response;
}

net::Response method_not_allowed() {
  net::Response response = refusal(405, "this address takes GET and POST\n");
  response.headers.emplace_back("Allow", "GET, POST");
  return response;
}

net::Response try_again(const char* seconds) {
  net::Response response = text(503, "not stored; send it again\n");
  response.headers.emplace_back("Retry-After", seconds);
  return response;
}

/// The MAC of "sha256=<64 hex digits>", if the header is there once and of that form.
std::optional<crypto::Digest> given_signature(const net::Request& request) {
  const auto header = request.header(signature_name);
  if (!header || request.repeats(signature_name)) return std::nullopt;
  if (!header->starts_with(signature_start)) return std::nullopt;
  const auto digest = crypto::Digest::from_hex(header->substr(signature_start.size()));
  if (!digest) return std::nullopt;
  return *digest;
}

// The HMAC is over the bytes as sent: a coding would have to be undone first, and the provider uses
// none.
bool encoded(const net::Request& request) {
  const auto coding = request.header("Content-Encoding");
  return coding && *coding != "identity";
}

std::vector<crypto::HmacSha256> keys_of(const std::vector<crypto::SecretBytes>& secrets) {
  SIGILO_CHECK(!secrets.empty(), "a webhook without an app secret would believe nobody");
  std::vector<crypto::HmacSha256> keys;
  for (const auto& secret : secrets) {
    SIGILO_CHECK(!secret.empty(), "an empty app secret would let everybody sign");
    keys.emplace_back(secret.view());
  }
  return keys;
}

}  // namespace

MetaWebhook::MetaWebhook(MetaSettings settings, Accept accept, const Clock& clock, Logger log)
    : path_(std::move(settings.path)),
      keys_(keys_of(settings.app_secrets)),
      verify_token_(std::move(settings.verify_token)),
      accept_(std::move(accept)),
      clock_(clock),
      log_(log) {
  SIGILO_CHECK(!verify_token_.empty(), "an empty verify token would let everybody subscribe");
}

net::HttpHandlers MetaWebhook::handlers() {
  net::HttpHandlers handlers;
  handlers.head = [this](const net::Request& request, const net::Peer& peer) {
    return judge_head(request, peer);
  };
  handlers.request = [this](net::Request request, const net::Peer& peer,
                            const net::Responder& respond) {
    take(std::move(request), peer, respond);
  };
  return handlers;
}

// Before the body: what is not signed shall not cost us three megabytes.
std::optional<net::Response> MetaWebhook::judge_head(const net::Request& request,
                                                     const net::Peer& peer) {
  if (request.path() != path_) return refusal(404, "nothing here\n");
  if (request.method == "GET") return std::nullopt;
  if (request.method != "POST") return method_not_allowed();
  if (!given_signature(request)) return refuse_signature(peer);
  if (encoded(request))
    return refusal(415, "send the body as it was signed, without Content-Encoding\n");
  return std::nullopt;
}

void MetaWebhook::take(net::Request request, const net::Peer& peer, const net::Responder& respond) {
  if (request.method == "GET") return respond(handshake(request));
  const auto given = given_signature(request);
  if (!given || !signed_by_provider(*given, request.body)) return respond(refuse_signature(peer));
  ++counts_.accepted;
  Delivery delivery;
  delivery.signature_header = *request.header(signature_name);
  delivery.body = std::move(request.body);
  delivery.received = clock_.now();
  accept_(std::move(delivery), [this, respond](Outcome outcome) { respond(answer(outcome)); });
}

net::Response MetaWebhook::handshake(const net::Request& request) {
  const auto token = request.query("hub.verify_token");
  const auto challenge = request.query("hub.challenge");
  const bool known = token && crypto::equal_constant_time(as_bytes(*token), verify_token_.view());
  if (!known || !challenge || request.query("hub.mode") != "subscribe") {
    ++counts_.refused_handshakes;
    return refusal(403, "wrong verify token\n");
  }
  ++counts_.handshakes;
  log_.info("the provider confirmed the webhook's address");
  return text(200, *challenge);
}

// Each secret is tried, found or not: the time shall not tell which one is in use.
bool MetaWebhook::signed_by_provider(const crypto::Digest& given, std::string_view body) const {
  bool found = false;
  for (const auto& key : keys_) {
    const auto expected = key.of(as_bytes(body));
    found |= crypto::equal_constant_time(expected.view(), given.view());
  }
  return found;
}

net::Response MetaWebhook::refuse_signature(const net::Peer& peer) {
  ++counts_.refused_signature;
  // 1, 2, 4, 8 ...: a stranger must not be able to fill the journal.
  if (std::has_single_bit(counts_.refused_signature)) {
    log_.warning(
        "{} deliveries without a right signature refused so far, the last from {}; if they are the "
        "provider's, "
        "look at app_secret",
        counts_.refused_signature, peer.address.empty() ? "the proxy" : peer.address);
  }
  return refusal(401, "missing or wrong signature\n");
}

net::Response MetaWebhook::answer(Outcome outcome) {
  ++(outcome == Outcome::stored ? counts_.stored : counts_.put_off);
  switch (outcome) {
    case Outcome::stored:
      return text(200, "ok\n");
    case Outcome::busy:
      return try_again(retry_when_busy);
    case Outcome::no_space:
    case Outcome::failed:
      break;
  }
  return try_again(retry_when_broken);
}

}  // namespace sigilo::source
