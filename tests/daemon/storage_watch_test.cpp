// SPDX-License-Identifier: Apache-2.0
#include "storage_watch.hpp"

#include <optional>

#include <catch2/catch_test_macros.hpp>

#include "json/parse.hpp"
#include "support/broken_disk.hpp"
#include "support/daemon.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

struct Watched {
  TestVault vault;
  Reports<StorageWatch::Trouble> failing;
  Reports<std::pair<StorageWatch::Trouble, Timestamp>> recovered;
  IoThread io;
  StorageWatch watch{io.loop,
                     vault.clock,
                     {[this](const auto& trouble) { failing.add(trouble); },
                      [this](const auto& trouble, Timestamp until) {
                        recovered.add({trouble, until});
                      }},
                     vault.log};

  Watched() { watch.connect(*vault.store); }
  ~Watched() { vault.close(); }

  [[nodiscard]] std::vector<json::Object> gaps() const {
    std::vector<json::Object> found;
    must(vault.audit().each_record(0, [&](vault::RawRecord&& record) {
      if (record.kind == "gap") found.push_back(must(json::parse(*record.body)).as_object());
      return true;
    }));
    return found;
  }
};

Result<> failed(ErrorCode code) {
  return fail(code, "cannot write", "make room");
}

}  // namespace

TEST_CASE("a write that fails by its own fault is no trouble of the disk") {
  Watched watched;
  watched.watch.wrote({});
  for (const auto code : {ErrorCode::invalid_input, ErrorCode::corrupt, ErrorCode::unavailable})
    watched.watch.wrote(failed(code));
  CHECK_FALSE(watched.watch.trouble());
  CHECK(watched.failing.count() == 0);
}

TEST_CASE("a disk that fills is told once, counted, and ends with a gap record by itself") {
  Watched watched;
  {
    const BrokenDisk broken;
    watched.watch.wrote(failed(ErrorCode::no_space));
    watched.watch.wrote(failed(ErrorCode::no_space));
    watched.watch.wrote(failed(ErrorCode::io));
    const auto trouble = watched.watch.trouble();
    REQUIRE(trouble);
    CHECK(trouble->refused == 3);
    CHECK(trouble->since == watched.vault.clock.now());
    CHECK(watched.failing.count() == 1);
    // The first attempt of the watch itself fails too: the store says so in the log.
    for (int i = 0; i < 3000 && !watched.vault.sink.has("nothing can be stored"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE(watched.vault.sink.has("nothing can be stored"));
    CHECK(watched.watch.trouble());
    CHECK(watched.recovered.count() == 0);
    watched.vault.clock.advance(std::chrono::minutes(7));
  }
  const auto [trouble, until] = watched.recovered.wait_for(1)[0];
  CHECK_FALSE(watched.watch.trouble());
  CHECK(trouble.refused == 3);
  CHECK(until - trouble.since == std::chrono::minutes(7));
  const auto gaps = watched.gaps();
  REQUIRE(gaps.size() == 1);
  CHECK(gaps[0].at("event").as_string() == "not_writable");
  CHECK(gaps[0].at("refused").as_int64() == 3);
  CHECK(gaps[0].at("from").as_string() == format_rfc3339(trouble.since));
  CHECK(gaps[0].at("until").as_string() == format_rfc3339(until));
  CHECK(watched.failing.count() == 1);
}
