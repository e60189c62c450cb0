// SPDX-License-Identifier: Apache-2.0
#include "evidence/verify.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "api/query.hpp"
#include "api/shapes.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "json/parse.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

namespace fs = std::filesystem;

void print_problem(const json::Object& problem) {
  const auto seq = json::integer_at(problem, "seq");
  print_line(fmt::format("{}: {}", seq ? fmt::format("record {}", *seq) : "the vault",
                         text_of(problem, "problem")));
  for (const auto* name : {"expected", "found", "meaning"}) {
    if (const auto text = text_of(problem, name); !text.empty())
      print_line(fmt::format("  {:<9} {}", name, text));
  }
}

void print_report(const json::Object& report) {
  const auto* problems = json::array_at(report, "problems");
  const bool ok = json::boolean_at(report, "ok").value_or(false);
  print_line(fmt::format("vault        {}", text_of(report, "vault")));
  print_line(fmt::format("fingerprint  {}", text_of(report, "fingerprint")));
  print_line(fmt::format("tree root    {}", text_of(report, "root")));
  print_line(fmt::format("checked      {} records, depth {}",
                         json::integer_at(report, "records").value_or(0),
                         text_of(report, "depth")));
  for_each_in(report, "remarks", [](const json::Object& remark) {
    print_line(fmt::format("REMARK: record {}: {}. {}", number_of(remark, "seq"),
                           text_of(remark, "remark"), text_of(remark, "meaning")));
  });
  if (ok) return print_line("CLEAN: every record is as it was sealed.");
  print_line(fmt::format("PROBLEMS FOUND: {}", (problems == nullptr ? 0 : problems->size())));
  if (problems == nullptr) return;
  for (const auto& problem : *problems) {
    if (problem.is_object()) print_problem(problem.get_object());
  }
  if (const auto more = json::integer_at(report, "more_problems").value_or(0); more > 0)
    print_line(fmt::format("and {} more", more));
}

/// Without a daemon: the vault directory itself, or a copy of one, with the key that the
/// configuration names.
Result<json::Object> verify_alone(const config::Config& config,
                                  const evidence::VerifyOptions& options) {
  SIGILO_TRY(const auto key, read_vault_key(config));
  SIGILO_TRY(const auto report, evidence::verify(config.vault.directory, key, options));
  return api::verification_json(report);
}

/// By the daemon, where one runs and keeps this very vault. Another vault's CLEAN would be a lie.
Result<json::Object> verify_by_daemon(const config::Config& config, Query query) {
  query.emplace_back("directory", fs::absolute(config.vault.directory).string());
  return ask_for_object(config, request_for("POST", "/v1/verify", query));
}

/// The fingerprint as people write it down: groups and capitals do not matter.
std::string plain_hex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != ':' && c != '-') out += c;
  }
  return out;
}

}  // namespace

int verify(const Context& context, const Query& given) {
  Query query = given;
  for (auto& [name, value] : query) {
    if (name == "fingerprint") value = plain_hex(value);
  }
  const auto wanted = api::verify_request(request_for("POST", "/v1/verify", query));
  if (!wanted) return complain(wanted.error());
  const auto config = context.config();
  if (!config) return exit_config;
  auto report = verify_by_daemon(*config, query);
  if (!report && (report.error().code == ErrorCode::unavailable ||
                  report.error().code == ErrorCode::not_found)) {
    fmt::print(stderr, "no daemon keeps {}; checking it without\n",
               text::for_terminal(config->vault.directory.string()));
    report = verify_alone(*config, wanted->options);
  }
  if (!report) {
    // Whatever else went wrong: nothing was found to be in order.
    return complain(report.error()) == exit_not_allowed ? exit_not_allowed : exit_problem;
  }
  const bool ok = json::boolean_at(*report, "ok").value_or(false);
  context.json ? print_json(std::move(*report)) : print_report(*report);
  return ok ? exit_ok : exit_problem;
}

int checkpoint(const Context& context) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer = ask_for_object(*config, request_for("POST", "/v1/checkpoint"));
  if (!answer) return complain(answer.error());
  if (context.json) {
    print_json(*answer);
    return exit_ok;
  }
  std::string_view note = json::text_at(*answer, "checkpoint").value_or("");
  while (!note.empty()) {  // byte for byte, or its signature would not hold
    const auto line = note.substr(0, note.find('\n'));
    print_line(line);
    note.remove_prefix(std::min(line.size() + 1, note.size()));
  }
  return exit_ok;
}

}  // namespace sigilo::cli
