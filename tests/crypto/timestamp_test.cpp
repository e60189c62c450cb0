// SPDX-License-Identifier: Apache-2.0
#include "crypto/timestamp.hpp"

#include <chrono>
#include <cstdlib>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "support/fakes.hpp"
#include "support/process.hpp"

using namespace sigilo;
using namespace sigilo::crypto;

namespace {

const std::string script = SIGILO_SOURCE_DIR "/tests/support/tsa.py";

/// The authority's answers bear the system's time.
Timestamp now() {
  return Timestamp::from_seconds(std::chrono::duration_cast<std::chrono::seconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count());
}

/// A real authority, made by the openssl program once for all tests.
class Authority {
 public:
  Authority() {
    const auto made = test::run("/usr/bin/python3 " + script + " make " + path("") + " 2>&1");
    INFO(made.output);
    REQUIRE(made.status == 0);
  }
  [[nodiscard]] std::string path(std::string_view name) const {
    return (directory_ / name).string();
  }
  [[nodiscard]] TimestampRoots roots(std::string_view name = "root.pem") const {
    return *TimestampRoots::from_pem(test::read_file(path(name)));
  }
  [[nodiscard]] Bytes answer(const TimestampRequest& request,
                             const std::string& options = "") const {
    test::write_file(path("query"), as_text(request.der));
    const auto answered = test::run("/usr/bin/python3 " + script + " reply " + path("") + " " +
                                    options + " < " + path("query"));
    REQUIRE(answered.status == 0);
    return Bytes(answered.output.begin(), answered.output.end());
  }

 private:
  test::TemporaryDirectory directory_;
};

const Authority& authority() {
  static const Authority one;
  return one;
}

const Digest digest = sha256(as_bytes("a checkpoint"));

TimestampRequest request(std::uint64_t seed = 1, std::string_view policy = {}) {
  test::FakeRandom random(seed);
  return *make_timestamp_request(digest, random, policy);
}

Error refusal(BytesView response, const TimestampRequest& asked, const TimestampRoots* roots) {
  const auto opened = open_timestamp_response(response, asked, roots, now());
  REQUIRE_FALSE(opened);
  INFO(opened.error().message());
  CHECK_FALSE(opened.error().remedy.empty());
  return opened.error();
}

bool says(const Error& error, std::string_view words) {
  INFO(error.message());
  return error.what.find(words) != std::string::npos;
}

/// What `openssl ts` makes of a file.
test::Outcome openssl_ts(const std::string& arguments) {
  return test::run("openssl ts " + arguments + " 2>&1");
}

}  // namespace

TEST_CASE("a request says what OpenSSL reads in it: digest, nonce, certificate wanted, policy") {
  test::TemporaryDirectory directory;
  test::write_file(directory / "q", as_text(request(1, "1.2.3.9").der));
  const auto read = openssl_ts("-query -text -in " + (directory / "q").string());
  INFO(read.output);
  CHECK(read.status == 0);
  for (const char* line : {"Version: 1\n", "Hash Algorithm: sha256\n", "Policy OID: 1.2.3.9\n",
                           "Certificate required: yes\n", "Nonce: 0x"})
    CHECK(read.output.find(line) != std::string::npos);
  CHECK(request(1).der != request(2).der);
  CHECK(request(1).der == request(1).der);
  CHECK(request(1).der.size() == 69);  // the nonce has eight bytes whatever the random numbers are
  CHECK(request(7).der.size() == 69);
}

TEST_CASE("what is no policy is refused before anybody is asked") {
  test::FakeRandom random;
  for (const char* policy : {"timestamps", "1", "1.", "9.9.9", "1.2.3 ", "1.2\n3"}) {
    const auto made = make_timestamp_request(digest, random, policy);
    CAPTURE(policy);
    REQUIRE_FALSE(made);
    CHECK(made.error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("an authority's token is read and kept, and the openssl program accepts what is kept") {
  const auto roots = authority().roots();
  const auto response = authority().answer(request());
  const auto token = open_timestamp_response(response, request(), &roots, now());
  REQUIRE(token);
  CHECK(token->chain_checked);
  CHECK(token->policy == "1.2.3.4.1");
  CHECK(token->serial == "02");
  CHECK(token->authority == "CN=Authority tsa,O=Tests");
  CHECK(token->accuracy == Duration(1'500'100));
  CHECK(token->expires == *parse_rfc3339("2099-12-31T23:59:59Z"));
  CHECK(token->time <= now());
  CHECK(now() - token->time < std::chrono::minutes(2));

  test::write_file(authority().path("token"), as_text(token->der));
  test::write_file(authority().path("response"), as_text(response));
  test::write_file(authority().path("data"), "a checkpoint");
  const auto accepts = [](const std::string& what) {
    return openssl_ts("-verify " + what + " -CAfile " + authority().path("root.pem")).status == 0;
  };
  const std::string kept = "-token_in -in " + authority().path("token");
  CHECK(accepts("-data " + authority().path("data") + " " + kept));
  CHECK(accepts("-digest " + digest.hex() + " " + kept));
  CHECK(accepts("-digest " + digest.hex() + " -in " + authority().path("response")));
  CHECK_FALSE(accepts("-digest " + sha256({}).hex() + " " + kept));

  const auto again = open_timestamp_token(token->der, digest, &roots);
  REQUIRE(again);
  CHECK(again->der == token->der);
  CHECK(again->time == token->time);
  CHECK(again->chain_checked);
}

TEST_CASE("over HTTP the same authority answers the same way") {
  test::TemporaryDirectory directory;
  const std::string path = directory.path().string();
  test::write_file(directory / "query", as_text(request().der));
  // The shell ends the server that it began, and nothing else.
  const auto posted = test::run(fmt::format(
      "set -e; cp {0}/* {1}/; /usr/bin/python3 {2} serve {1} >/dev/null 2>&1 & server=$!; "
      "trap 'kill $server' EXIT; for i in $(seq 500); do [ -e {1}/port ] && break; sleep 0.02; "
      "done; "
      "curl -sS --noproxy '*' -H 'Content-Type: application/timestamp-query' --data-binary "
      "@{1}/query http://127.0.0.1:$(cat {1}/port)/",
      authority().path("").substr(0, authority().path("").size() - 1), path, script));
  REQUIRE(posted.status == 0);
  const auto roots = authority().roots();
  CHECK(open_timestamp_response(as_bytes(posted.output), request(), &roots, now()));
}

TEST_CASE("without trusted roots all but the chain is checked, and the token says so") {
  const auto response = authority().answer(request());
  const auto token = open_timestamp_response(response, request(), nullptr, now());
  REQUIRE(token);
  CHECK_FALSE(token->chain_checked);
  CHECK(open_timestamp_token(token->der, digest, nullptr)->time == token->time);
  const auto roots = authority().roots();
  CHECK(open_timestamp_token(token->der, digest, &roots)->chain_checked);
  CHECK(open_timestamp_response(authority().answer(request(), "--signer other"), request(), nullptr,
                                now()));
}

TEST_CASE("the authority's own certificate may be the one that is trusted") {
  const auto roots = authority().roots("signer-tsa.pem");
  CHECK(open_timestamp_response(authority().answer(request()), request(), &roots, now()));
}

TEST_CASE("an answer to another request, or over another digest, is refused") {
  const auto roots = authority().roots();
  const auto replayed = authority().answer(request(1));
  for (const TimestampRoots* trust : {&roots, static_cast<const TimestampRoots*>(nullptr)}) {
    const auto nonce = refusal(replayed, request(2), trust);
    CHECK(nonce.code == ErrorCode::crypto);
    CHECK(says(nonce, "nonce"));

    test::FakeRandom random(1);
    const auto other = *make_timestamp_request(sha256(as_bytes("another")), random);
    const auto imprint = refusal(replayed, other, trust);
    CHECK(imprint.code == ErrorCode::crypto);
    CHECK(says(imprint, "imprint"));

    const auto token = open_timestamp_response(replayed, request(1), trust, now());
    const auto kept = open_timestamp_token(token->der, sha256(as_bytes("another")), trust);
    REQUIRE_FALSE(kept);
    CHECK(says(kept.error(), "imprint"));
  }
}

TEST_CASE("a token under another policy than the one asked for is refused") {
  const auto roots = authority().roots();
  const auto asked = request(1, "1.2.3.4.1");
  CHECK(open_timestamp_response(authority().answer(asked), asked, &roots, now()));
  const auto given = authority().answer(request(1), "--policy 1.2.3.9");
  CHECK(open_timestamp_response(given, request(1), &roots, now())->policy == "1.2.3.9");
  CHECK(says(refusal(given, asked, &roots), "policy"));
}

TEST_CASE("a certificate of somebody else's authority is not accepted where roots are trusted") {
  const auto roots = authority().roots();
  const auto error = refusal(authority().answer(request(), "--signer other"), request(), &roots);
  CHECK(error.code == ErrorCode::crypto);
  CHECK(says(error, "unable to get local issuer certificate"));
}

TEST_CASE("an expired certificate makes no time stamps, with or without roots") {
  const auto roots = authority().roots();
  const auto response = authority().answer(request(), "--signer expired");
  CHECK(says(refusal(response, request(), &roots), "certificate has expired"));
  CHECK(says(refusal(response, request(), nullptr), "certificate has expired"));
}

TEST_CASE("a token is judged by its own time later: its certificate's end does not end it") {
  const auto roots = authority().roots();
  const auto response = authority().answer(request());
  const auto beyond = *parse_rfc3339("2101-01-01T00:00:00Z");
  CHECK_FALSE(open_timestamp_response(response, request(), &roots, beyond));
  const auto token = open_timestamp_response(response, request(), &roots, now());
  CHECK(open_timestamp_token(token->der, digest, &roots));
}

TEST_CASE("a certificate that is not for time stamps alone is refused, with or without roots") {
  const auto roots = authority().roots();
  for (const char* signer : {"eku", "mixed", "lenient"}) {
    CAPTURE(signer);
    const auto response = authority().answer(request(), std::string("--signer ") + signer);
    for (const TimestampRoots* trust : {&roots, static_cast<const TimestampRoots*>(nullptr)}) {
      const auto error = refusal(response, request(), trust);
      CHECK(error.code == ErrorCode::crypto);
      CHECK(says(error, "not for time stamps alone"));
    }
  }
}

TEST_CASE("an authority's no is told in words, and which no may change") {
  const auto told = [](const std::string& options) {
    return refusal(authority().answer(request(), options), request(), nullptr);
  };
  const auto rejected = told("--status 2 --failure 15");
  CHECK(rejected.code == ErrorCode::refused);
  CHECK(rejected.what ==
        "the time stamp authority rejects the request: it does not support the policy asked for "
        "(\"not today\")");
  CHECK(says(told("--status 2 --failure 0"), "SHA-256"));
  CHECK(told("--status 2 --failure 14").code == ErrorCode::unavailable);
  CHECK(told("--status 2 --failure 25").code == ErrorCode::unavailable);
  CHECK(told("--status 3").code == ErrorCode::unavailable);
  CHECK(says(told("--status 4"), "about to be revoked"));
  CHECK(says(told("--status 5"), "was revoked"));
  CHECK(says(told("--status 77"), "no standard knows"));
  // A real authority that is asked for a policy that it doesn't have.
  const auto asked = request(1, "1.2.3.9");
  const auto real = refusal(authority().answer(asked), asked, nullptr);
  CHECK(real.code == ErrorCode::refused);
  CHECK(says(real, "it does not support the policy asked for"));
}

TEST_CASE("what is no answer is refused as that") {
  const auto roots = authority().roots();
  const auto response = authority().answer(request());
  const auto code = [&](BytesView bytes) { return refusal(bytes, request(), &roots).code; };
  CHECK(code({}) == ErrorCode::invalid_input);
  CHECK(code(authority().answer(request(), "--garbage")) == ErrorCode::invalid_input);
  CHECK(code(request().der) == ErrorCode::invalid_input);
  Bytes longer = response;
  longer.push_back(0);
  CHECK(code(longer) == ErrorCode::invalid_input);
  CHECK(code(Bytes(max_timestamp_response + 1, 0x30)) == ErrorCode::invalid_input);
  for (std::size_t length = 0; length < response.size(); length += 7)
    CHECK(code(BytesView(response).first(length)) == ErrorCode::invalid_input);
  // A token where an answer is expected, and the other way round.
  const auto token = open_timestamp_response(response, request(), &roots, now());
  CHECK(code(token->der) == ErrorCode::invalid_input);
  CHECK(open_timestamp_token(response, digest, &roots).error().code == ErrorCode::invalid_input);
}

TEST_CASE("no bit of a token can be changed so that it says something else") {
  const auto roots = authority().roots();
  const auto token =
      open_timestamp_response(authority().answer(request()), request(), &roots, now());
  REQUIRE(token);
  int read = 0;
  for (std::size_t at = 0; at < token->der.size(); ++at) {
    Bytes bent = token->der;
    bent[at] = static_cast<std::uint8_t>(bent[at] ^ (1 << at % 8));
    const auto opened = open_timestamp_token(bent, digest, &roots);
    if (!opened) continue;
    ++read;  // such as the unsigned parts of the wrapping
    CAPTURE(at);
    CHECK(opened->time == token->time);
    CHECK(opened->serial == token->serial);
    CHECK(opened->policy == token->policy);
    CHECK(opened->authority == token->authority);
  }
  CHECK(read < 16);
}

TEST_CASE("trusted certificates are read from PEM, strictly") {
  const auto pem = test::read_file(authority().path("root.pem"));
  const auto code = [](const std::string& text) {
    const auto roots = TimestampRoots::from_pem(text);
    return roots ? std::optional<ErrorCode>() : roots.error().code;
  };
  CHECK_FALSE(code(pem));
  CHECK_FALSE(code("# words before\n" + pem + pem));
  CHECK(code("") == ErrorCode::invalid_input);
  CHECK(code("no certificate") == ErrorCode::invalid_input);
  CHECK(code(pem.substr(0, pem.size() / 2)) == ErrorCode::invalid_input);
  CHECK(code(pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") ==
        ErrorCode::invalid_input);
  std::string many;
  for (std::size_t i = 0; i < max_timestamp_roots; ++i) many += pem;
  CHECK_FALSE(code(many));
  CHECK(code(many + pem) == ErrorCode::invalid_input);
  CHECK(code(std::string(max_timestamp_roots_size + 1, '\n')) == ErrorCode::invalid_input);
}
