// SPDX-License-Identifier: Apache-2.0
// The words of the house as types. Names in text form are fixed by the record format and the CLI's
// JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/strong.hpp"

namespace sigilo {

/// Number of a record in the ledger: 0, 1, 2 ... without gaps.
using Seq = Strong<struct SeqTag, std::uint64_t>;
/// Number of a signing key's period: 0 at init, +1 at each succession.
using Epoch = Strong<struct EpochTag, std::uint64_t>;
/// The provider's id of a business number ("106540352242922"); what deliveries name a line by.
using PhoneNumberId = Strong<struct PhoneNumberIdTag, std::string>;
/// A telephone number as E.164 with + ("+5491150000001"), mobile digits normalised
/// (message/number.hpp).
using E164 = Strong<struct E164Tag, std::string>;

enum class Direction { in, out };
enum class Severity { low, medium, high };
enum class Language { es, pt, en };

/// What a record is about. The text form stands in the signed header.
enum class RecordKind {
  genesis,
  key,
  message,
  edit,
  revoke,
  status,
  media,
  unrecognised,
  line,
  consent,
  policy,
  alert,
  mail,
  review,
  access,
  export_,
  hold,
  release,
  erasure,
  config,
  checkpoint,
  gap,
  clock,
  service,
};

std::string_view to_string(Direction value);
std::string_view to_string(Severity value);
std::string_view to_string(Language value);
std::string_view to_string(RecordKind value);

std::optional<Direction> parse_direction(std::string_view text);
std::optional<Severity> parse_severity(std::string_view text);
std::optional<Language> parse_language(std::string_view text);
std::optional<RecordKind> parse_record_kind(std::string_view text);

}  // namespace sigilo
