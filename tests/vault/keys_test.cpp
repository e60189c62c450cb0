// SPDX-License-Identifier: Apache-2.0
// What becomes of old signing keys: in memory, and in the file that they lay in.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "crypto/encoding.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace fs = std::filesystem;

namespace {

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr std::uint8_t mask = 0xa5;

/// What to look for, kept in another form, so that the search does not find itself.
Bytes masked(BytesView secret) {
  Bytes bytes(secret.begin(), secret.end());
  for (auto& byte : bytes) byte ^= mask;
  return bytes;
}

bool holds(const Bytes& memory, const Bytes& needle) {
  return std::search(memory.begin(), memory.end(), needle.begin(), needle.end(),
                     [](std::uint8_t found, std::uint8_t wanted) {
                       return static_cast<std::uint8_t>(found ^ mask) == wanted;
                     }) != memory.end();
}

/// How many mappings of this process hold it.
int found_in_memory(const Bytes& needle) {
  constexpr std::uint64_t most = std::uint64_t{1} << 30U;  // a sanitiser's shadow is larger
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  REQUIRE(memory >= 0);
  std::ifstream maps("/proc/self/maps");
  int found = 0;
  Bytes bytes;
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    char dash = 0;
    std::string mode;
    std::istringstream fields(line);
    fields >> std::hex >> begin >> dash >> end >> mode;
    if (!mode.starts_with("rw") || end - begin > most) continue;
    bytes.resize(end - begin);
    const auto size = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(begin));
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    found += holds(bytes, needle) ? 1 : 0;
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
  }
  ::close(memory);
  return found;
}

}  // namespace

TEST_CASE("after a succession the old secret is nowhere in the process's memory") {
  TestVault vault;
  vault.ingest(delivery_of(TestMessage{}));
  Bytes seed;
  {
    auto hex = content_of(vault.directory() / "keys/epoch-0.key");
    auto bytes = must(crypto::from_hex(hex));
    seed = masked(bytes);
    crypto::wipe(bytes);
    crypto::wipe({reinterpret_cast<std::uint8_t*>(hex.data()), hex.size()});
  }
  REQUIRE(found_in_memory(seed) > 0);  // or the search would prove nothing
  REQUIRE(vault.opened->roll_epoch());
  vault.ingest(delivery_of(TestMessage{.id = "wamid.2", .text = "después"}));
  CHECK(found_in_memory(seed) == 0);
}

TEST_CASE("the file of the old secret is overwritten before its name goes") {
  TestVault vault;
  const auto other_name = vault.temporary.path() / "link";
  fs::create_hard_link(vault.directory() / "keys/epoch-0.key", other_name);
  const auto secret = content_of(other_name);
  REQUIRE(secret.size() == 64);
  REQUIRE(vault.opened->roll_epoch());
  const auto after = content_of(other_name);
  CHECK(after.size() == secret.size());
  CHECK(after.find(secret.substr(0, 8)) == std::string::npos);
  CHECK(after.find(secret.substr(56)) == std::string::npos);
  CHECK(!fs::exists(vault.directory() / "keys/epoch-0.key"));
}
