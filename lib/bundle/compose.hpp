// SPDX-License-Identifier: Apache-2.0
// The files of a bundle (docs/bundle.md), in the order in which they are packed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/ask.hpp"
#include "crypto/digest.hpp"
#include "json/value.hpp"
#include "vault/audit.hpp"
#include "vault/media.hpp"
#include "vault/reader.hpp"

namespace sigilo::bundle {

inline constexpr std::string_view bundle_type = "sigilo.bundle.v1";
inline constexpr std::string_view manifest_name = "MANIFEST.sha256";
inline constexpr std::string_view description_name = "manifest.json";
inline constexpr std::string_view checkpoint_name = "checkpoint.txt";
inline constexpr std::string_view signatures_name = "deliveries/SIGNATURES.sha256";
/// What archive::ZipReader takes, less some air.
inline constexpr std::size_t max_entries = 199'000;

struct Entry {
  std::string name;
  std::string text{};                       ///< the content, where `file` is absent
  std::optional<vault::SealedFile> file{};  ///< the content, still sealed

  [[nodiscard]] std::uint64_t size() const { return file ? file->size : text.size(); }
};

struct Source {
  const std::filesystem::path& vault;
  vault::AuditReader& audit;
  vault::Reader& reader;
  const Ask& ask;
  const std::vector<Seq>& chosen;  ///< as choose() gave them
  std::string_view checkpoint;     ///< the signed note made for this bundle
  std::string_view version;        ///< of the program
};

struct Bundle {
  std::vector<Entry> entries;
  crypto::Digest manifest;   ///< SHA-256 of MANIFEST.sha256: stands for the whole bundle
  json::Object description;  ///< what manifest.json says
};

/// The same for the same state of the vault and the same checkpoint. Errors: refused (more than
/// max_entries), corrupt (what is stored does not prove itself: `sigilo verify` says more), and the
/// vault's. Runs on: work.
Result<Bundle> compose(const Source& source);

}  // namespace sigilo::bundle
