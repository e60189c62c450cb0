// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include "api/query.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "cli/page.hpp"
#include "json/parse.hpp"

namespace sigilo::cli {
namespace {

/// Where the sentences of a life begin: after time, distance and record number.
constexpr std::size_t life_indent = 46;

std::string who(std::string_view by) {
  if (by == "line") return "the line";
  return by == "party" ? "the other side" : "";
}

std::string route(std::string_view via) {
  if (via == "app") return "echo of what was sent from the phone";
  if (via == "history") return "from the phone's history";
  return "";
}

std::string joined(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() ? one + other : one + ", " + other;
}

/// "131026 Message undeliverable: details"
std::string errors_text(const json::Object& step) {
  std::string text;
  for_each_in(step, "errors", [&](const json::Object& error) {
    std::string one = text_of(error, "code");
    const auto title = text_of(error, "title");
    const auto details = text_of(error, "details");
    if (!title.empty()) one += (one.empty() ? "" : " ") + title;
    if (!details.empty() && details != title) one += ": " + details;
    text += (text.empty() ? "" : "; ") + one;
  });
  return text;
}

/// "edited by the other side", "delivered", "failed: 131026 …".
std::string sentence_of(const json::Object& step) {
  const auto what = text_of(step, "what");
  const auto by = who(text_of(step, "by"));
  const auto type = text_of(step, "type");
  if (what == "told")
    return fmt::format("told again: {}",
                       route(type.substr(std::min(type.find(':') + 1, type.size()))));
  std::string sentence;
  if (what == "state") sentence = type;
  if (what == "message") sentence = fmt::format("{} sent by {}", type, by);
  if (what == "edit") sentence = fmt::format("EDITED by {} ({})", by, type);
  if (what == "revoke") sentence = fmt::format("REVOKED by {}", by);
  if (what == "reaction") sentence = fmt::format("reaction of {}", by);
  if (const auto way = route(text_of(step, "via")); !way.empty())
    sentence += fmt::format(" ({})", way);
  const auto errors = errors_text(step);
  return errors.empty() ? sentence : sentence + ": " + errors;
}

void print_life(const json::Object& shown, const config::Config& config) {
  print_heading("LIFE (provider's time, how long after sending, record)");
  const auto steps = for_each_in(shown, "life", [&](const json::Object& step) {
    const auto after = json::integer_at(step, "after");
    const auto head = fmt::format("  {:<19}  {:>14}  {:>6}", time_of(step, "at", config),
                                  after ? "+" + span_text(*after) : "", text_of(step, "seq"));
    print_item(head + "  ", sentence_of(step));
    const bool above = text_of(step, "seq") == text_of(shown, "seq");
    const auto text = text_of(step, "text");
    if (!text.empty() && !above) print_quoted(life_indent, text);
  });
  if (steps == 0) print_line("  nothing is known of one");
}

void print_files(const json::Object& shown) {
  bool first = true;
  for_each_in(shown, "media", [&](const json::Object& file) {
    if (std::exchange(first, false)) print_heading("FILES");
    const auto state = text_of(file, "state");
    const auto name = text_of(file, "name");
    print_field("record", text_of(file, "seq"));
    print_field("name", name);
    print_field("declared", text_of(file, "declared"));
    print_field("found", text_of(file, "sniffed"));
    if (const auto size = json::integer_at(file, "size")) print_field("size", size_text(*size));
    print_field("SHA-256", text_of(file, "sha256"));
    std::string kept = state;
    if (state == "stored")
      kept = fmt::format("stored (record {}); 'sigilo media {}' gives it out",
                         text_of(file, "record"), text_of(file, "seq"));
    if (state == "lost") kept = fmt::format("LOST (record {})", text_of(file, "record"));
    if (state == "waiting")
      kept = fmt::format("waiting to be fetched, {} attempts so far", number_of(file, "attempts"));
    const auto reason = text_of(file, "reason");
    print_field("kept", reason.empty() ? kept : kept + ": " + reason);
  });
}

void print_alerts(const json::Object& shown, const config::Config& config) {
  bool first = true;
  for_each_in(shown, "alerts", [&](const json::Object& alert) {
    if (std::exchange(first, false)) print_heading("ALERTS");
    print_item(fmt::format("  {}  {:>6}  ", time_of(alert, "time", config), text_of(alert, "id")),
               fmt::format("{}, {} ({}), team {}, {}", text_of(alert, "category"),
                           text_of(alert, "severity"), text_of(alert, "rule"),
                           text_of(alert, "team"), text_of(alert, "state")));
  });
  first = true;
  for_each_in(shown, "mails", [&](const json::Object& mail) {
    if (std::exchange(first, false)) print_heading("MAILS");
    const auto reply = text_of(mail, "reply");
    print_item(fmt::format("  {}  ", time_of(mail, "queued", config)),
               fmt::format("to {}: {} after {} attempts{}", text_of(mail, "recipient"),
                           text_of(mail, "state"), number_of(mail, "attempts"),
                           reply.empty() ? "" : "; " + reply));
  });
}

void print_accesses(const json::Object& shown, const config::Config& config) {
  print_heading("SHOWN BEFORE TO");
  const auto count = for_each_in(shown, "accesses", [&](const json::Object& access) {
    const auto user = text_of(access, "user");
    print_item(
        fmt::format("  {}  {:>6}  ", time_of(access, "time", config), text_of(access, "seq")),
        fmt::format("{} (uid {}), by {}", user.empty() ? "a user without a name" : user,
                    number_of(access, "uid"), text_of(access, "what")));
  });
  if (count == 0) print_line("  nobody");
}

/// Each on one line, however long: to be copied, not to be read.
void print_evidence(const json::Object& shown) {
  print_heading("EVIDENCE (docs/evidence-format.md says how to check it)");
  const auto line = [](std::string_view name, std::string value) {
    value.erase(value.find_last_not_of('\n') + 1);
    if (!value.empty()) print_line(fmt::format("  {:<11} {}", name, value));
  };
  line("delivery", text_of(shown, "delivery"));
  line("payload", text_of(shown, "payload"));
  if (const auto* record = json::object_at(shown, "record")) {
    for (const auto* name : {"header", "signature", "leaf"}) line(name, text_of(*record, name));
  }
}

std::string state_text(const json::Object& shown) {
  auto state = text_of(shown, "state");
  if (flag_of(shown, "edited")) state = joined(state, "EDITED");
  if (flag_of(shown, "revoked")) state = joined(state, "REVOKED");
  return state;
}

void print_message(const json::Object& shown, const config::Config& config) {
  print_line(fmt::format("RECORD {}: {}", text_of(shown, "seq"),
                         joined(text_of(shown, "kind"), text_of(shown, "type"))));
  print_field("line", text_of(shown, "line"));
  print_field("direction", text_of(shown, "direction"));
  print_field("party", joined(text_of(shown, "party"), text_of(shown, "party_name")));
  print_field("sent", time_of(shown, "sent", config));
  print_field("received", time_of(shown, "received", config));
  print_field("recorded", time_of(shown, "time", config));
  print_field("state", state_text(shown));
  print_field("source", joined(text_of(shown, "source"), route(text_of(shown, "via"))));
  print_field("id", text_of(shown, "id"));
  print_field("about", text_of(shown, "about"));
  print_field("reply to", text_of(shown, "reply_to"));
  if (const auto text = text_of(shown, "text"); !text.empty()) {
    print_heading("TEXT");
    print_quoted(2, text);
  }
  print_life(shown, config);
  print_files(shown);
  print_alerts(shown, config);
  print_accesses(shown, config);
  print_evidence(shown);
}

}  // namespace

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

}  // namespace sigilo::cli
