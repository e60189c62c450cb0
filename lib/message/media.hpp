// SPDX-License-Identifier: Apache-2.0
// The file that a message names.
#pragma once

#include <optional>
#include <string>

#include "message/event.hpp"

namespace sigilo::message {

/// As the provider describes it; what is really in it is seen when it is fetched.
struct File {
  std::string id;         ///< by which the Graph API gives it out, for some days
  std::string mime_type;  ///< untrusted
  std::string sha256;     ///< 64 hex digits, or ""
  std::string name;       ///< untrusted; documents only
};

/// nullopt: the event is no message or edit with a file, or names none by its id. Runs on: any.
std::optional<File> file_of(const Event& event);

}  // namespace sigilo::message
