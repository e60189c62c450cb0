// SPDX-License-Identifier: Apache-2.0
// The expert's page: the checks by hand with stock programs, with the real values of this very
// bundle. Private to this room.
#pragma once

#include <string>
#include <string_view>

#include "bundle/gather.hpp"

namespace sigilo::bundle {

/// Lines that begin with four spaces and "$ " are commands for bash in the unpacked bundle, to be
/// given in order; the indented lines behind each are what it prints. `chosen`: of the bundle.
/// Errors: corrupt (no record that could be shown).
Result<std::string> readme(const Gathered& found, const std::vector<Seq>& chosen,
                           std::string_view checkpoint, std::uint64_t size, Language language,
                           std::string (*name_of)(const File&));

}  // namespace sigilo::bundle
