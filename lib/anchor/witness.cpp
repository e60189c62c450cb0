// SPDX-License-Identifier: Apache-2.0
#include "anchor/witness.hpp"

#include <utility>

#include "ledger/cosignature.hpp"
#include "ledger/witness.hpp"

namespace sigilo::anchor {

using Meaning = ledger::WitnessAnswer::Meaning;

Witness::Witness(Settings settings, Consistency consistency, Exchange exchange,
                 std::function<void()> interrupt, const Clock& clock)
    : settings_(std::move(settings)),
      consistency_(std::move(consistency)),
      exchange_(std::move(exchange)),
      interrupt_(std::move(interrupt)),
      clock_(clock) {}

Result<std::string> Witness::keep(const vault::KeptCheckpoint& checkpoint) {
  SIGILO_TRY(const auto key, ledger::parse_witness_key(settings_.key));
  const auto size = checkpoint.seq.value();
  if (seen_ > size) seen_ = 0;
  for (int i = 0; i < witness_questions; ++i) {
    std::vector<crypto::Digest> proof;
    if (seen_ > 0 && seen_ < size) {
      SIGILO_TRY(proof, consistency_(seen_, size));
    }
    SIGILO_TRY(const auto response,
               post(exchange_, settings_.url + "/add-checkpoint", "text/plain; charset=utf-8",
                    ledger::add_checkpoint_request(seen_, proof, checkpoint.note),
                    ledger::max_witness_answer));
    const auto answer = ledger::read_witness_answer(response.status, response.content_type,
                                                    response.body, seen_, size);
    if (answer.meaning == Meaning::retry) {
      seen_ = answer.size;
      continue;
    }
    if (answer.is_alarm()) return fail(ErrorCode::corrupt, answer.what, answer.remedy);
    if (answer.meaning == Meaning::busy)
      return fail(ErrorCode::unavailable, answer.what, answer.remedy);
    if (answer.meaning != Meaning::cosigned)
      return fail(ErrorCode::refused, answer.what, answer.remedy);
    SIGILO_TRY(const auto note, ledger::add_cosignatures(checkpoint.note, answer.lines, {key},
                                                         clock_.now() + witness_clock_ahead));
    seen_ = size;
    return note.substr(checkpoint.note.size());  // added behind all that the note bears
  }
  return fail(ErrorCode::unavailable, "the witness names another size at each question",
              "ask its operator; it is asked again");
}

}  // namespace sigilo::anchor
