// SPDX-License-Identifier: Apache-2.0
// How far the provider's rate limits are used up, by its answers' headers.
#pragma once

#include "base/time.hpp"
#include "net/http.hpp"

namespace sigilo::graph {

/// From this share on, in percent, calls pause before the provider refuses them.
inline constexpr double nearly_used_up = 95;
/// The pause where the provider does not say how long; its windows slide over an hour.
inline constexpr Duration pause_when_used_up = std::chrono::minutes(5);
/// No header closes the gate for longer, whatever number it holds.
inline constexpr Duration longest_pause = std::chrono::hours(24);

/// How long to wait before the next call, by Retry-After (in seconds), X-Business-Use-Case-Usage
/// and X-App-Usage; 0 where none asks for it. Headers that can't be read ask for nothing. Pure.
Duration pause_asked_by(const net::Response& answer);

}  // namespace sigilo::graph
