// SPDX-License-Identifier: Apache-2.0
#include "net/url.hpp"

#include <catch2/catch_test_macros.hpp>

namespace sigilo::net {
namespace {

TEST_CASE("a URL is taken apart, its fragment left out") {
  const auto url = parse_web_url("HTTPS://Lookaside.FBSBX.com./whatsapp/?mid=1&x=%20#part").value();
  CHECK(url == WebUrl{true, "lookaside.fbsbx.com", 443, "/whatsapp/?mid=1&x=%20"});
  CHECK(url.origin() == "https://lookaside.fbsbx.com:443");
  CHECK(url.host_header() == "lookaside.fbsbx.com");
  CHECK(parse_web_url("http://127.0.0.1:8080").value() == WebUrl{false, "127.0.0.1", 8080, "/"});
  CHECK(parse_web_url("https://a?b=c").value().target == "/?b=c");
  CHECK(parse_web_url("http://[::1]:9/").value().authority() == "[::1]:9");
  CHECK(parse_web_url("http://[::1]/").value().host_header() == "[::1]");
  CHECK(parse_web_url("http://a:8080/").value().host_header() == "a:8080");
}

TEST_CASE("what two readers may split differently is no URL") {
  for (const std::string text : {"",
                                 "http",
                                 "http:",
                                 "http:/",
                                 "http://",
                                 "https:///path",
                                 "ftp://a/",
                                 "file:///etc/passwd",
                                 "//a/",
                                 "/path",
                                 "https://good.com@evil.com/",
                                 "https://evil.com\\@good.com/",
                                 "https://a b/",
                                 "https://a/\r\nX: y",
                                 "https://a/\n",
                                 "https://a..b/",
                                 "https://.a/",
                                 "https://a:/",
                                 "https://a:0/",
                                 "https://a:65536/",
                                 "https://a:80x/",
                                 "https://[::1/",
                                 "https://[::1]x/",
                                 "https://[]/",
                                 "https://[",
                                 "https://[fe80::1%25eth0]/",
                                 "https://b\xc3\xbc"
                                 "cher.example/",
                                 "https://a%2eb/",
                                 "https://a,b/"}) {
    INFO(text);
    const auto refused = parse_web_url(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::invalid_input);
  }
  CHECK_FALSE(parse_web_url("https://a/" + std::string(max_url, 'x')));
  CHECK_FALSE(parse_web_url("https://" + std::string(254, 'a') + "/"));
  CHECK_FALSE(parse_web_url(std::string("https://a/\0b", 12)));
}

TEST_CASE("a refused URL is not repeated, since it may hold a secret") {
  const auto refused = parse_web_url("https://user:hidden@a/");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message().find("hidden") == std::string::npos);
}

TEST_CASE("a Location is read against where it came from") {
  const WebUrl base{true, "a.example", 8443, "/one/two?three=4"};
  const auto meant = [&](std::string_view text) { return resolve_location(base, text).value(); };
  CHECK(meant("https://b.example/x") == WebUrl{true, "b.example", 443, "/x"});
  CHECK(meant("//b.example/x") == WebUrl{true, "b.example", 443, "/x"});
  CHECK(meant("/x?y") == WebUrl{true, "a.example", 8443, "/x?y"});
  CHECK(meant("x") == WebUrl{true, "a.example", 8443, "/one/x"});
  CHECK(meant("?x") == WebUrl{true, "a.example", 8443, "/one/two?x"});
  CHECK(meant("#x") == base);
  CHECK(meant("/x#y").target == "/x");
  for (const char* text : {"", "javascript:alert(1)", "data:text/plain,x", "/\\b.example",
                           "\\\\b.example", "//u@b.example", "https:b.example", "/a b"}) {
    INFO(text);
    CHECK_FALSE(resolve_location(base, text));
  }
}

}  // namespace
}  // namespace sigilo::net
