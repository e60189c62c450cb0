// SPDX-License-Identifier: Apache-2.0
#include "net/proxy.hpp"

#include <catch2/catch_test_macros.hpp>

namespace sigilo::net {
namespace {

const WebUrl graph{true, "graph.facebook.com", 443, "/"};
const WebUrl plain{false, "intranet.example", 80, "/"};

std::optional<Proxy> by(const ProxySettings& settings, const WebUrl& url = graph) {
  return proxy_for(settings, url).value();
}

TEST_CASE("the environment is read as curl reads it") {
  const auto both = proxy_settings_from({{"https_proxy", "http://lower:1"},
                                         {"HTTPS_PROXY", "http://upper:1"},
                                         {"http_proxy", "http://plain:1"},
                                         {"no_proxy", "a"},
                                         {"NO_PROXY", "b"}});
  CHECK(both.https_proxy == "http://lower:1");
  CHECK(both.http_proxy == "http://plain:1");
  CHECK(both.no_proxy == "a");
  const auto upper = proxy_settings_from({{"https_proxy", ""},
                                          {"HTTPS_PROXY", "http://upper:1"},
                                          {"HTTP_PROXY", "http://cgi:1"},
                                          {"NO_PROXY", "b"}});
  CHECK(upper.https_proxy == "http://upper:1");
  CHECK(upper.http_proxy.empty());
  CHECK(upper.no_proxy == "b");
  const auto all = proxy_settings_from({{"all_proxy", "http://all:1"}});
  CHECK(all.https_proxy == "http://all:1");
  CHECK(all.http_proxy == "http://all:1");
  CHECK(proxy_settings_from({}).https_proxy.empty());
}

TEST_CASE("a proxy is named with or without scheme, port, user and slash") {
  CHECK_FALSE(by({}));
  CHECK(by({"http://proxy.example:3128/", "", ""}) == Proxy{"proxy.example", 3128, ""});
  CHECK(by({"proxy.example:3128", "", ""}) == Proxy{"proxy.example", 3128, ""});
  CHECK(by({"proxy.example", "", ""}) == Proxy{"proxy.example", 1080, ""});
  CHECK(by({"http://[::1]", "", ""}) == Proxy{"::1", 1080, ""});
  CHECK(by({"http://[::1]:8080", "", ""}) == Proxy{"::1", 8080, ""});
  // "user:pa ss" and "a@b:c:d" in base64, by the base64 program
  CHECK(by({"http://user:pa%20ss@p:1", "", ""}) == Proxy{"p", 1, "Basic dXNlcjpwYSBzcw=="});
  CHECK(by({"http://a@b:c:d@p:1", "", ""}) == Proxy{"p", 1, "Basic YUBiOmM6ZA=="});
  CHECK(by({"http://only@p:1", "", ""}) == Proxy{"p", 1, "Basic b25seTo="});
}

TEST_CASE("each scheme has its own proxy") {
  const ProxySettings settings{"http://secure:1", "http://open:2", ""};
  CHECK(by(settings)->host == "secure");
  CHECK(by(settings, plain)->host == "open");
  CHECK_FALSE(by({"http://secure:1", "", ""}, plain));
}

TEST_CASE("no_proxy exempts names with their subdomains, addresses exactly, and * all") {
  const auto exempt = [](const std::string& no_proxy, const std::string& host = graph.host) {
    return !by({"http://p:1", "", no_proxy}, {true, host, 443, "/"});
  };
  for (const char* list :
       {"*", "facebook.com", ".facebook.com", "FACEBOOK.com.", "graph.facebook.com",
        "other.example, facebook.com", "other.example facebook.com", ",,facebook.com,", "x,*"}) {
    INFO(list);
    CHECK(exempt(list));
  }
  for (const char* list : {"", "book.com", "graph", "raph.facebook.com", "x.graph.facebook.com",
                           "facebook.co", ".", "**", "*.facebook.com"}) {
    INFO(list);
    CHECK_FALSE(exempt(list));
  }
  CHECK(exempt("127.0.0.1", "127.0.0.1"));
  CHECK_FALSE(exempt("0.0.1", "127.0.0.1"));
  CHECK(exempt("[::1]", "::1"));
  CHECK(exempt("::1", "::1"));
}

TEST_CASE("a proxy that can't be used is an error that does not tell the password") {
  for (const char* named : {"https://u:hidden@p:1", "socks5://u:hidden@p", "http://u:hidden@",
                            "http://u:hidden@p:x", "http://u:hidden@a b"}) {
    INFO(named);
    const auto refused = proxy_for({named, "", ""}, graph);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::config);
    CHECK(refused.error().message().find("hidden") == std::string::npos);
  }
}

}  // namespace
}  // namespace sigilo::net
