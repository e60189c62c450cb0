// SPDX-License-Identifier: Apache-2.0
// One function a command; each returns the exit code. Options are those of docs/local-api.md.
#pragma once

#include <optional>
#include <string>

#include "cli/context.hpp"

namespace sigilo::cli {

int init(const Context& context);
int check_config(const Context& context);
int status(const Context& context);

struct MessagesOptions {
  std::string line, party, since, until, kind, limit;
};
int messages(const Context& context, const MessagesOptions& options);
int show(const Context& context, const std::string& seq);
int alerts(const Context& context, bool only_open);

struct VerifyOptions {
  std::string depth = "full";
  std::string fingerprint;
};
int verify(const Context& context, const VerifyOptions& options);
int checkpoint(const Context& context);

/// `directory` instead of the configuration's [scan] policies, where it is not empty.
int policy_check(const Context& context, const std::string& directory);
/// `file`: JSON lines, "-" for stdin.
int policy_scan(const Context& context, const std::string& directory, const std::string& file);

}  // namespace sigilo::cli
