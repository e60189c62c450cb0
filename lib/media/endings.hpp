// SPDX-License-Identifier: Apache-2.0
// What the names of files end with, where they leave the vault.
#pragma once

#include <string_view>

namespace sigilo::media {

/// By sniffed type, without the dot: what a person's programs go by. Anything unknown is "bin".
std::string_view ending_of(std::string_view sniffed);

}  // namespace sigilo::media
