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

/// `query`: the parameters of GET /v1/messages and GET /v1/alerts.
int messages(const Context& context, const Query& query);
int show(const Context& context, const std::string& seq);
int alerts(const Context& context, const Query& query);
int gaps(const Context& context, const Query& query);
/// `name`: a number or a user id.
int person(const Context& context, const std::string& name);
/// `output`: a new file, a directory (then the file's name is of its record and type), "-" for
/// standard output; "": standard output where that is no terminal.
int media(const Context& context, const std::string& seq, const std::string& output);

int lines(const Context& context);
int line(const Context& context, const std::string& number);
/// `query`: the parameters of POST /v1/lines/NUMBER/request-history.
int request_history(const Context& context, const std::string& number, const Query& query);

/// `query`: the parameters of POST /v1/verify but the directory. `since`: a file with a checkpoint
/// to compare with; unset: none.
int verify(const Context& context, const Query& query, const std::optional<std::string>& since);
int checkpoint(const Context& context);
/// By the daemon, or on the vault itself where none keeps it.
int rekey(const Context& context);
/// `file`: holds the recovery key; "": standard input.
int recover(const Context& context, const std::string& file);

/// `query`: the parameters of POST /v1/export/bundle but language and timezone, which are the
/// firm's where they are not given. `output`: a new file.
int export_bundle(const Context& context, const Query& query, const std::string& output);
/// `file`: a bundle. `query`: as for verify(). `secret`: a file with the provider's, or "".
int verify_bundle(const Context& context, const std::string& file, const Query& query,
                  const std::string& secret);

/// `directory`: where notes and proofs are written as files; "": they are listed.
int anchors(const Context& context, const std::string& directory);

/// `directory` instead of the configuration's [scan] policies, where it is not empty.
int policy_check(const Context& context, const std::string& directory);
/// `file`: JSON lines, "-" for stdin.
int policy_scan(const Context& context, const std::string& directory, const std::string& file);

}  // namespace sigilo::cli
