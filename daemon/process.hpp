// SPDX-License-Identifier: Apache-2.0
// What the process tells and asks of the operating system: hardening and systemd's notifications.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace sigilo {

/// No core dumps, not traceable by other processes of the same user, umask 0077: memory holds
/// clients' texts.
Result<> harden_process();

/// The environment; to be read before there are threads that change it (none of ours does).
std::map<std::string, std::string> environment();

/// sd_notify(3): does nothing where no service manager listens.
void notify_ready(const std::string& status);
void notify_status(const std::string& status);
void notify_stopping();
void notify_reloading();

}  // namespace sigilo
