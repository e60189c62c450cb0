// SPDX-License-Identifier: Apache-2.0
#include "anchor/time_stamp.hpp"

#include <catch2/catch_test_macros.hpp>

#include "base/clock.hpp"
#include "crypto/timestamp.hpp"
#include "support/anchors.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

const vault::KeptCheckpoint checkpoint{Seq(7), Timestamp(), "a note\n"};

struct Stamped {
  Stamped() { clock.set(SystemClock().now()); }  // the authority's certificates begin today
  FakeClock clock;
  FakeRandom random;
  StampingAuthority authority;
  bool interrupted = false;
  anchor::TimeStamp place{{"http://tsa.test/tsr", authority.path("root.pem")},
                          authority.exchange(),
                          [this] { interrupted = true; },
                          clock,
                          random};

  ErrorCode refused(std::string options) {
    authority.options = std::move(options);
    const auto kept = place.keep(checkpoint);
    REQUIRE_FALSE(kept);
    return kept.error().code;
  }
};

}  // namespace

TEST_CASE("an authority stamps the note's digest, and the token is what is kept") {
  Stamped stamped;
  const auto proof = stamped.place.keep(checkpoint);
  REQUIRE(proof);
  REQUIRE(stamped.authority.requests.size() == 1);
  const auto& request = stamped.authority.requests.front();
  CHECK(request.method == "POST");
  CHECK(request.url == "http://tsa.test/tsr");
  CHECK(request.content_type == "application/timestamp-query");
  const auto token = crypto::open_timestamp_token(
      must(crypto::from_base64(*proof)), crypto::sha256(as_bytes(checkpoint.note)), nullptr);
  REQUIRE(token);
  CHECK(token->policy == "1.2.3.4.1");
}

TEST_CASE("what an authority answers wrongly is no stamp") {
  Stamped stamped;
  CHECK(stamped.refused("--garbage") == ErrorCode::invalid_input);
  CHECK(stamped.refused("--status 2 --failure 0") == ErrorCode::refused);
  CHECK(stamped.refused("--status 2 --failure 14") == ErrorCode::unavailable);
  CHECK(stamped.refused("--signer other") == ErrorCode::crypto);
  CHECK(stamped.refused("--signer expired") == ErrorCode::crypto);
  CHECK(stamped.refused("--signer eku") == ErrorCode::crypto);
  stamped.authority.status = 500;
  CHECK(stamped.refused("") == ErrorCode::unavailable);
}

TEST_CASE("a token for another question is no stamp") {
  Stamped stamped;
  auto real = stamped.authority.exchange();
  std::optional<net::Response> first;
  const anchor::Exchange repeats = [&](const net::WebRequest& request, std::uint64_t most) {
    if (!first) first = *real(request, most);
    return net::WebResult<net::Response>(*first);
  };
  anchor::TimeStamp place(
      {"http://tsa.test/", {}}, repeats, [] {}, stamped.clock, stamped.random);
  REQUIRE(place.keep(checkpoint));
  const auto kept = place.keep({Seq(8), Timestamp(), "another note\n"});
  REQUIRE_FALSE(kept);
  CHECK(kept.error().code == ErrorCode::crypto);
}

TEST_CASE("an authority that can't be reached is told by the client's words, and never an alarm") {
  Stamped stamped;
  const anchor::Exchange broken = [](const net::WebRequest&, std::uint64_t) {
    return net::WebResult<net::Response>(tl::unexpected(net::WebFailure{
        net::WebFault::head_time, {ErrorCode::corrupt, "tsa.test did not answer", "wait"}}));
  };
  anchor::TimeStamp place(
      {"http://tsa.test/", {}}, broken, [] {}, stamped.clock, stamped.random);
  const auto kept = place.keep(checkpoint);
  REQUIRE_FALSE(kept);
  CHECK(kept.error().code == ErrorCode::unavailable);
  CHECK(kept.error().what == "tsa.test did not answer");
}

TEST_CASE("roots that are missing or no certificates are named with their file") {
  Stamped stamped;
  for (const auto& file : {stamped.authority.path("none.pem"), stamped.authority.path("port2")}) {
    if (file.filename() == "port2") write_file(file, "no certificate");
    anchor::TimeStamp place(
        {"http://tsa.test/", file}, stamped.authority.exchange(), [] {}, stamped.clock,
        stamped.random);
    const auto kept = place.keep(checkpoint);
    REQUIRE_FALSE(kept);
    CHECK(kept.error().what.find(file.string()) != std::string::npos);
  }
  CHECK(stamped.authority.requests.empty());
  stamped.place.interrupt();
  CHECK(stamped.interrupted);
}
