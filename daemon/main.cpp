// SPDX-License-Identifier: Apache-2.0
// sigilod: arguments, application, exit code.
#include <exception>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "application.hpp"

int main(int argc, char** argv) {
  std::string config = "/etc/sigilo/sigilo.toml";
  bool only_check = false;
  CLI::App arguments("sigilod: keeps a law firm's WhatsApp Business lines on record");
  arguments.add_option("--config", config, "configuration file")->capture_default_str();
  arguments.add_flag("--check-config", only_check,
                     "check the configuration, print every mistake, and end");
  arguments.set_version_flag("--version", SIGILO_VERSION);
  CLI11_PARSE(arguments, argc, argv);
  try {
    return only_check ? sigilo::check_config(config) : sigilo::run_application(config);
  } catch (const std::exception& error) {
    fmt::print(stderr, "<2>sigilod ends: {}\n", error.what());
    return 1;
  }
}
