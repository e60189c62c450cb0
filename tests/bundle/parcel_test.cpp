// SPDX-License-Identifier: Apache-2.0
#include "bundle/parcel.hpp"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "json/parse.hpp"

using namespace sigilo;

namespace {

const std::string parcel = bundle::parcel_line("a.txt", 5) + "uno\n\n" +
                           bundle::parcel_line("vacío", 0) + bundle::parcel_line("b", 1) + "x" +
                           bundle::parcel_end({{"export", 7}});

}  // namespace

TEST_CASE("a parcel gives the same files however it is cut into pieces") {
  for (std::size_t step = 1; step <= parcel.size(); ++step) {
    std::vector<std::string> taken;
    bundle::ParcelReader reader([&](std::string_view name, std::string_view content) -> Result<> {
      taken.push_back(std::string(name) + "=" + std::string(content));
      return {};
    });
    for (std::size_t at = 0; at < parcel.size(); at += step)
      REQUIRE(reader.feed(std::string_view(parcel).substr(at, step)));
    CHECK(taken == std::vector<std::string>{"a.txt=uno\n\n", "vacío=", "b=x"});
    REQUIRE(reader.end());
    CHECK(json::integer_at(*reader.end(), "export") == 7);
  }
}

TEST_CASE("a parcel that broke off, goes on after its end or is something else is an error") {
  const auto take = [](std::string_view, std::string_view) { return Result<>(); };
  bundle::ParcelReader broken(take);
  REQUIRE(broken.feed(std::string_view(parcel).substr(0, parcel.size() - 1)));
  CHECK_FALSE(broken.end());
  bundle::ParcelReader longer(take);
  CHECK_FALSE(longer.feed(parcel + "y"));
  CHECK_FALSE(bundle::ParcelReader(take).feed("{}\n"));
  CHECK_FALSE(bundle::ParcelReader(take).feed(bundle::parcel_line("", 1)));
  CHECK_FALSE(bundle::ParcelReader(take).feed(bundle::parcel_line("x", std::uint64_t{1} << 40)));
}
