// SPDX-License-Identifier: Apache-2.0
// A letter as plain text and as HTML. To change how a mail looks, change render_html.cpp.
#pragma once

#include <string>

#include "mail/letter.hpp"

namespace sigilo::mail {

/// UTF-8 with \n; the words that matched stand in »…«. Runs on: any.
std::string render_text(const Letter& letter);

/// One page for mail programs: tables and inline styles, nothing remote, no script; a style sheet
/// only improves it (narrow screens, dark mode). The words that matched stand in <mark>. Runs on:
/// any.
std::string render_html(const Letter& letter);

}  // namespace sigilo::mail
