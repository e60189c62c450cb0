// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include "api/query.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "cli/page.hpp"
#include "cli/table.hpp"
#include "json/parse.hpp"
#include "net/http.hpp"

namespace sigilo::cli {
namespace {

std::string ground_of(const json::Object& link) {
  const auto how = text_of(link, "how");
  if (how == "given beside it") return "the provider gave both for one sender";
  if (how == "user changed number") return "the provider said that the number was changed";
  if (how == "user id update") return "the provider said that the user id was changed";
  return "the record that said so can't be read any more";
}

void print_person(const json::Object& person, const config::Config& config) {
  print_line("PERSON");
  if (const auto* names = json::array_at(person, "names")) {
    for (const auto& name : *names) {
      if (name.is_string()) print_item("  ", std::string(name.get_string()));
    }
  }
  bool first = true;
  for_each_in(person, "links", [&](const json::Object& link) {
    if (std::exchange(first, false)) print_heading("WHY THEY ARE ONE (time, record)");
    print_item(fmt::format("  {}  {:>6}  ", time_of(link, "time", config), text_of(link, "seq")),
               fmt::format("{} and {}: {}", text_of(link, "name"), text_of(link, "other"),
                           ground_of(link)));
  });
  print_heading("CALLED (first and last seen)");
  const auto called = for_each_in(person, "called", [&](const json::Object& name) {
    print_item(
        fmt::format("  {}  {}  ", time_of(name, "first", config), time_of(name, "last", config)),
        text_of(name, "name"));
  });
  if (called == 0) print_line("  no message carried a name");
  if (flag_of(person, "truncated"))
    print_line("  there are more messages than were looked at; older names may be missing");
}

/// What is missing, in words.
std::string sentence_of(const json::Object& gap, const config::Config& config) {
  auto event = text_of(gap, "event");
  if (event == "unseen")
    return fmt::format("a message {} that a {} speaks of (record {}) never came",
                       text_of(gap, "provider_id"), text_of(gap, "how"), text_of(gap, "record"));
  if (event == "history-chunk-missing")
    return fmt::format("part {} of phase {} of the phone's history never came",
                       text_of(gap, "chunk"), text_of(gap, "phase"));
  if (event == "not_writable")
    return fmt::format("{} deliveries were refused from {} to {}: {}", text_of(gap, "refused"),
                       time_of(gap, "from", config), time_of(gap, "until", config),
                       text_of(gap, "reason"));
  return event;
}

void print_gaps(const json::Array& gaps, const config::Config& config, std::size_t limit) {
  Table table({{"SEQ", 0, true}, {"TIME"}, {"LINE"}, {"PARTY", 24}, {"FILLED"}, {"WHAT", 120}});
  for (const auto& value : gaps) {
    if (!value.is_object()) continue;
    const auto& gap = value.get_object();
    table.add({text_of(gap, "seq"), time_of(gap, "time", config), text_of(gap, "line"),
               text_of(gap, "party"), flag_of(gap, "filled") ? "later" : "",
               sentence_of(gap, config)});
  }
  if (table.rows() == 0) return print_line("no gaps are known");
  print_text(table.text());
  if (table.rows() == limit) print_line(fmt::format("the newest {}; --limit shows more", limit));
}

}  // namespace

int person(const Context& context, const std::string& name) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer =
      ask_for_object(*config, request_for("GET", "/v1/persons/" + net::percent_encode(name)));
  if (!answer) return complain(answer.error());
  context.json ? print_json(*answer) : print_person(*answer, *config);
  return exit_ok;
}

int gaps(const Context& context, const Query& query) {
  const auto request = request_for("GET", "/v1/gaps", query);
  const auto limit = api::gap_limit(request);
  if (!limit) return complain(limit.error());
  const auto config = context.config();
  if (!config) return exit_config;
  auto answer = ask_for_list(*config, request);
  if (!answer) return complain(answer.error());
  context.json ? print_json_lines(std::move(*answer)) : print_gaps(*answer, *config, *limit);
  return exit_ok;
}

}  // namespace sigilo::cli
