// SPDX-License-Identifier: Apache-2.0
#include "net/http.hpp"

#include <catch2/catch_test_macros.hpp>

#include "support/process.hpp"

namespace sigilo::net {
namespace {

Request with_target(std::string target) {
  Request request;
  request.target = std::move(target);
  return request;
}

TEST_CASE("a header is found whatever the case of its name") {
  Request request;
  request.headers = {{"X-Hub-Signature-256", "one"}, {"host", "here"}};
  CHECK(request.header("x-hub-signature-256") == "one");
  CHECK(request.header("HOST") == "here");
  CHECK_FALSE(request.header("X-Hub-Signature"));
  CHECK_FALSE(request.header(""));
}

TEST_CASE("a header sent twice is known to repeat, in any case") {
  Request request;
  request.headers = {{"A", "1"}, {"B", "2"}, {"a", "3"}};
  CHECK(request.repeats("a"));
  CHECK_FALSE(request.repeats("b"));
  CHECK_FALSE(request.repeats("c"));
  CHECK(request.header("a") == "1");
}

TEST_CASE("only ASCII letters match in other case") {
  Request request;
  request.headers = {{"@key", "at"}, {"[x", "bracket"}};
  CHECK_FALSE(request.header("`key"));  // 0x40 and 0x60 differ by the bit that makes letters lower
  CHECK_FALSE(request.header("{x"));
}

TEST_CASE("the path ends at the first question mark") {
  CHECK(with_target("/webhook/meta?a=/b?c").path() == "/webhook/meta");
  CHECK(with_target("/plain").path() == "/plain");
  CHECK(with_target("?a=1").path().empty());
  CHECK(with_target("").path().empty());
}

TEST_CASE("query parameters are decoded") {
  const auto request =
      with_target("/p?hub.mode=subscribe&t=a%2Bb%20c+d&empty=&bare&hub%2Ex=1&t=second&u=%C3%B1");
  CHECK(request.query("hub.mode") == "subscribe");
  CHECK(request.query("t") == "a+b c d");
  CHECK(request.query("empty") == "");
  CHECK(request.query("bare") == "");
  CHECK(request.query("hub.x") == "1");
  CHECK(request.query("u") == "ñ");
  CHECK_FALSE(request.query("absent"));
  CHECK_FALSE(with_target("/p").query("t"));
  CHECK_FALSE(with_target("/p?").query("t"));
}

TEST_CASE("a parameter that is not valid percent-encoding is as good as absent") {
  for (const char* target :
       {"/p?t=%", "/p?t=%4", "/p?t=%zz", "/p?t=a%4g", "/p?t=% 41", "/p?t=ok%"}) {
    INFO(target);
    CHECK_FALSE(with_target(target).query("t"));
  }
  CHECK(with_target("/p?bad%=1&t=2").query("t") == "2");
  CHECK(with_target("/p?&&=&t=2").query("t") == "2");
  CHECK(with_target("/p?t=%00").query("t") == std::string(1, '\0'));
}

TEST_CASE("encoding agrees with Python's for every byte, and comes back") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const auto encoded = percent_encode(all);
  const auto python = test::run(
      "python3 -c \"import urllib.parse as u; print(u.quote(bytes(range(256)), safe=''))\"");
  CHECK(encoded + "\n" == python.output);
  CHECK(with_target("/p?v=" + encoded).query("v") == all);
}

}  // namespace
}  // namespace sigilo::net
