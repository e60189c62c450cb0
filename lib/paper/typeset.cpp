// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fribidi.h>
#include <pango/pangofc-fontmap.h>

#include "base/check.hpp"
#include "paper/typeset_impl.hpp"

namespace sigilo::paper {
namespace {

/// Bytes that Pango lays out at one go: its work on a paragraph grows faster than the paragraph.
constexpr std::size_t most_layout_bytes = 2048;
/// White between two lines, as a share of the type's size.
constexpr double leading = 0.18;
/// Every so many characters a line may break at any price, when it came out wider than its column
/// (clusters that Unicode never divides can be made as long as one likes).
constexpr int forced_break = 16;

constexpr const char* sans = "DejaVu Sans,Noto Sans";
constexpr const char* mono = "DejaVu Sans Mono,Noto Sans Mono";

std::size_t back_to_character(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

/// The byte at which a piece that begins at `begin` should end so that no word is divided.
std::size_t end_of_piece(std::string_view text, std::size_t begin, std::size_t end) {
  if (end - begin <= most_layout_bytes) return end;
  const std::size_t limit = begin + most_layout_bytes;
  const std::size_t space = text.rfind(' ', limit);
  if (space != std::string_view::npos && space > begin + most_layout_bytes / 2) return space + 1;
  return back_to_character(text, limit);
}

std::string with_forced_breaks(std::string_view text) {
  std::string out;
  int count = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && ++count % forced_break == 0) out += "\u200B";
    out += text[at];
  }
  return out;
}

/// Direction of the first letter that has one (Unicode UAX #9, P2).
bool begins_right_to_left(std::string_view text) {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; at = g_utf8_next_char(at)) {
    const auto type = fribidi_get_bidi_type(g_utf8_get_char(at));
    if (FRIBIDI_IS_STRONG(type)) return FRIBIDI_IS_RTL(type) != 0;
  }
  return false;
}

bool has_right_to_left(const std::string& text) {
  for (const char* at = text.c_str(); *at != '\0'; at = g_utf8_next_char(at))
    if (FRIBIDI_IS_RTL(fribidi_get_bidi_type(g_utf8_get_char(at)))) return true;
  return false;
}

struct LineUnref {
  void operator()(PangoLayoutLine* line) const { pango_layout_line_unref(line); }
};

/// A line of a layout as a slice that keeps what it needs alive.
Slice slice_of(const std::shared_ptr<PangoLayout>& layout, int index, const Style& style,
               double width, bool rtl) {
  const std::shared_ptr<PangoLayoutLine> line(
      pango_layout_line_ref(pango_layout_get_line_readonly(layout.get(), index)), LineUnref());
  PangoRectangle ink;
  PangoRectangle logical;
  pango_layout_line_get_extents(line.get(), &ink, &logical);
  const double line_width = pango_units_to_double(logical.width);
  const double baseline = pango_units_to_double(-logical.y);
  const double height = pango_units_to_double(logical.height) + style.size * leading;
  const double indent = rtl != style.right ? std::max(0.0, width - line_width) : 0;
  return {height, [layout, line, baseline, indent, style](cairo_t* cairo, double x, double y) {
            show_line(cairo, layout.get(), line.get(), style, x + indent, y + baseline);
          }};
}

}  // namespace

Result<std::unique_ptr<Typesetter>> Typesetter::create(Language language) {
  std::unique_ptr<Typesetter> typesetter(new Typesetter());
  typesetter->fonts_.reset(pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT));
  SIGILO_CHECK(typesetter->fonts_, "Pango was built with FreeType, or Debian changed");
  PangoFontMap* const fonts = typesetter->fonts_.get();
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts), 72);  // a point is a unit

  PangoFontFamily** families = nullptr;
  int count = 0;
  pango_font_map_list_families(fonts, &families, &count);
  bool has_sans = false;
  bool has_mono = false;
  for (int i = 0; i < count; ++i) {
    const std::string_view name = pango_font_family_get_name(families[i]);
    has_sans = has_sans || name == "DejaVu Sans";
    has_mono = has_mono || name == "DejaVu Sans Mono";
  }
  g_free(families);
  if (!has_sans || !has_mono)
    return fail(ErrorCode::not_found,
                fmt::format("the font {} is not installed, so no PDF can be made",
                            has_sans ? "DejaVu Sans Mono" : "DejaVu Sans"),
                "apt-get install fonts-dejavu-core fonts-noto-core fonts-noto-color-emoji");

  const std::string tag = language == Language::es ? "es" : language == Language::pt ? "pt" : "en";
  // Outlines as the font has them, wherever they are shown: no hints for this machine's screen.
  const std::unique_ptr<cairo_font_options_t, decltype(&cairo_font_options_destroy)> options(
      cairo_font_options_create(), &cairo_font_options_destroy);
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  const auto context_for = [&](PangoDirection direction) {
    Owned<PangoContext> context(pango_font_map_create_context(fonts));
    pango_context_set_base_dir(context.get(), direction);
    pango_context_set_language(context.get(), pango_language_from_string(tag.c_str()));
    pango_context_set_round_glyph_positions(context.get(), FALSE);
    pango_cairo_context_set_font_options(context.get(), options.get());
    return context;
  };
  typesetter->left_to_right_ = context_for(PANGO_DIRECTION_LTR);
  typesetter->right_to_left_ = context_for(PANGO_DIRECTION_RTL);
  return typesetter;
}

Owned<PangoLayout> Typesetter::layout(const std::string& text, const Style& style, double width,
                                      bool rtl) {
  Owned<PangoLayout> layout(pango_layout_new(rtl ? right_to_left_.get() : left_to_right_.get()));
  const std::unique_ptr<PangoFontDescription, decltype(&pango_font_description_free)> font(
      pango_font_description_from_string(style.mono ? mono : sans), &pango_font_description_free);
  pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
  if (style.bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_auto_dir(layout.get(), FALSE);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_width(layout.get(), pango_units_from_double(width));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  return layout;
}

/// Pulls lines out of a text of any length; what is in memory is one piece of it.
class LineBreaker {
 public:
  LineBreaker(Typesetter& typesetter, std::vector<Run> runs, const Style& style, double width)
      : typesetter_(typesetter), style_(style), width_(width) {
    for (auto& run : runs) {
      // A right-to-left run among others is isolated, so that it doesn't carry its neighbours off.
      const bool isolate = runs.size() > 1 && has_right_to_left(run.text);
      text_ += isolate ? fmt::format("\u2068{}\u2069", run.text) : run.text;
      ends_.push_back({text_.size(), run.bold, run.mono});
    }
  }

  std::optional<Slice> next() {
    while (ready_.empty()) {
      if (at_ > text_.size()) return std::nullopt;
      lay_out_piece();
    }
    Slice slice = std::move(ready_.front());
    ready_.pop_front();
    return slice;
  }

 private:
  struct RunEnd {
    std::size_t end;
    bool bold, mono;
  };

  void lay_out_piece() {
    if (at_ == paragraph_end_ || at_ == 0) begin_paragraph();
    const std::size_t end = end_of_piece(text_, at_, paragraph_end_);
    std::string piece = text_.substr(at_, end - at_);
    std::shared_ptr<PangoLayout> layout = laid_out(piece);
    int width = 0;
    pango_layout_get_size(layout.get(), &width, nullptr);
    const bool last = end == paragraph_end_;
    if (pango_units_to_double(width) > width_ + 1) {
      layout = laid_out(with_forced_breaks(piece));
      return take_lines(layout, pango_layout_get_line_count(layout.get()), end, last);
    }
    // The last line of a piece is not full yet; it begins the next one.
    const int lines = pango_layout_get_line_count(layout.get());
    if (last || lines < 2) return take_lines(layout, lines, end, last);
    const auto* unfinished = pango_layout_get_line_readonly(layout.get(), lines - 1);
    take_lines(layout, lines - 1, at_ + static_cast<std::size_t>(unfinished->start_index), false);
  }

  void begin_paragraph() {
    paragraph_end_ = std::min(text_.find('\n', at_), text_.size());
    rtl_ = begins_right_to_left(std::string_view(text_).substr(at_, paragraph_end_ - at_));
  }

  std::shared_ptr<PangoLayout> laid_out(const std::string& piece) {
    std::shared_ptr<PangoLayout> layout = typesetter_.layout(piece, style_, width_, rtl_);
    PangoAttrList* const attributes = pango_attr_list_new();
    // A hash or a key that is broken over two lines must not gain a hyphen.
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    std::size_t begin = 0;
    for (const auto& run : ends_) {
      add_run(attributes, run, begin, piece.size());
      begin = run.end;
    }
    pango_layout_set_attributes(layout.get(), attributes);
    pango_attr_list_unref(attributes);
    if (pango_layout_get_unknown_glyphs_count(layout.get()) > 0) typesetter_.missing_glyphs_ = true;
    return layout;
  }

  // The part of a run that lies in the piece at at_.
  void add_run(PangoAttrList* attributes, const RunEnd& run, std::size_t begin,
               std::size_t size) const {
    if (run.end <= at_ || begin >= at_ + size) return;
    const auto put = [&](PangoAttribute* attribute) {
      attribute->start_index = static_cast<guint>(std::max(begin, at_) - at_);
      attribute->end_index = static_cast<guint>(std::min(run.end, at_ + size) - at_);
      pango_attr_list_insert(attributes, attribute);
    };
    if (run.bold) put(pango_attr_weight_new(PANGO_WEIGHT_BOLD));
    if (run.mono) put(pango_attr_family_new(mono));
  }

  void take_lines(const std::shared_ptr<PangoLayout>& layout, int lines, std::size_t end,
                  bool last) {
    for (int i = 0; i < lines; ++i) ready_.push_back(slice_of(layout, i, style_, width_, rtl_));
    at_ = end + (last ? 1 : 0);  // over the line's end
    if (last) paragraph_end_ = at_;
  }

  Typesetter& typesetter_;
  Style style_;
  double width_;
  std::string text_;
  std::vector<RunEnd> ends_;
  std::size_t at_ = 0;
  std::size_t paragraph_end_ = 0;
  bool rtl_ = false;
  std::deque<Slice> ready_;
};

Source Typesetter::lines(std::vector<Run> runs, const Style& style, double width) {
  return [breaker = std::make_shared<LineBreaker>(*this, std::move(runs), style, width)] {
    return breaker->next();
  };
}

Source Typesetter::lines(std::string text, const Style& style, double width) {
  return lines({Run{std::move(text)}}, style, width);
}

Slice Typesetter::line(const std::string& text, const Style& style, double width, double* used) {
  const bool rtl = begins_right_to_left(text);
  const auto piece =
      text.substr(0, back_to_character(text, std::min(text.size(), most_layout_bytes)));
  const std::shared_ptr<PangoLayout> layout = this->layout(piece, style, width, rtl);
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
  pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  if (pango_layout_get_unknown_glyphs_count(layout.get()) > 0) missing_glyphs_ = true;
  if (used != nullptr) {
    int size = 0;
    pango_layout_get_size(layout.get(), &size, nullptr);
    *used = pango_units_to_double(size);
  }
  return slice_of(layout, 0, style, width, rtl);
}

Flow& Flow::add(Source source) {
  sources_.push_back(std::move(source));
  return *this;
}

Flow& Flow::add(Slice slice) {
  auto once = std::make_shared<std::optional<Slice>>(std::move(slice));
  return add([once] { return std::exchange(*once, std::nullopt); });
}

Flow& Flow::gap(double height) {
  return add(Slice{height, nullptr});
}

std::optional<Slice> Flow::next() {
  while (!sources_.empty()) {
    if (auto slice = sources_.front()()) return slice;
    sources_.pop_front();
  }
  return std::nullopt;
}

}  // namespace sigilo::paper
