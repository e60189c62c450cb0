// SPDX-License-Identifier: Apache-2.0
// Which names belong to one party, as far as an event says so.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "message/event.hpp"

namespace sigilo::message {

/// Pairs of names of one party: a number with + and the user id given beside it; the former and the
/// new number or user id where the provider says that a user changed it (message of type "system",
/// line event "user_id_update"). Never one name twice in a pair. Runs on: any.
std::vector<std::pair<std::string, std::string>> identities_of(const Event& event);

}  // namespace sigilo::message
