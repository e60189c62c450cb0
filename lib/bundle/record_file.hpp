// SPDX-License-Identifier: Apache-2.0
// One record as it stands in a bundle: records/000000001041.txt, six lines that stock programs take
// apart (docs/bundle.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/digest.hpp"
#include "ledger/record.hpp"

namespace sigilo::bundle {

/// What stands in a line for what is not there: the salt and body of an erased record, the proof of
/// a tree of one record.
inline constexpr std::string_view nothing = "-";

struct RecordFile {
  ledger::Header header;
  crypto::Signature signature;
  crypto::Digest leaf;
  std::optional<ledger::Salt> salt;  ///< with body, or neither: erased
  std::optional<std::string> body;
  std::vector<crypto::Digest> proof;
};

/// "000000001041": twelve digits sort as numbers do.
std::string padded(Seq seq);
std::string record_name(Seq seq);
std::string write_record_file(const RecordFile& record);
/// Everything but the signature by a key and the proof to a root is compared: that writing it again
/// gives the same bytes, the leaf, the commitment, the name. Errors: invalid_input (says which).
Result<RecordFile> read_record_file(std::string_view name, std::string_view text);

}  // namespace sigilo::bundle
