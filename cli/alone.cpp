// SPDX-License-Identifier: Apache-2.0
#include "cli/alone.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sigilo::cli {

Result<> become_owner_of_the_vault(const config::Config& config) {
  if (::geteuid() != 0) return {};
  const auto& directory = config.vault.directory;
  struct stat owner {};
  if (::stat(directory.c_str(), &owner) != 0)
    return fail(ErrorCode::not_found,
                fmt::format("cannot look at {}: {}", directory.string(),
                            std::generic_category().message(errno)),
                "check [vault] directory");
  if (owner.st_uid == 0) return {};
  if (::setgroups(0, nullptr) != 0 || ::setresgid(owner.st_gid, owner.st_gid, owner.st_gid) != 0 ||
      ::setresuid(owner.st_uid, owner.st_uid, owner.st_uid) != 0)
    return fail(ErrorCode::permission,
                fmt::format("cannot become uid {}, the owner of {}: {}", owner.st_uid,
                            directory.string(), std::generic_category().message(errno)),
                "run the command as that user");
  return {};
}

}  // namespace sigilo::cli
