// SPDX-License-Identifier: Apache-2.0
// Reads the bodies that concern the ledger itself and alerts; strictly: members as documented, no
// others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "crypto/sign.hpp"

namespace sigilo::evidence {

struct GenesisBody {
  crypto::PublicKey public_key;
  crypto::PublicKey recovery_public_key;
  std::string created;
};

struct KeyBody {
  bool by_recovery = false;  ///< signed by the recovery key, as it says
  std::uint64_t epoch = 0;
  crypto::PublicKey public_key;
};

struct AlertBody {
  std::uint64_t message = 0;
  std::string content;  ///< Event::content of that message, hex
  std::string category;
  std::string severity;
  std::string rule;
  std::string team;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> spans;
  std::vector<std::string> words;
};

struct MediaBody {
  std::uint64_t message = 0;
  bool stored = false;  ///< else lost
  crypto::Digest sha256;
  std::uint64_t size = 0;
};

/// A checkpoint that was remembered outside.
struct AnchorBody {
  std::string kind;  ///< directory, rfc3161, witness, mail
  std::uint64_t checkpoint = 0;
  crypto::Digest note_sha256;
  std::string where, proof;
};

/// Errors: invalid_input (what is wrong with it), newer_version. Runs on: any.
Result<GenesisBody> read_genesis(std::string_view body);
Result<KeyBody> read_key(std::string_view body);
/// The note.
Result<std::string> read_checkpoint(std::string_view body);
Result<AlertBody> read_alert(std::string_view body);
Result<> check_mail(std::string_view body);
Result<> check_clock(std::string_view body);
Result<MediaBody> read_media(std::string_view body);
/// What is spoken of and never came, or a chunk of history that didn't; other events are open.
Result<> check_gap(std::string_view body, std::uint64_t seq);
/// Of a service record with event "reread": the records that were read. None for other events.
Result<std::vector<std::uint64_t>> read_service(std::string_view body, std::uint64_t seq);
/// Of a service record with event "anchored"; nullopt for other events.
Result<std::optional<AnchorBody>> read_anchor(std::string_view body, std::uint64_t seq);
/// Whether it is about this note, and its proof too. Errors: invalid_input.
Result<> check_anchor(const AnchorBody& anchor, std::string_view note);
/// Bodies of the kinds whose members this version leaves open: a canonical object, of version 1
/// where it says one.
Result<> check_other(std::string_view body);

}  // namespace sigilo::evidence
