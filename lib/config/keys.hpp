// SPDX-License-Identifier: Apache-2.0
// Every key of sigilo.toml, once: the parser reads by this table, its messages quote it, the manual
// page is made of it, and a test holds etc/sigilo.toml against it.
#pragma once

#include <span>
#include <string_view>

namespace sigilo::config {

enum class KeyType { text, texts, boolean };

struct Key {
  std::string_view
      section;  ///< "firm", "source.meta"; "line" and "team" stand for [[line]] and [[team]]
  std::string_view name;
  KeyType type = KeyType::text;
  bool required = false;  ///< whenever its section is there
  std::string_view
      fallback;  ///< what an absent key means, as it would be written; "" where it means nothing
  std::string_view example;  ///< a value as it would be written
  std::string_view help;     ///< one clause, without a full stop
};

/// In the order of the manual: sections together, keys as they should be read.
std::span<const Key> keys();

/// The key of that name; aborts where there is none, since only our own code asks.
const Key& key_of(std::string_view section, std::string_view name);

/// Whether [section] may stand several times, as [[section]].
bool is_repeated(std::string_view section);

}  // namespace sigilo::config
