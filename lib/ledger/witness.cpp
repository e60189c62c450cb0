// SPDX-License-Identifier: Apache-2.0
#include "ledger/witness.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "crypto/encoding.hpp"
#include "ledger/checkpoint.hpp"

namespace sigilo::ledger {
namespace {

using Meaning = WitnessAnswer::Meaning;

constexpr std::string_view size_type = "text/x.tlog.size";

WitnessAnswer answer(Meaning meaning, std::string what, std::string_view remedy = {},
                     std::uint64_t size = 0) {
  return {meaning, size, {}, std::move(what), std::string(remedy)};
}

/// "type/subtype" without parameters; the protocol gives it none, proxies do.
std::string_view essence(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return content_type;
}

WitnessAnswer another_history(std::uint64_t size) {
  return answer(
      Meaning::fork,
      fmt::format("the witness has cosigned another history of this vault up to {} records", size),
      "keep this machine as it is, and compare the vault with every checkpoint that was kept: "
      "sigilo verify --since FILE");
}

WitnessAnswer broken(std::string_view why) {
  return answer(Meaning::refused, fmt::format("the witness breaks the protocol: {}", why),
                "check that its address is that of a C2SP tlog-witness");
}

/// 409: the witness remembers another size than the one asked from, or another root.
WitnessAnswer conflict(std::string_view content_type, std::string_view body, std::uint64_t old_size,
                       std::uint64_t size) {
  if (essence(content_type) != size_type) {
    if (old_size == size) return another_history(size);
    return broken("it names a conflict, but not the size that it knows");
  }
  if (body.ends_with('\n')) body.remove_suffix(1);
  const auto known = parse_size(body);
  if (!known) return broken("it names a conflict, but its size is no number");
  if (*known > size) {
    return answer(
        Meaning::ahead,
        fmt::format("the witness has cosigned {} records of this vault, which now has {}", *known,
                    size),
        "the end of the vault was cut off, or an older backup was restored: keep this machine as "
        "it is, and look for the later state",
        *known);
  }
  if (*known == old_size) {
    if (old_size == size) return another_history(size);
    return broken("it names a conflict with the size that it knows itself");
  }
  return answer(Meaning::retry,
                fmt::format("the witness saw {} records last, not {}", *known, old_size), {},
                *known);
}

}  // namespace

std::string add_checkpoint_request(std::uint64_t old_size, const std::vector<crypto::Digest>& proof,
                                   std::string_view note) {
  SIGILO_CHECK(proof.size() <= max_witness_proof, "a proof longer than any tree's");
  std::string body = fmt::format("old {}\n", old_size);
  for (const auto& hash : proof) body += crypto::to_base64(hash.view()) + "\n";
  body += "\n";
  body += note;
  return body;
}

WitnessAnswer read_witness_answer(int status, std::string_view content_type, std::string_view body,
                                  std::uint64_t old_size, std::uint64_t size) {
  if (body.size() > max_witness_answer)
    return broken(fmt::format("its answer is longer than {} bytes", max_witness_answer));
  switch (status) {
    case 200: {
      const auto lines = parse_signature_lines(body);
      if (!lines) return broken("its answer is no signature line");
      auto cosigned = answer(Meaning::cosigned, "the witness has cosigned the checkpoint");
      cosigned.lines = body;
      return cosigned;
    }
    case 403:
      return answer(Meaning::not_trusted,
                    "the witness does not trust the key that signed the checkpoint",
                    "give its operator the public key of the vault's present epoch");
    case 404:
      return answer(Meaning::not_known, "the witness does not know this vault",
                    "give its operator the vault's name and key, or check the witness' address");
    case 409:
      return conflict(content_type, body, old_size, size);
    case 422:
      return old_size == 0 ? broken("it finds fault with a proof that it was not sent")
                           : another_history(old_size);
    case 408:
    case 429:
      return answer(Meaning::busy, fmt::format("the witness has no time now (HTTP {})", status));
    default:
      if (status >= 500 && status <= 599)
        return answer(Meaning::busy, fmt::format("the witness is out of order (HTTP {})", status));
      return answer(Meaning::refused,
                    fmt::format("the witness refuses the request (HTTP {})", status),
                    "check that its address is that of a C2SP tlog-witness");
  }
}

}  // namespace sigilo::ledger
