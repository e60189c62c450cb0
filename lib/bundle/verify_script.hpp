// SPDX-License-Identifier: Apache-2.0
// verify.py as it is put into every bundle.
#pragma once

#include <string_view>

namespace sigilo::bundle {

extern const std::string_view verify_script;

}  // namespace sigilo::bundle
