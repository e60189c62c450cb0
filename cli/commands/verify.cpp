// SPDX-License-Identifier: Apache-2.0
#include "evidence/verify.hpp"

#include <fmt/format.h>

#include "api/shapes.hpp"
#include "cli/commands/commands.hpp"
#include "json/parse.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

std::string text_of(const json::Object& object, std::string_view key) {
  return text::for_terminal(json::text_at(object, key).value_or(""));
}

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
Result<json::Value> verify_alone(const config::Config& config, const VerifyOptions& options) {
  SIGILO_TRY(const auto key, read_vault_key(config));
  evidence::VerifyOptions wanted;
  wanted.depth = options.depth == "tree" ? evidence::Depth::tree : evidence::Depth::full;
  if (!options.fingerprint.empty()) wanted.fingerprint = options.fingerprint;
  SIGILO_TRY(const auto report, evidence::verify(config.vault.directory, key, wanted));
  return json::Value(api::verification_json(report));
}

/// The fingerprint as people write it down: groups and capitals do not matter.
std::string plain_hex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == ':' || c == '-') continue;
    out += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

int verify(const Context& context, const VerifyOptions& given) {
  const auto config = context.config();
  if (!config) return exit_config;
  const VerifyOptions options{given.depth, plain_hex(given.fingerprint)};
  auto target = "/v1/verify?depth=" + options.depth;
  if (!options.fingerprint.empty())
    target += "&fingerprint=" + net::percent_encode(options.fingerprint);
  auto answer = ask_daemon(*config, "POST", target);
  if (!answer && answer.error().code == ErrorCode::unavailable) {
    fmt::print(stderr, "no daemon answers; checking {} itself\n", config->vault.directory.string());
    answer = verify_alone(*config, options);
  }
  if (!answer) {
    const auto code = complain(answer.error());
    return code == exit_not_allowed || code == exit_usage ? code : exit_problem;
  }
  if (!answer->is_object()) return exit_problem;
  const auto& report = answer->get_object();
  context.json ? print_json(*answer) : print_report(report);
  return json::boolean_at(report, "ok").value_or(false) ? exit_ok : exit_problem;
}

int checkpoint(const Context& context) {
  const auto config = context.config();
  if (!config) return exit_config;
  const auto answer = ask_daemon(*config, "POST", "/v1/checkpoint");
  if (!answer) return complain(answer.error());
  if (context.json) {
    print_json(*answer);
  } else if (answer->is_object()) {
    fmt::print("{}", json::text_at(answer->get_object(), "checkpoint").value_or(""));
  }
  return exit_ok;
}

}  // namespace sigilo::cli
