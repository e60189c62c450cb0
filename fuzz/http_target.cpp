// SPDX-License-Identifier: Apache-2.0
// What a stranger can write behind "GET ": path, query names and values, percent-encoding.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/http.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sigilo::net::Request request;
  request.target.assign(reinterpret_cast<const char*>(data), size);
  if (request.path().size() > size) std::abort();
  for (const char* name : {"hub.mode", "hub.challenge", "a", ""}) {
    const auto value = request.query(name);
    if (value && value->size() > size) std::abort();
  }

  const std::string any = request.target;
  request.target = "/?a=" + sigilo::net::percent_encode(any);
  if (request.query("a") != any || request.path() != "/") std::abort();
  return 0;
}
