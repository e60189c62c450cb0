// SPDX-License-Identifier: Apache-2.0
#include "config/forms.hpp"

#include <string>

#include <catch2/catch_test_macros.hpp>

namespace sigilo::config {

TEST_CASE("a secret is a reference to a file or a credential") {
  CHECK(parse_secret_ref("file:/etc/sigilo/secrets/a b") ==
        SecretRef{SecretRef::Kind::file, "/etc/sigilo/secrets/a b"});
  CHECK(parse_secret_ref("credential:vault-key") ==
        SecretRef{SecretRef::Kind::credential, "vault-key"});
  CHECK(parse_secret_ref("credential:vault-key")->text() == "credential:vault-key");
  CHECK(parse_secret_ref("file:/a")->text() == "file:/a");
}

TEST_CASE("a secret that stands in the file is refused and never repeated") {
  for (const auto* text :
       {"hunter2", "file:hunter2", "file: /hunter2", "FILE:/hunter2", "credential:a/hunter2",
        "credential:hunter2 ", "credential:../hunter2", "/hunter2", "env:hunter2",
        "file:", "credential:", "credential:.", "credential:..", ""}) {
    CAPTURE(text);
    const auto result = parse_secret_ref(text);
    REQUIRE_FALSE(result);
    CHECK(result.error().message().find("hunter2") == std::string::npos);
    CHECK_FALSE(result.error().remedy.empty());
  }
  CHECK_FALSE(parse_secret_ref("credential:" + std::string(256, 'a')));
}

TEST_CASE("an endpoint is a host with a port, or a socket") {
  CHECK(parse_endpoint("0.0.0.0:8443") == Endpoint{Endpoint::Kind::tcp, "0.0.0.0", 8443});
  CHECK(parse_endpoint("[::1]:80") == Endpoint{Endpoint::Kind::tcp, "::1", 80});
  CHECK(parse_endpoint("unix:/run/sigilo/meta.sock") ==
        Endpoint{Endpoint::Kind::unix_socket, "/run/sigilo/meta.sock", 0});
  CHECK(parse_endpoint("[::1]:80")->text() == "[::1]:80");
  CHECK(parse_endpoint("localhost:80")->text() == "localhost:80");
  CHECK(parse_endpoint("unix:/a")->text() == "unix:/a");
  for (const auto* text :
       {"", "8443", ":8443", "*:8443", "0.0.0.0", "unix:", "unix:relative", "http://0.0.0.0:80"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_endpoint(text));
  }
  CHECK(parse_endpoint("unix:/" + std::string(106, 'a')));
  CHECK_FALSE(
      parse_endpoint("unix:/" + std::string(107, 'a')));  // sun_path has 108 bytes, one for the end
}

TEST_CASE("only loopback and unix endpoints are closed to other machines") {
  for (const auto* text : {"127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "localhost:80", "unix:/a"}) {
    CHECK(parse_endpoint(text)->is_loopback());
  }
  for (const auto* text :
       {"0.0.0.0:80", "[::]:80", "10.0.0.1:80", "estudio.example:80", "localhost.example:80"}) {
    CHECK_FALSE(parse_endpoint(text)->is_loopback());
  }
}

TEST_CASE("a mail address is one plain address and can't bring a header with it") {
  for (const auto* text : {"compliance@estudio.example", "a@b", "o'neil+x=y@mail.estudio.com.ar",
                           "sigilo@localhost", "a.b.c@d-e.example"}) {
    CAPTURE(text);
    CHECK(parse_mail_address(text) == std::string(text));
  }
  for (const auto* text : {"",          "@",       "a",
                           "a@",        "@b",      "a@b@c",
                           "a b@c",     "a@b c",   "a@b\r\nBcc: x@y",
                           "a\n@b",     "a@b\n",   "<a@b>",
                           "Ana <a@b>", "a@b,c@d", "a@b;c@d",
                           "a@b.",      "a@.b",    "a@b..c",
                           ".a@b",      "a.@b",    "a..b@c",
                           "\"a b\"@c", "a(x)@b",  "a@[10.0.0.1]",
                           "a@b:25",    "ñ@b",     "a@ñ",
                           "a@-b",      "a@127.1", "a\t@b",
                           "a@b ",      " a@b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_mail_address(text));
  }
  CHECK_FALSE(parse_mail_address(std::string("a\0@b", 4)));
  CHECK(parse_mail_address(std::string(64, 'a') + "@b"));
  CHECK_FALSE(parse_mail_address(std::string(65, 'a') + "@b"));
}

TEST_CASE("an API is reached by https, or by http on loopback") {
  CHECK(parse_api_url("https://graph.facebook.com/") == std::string("https://graph.facebook.com"));
  CHECK(parse_api_url("http://127.0.0.1:8080") == std::string("http://127.0.0.1:8080"));
  CHECK(parse_api_url("http://[::1]:8080") == std::string("http://[::1]:8080"));
  for (const auto* text :
       {"http://graph.facebook.com", "http://10.0.0.1", "ftp://127.0.0.1", "graph.facebook.com",
        "https://user:x@graph.facebook.com", "https://", "unix:/a"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_api_url(text));
  }
}

TEST_CASE("a relay is smtp or smtps, with nothing behind the port") {
  CHECK(parse_relay("smtp://mail.estudio.example:587")->text() ==
        "smtp://mail.estudio.example:587");
  CHECK(parse_relay("SMTPS://10.0.0.1/")->text() == "smtps://10.0.0.1");
  for (const auto* text : {"mail.estudio.example", "mail.estudio.example:25", "lmtp://a", "smtp://",
                           "smtp://a/x", "smtp://a:0", "smtp://u:p@a", "smtp://a:25 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_relay(text));
  }
}

TEST_CASE("groups, versions, ids and paths have their forms") {
  CHECK(parse_group("sigilo-admin"));
  CHECK(parse_group("_x9"));
  for (const auto* text :
       {"", "9x", "Admin", "a b", "-a", "a:b", "123456789012345678901234567890123"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_group(text));
  }
  CHECK(parse_graph_version("v23.0"));
  for (const auto* text : {"23.0", "v23", "v23.", "v.0", "v23.0.1", "v23.0/", "V23.0", "v2 3.0",
                           "v", "", "v123456.0"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_graph_version(text));
  }
  CHECK(parse_provider_id("106540352242922"));
  for (const auto* text : {"", "10a", "-1", "+1", " 1", "123456789012345678901234567890123"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_provider_id(text));
  }
  CHECK(parse_url_path("/webhook/meta"));
  CHECK(parse_url_path("/"));
  for (const auto* text : {"", "webhook", "/a?b", "/a#b", "/a b", "/ñ", "/%2e", "/a\\b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_url_path(text));
  }
  CHECK(parse_absolute_path("/var/lib/sigilo"));
  for (const auto* text : {"", "var", "./a", "~/a"}) CHECK_FALSE(parse_absolute_path(text));
}

TEST_CASE("retention is for ever or for days") {
  CHECK(parse_retention("forever") == std::string("forever"));
  CHECK(parse_retention("3650d") == std::string("3650d"));
  CHECK(parse_retention("24h"));
  CHECK(parse_retention("36500d"));
  for (const auto* text : {"", "never", "Forever", "0d", "23h", "36501d", "10y", "-1d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_retention(text));
  }
}

TEST_CASE("a duration within limits allows both limits") {
  CHECK(parse_duration_within("10s", 10, 60) == Duration(10'000'000));
  CHECK(parse_duration_within("1m", 10, 60) == Duration(60'000'000));
  CHECK_FALSE(parse_duration_within("9s", 10, 60));
  CHECK_FALSE(parse_duration_within("61s", 10, 60));
  CHECK_FALSE(parse_duration_within("106751991167300d", 10, 60));
}

}  // namespace sigilo::config
