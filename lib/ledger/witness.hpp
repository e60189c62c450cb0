// SPDX-License-Identifier: Apache-2.0
// How a witness is asked for its cosignature: C2SP tlog-witness, POST <prefix>/add-checkpoint
// (https://c2sp.org/tlog-witness). Bodies and answers only; nothing here sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.hpp"

namespace sigilo::ledger {

/// The protocol's limit; a tree would need 2^63 records for more.
inline constexpr std::size_t max_witness_proof = 63;
/// What is read of an answer: a line for each key of a witness, some 150 bytes each.
inline constexpr std::size_t max_witness_answer = 16 * 1024;

/// The request's body. `old_size`: of the checkpoint that the witness saw last, 0 where that isn't
/// known; `proof`: from it to the note's size, empty where old_size is 0 or the note's.
std::string add_checkpoint_request(std::uint64_t old_size, const std::vector<crypto::Digest>& proof,
                                   std::string_view note);

struct WitnessAnswer {
  enum class Meaning {
    cosigned,     ///< `lines` are to be checked and added (add_cosignatures)
    retry,        ///< the witness saw `size` records last: ask again with a proof from there
    ahead,        ///< it saw `size` records, more than there are now: truncation or old backup
    fork,         ///< it cosigned another history of this vault
    not_trusted,  ///< it knows the vault, but not the key that signed
    not_known,    ///< it doesn't know the vault
    busy,         ///< ask later
    refused,      ///< anything else: a mistake of ours, or no witness
  };
  Meaning meaning = Meaning::refused;
  std::uint64_t size = 0;  ///< of retry and ahead
  std::string lines;       ///< of cosigned
  /// What happened, and what to do, in a sentence each; for logs, mails and `sigilo status`.
  std::string what;
  std::string remedy;

  /// True where somebody must look at the vault at once.
  [[nodiscard]] bool is_alarm() const {
    return meaning == Meaning::ahead || meaning == Meaning::fork;
  }
};

/// What an answer says. `old_size` and `size` are those of the request: the same words of a witness
/// mean different things after different questions. An answer "fork" is an assertion of the
/// witness; its cosignature on the other history, if it shows one, is the proof.
WitnessAnswer read_witness_answer(int status, std::string_view content_type, std::string_view body,
                                  std::uint64_t old_size, std::uint64_t size);

}  // namespace sigilo::ledger
