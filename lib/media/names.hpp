// SPDX-License-Identifier: Apache-2.0
// The names that sealed files have below media/. Private to this room.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace sigilo::media {

inline constexpr std::size_t name_digits = 32;  ///< 128 bits: never twice
inline constexpr std::size_t folder_digits = 2;
inline constexpr std::string_view unfinished_ending = ".part";

inline std::filesystem::path incoming_directory(const std::filesystem::path& media) {
  return media / "incoming";
}

inline bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// "ab/…30 digits…"; the vault's own rows are no reason to open anything else.
inline bool is_sealed_path(std::string_view path) {
  return path.size() == name_digits + 1 && path[folder_digits] == '/' &&
         is_hex(path.substr(0, folder_digits), folder_digits) &&
         is_hex(path.substr(folder_digits + 1), name_digits - folder_digits);
}

/// "…32 digits….part", in incoming/.
inline bool is_unfinished_name(std::string_view name) {
  return name.ends_with(unfinished_ending) &&
         is_hex(name.substr(0, name.size() - unfinished_ending.size()), name_digits);
}

}  // namespace sigilo::media
