// SPDX-License-Identifier: Apache-2.0
// Checkpoints come from mails, shares and witnesses: any bytes are read or refused, and none passes
// for our signature but what our key signed.
#include "ledger/checkpoint.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/check.hpp"

using namespace sigilo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = *crypto::SigningKey::from_seed(Bytes(32, 1));
  const std::string_view note = as_text({data, size});
  const auto parsed = ledger::parse_checkpoint(note);
  const auto opened = ledger::open_checkpoint(note, key.public_key());
  SIGILO_CHECK(parsed || !opened, "opened what can't be read");
  if (!parsed) return 0;
  SIGILO_CHECK(!opened || *opened == *parsed, "opened and read differ");

  // What was read, signed by us, is a note that we open, if the origin can be a signer's name.
  if (parsed->origin.find(' ') != std::string::npos) return 0;
  const auto again =
      ledger::open_checkpoint(ledger::sign_checkpoint(*parsed, key), key.public_key());
  SIGILO_CHECK(size > ledger::max_note_size / 2 || (again && *again == *parsed),
               "signing what was read changes it");
  return 0;
}
