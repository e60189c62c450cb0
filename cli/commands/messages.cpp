// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include "api/query.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "cli/table.hpp"
#include "json/parse.hpp"

namespace sigilo::cli {
namespace {

constexpr std::size_t widest_text = 72;

/// Says where the list was cut: what is not shown must not look as if it were not there.
void print_table(const Table& table, std::size_t limit, std::string_view what) {
  if (table.rows() == 0) return print_line(fmt::format("no {}", what));
  print_text(table.text());
  if (table.rows() == limit) print_line(fmt::format("the newest {}; --limit shows more", limit));
}

/// "delivered, edited": what became of it. Nothing for the plain case, a message that came in.
std::string state_text(const json::Object& row) {
  auto state = text_of(row, "state");
  if (state == "received") state.clear();
  for (const auto* mark : {"edited", "revoked"}) {
    if (flag_of(row, mark)) state += (state.empty() ? "" : ", ") + std::string(mark);
  }
  return state;
}

void print_messages(const json::Array& rows, const config::Config& config, std::size_t limit) {
  Table table({{"SEQ", 0, true},
               {"SENT"},
               {"LINE"},
               {"", 0},
               {"PARTY", 24},
               {"NAME", 20},
               {"TYPE", 14},
               {"STATE", 24},
               {"TEXT", widest_text}});
  for (const auto& value : rows) {
    if (!value.is_object()) continue;
    const auto& row = value.get_object();
    table.add({text_of(row, "seq"), time_of(row, "sent", config), text_of(row, "line"),
               text_of(row, "direction") == "in" ? "<-" : "->", text_of(row, "party"),
               text_of(row, "party_name"), text_of(row, "type"), state_text(row),
               text_of(row, "text")});
  }
  print_table(table, limit, "messages");
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
