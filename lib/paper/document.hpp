// SPDX-License-Identifier: Apache-2.0
// A PDF document on A4, set block by block and written page by page: no page but the present one is
// in memory. The same blocks, date and fonts give the same bytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/domain.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "paper/blocks.hpp"

namespace sigilo::paper {

class Sheets;

enum class Numbering {
  page,        ///< "Page 3"
  page_of_all  ///< "Page 3 of 12": the contents are asked for twice, first to count
};

struct Options {
  std::string title;
  Language language = Language::en;  ///< of "Page n of N", and named in the file (/Lang)
  Timestamp date;                    ///< CreationDate and ModDate; nothing asks the clock
  std::string header_left, header_right, footer;  ///< on every page; one line each, cut where long
  Numbering numbering = Numbering::page_of_all;
};

/// Takes what a `contents` function says. Blocks follow each other down the page; one that is
/// longer than the page goes on on the next.
/// Errors of every call: what the sink said; invalid_input where a limit is named; no_space and io
/// from below. Runs on: any, the thread that write_document() was called on.
class Document {
 public:
  /// Level 1 to 3; levels 1 and 2 also stand in the outline, up to most_outline_entries.
  Result<> heading(std::string_view text, int level);
  Result<> paragraph(std::span<const Run> runs);
  Result<> paragraph(std::string_view text);
  Result<> key_values(std::span<const KeyValue> rows);
  /// One table at a time; its header is repeated on each page. Other blocks wait for end_table().
  Result<> begin_table(std::span<const Column> columns);
  /// As many cells as columns.
  Result<> row(std::span<const std::string> cells);
  Result<> end_table();
  Result<> bubble(const Bubble& bubble);
  /// A line between bubbles: a day, a gap of monitoring.
  Result<> divider(std::string_view text);
  Result<> attachment(const Attachment& attachment);
  /// Errors: invalid_input (over most_code_bytes, or empty).
  Result<> code(const Code& code);
  Result<> rule();
  Result<> space(double points);
  Result<> page_break();

 private:
  friend class Press;
  explicit Document(Sheets& sheets) : sheets_(sheets) {}
  Sheets& sheets_;
};

inline constexpr std::size_t most_outline_entries = 2000;

using Sink = std::function<Result<>(BytesView)>;
using Contents = std::function<Result<>(Document&)>;

struct Written {
  std::size_t pages = 0;
  /// A character stood in the text for which no installed font has a picture; it is printed as a
  /// box with its number. Installing fonts-noto-core helps.
  bool missing_glyphs = false;
};

/// Runs `contents` (twice for page_of_all; it must say the same both times) and gives the PDF to
/// `sink`, in order. Whatever fails first is returned: contents, sink, or us.
/// Errors: not_found (a font is missing; the remedy names the package), invalid_input (the contents
/// differed between the two times), and those of contents and sink.
/// Runs on: work; documents of several threads are set one block at a time (Pango and Fontconfig
/// share caches), and `sink` must not write another document.
Result<Written> write_document(const Options& options, const Sink& sink, const Contents& contents);

/// The same into a new file, which is there whole or not at all (NewFile).
Result<Written> write_document(const Options& options, const std::filesystem::path& file,
                               const Contents& contents);

}  // namespace sigilo::paper
