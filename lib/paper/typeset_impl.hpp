// SPDX-License-Identifier: Apache-2.0
// Text to lines by Pango. Private to this room.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pango/pangocairo.h>

#include "base/domain.hpp"
#include "base/result.hpp"
#include "paper/blocks.hpp"

namespace sigilo::paper {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

/// Points and shares of black: 0 is black, 1 is white.
struct Style {
  double size = 9.5;
  bool bold = false;
  bool mono = false;
  bool struck = false;
  double grey = 0;
  bool right = false;  ///< aligned right (a right-to-left paragraph: left)
};

/// What is set at one go, a line or a picture: it never goes over a page's end.
struct Slice {
  double height = 0;
  /// (cairo, left, top); not called when pages are only counted.
  std::function<void(cairo_t*, double, double)> draw;
};

/// Gives slices, one after the other, until nothing is left.
using Source = std::function<std::optional<Slice>()>;

/// Draws a line of `layout` with its baseline's begin at (x, y).
void show_line(cairo_t* cairo, PangoLayout* layout, PangoLayoutLine* line, const Style& style,
               double x, double y);

/// The fonts, and the contexts for both directions of writing.
class Typesetter {
 public:
  /// Errors: not_found (DejaVu Sans or DejaVu Sans Mono is missing).
  static Result<std::unique_ptr<Typesetter>> create(Language language);

  /// Lines of `width` points. The runs must be printable() already.
  Source lines(std::vector<Run> runs, const Style& style, double width);
  Source lines(std::string text, const Style& style, double width);
  /// One line, cut with "…" at `width`.
  Slice line(const std::string& text, const Style& style, double width, double* used = nullptr);

  [[nodiscard]] bool missing_glyphs() const { return missing_glyphs_; }

 private:
  friend class LineBreaker;
  Typesetter() = default;
  Owned<PangoLayout> layout(const std::string& text, const Style& style, double width, bool rtl);

  Owned<PangoFontMap> fonts_;
  Owned<PangoContext> left_to_right_, right_to_left_;
  bool missing_glyphs_ = false;
};

/// Slices of several sources and gaps, one below the other.
class Flow {
 public:
  Flow& add(Source source);
  Flow& add(Slice slice);
  Flow& gap(double height);
  std::optional<Slice> next();

 private:
  std::deque<Source> sources_;
};

}  // namespace sigilo::paper
