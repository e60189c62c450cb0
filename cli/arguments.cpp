// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include <functional>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands/commands.hpp"

namespace sigilo::cli {
namespace {

/// Everything the options write to; one for the life of the process.
struct Arguments {
  Context context;
  Query query;
  std::string seq;
  std::string policies;
  std::string file;
  std::string name;
  std::string output;
  std::string secret;
  std::optional<std::string> since;
  std::function<int()> command;
};

/// An option that goes to the API as the parameter of the same name, also when it is empty.
void add_parameter(CLI::App& command, Arguments& given, const std::string& name,
                   const std::string& help) {
  command.add_option_function<std::string>(
      "--" + name,
      [&given, name](const std::string& value) { given.query.emplace_back(name, value); }, help);
}

void add_reading(CLI::App& app, Arguments& given) {
  app.add_subcommand("status", "lines, backlog, last checkpoint, and first what needs attention")
      ->callback([&] { given.command = [&] { return status(given.context); }; });

  auto* list = app.add_subcommand("messages", "who wrote what and when; the reading is recorded");
  add_parameter(*list, given, "line", "only this line (its number)");
  add_parameter(*list, given, "party", "only this other side (number or user id)");
  add_parameter(*list, given, "since", "recorded at or after, 2026-11-23T18:04:11Z");
  add_parameter(*list, given, "until", "recorded before");
  add_parameter(*list, given, "kind",
                "message (default), edit, revoke, status, line or unrecognised");
  add_parameter(*list, given, "limit", "the newest so many (default 50, at most 100000)");
  list->callback([&] { given.command = [&] { return messages(given.context, given.query); }; });

  auto* one = app.add_subcommand(
      "show", "the whole life of one message on one page; the reading is recorded");
  one->add_option("SEQ", given.seq, "record number")->required();
  one->callback([&] { given.command = [&] { return show(given.context, given.seq); }; });

  auto* told = app.add_subcommand("alerts", "what managers were told; the reading is recorded");
  told->add_flag_callback(
      "--open", [&] { given.query.emplace_back("open", "1"); },
      "only those that wait for somebody");
  add_parameter(*told, given, "limit", "the newest so many (default 1000, at most 100000)");
  told->callback([&] { given.command = [&] { return alerts(given.context, given.query); }; });

  auto* file = app.add_subcommand("media", "the file of a message; the reading is recorded");
  file->add_option("SEQ", given.seq, "record number")->required();
  file->add_option("--output", given.output, "a new file, a directory, or - for standard output");
  file->callback(
      [&] { given.command = [&] { return media(given.context, given.seq, given.output); }; });

  auto* who = app.add_subcommand("person", "all numbers, ids and names of one person, and why");
  who->add_option("NAME", given.name, "number or user id")->required();
  who->callback([&] { given.command = [&] { return person(given.context, given.name); }; });

  auto* missing = app.add_subcommand("gaps", "what is spoken of and never came");
  add_parameter(*missing, given, "limit", "the newest so many (default 1000, at most 100000)");
  missing->callback([&] { given.command = [&] { return gaps(given.context, given.query); }; });
}

void add_lines(CLI::App& app, Arguments& given) {
  app.add_subcommand("lines", "the firm's lines, and what the provider says of them")
      ->callback([&] { given.command = [&] { return lines(given.context); }; });

  auto* one = app.add_subcommand("line", "one line: its profile by date, its phone's history");
  one->add_option("NUMBER", given.name, "the line's number");
  auto* ask = one->add_subcommand(
      "request-history", "ask for the phone's contacts and history, within 24 hours of linking");
  ask->add_option("NUMBER", given.seq, "the line's number")->required();
  ask->add_flag_callback(
      "--again", [&] { given.query.emplace_back("again", "1"); },
      "although it was asked before: the line was linked anew");
  ask->callback([&] {
    given.command = [&] { return request_history(given.context, given.seq, given.query); };
  });
  one->callback([&, ask] {
    if (ask->parsed()) return;
    if (given.name.empty()) throw CLI::RequiredError("NUMBER");
    given.command = [&] { return line(given.context, given.name); };
  });
}

void add_evidence(CLI::App& app, Arguments& given) {
  auto* check =
      app.add_subcommand("verify", "does the vault still say what was recorded? exit 1: no");
  add_parameter(*check, given, "depth", "tree, or full (default)");
  add_parameter(*check, given, "fingerprint", "the one that 'sigilo init' printed");
  auto* bundle = check->add_option("BUNDLE.zip", given.file, "a bundle instead of the vault");
  check->add_option("--secret", given.secret,
                    "of a bundle: file with the provider's app secret, to check its signatures");
  check
      ->add_option("--since", given.since,
                   "a file with a checkpoint that somebody kept: the vault must continue it")
      ->excludes(bundle);
  check->callback([&] {
    given.command = [&] {
      return given.file.empty()
                 ? verify(given.context, given.query, given.since)
                 : verify_bundle(given.context, given.file, given.query, given.secret);
    };
  });

  auto* leave = app.add_subcommand("export", "evidence that leaves; the export is recorded");
  leave->require_subcommand(1);
  auto* pack = leave->add_subcommand(
      "bundle", "messages with all that happened to them, and their proof; exit 1: not complete");
  for (const auto& [name, help] :
       {std::pair{"party", "messages with this person (number or user id)"},
        std::pair{"line", "messages of this line"}, std::pair{"since", "recorded from then on"},
        std::pair{"until", "recorded before"},
        std::pair{"alert", "the message of this alert, instead"},
        std::pair{"record", "these messages (numbers, with commas), instead"},
        std::pair{"language", "es, pt or en; the firm's where absent"}})
    add_parameter(*pack, given, name, help);
  pack->add_option("--output", given.output, "a new file (.zip)")->required();
  pack->callback([&] {
    given.command = [&] { return export_bundle(given.context, given.query, given.output); };
  });

  app.add_subcommand("checkpoint", "make a signed checkpoint and print it, to keep it elsewhere")
      ->callback([&] { given.command = [&] { return checkpoint(given.context); }; });

  app.add_subcommand("rekey", "begin a new signing key now and destroy the present one")
      ->callback([&] { given.command = [&] { return rekey(given.context); }; });

  auto* lost = app.add_subcommand(
      "recover", "the signing key is lost: name a new one with the recovery key from the safe");
  lost->add_option("--recovery-key-file", given.file,
                   "file with the recovery key (0600); otherwise standard input");
  lost->callback([&] { given.command = [&] { return recover(given.context, given.file); }; });

  auto* outside = app.add_subcommand("anchors", "who outside remembers which checkpoint");
  outside->add_option("--export", given.output,
                      "a directory: the newest 1000 notes and proofs become files there");
  outside->callback([&] { given.command = [&] { return anchors(given.context, given.output); }; });
}

void add_setup(CLI::App& app, Arguments& given) {
  app.add_subcommand("init",
                     "make keys and vault; prints the fingerprint and, once, the recovery key")
      ->callback([&] { given.command = [&] { return init(given.context); }; });
  app.add_subcommand("check-config",
                     "print every mistake in the configuration as FILE:LINE; exit 0 or 3")
      ->callback([&] { given.command = [&] { return check_config(given.context); }; });
}

void add_policy(CLI::App& app, Arguments& given) {
  auto* policy = app.add_subcommand("policy", "the firm's rules, without vault or daemon");
  policy->require_subcommand(1);
  policy->add_option("--policies", given.policies,
                     "directory of *.toml instead of the configured one");

  policy->add_subcommand("check", "print every mistake in the policies as FILE:LINE; exit 0 or 3")
      ->callback(
          [&] { given.command = [&] { return policy_check(given.context, given.policies); }; });

  auto* scan = policy->add_subcommand(
      "scan", R"(reads {"id":…,"text":…} lines, prints {"id":…,"categories":[…],"rules":[…]})");
  scan->add_option("FILE", given.file, "JSON lines; - for standard input")->required();
  scan->callback([&] {
    given.command = [&] { return policy_scan(given.context, given.policies, given.file); };
  });
}

}  // namespace

int run(int argc, char** argv) {
  Arguments given;
  CLI::App app("sigilo: a law firm's WhatsApp Business lines on record");
  app.set_version_flag("--version", SIGILO_VERSION);
  app.add_option("--config", given.context.config_file, "configuration file")
      ->capture_default_str();
  app.add_flag("--json", given.context.json, "JSON on standard output and nothing else there");
  app.require_subcommand(1);
  app.fallthrough();
  add_setup(app, given);
  add_reading(app, given);
  add_lines(app, given);
  add_evidence(app, given);
  add_policy(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_ok : exit_usage;
  }
  return given.command();
}

}  // namespace sigilo::cli
