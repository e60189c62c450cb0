// SPDX-License-Identifier: Apache-2.0
// Files come from anybody: any bytes get a type, the same whatever lies behind what is looked at,
// and no type contradicts itself.
#include "media/sniff.hpp"

#include <cstdint>
#include <vector>

#include "base/check.hpp"

using namespace sigilo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes(data, data + size);
  const auto type = media::sniff(bytes);
  SIGILO_CHECK(type.find('/') != type.npos, "a type without a slash");
  SIGILO_CHECK(!media::contradicts(type, type), "a type contradicts itself");
  if (size > media::sniffed_bytes)
    SIGILO_CHECK(media::sniff(BytesView(bytes).first(media::sniffed_bytes)) == type,
                 "bytes that are not looked at changed the type");
  (void)media::contradicts(as_text(bytes), "application/x-elf");
  (void)media::contradicts(as_text(bytes), "image/jpeg");
  return 0;
}
