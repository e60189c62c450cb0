// SPDX-License-Identifier: Apache-2.0
#include "graph/errors.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

namespace sigilo::graph {
namespace {

std::string envelope(int code, int subcode = 0) {
  return fmt::format(
      R"({{"error":{{"message":"Malformed access token EAAsecret","type":"OAuthException",)"
      R"("code":{},"error_subcode":{},"error_data":{{"details":"of +5491150000001"}},)"
      R"("fbtrace_id":"AbC_1-2"}}}})",
      code, subcode);
}

TEST_CASE("each code of the provider has its kind and its words") {
  struct Row {
    int code;
    int subcode;
    FailureKind kind;
    const char* words;
  };
  for (const Row& row : {
           Row{190, 463, FailureKind::token, "expired"},
           Row{190, 460, FailureKind::token, "password"},
           Row{190, 467, FailureKind::token, "withdrawn"},
           Row{190, 0, FailureKind::token, "not valid"},
           Row{190, 999, FailureKind::token, "not valid"},
           Row{10, 0, FailureKind::permission, "permission"},
           Row{200, 0, FailureKind::permission, "permission"},
           Row{299, 5, FailureKind::permission, "permission"},
           Row{4, 0, FailureKind::rate_limited, "app has made too many"},
           Row{80007, 0, FailureKind::rate_limited, "account has made too many"},
           Row{130429, 0, FailureKind::rate_limited, "throughput"},
           Row{131056, 0, FailureKind::rate_limited, "two numbers"},
           Row{613, 0, FailureKind::rate_limited, "too often"},
           Row{100, 33, FailureKind::missing, "no such object"},
           Row{100, 0, FailureKind::refused, "refuses"},
           Row{131052, 0, FailureKind::temporary, "could not fetch the file"},
           Row{131000, 0, FailureKind::temporary, "internal error"},
           Row{1, 0, FailureKind::temporary, "down"},
           Row{2, 0, FailureKind::temporary, "down"},
           Row{300, 0, FailureKind::refused, "refuses"},
           Row{131009, 2593107, FailureKind::refused, "refuses"},
           Row{-190, 463, FailureKind::refused, "refuses"},
       }) {
    INFO(row.code << "/" << row.subcode);
    const auto failure =
        failure_of_answer("a file's address", 400, envelope(row.code, row.subcode));
    CHECK(failure.kind == row.kind);
    CHECK(failure.what.find(row.words) != std::string::npos);
    CHECK(failure.what.starts_with("a file's address: "));
    CHECK(failure.code == row.code);
    CHECK(failure.subcode == row.subcode);
    CHECK(failure.http_status == 400);
    CHECK(failure.trace_id == "AbC_1-2");
    if (row.kind == FailureKind::token || row.kind == FailureKind::permission) {
      CHECK_FALSE(failure.remedy.empty());
    }
  }
}

TEST_CASE("the code counts more than the status, an unknown code less") {
  CHECK(failure_of_answer("x", 500, envelope(190, 463)).kind == FailureKind::token);
  CHECK(failure_of_answer("x", 500, envelope(987654)).kind == FailureKind::temporary);
  CHECK(failure_of_answer("x", 429, envelope(987654)).kind == FailureKind::rate_limited);
  CHECK(failure_of_answer("x", 400, R"({"error":{"code":987654,"is_transient":true}})").kind ==
        FailureKind::temporary);
}

TEST_CASE("without an envelope the status decides") {
  struct Row {
    int status;
    FailureKind kind;
  };
  for (const std::string body : {"", "<html>Bad gateway</html>", "[]", "{}", R"({"error":"no"})",
                                 R"({"error":{"code":"190"}})", R"({"error":null})"}) {
    INFO(body);
    for (const Row& row : {Row{204, FailureKind::temporary}, Row{302, FailureKind::temporary},
                           Row{400, FailureKind::refused}, Row{401, FailureKind::token},
                           Row{403, FailureKind::permission}, Row{404, FailureKind::missing},
                           Row{408, FailureKind::temporary}, Row{410, FailureKind::missing},
                           Row{429, FailureKind::rate_limited}, Row{500, FailureKind::temporary},
                           Row{503, FailureKind::temporary}, Row{599, FailureKind::temporary},
                           Row{600, FailureKind::refused}}) {
      CHECK(failure_of_answer("x", row.status, body).kind == row.kind);
    }
  }
}

TEST_CASE("no failure repeats what the provider said: it may hold the token or a number") {
  const auto failure = failure_of_answer("x", 400, envelope(190));
  for (const auto& text : {failure.what, failure.remedy, failure.trace_id}) {
    CHECK(text.find("EAAsecret") == std::string::npos);
    CHECK(text.find("5491150000001") == std::string::npos);
  }
  for (const char* trace : {"EAA secret", "a\\nb", "<b>"}) {
    INFO(trace);
    CHECK(failure_of_answer("x", 400,
                            fmt::format(R"({{"error":{{"code":1,"fbtrace_id":"{}"}}}})", trace))
              .trace_id.empty());
  }
  CHECK(failure_of_answer("x", 400,
                          R"({"error":{"code":1,"fbtrace_id":")" + std::string(65, 'a') + "\"}}")
            .trace_id.empty());
}

TEST_CASE("what the network did is temporary, but for an interruption and what can't be sent") {
  const auto kind = [](net::WebFault fault) {
    return failure_of_network("x", {fault, {ErrorCode::io, "why", "remedy"}}).kind;
  };
  CHECK(kind(net::WebFault::interrupted) == FailureKind::stopped);
  CHECK(kind(net::WebFault::invalid) == FailureKind::refused);
  CHECK(kind(net::WebFault::body_too_large) == FailureKind::refused);
  for (const auto fault :
       {net::WebFault::no_name, net::WebFault::no_connection, net::WebFault::not_trusted,
        net::WebFault::connect_time, net::WebFault::head_time, net::WebFault::stall_time,
        net::WebFault::rate, net::WebFault::head_too_large, net::WebFault::broken}) {
    CHECK(kind(fault) == FailureKind::temporary);
  }
  const auto failure =
      failure_of_network("x", {net::WebFault::no_name, {ErrorCode::io, "why", "remedy"}});
  CHECK(failure.what == "x: why");
  CHECK(failure.remedy == "remedy");
  CHECK(failure.http_status == 0);
}

TEST_CASE("each kind has its word") {
  CHECK(to_string(FailureKind::token) == "token");
  CHECK(to_string(FailureKind::permission) == "permission");
  CHECK(to_string(FailureKind::rate_limited) == "rate_limited");
  CHECK(to_string(FailureKind::missing) == "missing");
  CHECK(to_string(FailureKind::temporary) == "temporary");
  CHECK(to_string(FailureKind::refused) == "refused");
  CHECK(to_string(FailureKind::stopped) == "stopped");
}

}  // namespace
}  // namespace sigilo::graph
