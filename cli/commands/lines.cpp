// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "cli/line_table.hpp"
#include "cli/page.hpp"
#include "cli/table.hpp"
#include "json/parse.hpp"
#include "net/http.hpp"

namespace sigilo::cli {
namespace {

void print_lines(const json::Array& lines, const config::Config& config) {
  const Table table = line_table(lines, config);
  table.rows() > 0 ? print_text(table.text()) : print_line("no lines are configured");
}

void print_sync(const json::Object& history, std::string_view name, const config::Config& config) {
  const auto* sync = json::object_at(history, name);
  if (sync == nullptr) return;
  std::string text = text_of(*sync, "state");
  if (text == "asking")
    text = "asked for, but what came of it is not known (sigilod ended meanwhile)";
  if (const auto time = time_of(*sync, "time", config); !time.empty()) text += ", " + time;
  if (const auto id = text_of(*sync, "request_id"); !id.empty())
    text += fmt::format(", the provider's request {}", id);
  if (const auto reason = text_of(*sync, "reason"); !reason.empty()) text += ": " + reason;
  print_field(name, text);
}

/// "phase 1 (of 0 to 2), 60 %"
std::string phase_text(const json::Object& history) {
  const auto phase = json::integer_at(history, "phase");
  const auto progress = json::integer_at(history, "progress");
  std::string text;
  if (phase)
    text = fmt::format("phase {} of 0 (the first day), 1 (to day 90), 2 (to day 180)", *phase);
  if (progress) text += fmt::format("{}{} % done", text.empty() ? "" : "; ", *progress);
  return text;
}

void print_history(const json::Object& history, const config::Config& config) {
  print_heading("CONTACTS AND HISTORY OF THE PHONE");
  print_sync(history, "contacts", config);
  print_sync(history, "history", config);
  print_field("came so far", phase_text(history));
  print_field("last part", time_of(history, "last", config));
  print_field("REFUSED", text_of(history, "declined"));
  for_each_in(history, "missing", [](const json::Object& chunk) {
    print_field("MISSING",
                fmt::format("phase {}, part {}", text_of(chunk, "phase"), text_of(chunk, "chunk")));
  });
}

void print_profiles(const json::Object& line, const config::Config& config) {
  print_heading("WHAT THE PROVIDER SAID OF THE NUMBER (from when on)");
  const auto count = for_each_in(line, "profiles", [&](const json::Object& profile) {
    std::string text;
    for (const auto& member : profile) {
      const std::string_view key(member.key());
      if (key == "seq" || key == "time" || key == "id") continue;
      const auto value = text_of(profile, key);
      if (!value.empty()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value);
    }
    print_item(
        fmt::format("  {}  {:>6}  ", time_of(profile, "time", config), text_of(profile, "seq")),
        text);
  });
  if (count == 0) print_line("  it was not asked yet");
}

void print_one(const json::Object& line, const config::Config& config) {
  print_line(fmt::format("LINE {}", text_of(line, "number")));
  for (const auto* name : {"lawyer", "team", "state"}) print_field(name, text_of(line, name));
  print_field("last record", time_of(line, "last", config));
  print_field("records", text_of(line, "events"));
  for (const auto* name : {"name", "quality", "account", "platform"})
    print_field(name, text_of(line, name));
  print_field("id", text_of(line, "phone_number_id"));
  if (const auto* never = json::array_at(line, "never_delivered");
      never != nullptr && !never->empty()) {
    print_heading("NEVER DELIVERED BY THE PROVIDER, SO NEVER CAPTURED");
    for (const auto& sentence : *never) {
      if (sentence.is_string()) print_item("  * ", std::string(sentence.get_string()));
    }
  }
  if (const auto* history = json::object_at(line, "history")) print_history(*history, config);
  print_profiles(line, config);
}

std::string path_of(const std::string& number, std::string_view end = "") {
  return fmt::format("/v1/lines/{}{}", net::percent_encode(number), end);
}

}  // namespace

int lines(const Context& context) {
  const auto config = context.config();
  if (!config) return exit_config;
  auto answer = ask_for_list(*config, request_for("GET", "/v1/lines"));
  if (!answer) return complain(answer.error());
  context.json ? print_json_lines(std::move(*answer)) : print_lines(*answer, *config);
  return exit_ok;
}

int line(const Context& context, const std::string& number) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer = ask_for_object(*config, request_for("GET", path_of(number)));
  if (!answer) return complain(answer.error());
  context.json ? print_json(*answer) : print_one(*answer, *config);
  return exit_ok;
}

int request_history(const Context& context, const std::string& number, const Query& query) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer =
      ask_for_object(*config, request_for("POST", path_of(number, "/request-history"), query));
  if (!answer) return complain(answer.error());
  if (context.json) {
    print_json(*answer);
    return exit_ok;
  }
  print_line(fmt::format("LINE {}", text_of(*answer, "line")));
  print_history(*answer, *config);
  print_item("  ", text_of(*answer, "note"));
  return exit_ok;
}

}  // namespace sigilo::cli
