// SPDX-License-Identifier: Apache-2.0
// A TOML file read strictly: every mistake is reported with its line, not only the first, and what
// nobody asked for is a mistake too. Used for sigilo.toml and for policy files. toml++ stays behind
// this header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sigilo::config {

/// Largest file read.
inline constexpr std::size_t max_file_size = 1024 * 1024;

/// One mistake. Text form: "FILE:LINE: what is wrong; what to write instead".
struct Problem {
  std::string file;
  int line = 0;  ///< 1-based; 0 where the whole file is meant
  std::string what;
  std::string remedy;
  [[nodiscard]] std::string message() const;
};

/// `text` as it may stand in a message: control characters as '?', cut with "..." after `limit`
/// bytes.
std::string shown(std::string_view text, std::size_t limit = 60);

class Table;

/// One parsed file. Owns everything its tables point to. Runs on: any, one at a time.
class Document {
 public:
  /// Syntax errors become problems and nullopt. `file` is the name used in messages.
  static std::optional<Document> parse(std::string_view text, std::string file,
                                       std::vector<Problem>& problems);
  /// Reads the file first; a missing or unreadable one becomes a problem with line 0.
  static std::optional<Document> load(const std::string& path, std::vector<Problem>& problems);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();
  /// The top-level table. Call finish() on it after everything was asked for.
  [[nodiscard]] Table root(std::vector<Problem>& problems) const;

 private:
  struct Impl;
  explicit Document(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One table. Each get marks its key as known; a wrong type adds a problem and answers nullopt, an
/// absent key answers nullopt without one. Borrows its Document and the problem list.
class Table {
 public:
  /// Line of `key`; of the table itself (1 for the top level) for "" and for a key that is absent.
  [[nodiscard]] int line(std::string_view key = {}) const;
  [[nodiscard]] bool has(std::string_view key) const;

  std::optional<std::string> text(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  /// Array of strings; with `or_single` a plain string counts as an array of one.
  std::optional<std::vector<std::string>> texts(std::string_view key, bool or_single = false);
  /// Line of each element of an array, parallel to texts().
  [[nodiscard]] std::vector<int> lines_of(std::string_view key) const;
  /// Array of arrays of strings.
  std::optional<std::vector<std::vector<std::string>>> text_lists(std::string_view key);
  std::optional<Table> table(std::string_view key);
  /// Array of tables ([[line]]); empty where absent.
  std::vector<Table> tables(std::string_view key);

  /// Adds a problem at the line of `key`.
  void complain(std::string_view key, std::string what, std::string remedy);
  /// Adds a problem at a line of lines_of().
  void complain_at(int line, std::string what, std::string remedy);
  /// Adds a problem for each key that nobody asked for, with the nearest known key as the remedy.
  /// Also finishes the tables that were handed out by table() and tables().
  void finish();

 private:
  friend class Document;
  struct Impl;
  explicit Table(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

/// "15s", "10m", "2h", "7d": a positive whole number and one unit. Errors: invalid_input.
Result<std::int64_t> parse_duration_seconds(std::string_view text);

}  // namespace sigilo::config
