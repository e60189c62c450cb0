// SPDX-License-Identifier: Apache-2.0
#include "evidence/verify.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "api/query.hpp"
#include "api/shapes.hpp"
#include "bundle/check.hpp"
#include "cli/answer.hpp"
#include "cli/commands/commands.hpp"
#include "cli/progress.hpp"
#include "crypto/secret_file.hpp"
#include "json/parse.hpp"
#include "ledger/note.hpp"
#include "text/terminal.hpp"

namespace sigilo::cli {
namespace {

namespace fs = std::filesystem;

void print_problem(const json::Object& problem) {
  const auto seq = json::integer_at(problem, "seq");
  print_line(fmt::format("{}: {}", seq ? fmt::format("record {}", *seq) : "the vault",
                         text_of(problem, "problem")));
  for (const auto* name : {"expected", "found", "meaning", "remains"}) {
    if (const auto text = text_of(problem, name); !text.empty())
      print_line(fmt::format("  {:<9} {}", name, text));
  }
}

/// How the vault relates to the checkpoint that was handed in.
void print_since(const json::Object& since) {
  print_line(fmt::format("checkpoint   {}", text_of(since, "relation")));
  for (const auto* name : {"what", "meaning", "remains"}) {
    if (const auto text = text_of(since, name); !text.empty())
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
  if (const auto* since = json::object_at(report, "since")) print_since(*since);
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
Result<json::Object> verify_alone(const config::Config& config, evidence::VerifyOptions options,
                                  bool shown) {
  SIGILO_TRY(const auto key, read_vault_key(config));
  const SystemClock clock;
  Progress progress(clock, shown);
  options.progress = [&](std::uint64_t done, std::uint64_t all) {
    return progress.step(done, all);
  };
  SIGILO_TRY(const auto report, evidence::verify(config.vault.directory, key, options));
  return api::verification_json(report);
}

/// By the daemon, where one runs and keeps this very vault. Another vault's CLEAN would be a lie.
Result<json::Object> verify_by_daemon(const config::Config& config, Query query,
                                      const std::optional<std::string>& note) {
  query.emplace_back("directory", fs::absolute(config.vault.directory).string());
  auto request = request_for("POST", "/v1/verify", query);
  request.body = note.value_or("");
  SIGILO_TRY(auto report, ask_for_object(config, request));
  if (note && json::object_at(report, "since") == nullptr &&
      json::boolean_at(report, "ok").value_or(false))
    return fail(ErrorCode::refused, "the daemon did not compare the vault with the checkpoint",
                "it is of another version than this command: restart it");
  return report;
}

/// The note that is to be compared with. Errors: those of reading; invalid_input (empty, too long).
Result<std::string> read_note(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string note(ledger::max_note_size + 1, '\0');
  if (!in || !in.read(note.data(), static_cast<std::streamsize>(note.size())).eof())
    return fail(
        in ? ErrorCode::invalid_input : ErrorCode::io,
        in ? fmt::format("{} is longer than {} bytes: no checkpoint", file, ledger::max_note_size)
           : fmt::format("{} can't be read", file),
        "give the file that holds the checkpoint as it was sent");
  note.resize(static_cast<std::size_t>(in.gcount()));
  if (note.empty())
    return fail(ErrorCode::invalid_input, fmt::format("{} is empty: no checkpoint", file),
                "give the file that holds the checkpoint as it was sent");
  return note;
}

/// The fingerprint as people write it down: groups and capitals do not matter.
std::string plain_hex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != ':' && c != '-') out += c;
  }
  return out;
}

json::Object bundle_json(const bundle::CheckReport& report) {
  json::Array problems;
  for (const auto& problem : report.problems) {
    json::Object object{{"problem", problem.problem}, {"meaning", problem.meaning}};
    if (problem.seq) object["seq"] = *problem.seq;
    problems.emplace_back(std::move(object));
  }
  return {{"deliveries", report.deliveries},
          {"deliveries_authenticated", report.deliveries_authenticated},
          {"depth", "bundle"},
          {"files", report.files},
          {"fingerprint", report.fingerprint},
          {"fingerprint_compared", report.fingerprint_compared},
          {"manifest", report.manifest},
          {"more_problems", report.more_problems},
          {"ok", report.ok()},
          {"omissions", report.omissions},
          {"problems", std::move(problems)},
          {"records", report.records},
          {"root", report.root},
          {"size", report.size},
          {"vault", report.vault}};
}

void print_bundle(const bundle::CheckReport& report) {
  print_line(fmt::format("vault        {}", report.vault));
  print_line(fmt::format("fingerprint  {}", report.fingerprint));
  if (!report.fingerprint_compared)
    print_line("             NOT COMPARED: give the one you hold with --fingerprint");
  print_line(fmt::format("tree root    {} ({} records)", report.root, report.size));
  print_line(fmt::format("manifest     {}", report.manifest));
  print_line(fmt::format("checked      {} records, {} files, {} deliveries", report.records,
                         report.files, report.deliveries));
  if (report.deliveries > 0 && !report.deliveries_authenticated)
    print_line("             the provider's signatures were not checked: that needs --secret");
  if (report.omissions > 0)
    print_line(fmt::format("left out     {}, as its manifest.json says", report.omissions));
}

}  // namespace

int verify_bundle(const Context& context, const std::string& file, const Query& given,
                  const std::string& secret) {
  bundle::CheckOptions options;
  for (const auto& [name, value] : given) {
    if (name != "fingerprint")
      return complain(Error{ErrorCode::invalid_input, fmt::format("--{} is not for bundles", name),
                            "leave it out"});
    const auto fingerprint = crypto::Digest::from_hex(plain_hex(value));
    if (!fingerprint)
      return complain(Error{ErrorCode::invalid_input, "the fingerprint has not 64 hex digits",
                            "write it as 'sigilo init' printed it"});
    options.fingerprint = *fingerprint;
  }
  if (!secret.empty()) {
    auto read = crypto::read_secret_file(secret, crypto::SecretMode::owner_only);
    if (!read) return complain(read.error());
    options.provider_secret = std::move(*read);
  }
  const auto report = bundle::check(file, options);
  if (!report) return complain(report.error());
  if (context.json) {
    print_json(bundle_json(*report));
    return report->ok() ? exit_ok : exit_problem;
  }
  print_bundle(*report);
  if (report->ok()) {
    print_line("CLEAN: every record is as it was sealed, and every file as it was packed.");
    return exit_ok;
  }
  print_line(fmt::format("PROBLEMS FOUND: {}", report->problems.size() + report->more_problems));
  const auto said = bundle_json(*report);
  for (const auto& problem : said.at("problems").get_array()) print_problem(problem.get_object());
  return exit_problem;
}

int verify(const Context& context, const Query& given, const std::optional<std::string>& since) {
  Query query = given;
  for (auto& [name, value] : query) {
    if (name == "fingerprint") value = plain_hex(value);
  }
  auto wanted = api::verify_request(request_for("POST", "/v1/verify", query));
  if (!wanted) return complain(wanted.error());
  if (since) {
    auto note = read_note(*since);
    // Whatever it is that was given, the vault was not found to continue it.
    if (!note) {
      static_cast<void>(complain(note.error()));
      return exit_problem;
    }
    wanted->options.since = std::move(*note);
  }
  const auto config = context.config();
  if (!config) return exit_config;
  auto report = verify_by_daemon(*config, query, wanted->options.since);
  if (!report && (report.error().code == ErrorCode::unavailable ||
                  report.error().code == ErrorCode::not_found)) {
    fmt::print(stderr, "no daemon keeps {}; checking it without\n",
               text::for_terminal(config->vault.directory.string()));
    report = verify_alone(*config, wanted->options, !context.json && ::isatty(STDERR_FILENO) == 1);
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
