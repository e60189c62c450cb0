// SPDX-License-Identifier: Apache-2.0
// [anchor]: where checkpoints are remembered outside.
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "config/config.hpp"

namespace sigilo::config {
namespace {

const std::string key = "w.example/1+1b4a3c5d+BOqmsWYyOiUhAEZQ25iQs4nGKFKyk9y4oEykbGSE8DsU";

Loaded with(const std::string& anchor) {
  return parse(
      "[firm]\nname = 'F'\n[mail]\nrelay = 'smtp://127.0.0.1'\nfrom = 'a@b.example'\n" + anchor,
      "f");
}

std::string witness(const std::string& url, const std::string& verifier) {
  return "[[anchor.witness]]\nurl = '" + url + "'\nkey = '" + verifier + "'\n";
}

std::string problem(const std::string& anchor) {
  const auto loaded = with(anchor);
  REQUIRE(loaded.problems.size() == 1);
  return loaded.problems.front().message();
}

}  // namespace

TEST_CASE("every place of [anchor] is read, several of a kind too") {
  const auto loaded = with(
      "[anchor]\ndirectory = '/mnt/worm/sigilo'\nevery = '6h'\n"
      "timestamp = ['http://one.example/tsr', 'https://two.example']\n" +
      witness("https://w.example/log/", key));
  REQUIRE(loaded.config);
  const auto& anchor = loaded.config->anchor;
  CHECK(anchor.directory == "/mnt/worm/sigilo");
  CHECK(anchor.every == std::chrono::hours(6));
  CHECK(anchor.timestamp.size() == 2);
  REQUIRE(anchor.witnesses.size() == 1);
  CHECK(anchor.witnesses.front().url == "https://w.example/log");
  CHECK(anchor.witnesses.front().key == key);
}

TEST_CASE("what can't be a place is refused with its line") {
  CHECK(problem("[anchor]\ndirectory = 'worm'\n").starts_with("f:7: anchor.directory: "));
  CHECK(problem("[anchor]\ntimestamp = 'ftp://a.example'\n").find("http://") != std::string::npos);
  CHECK(problem("[anchor]\nevery = '59m'\n").find("anchor.every") != std::string::npos);
  CHECK(problem("[anchor]\nevery = '32d'\n").find("anchor.every") != std::string::npos);
  CHECK(problem(witness("http://w.example", key)).find("https://") != std::string::npos);
  for (const auto* bad : {"w.example", "+1b4a3c5d+AAAA", "w+1b4a3c5+AAAA", "w+1B4A3C5D+AAAA",
                          "w+1b4a3c5d+", "w x+1b4a3c5d+AAAA"}) {
    CAPTURE(bad);
    CHECK(problem(witness("http://127.0.0.1:1", bad)).find("no verifier key") != std::string::npos);
  }
  CHECK(problem(witness("https://w.example", key) + witness("https://v.example", key))
            .find("stands in line") != std::string::npos);
}

}  // namespace sigilo::config
