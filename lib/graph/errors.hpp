// SPDX-License-Identifier: Apache-2.0
// What the provider's refusals mean, and what to do.
#pragma once

#include <string_view>

#include "graph/api.hpp"
#include "net/web_client.hpp"

namespace sigilo::graph {

/// The failure that an answer which is no success tells: by its error envelope, else by its status.
/// `asked`: what was wanted, for the sentence ("a file's address"). The provider's own message is
/// left out: it repeats what was sent, at times the token. Pure.
Failure failure_of_answer(std::string_view asked, int http_status, std::string_view body);

/// The failure where no answer came.
Failure failure_of_network(std::string_view asked, net::WebFailure failure);

}  // namespace sigilo::graph
