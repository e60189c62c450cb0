// SPDX-License-Identifier: Apache-2.0
// The files that messages name: each has its row, its media record where it is stored or lost, and
// where it is stored the sealed file opens to the bytes that the record names
// (docs/media-format.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "crypto/digest.hpp"
#include "evidence/bodies.hpp"
#include "evidence/doubts.hpp"
#include "evidence/findings.hpp"
#include "evidence/source.hpp"

namespace sigilo::evidence {

/// Runs on: work.
class MediaCheck {
 public:
  MediaCheck(Findings& findings, const Doubts& doubts) : findings_(&findings), doubts_(&doubts) {}
  /// The next sound record that names a file.
  void named(std::uint64_t seq) { named_.push_back(seq); }
  /// The next sound media record.
  void outcome(std::uint64_t seq, const MediaBody& body);
  /// Once all records were seen: the tables, then each file. `go_on` is asked at each file and
  /// every few megabytes; false ends the check.
  void run(Source& source, const std::function<bool()>& go_on);

 private:
  struct Outcome {
    std::uint64_t seq = 0;
    MediaBody body;
  };
  struct File {
    std::uint64_t record = 0;  ///< the first media record that names it
    std::uint64_t size = 0;
  };
  [[nodiscard]] bool is_doubtful(std::int64_t seq) const;
  [[nodiscard]] bool fits(const vault::RawMedia& row, const Outcome* outcome) const;
  void check_rows(vault::AuditReader& reader);
  void check_files(Source& source, const std::function<bool()>& go_on);
  void check_file(const std::filesystem::path& directory, const vault::RawMediaFile& row,
                  const File& file, const std::function<bool()>& go_on);

  Findings* findings_;
  const Doubts* doubts_;
  std::vector<std::uint64_t> named_;
  std::unordered_map<std::uint64_t, Outcome> outcomes_;  ///< by the message
  std::map<crypto::Digest, File> files_;
};

}  // namespace sigilo::evidence
