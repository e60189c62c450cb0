// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "cli/line_table.hpp"
#include "cli/page.hpp"
#include "cli/table.hpp"
#include "json/parse.hpp"

namespace sigilo::cli {
namespace {

void print_attention(const json::Object& status) {
  const auto* attention = json::array_at(status, "attention");
  if (attention == nullptr || attention->empty()) return print_line("Nothing needs attention.");
  print_line("NEEDS ATTENTION");
  for (const auto& sentence : *attention) {
    if (sentence.is_string()) print_item("  * ", std::string(sentence.get_string()));
  }
}

void print_lines(const json::Object& status, const config::Config& config) {
  const auto* lines = json::array_at(status, "lines");
  if (lines == nullptr) return;
  const Table table = line_table(*lines, config);
  if (table.rows() > 0) print_text("\n" + table.text() + "\n");
}

/// Once for all lines that keep the phone's app, so that nobody believes it is captured.
void print_never_delivered(const json::Object& status) {
  bool said = false;
  for_each_in(status, "lines", [&](const json::Object& line) {
    const auto* never = json::array_at(line, "never_delivered");
    if (said || never == nullptr || never->empty()) return;
    said = true;
    print_line("The provider never delivers of lines with platform coexistence:");
    for (const auto& sentence : *never) {
      if (sentence.is_string()) print_item("  - ", std::string(sentence.get_string()));
    }
    print_text("\n");
  });
}

void print_counts(const json::Object& status, const config::Config& config) {
  const auto* outbox = json::object_at(status, "outbox");
  const auto* checkpoint = status.if_contains("last_checkpoint");
  const auto* started = status.if_contains("started");
  const auto when = checkpoint == nullptr ? std::string() : local_time(*checkpoint, config);
  print_line(fmt::format("records          {}", number_of(status, "records")));
  print_line(fmt::format("being taken in   {}", number_of(status, "backlog")));
  if (outbox != nullptr)
    print_line(fmt::format("mails            {} to send, {} waiting for the relay, {} given up",
                           number_of(*outbox, "queued"), number_of(*outbox, "deferred"),
                           number_of(*outbox, "failed")));
  if (const auto* media = json::object_at(status, "media"))
    print_line(fmt::format("files            {} kept, {} to fetch, {} lost",
                           number_of(*media, "stored"), number_of(*media, "waiting"),
                           number_of(*media, "lost")));
  print_line(fmt::format("gaps             {}", number_of(status, "gaps")));
  print_line(fmt::format("repeats          {}", number_of(status, "duplicates")));
  print_line(fmt::format("unrecognised     {}", number_of(status, "unrecognised")));
  print_line(fmt::format("not monitored    {}", number_of(status, "not_monitored")));
  print_line(fmt::format("last checkpoint  {}", when.empty() ? "none yet" : when));
  print_line(fmt::format("signing key      number {}, since {}", number_of(status, "epoch"),
                         time_of(status, "epoch_began", config)));
  for_each_in(status, "recoveries", [&](const json::Object& recovery) {
    print_line(
        fmt::format("REMARK           a signing key was lost; the recovery key named another "
                    "on {} (record {})",
                    time_of(recovery, "time", config), number_of(recovery, "seq")));
  });
  print_line(fmt::format("running since    {}, version {}",
                         started == nullptr ? "" : local_time(*started, config),
                         text_of(status, "version")));
}

}  // namespace

int status(const Context& context) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer = ask_for_object(*config, request_for("GET", "/v1/status"));
  if (!answer) return complain(answer.error());
  if (context.json) {
    print_json(*answer);
  } else {
    print_attention(*answer);
    print_lines(*answer, *config);
    print_never_delivered(*answer);
    print_counts(*answer, *config);
  }
  return exit_ok;
}

}  // namespace sigilo::cli
