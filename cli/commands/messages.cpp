// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include "api/query.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "json/parse.hpp"

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

/// Says where the list was cut: what is not shown must not look as if it were not there.
void print_table(const Table& table, std::size_t limit, std::string_view what) {
  if (table.rows() == 0) return print_line(fmt::format("no {}", what));
  print_text(table.text());
  if (table.rows() == limit) print_line(fmt::format("the newest {}; --limit shows more", limit));
}

void print_messages(const json::Array& rows, const config::Config& config, std::size_t limit) {
  Table table({{"SEQ", 0, true},
               {"SENT"},
               {"LINE"},
               {"", 0},
               {"PARTY", 24},
               {"NAME", 20},
               {"TYPE", 14},
               {"TEXT", widest_text}});
  for (const auto& value : rows) {
    if (!value.is_object()) continue;
    const auto& row = value.get_object();
    table.add({text_of(row, "seq"), time_of(row, "sent", config), text_of(row, "line"),
               text_of(row, "direction") == "in" ? "<-" : "->", text_of(row, "party"),
               text_of(row, "party_name"), text_of(row, "type"), text_of(row, "text")});
  }
  print_table(table, limit, "messages");
}

void print_field(std::string_view name, const std::string& value) {
  if (!value.empty()) print_line(fmt::format("{:<12} {}", name, value));
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

/// "coima | juez"
std::string words_of(const json::Object& alert) {
  std::string words;
  const auto* list = json::array_at(alert, "words");
  if (list == nullptr) return words;
  for (const auto& word : *list) {
    if (word.is_string()) words += (words.empty() ? "" : " | ") + std::string(word.get_string());
  }
  return words;
}

void print_alert_table(const json::Array& rows, const config::Config& config, std::size_t limit) {
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
  for (const auto& value : rows) {
    if (!value.is_object()) continue;
    const auto& row = value.get_object();
    table.add({text_of(row, "id"), text_of(row, "seq"), time_of(row, "time", config),
               text_of(row, "severity"), text_of(row, "category"), text_of(row, "line"),
               text_of(row, "party"), text_of(row, "state"), text_of(row, "mail"), words_of(row)});
  }
  print_table(table, limit, "alerts");
}

}  // namespace

// The API's own functions judge the options first: a mistake is one without a daemon too.

int messages(const Context& context, const Query& query) {
  const auto request = request_for("GET", "/v1/messages", query);
  const auto filter = api::message_filter(request);
  if (!filter) return complain(filter.error());
  const auto config = context.config();
  if (!config) return exit_config;
  auto rows = ask_for_list(*config, request);
  if (!rows) return complain(rows.error());
  context.json ? print_json_lines(std::move(*rows)) : print_messages(*rows, *config, filter->limit);
  return exit_ok;
}

int show(const Context& context, const std::string& seq) {
  const auto number = api::seq_of(seq);
  if (!number) return complain(number.error());
  const auto config = context.config();
  if (!config) return exit_config;
  const auto shown =
      ask_for_object(*config, request_for("GET", fmt::format("/v1/messages/{}", number->value())));
  if (!shown) return complain(shown.error());
  context.json ? print_json(*shown) : print_message(*shown, *config);
  return exit_ok;
}

int alerts(const Context& context, const Query& query) {
  const auto request = request_for("GET", "/v1/alerts", query);
  const auto filter = api::alert_filter(request);
  if (!filter) return complain(filter.error());
  const auto config = context.config();
  if (!config) return exit_config;
  auto rows = ask_for_list(*config, request);
  if (!rows) return complain(rows.error());
  context.json ? print_json_lines(std::move(*rows))
               : print_alert_table(*rows, *config, filter->limit);
  return exit_ok;
}

}  // namespace sigilo::cli
