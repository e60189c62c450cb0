// SPDX-License-Identifier: Apache-2.0
// Where checkpoints are remembered outside, what is amiss there, and what came back.
#include "api/impl.hpp"
#include "api/query.hpp"

namespace sigilo::api {
namespace {

json::Object place_json(const anchor::PlaceState& state) {
  json::Object answer{{"kind", vault::to_string(state.kind)},
                      {"where", state.where},
                      {"last", nullptr},
                      {"failure", nullptr},
                      {"overdue", state.overdue}};
  if (state.last) {
    answer["last"] = json::Object{{"seq", state.last->seq.value()},
                                  {"time", format_rfc3339(state.last->time)},
                                  {"size", state.last->checkpoint.value()}};
  }
  if (state.failure) {
    answer["failure"] = json::Object{{"what", state.failure->error.what},
                                     {"remedy", state.failure->error.remedy},
                                     {"since", format_rfc3339(state.failure->since)},
                                     {"last", format_rfc3339(state.failure->last)},
                                     {"attempts", state.failure->attempts}};
  }
  return answer;
}

json::Object kept_json(const vault::AnchorRow& row) {
  return {{"seq", row.seq.value()},
          {"time", format_rfc3339(row.time)},
          {"kind", vault::to_string(row.anchor.kind)},
          {"where", row.anchor.where},
          {"size", row.anchor.checkpoint.value()},
          {"note", row.note},
          {"proof", row.anchor.proof}};
}

}  // namespace

Result<net::Response> LocalApi::Impl::anchors(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  json::Array answer;
  for (const auto& state : services.runtime().anchors) answer.emplace_back(place_json(state));
  return json_response(std::move(answer));
}

Result<net::Response> LocalApi::Impl::kept_anchors(const net::Request& request, uid_t) {
  SIGILO_TRY_DO(parameters(request, {}));
  SIGILO_TRY(auto vault, reader());
  SIGILO_TRY(const auto rows, vault.anchors(vault::max_anchors));
  json::Array answer;
  for (const auto& row : rows) answer.emplace_back(kept_json(row));
  return json_response(std::move(answer));
}

}  // namespace sigilo::api
