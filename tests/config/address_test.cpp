// SPDX-License-Identifier: Apache-2.0
#include "config/address.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

namespace sigilo::config {

TEST_CASE("an address is placed by the ranges of its RFC, to the last address of each") {
  for (const auto* host :
       {"127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost",
        "LocalHost", "localhost.", "a.localhost"}) {
    CAPTURE(host);
    CHECK(reach_of(host) == Reach::loopback);
  }
  for (const auto* host :
       {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0",
        "192.168.255.255", "169.254.0.0", "169.254.255.255", "fc00::", "fdff:ffff::1", "FD00::1",
        "fe80::", "febf:ffff::", "::ffff:10.0.0.1"}) {
    CAPTURE(host);
    CHECK(reach_of(host) == Reach::inside);
  }
  for (const auto* host : {"9.255.255.255",
                           "11.0.0.0",
                           "126.255.255.255",
                           "128.0.0.0",
                           "172.15.255.255",
                           "172.32.0.0",
                           "192.167.255.255",
                           "192.169.0.0",
                           "169.253.255.255",
                           "169.255.0.0",
                           "0.0.0.0",
                           "100.64.0.1",
                           "8.8.8.8",
                           "::",
                           "::2",
                           "fbff::",
                           "fe00::",
                           "fe7f::",
                           "fec0::",
                           "2001:db8::1",
                           "::ffff:8.8.8.8",
                           "::10.0.0.1",
                           "64:ff9b::10.0.0.1"}) {
    CAPTURE(host);
    CHECK(reach_of(host) == Reach::outside);
  }
}

TEST_CASE("a name is placed by nobody but a resolver") {
  for (const auto* host :
       {"mail.estudio.example", "localhost.example", "127.1", "10.0.0", "0x7f000001", "2130706433",
        "127.0.0.1 ", "010.0.0.1", "", "[::1]", "fe80::1%lo"}) {
    CAPTURE(host);
    CHECK_FALSE(reach_of(host));
  }
  CHECK_FALSE(reach_of(std::string("127.0.0.1\0.example", 18)));
}

TEST_CASE("host and port are taken apart") {
  CHECK(parse_host_port("0.0.0.0:8443") == HostPort{"0.0.0.0", 8443});
  CHECK(parse_host_port("[::1]:65535") == HostPort{"::1", 65535});
  CHECK(parse_host_port("[FD00::1]") == HostPort{"fd00::1", std::nullopt});
  CHECK(parse_host_port("Mail.Estudio.example:1") == HostPort{"mail.estudio.example", 1});
  CHECK(parse_host_port("mail.estudio.example.") ==
        HostPort{"mail.estudio.example.", std::nullopt});
  CHECK(parse_host_port("4chan.example") == HostPort{"4chan.example", std::nullopt});
  CHECK(parse_host_port(std::string(63, 'a')) == HostPort{std::string(63, 'a'), std::nullopt});
}

TEST_CASE("what is no host, and what is no port, is refused") {
  for (const auto* text : {"",
                           ":1",
                           ".",
                           "a..b",
                           "-a",
                           "a-",
                           "a_b",
                           "a b",
                           "a\n",
                           "ñ",
                           "1.2.3",
                           "1.2.3.4.5",
                           "127.1",
                           "256.1.1.1",
                           "0x7f.1",
                           "0x7f000001",
                           "2130706433",
                           "010.0.0.1",
                           "a.0x1",
                           "::1",
                           "::1:80",
                           "[::1",
                           "[]",
                           "[::1]x",
                           "[1.2.3.4]",
                           "[::1%lo]",
                           "[a]",
                           "a:",
                           "a:0",
                           "a:65536",
                           "a:-1",
                           "a:+1",
                           "a: 1",
                           "a:1 ",
                           "a:1:2",
                           "a:0x1",
                           "a:99999999999",
                           "a%00b",
                           "a/b"}) {
    CAPTURE(text);
    const auto result = parse_host_port(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == ErrorCode::invalid_input);
  }
  CHECK_FALSE(parse_host_port(std::string(64, 'a')));
  std::string long_name = "a";
  while (long_name.size() < 254) long_name += ".a";
  CHECK_FALSE(parse_host_port(long_name));
  CHECK_FALSE(parse_host_port(std::string("a\0b", 3)));
}

TEST_CASE("a URL is written back in one form") {
  const auto text = [](std::string_view url) { return parse_url(url).value().text(); };
  CHECK(text("HTTPS://Graph.Facebook.com/") == "https://graph.facebook.com");
  CHECK(text("http://127.0.0.1:8080/graph/") == "http://127.0.0.1:8080/graph");
  CHECK(text("smtp://[FE80::1]:25") == "smtp://[fe80::1]:25");
  CHECK(text("smtp://[::1]") == "smtp://[::1]");
}

TEST_CASE("a URL with a user, a query or a space is refused, without repeating it") {
  for (const auto* url : {"smtp://sigilo:s3cret@mail.example:587", "https://s3cret@host.example",
                          "https://host.example/?token=s3cret", "https://host.example/#s3cret",
                          "https://host.example/a s3cret", "https:s3cret", "s3cret",
                          "https://host.example\\@s3cret", "https://host.example/\r\ns3cret"}) {
    CAPTURE(url);
    const auto result = parse_url(url);
    REQUIRE_FALSE(result);
    CHECK(result.error().message().find("s3cret") == std::string::npos);
  }
  CHECK_FALSE(parse_url("https://"));
  CHECK_FALSE(parse_url("https:///path"));
  CHECK_FALSE(parse_url("https://host.example/" + std::string(4096, 'a')));
}

}  // namespace sigilo::config
