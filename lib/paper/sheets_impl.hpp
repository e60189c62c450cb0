// SPDX-License-Identifier: Apache-2.0
// The pages of a document: where the next block goes, what stands on every page, and the way into
// the PDF. Private to this room.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <cairo.h>

#include "base/result.hpp"
#include "paper/document.hpp"
#include "paper/typeset_impl.hpp"

namespace sigilo::paper {

/// A4 and its margins, in points. The left one leaves room for the holes of a file.
namespace a4 {
inline constexpr double width = 595.276, height = 841.890;
inline constexpr double left = 62, right = width - 52, content = right - left;
inline constexpr double header = 34, top = 66;
inline constexpr double bottom = height - 62, footer = height - 46;
}  // namespace a4

/// How a block's ground and edges look.
enum class Frame { none, bubble_left, bubble_right, box, row, head_row };

/// Content beside others in one row: its slices are placed at x.
struct Cell {
  double x = 0;
  Flow flow;
  std::vector<Slice> waiting{};  ///< pulled out of the flow, not placed yet
  bool exhausted = false;
};

struct Area {
  Frame frame = Frame::none;
  double x = a4::left;
  double width = a4::content;
  double padding = 0;  ///< above and below
};

class Sheets {
 public:
  /// Without a sink pages are only counted. `pages`: of the whole document; 0 where not known.
  Sheets(const Options& options, Typesetter& typesetter, const Sink* sink, std::size_t pages);
  Sheets(const Sheets&) = delete;
  Sheets& operator=(const Sheets&) = delete;
  ~Sheets();

  /// Cells side by side; over as many pages as they need. What is small stays on one page.
  Result<> place(std::vector<Cell> cells, const Area& area);
  Result<> place(Flow flow, const Area& area);
  /// A new page unless `height` is left on this one.
  Result<> need(double height);
  Result<> new_page();
  void skip(double height) { y_ += height; }
  void outline(const std::string& title, int level);
  /// Ends the last page and the file.
  Result<> finish();

  [[nodiscard]] std::size_t pages() const { return page_; }
  [[nodiscard]] double y() const { return y_; }
  [[nodiscard]] bool at_top() const { return y_ <= a4::top; }
  /// Null while pages are counted.
  [[nodiscard]] cairo_t* cairo() const { return cairo_.get(); }
  Typesetter& typesetter() { return typesetter_; }

  std::vector<Column> columns;              ///< of the open table; empty: none is open
  std::function<Result<>()> on_new_page{};  ///< the header of a table

 private:
  struct Destroy {
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  };
  void draw_margins();
  void draw_frame(const Area& area, double height, bool first, bool last);
  bool pull(Cell& cell, double limit);
  Result<> status();
  Result<> write(BytesView bytes);
  static cairo_status_t write_from_cairo(void* self, const unsigned char* data, unsigned int size);

  const Options& options_;
  Typesetter& typesetter_;
  const Sink* sink_;
  std::size_t total_;
  std::optional<Error> error_{};
  bool ending_ = false;
  std::string tail_{};  ///< what cairo writes at the end, for the catalog
  std::uint64_t written_ = 0;
  std::unique_ptr<cairo_surface_t, Destroy> surface_;
  std::unique_ptr<cairo_t, Destroy> cairo_;
  std::size_t page_ = 0;
  double y_ = 0;
  std::size_t outline_entries_ = 0;
  int outline_parent_ = 0;
};

/// One block at a time in the whole process: Pango, Fontconfig and cairo share caches.
std::mutex& press_lock();

/// Puts the language into the catalog at the end of a PDF by cairo, and mends the places of what
/// follows. `before` is the number of bytes before `tail`. Where the tail looks otherwise than
/// cairo's it is left as it is.
void name_language(std::string& tail, std::uint64_t before, std::string_view language);

}  // namespace sigilo::paper
