// SPDX-License-Identifier: Apache-2.0
// Archives come from phones, clients and opponents: any bytes are unpacked or refused, within the
// limits, and two readings agree.
#include "archive/zip_reader.hpp"

#include <cstddef>
#include <cstdint>

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "archive/entry_name.hpp"
#include "base/check.hpp"

using namespace sigilo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("archive", MFD_CLOEXEC);
  static const auto path = fmt::format("/proc/self/fd/{}", file);
  SIGILO_CHECK(
      ::ftruncate(file, 0) == 0 && ::pwrite(file, data, size, 0) == static_cast<ssize_t>(size),
      "memory takes the input");
  archive::Limits limits;
  limits.entries = 100;
  limits.entry_bytes = 1 << 20;
  limits.total_bytes = 4 << 20;
  const auto zip = archive::ZipReader::open(path, limits);
  if (!zip) return 0;
  std::uint64_t total = 0;
  std::uint64_t sizes = 0;
  const auto read = zip->each([&](const archive::ZipEntry& entry) -> Result<archive::EntrySink> {
    SIGILO_CHECK(archive::check_name(entry.name), "a name passed that may not");
    sizes += entry.size;
    return archive::EntrySink([&](BytesView bytes) -> Result<> {
      total += bytes.size();
      return {};
    });
  });
  SIGILO_CHECK(total <= limits.total_bytes && total <= sizes, "more came out than was declared");
  SIGILO_CHECK(!read || total == sizes, "clean, though something is missing");
  return 0;
}
