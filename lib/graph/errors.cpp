// SPDX-License-Identifier: Apache-2.0
#include "graph/errors.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "json/parse.hpp"

namespace sigilo::graph {

namespace {

constexpr std::int64_t any = -1;
constexpr std::size_t most_trace = 64;  // an fbtrace_id has 11 to 24 characters

constexpr const char* renew =
    "make a new access token, put it where access_token points, and reload sigilod";
constexpr const char* wait = "";

struct Row {
  std::int64_t first;  ///< of the error code
  std::int64_t last;
  std::int64_t subcode;  ///< `any` behind the rows that name one
  FailureKind kind;
  const char* meaning;
  const char* remedy;
};

// The provider's error codes; the first row that fits counts.
constexpr std::array rows{
    Row{190, 190, 463, FailureKind::token, "the access token has expired", renew},
    Row{190, 190, 460, FailureKind::token,
        "the access token ended when its owner's password was changed", renew},
    Row{190, 190, 467, FailureKind::token, "the access token was withdrawn", renew},
    Row{190, 190, any, FailureKind::token, "the access token is not valid", renew},
    Row{10, 10, any, FailureKind::permission, "the access token lacks the permission for this",
        "give the system user whatsapp_business_messaging and whatsapp_business_management"},
    Row{200, 299, any, FailureKind::permission, "the access token lacks a permission for this",
        "give the system user whatsapp_business_messaging and whatsapp_business_management, and "
        "the account to the app"},
    Row{4, 4, any, FailureKind::rate_limited, "the app has made too many calls", wait},
    Row{80007, 80007, any, FailureKind::rate_limited, "the account has made too many calls", wait},
    Row{130429, 130429, any, FailureKind::rate_limited, "the number's throughput is used up", wait},
    Row{131056, 131056, any, FailureKind::rate_limited,
        "too many calls concern the same two numbers", wait},
    Row{613, 613, any, FailureKind::rate_limited, "this call was made too often", wait},
    Row{100, 100, 33, FailureKind::missing, "there is no such object, or the token may not see it",
        "check the id, and that the token's app has the account"},
    Row{131052, 131052, any, FailureKind::temporary,
        "the provider could not fetch the file that the user sent",
        "if it stays so, ask the sender to send the file again"},
    Row{131000, 131000, any, FailureKind::temporary, "the provider had an internal error", wait},
    Row{1, 2, any, FailureKind::temporary, "the provider's service is down for the moment", wait},
};

struct StatusRow {
  int first;
  int last;
  FailureKind kind;
  const char* meaning;
  const char* remedy;
};

constexpr std::array by_status{
    StatusRow{200, 399, FailureKind::temporary, "the answer is not the one that was asked for",
              "if it goes on, check graph_url, and that no proxy answers for the provider"},
    StatusRow{401, 401, FailureKind::token, "the access token was not accepted", renew},
    StatusRow{403, 403, FailureKind::permission, "the access token may not do this",
              "check the token's permissions and that its app has the account"},
    StatusRow{404, 404, FailureKind::missing, "there is no such object (any more)", ""},
    StatusRow{408, 408, FailureKind::temporary, "the provider waited too long for the request",
              wait},
    StatusRow{410, 410, FailureKind::missing, "the object is gone", ""},
    StatusRow{429, 429, FailureKind::rate_limited, "too many calls were made", wait},
    StatusRow{500, 599, FailureKind::temporary, "the provider's server had an error", wait},
};

constexpr const char* unknown_meaning = "the provider refuses the call";
constexpr const char* unknown_remedy =
    "look the code up in the provider's documentation, and name the trace id to its support";

/// What of an envelope is used, all of it untrusted.
struct Envelope {
  std::int64_t code = 0;
  std::int64_t subcode = 0;
  bool transient = false;
  std::string trace_id;
};

bool is_trace_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_';
}

std::optional<Envelope> read_envelope(std::string_view body) {
  const auto value = json::parse(body);
  if (!value || !value->is_object()) return std::nullopt;
  const auto* error = json::object_at(value->get_object(), "error");
  if (error == nullptr) return std::nullopt;
  Envelope envelope;
  envelope.code = json::integer_at(*error, "code").value_or(0);
  envelope.subcode = json::integer_at(*error, "error_subcode").value_or(0);
  envelope.transient = json::boolean_at(*error, "is_transient").value_or(false);
  const auto trace = json::text_at(*error, "fbtrace_id").value_or("");
  if (trace.size() <= most_trace && std::ranges::all_of(trace, is_trace_character)) {
    envelope.trace_id = trace;
  }
  return envelope;
}

template <class Found>
void take(Failure& failure, const Found& row, std::string& meaning) {
  failure.kind = row.kind;
  failure.remedy = row.remedy;
  meaning = row.meaning;
}

}  // namespace

std::string_view to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::token:
      return "token";
    case FailureKind::permission:
      return "permission";
    case FailureKind::rate_limited:
      return "rate_limited";
    case FailureKind::missing:
      return "missing";
    case FailureKind::temporary:
      return "temporary";
    case FailureKind::refused:
      return "refused";
    case FailureKind::stopped:
      return "stopped";
  }
  return "";
}

Failure failure_of_answer(std::string_view asked, int http_status, std::string_view body) {
  const auto envelope = read_envelope(body).value_or(Envelope{});
  Failure failure;
  failure.http_status = http_status;
  failure.code = envelope.code;
  failure.subcode = envelope.subcode;
  failure.trace_id = envelope.trace_id;
  std::string meaning = unknown_meaning;
  failure.kind = FailureKind::refused;
  failure.remedy = unknown_remedy;

  const auto row = std::ranges::find_if(rows, [&](const Row& candidate) {
    return envelope.code >= candidate.first && envelope.code <= candidate.last &&
           (candidate.subcode == any || candidate.subcode == envelope.subcode);
  });
  const auto status_row = std::ranges::find_if(by_status, [&](const StatusRow& candidate) {
    return http_status >= candidate.first && http_status <= candidate.last;
  });
  if (row != rows.end()) {
    take(failure, *row, meaning);
  } else if (envelope.transient) {
    failure.kind = FailureKind::temporary;
    failure.remedy = wait;
    meaning = "the provider calls the error temporary";
  } else if (status_row != by_status.end()) {
    take(failure, *status_row, meaning);
  }

  failure.what = fmt::format("{}: {} (HTTP {}", asked, meaning, http_status);
  if (failure.code != 0) failure.what += fmt::format(", code {}", failure.code);
  if (failure.subcode != 0) failure.what += fmt::format("/{}", failure.subcode);
  failure.what += ")";
  return failure;
}

Failure failure_of_network(std::string_view asked, net::WebFailure failure) {
  Failure result;
  switch (failure.fault) {
    case net::WebFault::interrupted:
      result.kind = FailureKind::stopped;
      break;
    case net::WebFault::invalid:
    case net::WebFault::body_too_large:
      result.kind = FailureKind::refused;
      break;
    default:
      result.kind = FailureKind::temporary;
  }
  result.what = fmt::format("{}: {}", asked, failure.error.what);
  result.remedy = std::move(failure.error.remedy);
  return result;
}

}  // namespace sigilo::graph
