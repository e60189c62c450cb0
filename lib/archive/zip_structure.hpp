// SPDX-License-Identifier: Apache-2.0
// The structure of a ZIP file (APPNOTE.TXT 6.3) read strictly. Private to this room. A ZIP file
// tells everything twice, in its directory and before each entry, and programs differ in which they
// believe; so both must say the same, and no byte may belong to neither.
#pragma once

#include <functional>
#include <vector>

#include "archive/zip_reader.hpp"

namespace sigilo::archive {

/// Bytes [offset, offset + out.size()) of the file. Errors: io; corrupt beyond the end.
using ReadAt = std::function<Result<>(std::uint64_t offset, std::span<std::uint8_t> out)>;

/// Files in the order of the file. Errors: as ZipReader::open.
Result<std::vector<ZipEntry>> read_structure(const ReadAt& read_at, std::uint64_t file_size,
                                             const Limits& limits);

}  // namespace sigilo::archive
