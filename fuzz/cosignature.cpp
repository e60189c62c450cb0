// SPDX-License-Identifier: Apache-2.0
// A witness' answers and keys, and notes with its lines: any bytes are read or refused, and nobody
// but the witness' key dates a checkpoint.
#include "ledger/cosignature.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/witness.hpp"

using namespace sigilo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = *crypto::SigningKey::from_seed(Bytes(32, 7));
  static const std::vector<ledger::WitnessKey> known{{"witness.example/w1", key.public_key()}};
  static const auto ours = *crypto::SigningKey::from_seed(Bytes(32, 1));
  static const std::string note =
      ledger::sign_checkpoint({"sigilo/fuzz", 70, crypto::sha256({})}, ours);
  const std::string_view text = as_text({data, size});

  const auto parsed = ledger::parse_note(text);
  const auto found = ledger::cosignatures_on(text, known);
  SIGILO_CHECK(parsed || !found, "cosignatures on what is no note");
  SIGILO_CHECK(!found || found->size() <= known.size(), "more cosignatures than witnesses");

  // Whatever a witness answers, the note stays readable, and begins as it did.
  const auto added = ledger::add_cosignatures(note, text, known, Timestamp::from_seconds(1 << 30));
  if (added) {
    SIGILO_CHECK(added->starts_with(note), "the note itself was changed");
    SIGILO_CHECK(ledger::cosignatures_on(*added, known)->size() == 1, "added and not found");
  }
  const auto witness = ledger::parse_witness_key(text);
  SIGILO_CHECK(!witness || ledger::is_key_name(witness->name), "a key with a name that is none");
  for (const int status : {200, 409, 422}) {
    const auto answer = ledger::read_witness_answer(status, "text/x.tlog.size", text, 5, 70);
    SIGILO_CHECK(!answer.what.empty(), "an answer without words");
  }
  // Lines that were read are written the same way.
  if (parsed) {
    for (const auto& line : parsed->signatures)
      SIGILO_CHECK(ledger::parse_signature_lines(ledger::signature_line(line))->front() == line,
                   "writing a line that was read changes it");
  }
  return 0;
}
