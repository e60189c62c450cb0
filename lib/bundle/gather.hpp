// SPDX-License-Identifier: Apache-2.0
// The records of a bundle: the chosen messages, all that happened to them, and what their proof
// needs. Private to this room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bundle/ask.hpp"
#include "bundle/record_file.hpp"
#include "vault/audit.hpp"
#include "vault/reader.hpp"

namespace sigilo::bundle {

using Counts = std::map<std::string, std::uint64_t>;  ///< by kind of record

/// What is missing from the bundle though it belongs into it.
struct Omission {
  Seq record;        ///< that names it
  std::string what;  ///< "file", "body"
  std::string why;   ///< "waiting", "lost", "erased", "too-large", "damaged"
};

/// A file of a message.
struct File {
  Seq message;
  std::string sniffed;  ///< its type by its bytes, out of the signed media record
  vault::SealedFile sealed;
};

/// A delivery as received, with the provider's signature; all records that came of it are included.
struct RawDelivery {
  Seq id;
  std::string bytes;
  std::string signature;  ///< 64 hex digits
};

struct Gathered {
  std::vector<RecordFile> records;  ///< in order; the proofs are to the tree of `size`
  Timestamp since, until;           ///< the period that is reconciled
  Counts ledger;                    ///< all records before the checkpoint
  Counts period;                    ///< those of the period
  Counts included;                  ///< those of this bundle, of any time
  Counts included_of_period;
  std::vector<Seq> gaps;  ///< those among `records` that say what is missing, or when sigilo
                          ///< stopped and started
  std::vector<File> files;
  std::vector<RawDelivery> deliveries;
  std::vector<Omission> omissions;
};

/// One file of a message, unpacked, may be so large: the command line holds one at a time.
/// WhatsApp's own limit is 100 MB for documents of the API and 2 GB between telephones.
inline constexpr std::uint64_t max_file = std::uint64_t{256} << 20;

/// `chosen` as choose() gave them; `size`: of the checkpoint's tree. Errors: the vault's, corrupt
/// (a record that cannot be one: `sigilo verify` says more). Runs on: work.
Result<Gathered> gather(const std::filesystem::path& vault, vault::AuditReader& audit,
                        vault::Reader& reader, const Ask& ask, const std::vector<Seq>& chosen,
                        std::uint64_t size);

}  // namespace sigilo::bundle
