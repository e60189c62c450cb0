// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <cerrno>
#include <ctime>
#include <system_error>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

namespace sigilo {

Result<> harden_process() {
  ::umask(0077);
  const rlimit no_core{0, 0};
  if (::setrlimit(RLIMIT_CORE, &no_core) != 0 || ::prctl(PR_SET_DUMPABLE, 0) != 0) {
    return fail(
        ErrorCode::permission,
        fmt::format("cannot switch core dumps off: {}", std::generic_category().message(errno)),
        "start sigilod by its systemd unit");
  }
  return {};
}

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

void notify_ready(const std::string& status) {
  sd_notify(0, fmt::format("READY=1\nSTATUS={}\n", status).c_str());
}

void notify_status(const std::string& status) {
  sd_notify(0, fmt::format("STATUS={}\n", status).c_str());
}

void notify_stopping() {
  sd_notify(0, "STOPPING=1\nSTATUS=finishing what was acknowledged\n");
}

void notify_reloading() {
  // Type=notify-reload wants the monotonic time of the reload (sd_notify(3)).
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n",
                           static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000)
                   .c_str());
}

}  // namespace sigilo
