// SPDX-License-Identifier: Apache-2.0
// What a file is, by its first bytes, against what it is said to be. Our own small table
// (docs/decisions/0008-sniffing.md): the WHATWG MIME Sniffing standard, sections 6 and 7, and what
// else passes through WhatsApp or must not hide. Never throws, never reads beyond the bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.hpp"

namespace sigilo::media {

/// More of a file than this is not looked at: room for the first entries of an office document.
inline constexpr std::size_t sniffed_bytes = 8192;

inline constexpr std::string_view unknown_type = "application/octet-stream";
inline constexpr std::string_view empty_type = "application/x-empty";

/// The MIME type that the first bytes of a file show, lower case and without parameters;
/// unknown_type where they show none. Runs on: any.
std::string_view sniff(BytesView first) noexcept;

/// Whether the bytes contradict the declared type (parameters and case don't matter): it is one
/// whose bytes are known and they are others, or what was found is a program and is not declared
/// as that. A declared type that the table does not know is not contradicted. Runs on: any.
bool contradicts(std::string_view declared, std::string_view sniffed) noexcept;

/// Whether something of this sniffed type can run. Runs on: any.
bool is_program(std::string_view sniffed) noexcept;

}  // namespace sigilo::media
