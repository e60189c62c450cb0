// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "json/parse.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

constexpr std::size_t widest_text = 72;

std::string text_of(const json::Object& object, std::string_view key) {
  if (const auto number = json::integer_at(object, key)) return std::to_string(*number);
  return std::string(json::text_at(object, key).value_or(""));
}

std::string time_of(const json::Object& object, std::string_view key,
                    const config::Config& config) {
  const auto* value = object.if_contains(key);
  return value == nullptr ? std::string() : local_time(*value, config);
}

std::string target_of(const MessagesOptions& options) {
  const std::array<std::pair<const char*, const std::string*>, 6> given{
      {{"line", &options.line},
       {"party", &options.party},
       {"since", &options.since},
       {"until", &options.until},
       {"kind", &options.kind},
       {"limit", &options.limit}}};
  std::string target = "/v1/messages";
  char separator = '?';
  for (const auto& [name, value] : given) {
    if (value->empty()) continue;
    target += fmt::format("{}{}={}", separator, name, net::percent_encode(*value));
    separator = '&';
  }
  return target;
}

void print_json_lines(const json::Value& rows) {
  if (!rows.is_array()) return;
  for (const auto& row : rows.get_array()) print_json(row);
}

void print_messages(const json::Value& rows, const config::Config& config) {
  Table table({{"SEQ", 0, true},
               {"SENT"},
               {"LINE"},
               {"", 0},
               {"PARTY", 24},
               {"NAME", 20},
               {"TYPE", 14},
               {"TEXT", widest_text}});
  if (rows.is_array()) {
    for (const auto& value : rows.get_array()) {
      if (!value.is_object()) continue;
      const auto& row = value.get_object();
      table.add({text_of(row, "seq"), time_of(row, "sent", config), text_of(row, "line"),
                 text_of(row, "direction") == "in" ? "<-" : "->", text_of(row, "party"),
                 text_of(row, "party_name"), text_of(row, "type"), text_of(row, "text")});
    }
  }
  print_line(table.empty() ? "no messages" : table.text());
}

void print_field(std::string_view name, const std::string& value) {
  if (!value.empty()) print_line(fmt::format("{:<12} {}", name, text::for_terminal(value)));
}

void print_alerts(const json::Object& shown) {
  const auto* found = json::array_at(shown, "alerts");
  if (found == nullptr) return;
  for (const auto& value : *found) {
    if (!value.is_object()) continue;
    const auto& alert = value.get_object();
    print_field("alert", fmt::format("{} {} ({}, {}), mail {}", text_of(alert, "id"),
                                     text_of(alert, "category"), text_of(alert, "severity"),
                                     text_of(alert, "rule"), text_of(alert, "mail")));
  }
}

void print_message(const json::Object& shown, const config::Config& config) {
  for (const auto* name : {"seq", "kind", "type", "line", "direction", "party", "party_name"}) {
    print_field(name, text_of(shown, name));
  }
  print_field("sent", time_of(shown, "sent", config));
  print_field("received", time_of(shown, "received", config));
  print_field("recorded", time_of(shown, "time", config));
  print_field("id", text_of(shown, "id"));
  print_field("reply to", text_of(shown, "reply_to"));
  print_field("text", text_of(shown, "text"));
  print_alerts(shown);
  print_field("source", text_of(shown, "source"));
  print_field("delivery", text_of(shown, "delivery"));
  print_field("payload", text_of(shown, "payload"));
  if (const auto* record = json::object_at(shown, "record")) {
    auto header = text_of(*record, "header");
    auto signature = text_of(*record, "signature");
    header.erase(header.find_last_not_of('\n') + 1);
    signature.erase(signature.find_last_not_of('\n') + 1);
    print_field("header", header);
    print_field("signature", signature);
    print_field("leaf", text_of(*record, "leaf"));
  }
}

void print_alert_table(const json::Value& rows, const config::Config& config) {
  Table table({{"ID", 0, true},
               {"SEQ", 0, true},
               {"TIME"},
               {"SEVERITY"},
               {"CATEGORY", 20},
               {"LINE"},
               {"PARTY", 24},
               {"STATE"},
               {"MAIL"},
               {"WORDS", 50}});
  if (rows.is_array()) {
    for (const auto& value : rows.get_array()) {
      if (!value.is_object()) continue;
      const auto& row = value.get_object();
      std::string words;
      if (const auto* list = json::array_at(row, "words")) {
        for (const auto& word : *list) {
          if (!word.is_string()) continue;
          words += (words.empty() ? "" : " | ") + std::string(word.get_string());
        }
      }
      table.add({text_of(row, "id"), text_of(row, "seq"), time_of(row, "time", config),
                 text_of(row, "severity"), text_of(row, "category"), text_of(row, "line"),
                 text_of(row, "party"), text_of(row, "state"), text_of(row, "mail"), words});
    }
  }
  print_line(table.empty() ? "no alerts" : table.text());
}

}  // namespace

int messages(const Context& context, const MessagesOptions& options) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer = ask_daemon(*config, "GET", target_of(options));
  if (!answer) return complain(answer.error());
  context.json ? print_json_lines(*answer) : print_messages(*answer, *config);
  return exit_ok;
}

int show(const Context& context, const std::string& seq) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer = ask_daemon(*config, "GET", "/v1/messages/" + net::percent_encode(seq));
  if (!answer) return complain(answer.error());
  if (context.json) {
    print_json(*answer);
  } else if (answer->is_object()) {
    print_message(answer->get_object(), *config);
  }
  return exit_ok;
}

int alerts(const Context& context, bool only_open) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer = ask_daemon(*config, "GET", only_open ? "/v1/alerts?open=1" : "/v1/alerts");
  if (!answer) return complain(answer.error());
  context.json ? print_json_lines(*answer) : print_alert_table(*answer, *config);
  return exit_ok;
}

}  // namespace sigilo::cli
