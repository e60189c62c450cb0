// SPDX-License-Identifier: Apache-2.0
#include "ledger/record.hpp"

#include <fmt/format.h>

#include "crypto/encoding.hpp"

namespace sigilo::ledger {

std::string header_line(const Header& header) {
  // Every member is plain ASCII that needs no escape, and they stand in RFC 8785's order: no JSON
  // value needed.
  return fmt::format(
      R"({{"body":"{}","epoch":{},"kind":"{}","root":"{}","seq":{},"time":"{}","type":"{}","vault":"{}"}})"
      "\n",
      header.body.hex(), header.epoch.value(), to_string(header.kind), header.root.hex(),
      header.seq.value(), format_rfc3339(header.time), record_type, header.vault);
}

std::string signature_line(const crypto::Signature& signature) {
  return crypto::to_base64(signature.view()) + "\n";
}

crypto::Digest leaf_hash(const Header& header, const crypto::Signature& signature) {
  return leaf_hash(header_line(header), signature);
}

crypto::Digest leaf_hash(std::string_view header_line, const crypto::Signature& signature) {
  std::string leaf(1, '\0');
  leaf += header_line;
  leaf += signature_line(signature);
  return crypto::sha256(as_bytes(leaf));
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
