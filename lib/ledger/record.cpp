// SPDX-License-Identifier: Apache-2.0
#include "ledger/record.hpp"

#include <string>

#include "crypto/encoding.hpp"

namespace sigilo::ledger {
namespace {

constexpr std::size_t usual_line = 512;

/// One string of all. A format string takes longer, and the store thread makes each record's line.
template <class... Parts>
std::string joined(const Parts&... parts) {
  std::string all;
  all.reserve(usual_line);
  (all.append(parts), ...);
  return all;
}

}  // namespace

std::string header_line(const Header& header) {
  // Every member is plain ASCII that needs no escape, and they stand in RFC 8785's order: no JSON
  // value needed.
  return joined(R"({"body":")", header.body.hex(), R"(","epoch":)",
                std::to_string(header.epoch.value()), R"(,"kind":")", to_string(header.kind),
                R"(","root":")", header.root.hex(), R"(","seq":)",
                std::to_string(header.seq.value()), R"(,"time":")", format_rfc3339(header.time),
                R"(","type":")", record_type, R"(","vault":")", header.vault, "\"}\n");
}

std::string signature_line(const crypto::Signature& signature) {
  return crypto::to_base64(signature.view()) + "\n";
}

crypto::Digest leaf_hash(const Header& header, const crypto::Signature& signature) {
  return leaf_hash(header_line(header), signature);
}

crypto::Digest leaf_hash(std::string_view header_line, const crypto::Signature& signature) {
  return crypto::sha256(
      as_bytes(joined(std::string_view("\0", 1), header_line, signature_line(signature))));
}

crypto::Digest commitment(const Salt& salt, std::string_view body) {
  return crypto::hmac_sha256(salt, as_bytes(body));
}

Commitment commit_to(std::string_view body, Random& random) {
  Commitment made;
  random.fill(made.salt);
  made.digest = commitment(made.salt, body);
  return made;
}

}  // namespace sigilo::ledger
