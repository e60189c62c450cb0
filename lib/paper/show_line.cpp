// SPDX-License-Identifier: Apache-2.0
// A line of text onto the page. Like pango_cairo_show_layout_line(), but each colour emoji is a
// group of its own: cairo names a picture that is used twice on a page twice in the page's list,
// which a strict reader (qpdf --check) calls damage.
#include <algorithm>

#include <cairo-ft.h>

#include "paper/typeset_impl.hpp"

namespace sigilo::paper {
namespace {

bool has_colour(cairo_scaled_font_t* font) {
  if (font == nullptr || cairo_scaled_font_get_type(font) != CAIRO_FONT_TYPE_FT) return false;
  const FT_Face face = cairo_ft_scaled_font_lock_face(font);
  const bool colour = face != nullptr && FT_HAS_COLOR(face);
  if (face != nullptr) cairo_ft_scaled_font_unlock_face(font);
  return colour;
}

void show_colour_glyph(cairo_t* cairo, cairo_scaled_font_t* font, cairo_glyph_t glyph) {
  cairo_text_extents_t extents;
  cairo_scaled_font_glyph_extents(font, &glyph, 1, &extents);
  cairo_save(cairo);
  cairo_rectangle(cairo, glyph.x + extents.x_bearing, glyph.y + extents.y_bearing, extents.width,
                  extents.height);
  cairo_clip(cairo);
  cairo_push_group(cairo);
  cairo_set_scaled_font(cairo, font);
  cairo_show_glyphs(cairo, &glyph, 1);
  cairo_pop_group_to_source(cairo);
  cairo_paint(cairo);
  cairo_restore(cairo);
}

bool is_known(const PangoGlyphInfo& info) {
  return (info.glyph & PANGO_GLYPH_UNKNOWN_FLAG) == 0;
}

void show_colour_run(cairo_t* cairo, cairo_scaled_font_t* font, const PangoGlyphString& glyphs,
                     double x, double y) {
  for (int i = 0; i < glyphs.num_glyphs; ++i) {
    const auto& info = glyphs.glyphs[i];
    if (info.glyph != PANGO_GLYPH_EMPTY)
      show_colour_glyph(cairo, font,
                        {info.glyph, x + pango_units_to_double(info.geometry.x_offset),
                         y + pango_units_to_double(info.geometry.y_offset)});
    x += pango_units_to_double(info.geometry.width);
  }
}

}  // namespace

void show_line(cairo_t* cairo, PangoLayout* layout, PangoLayoutLine* line, const Style& style,
               double x, double y) {
  const double begin = x;
  cairo_set_source_rgb(cairo, style.grey, style.grey, style.grey);
  for (const GSList* node = line->runs; node != nullptr; node = node->next) {
    auto* const run = static_cast<PangoLayoutRun*>(node->data);
    auto* const font = pango_cairo_font_get_scaled_font(
        reinterpret_cast<PangoCairoFont*>(run->item->analysis.font));
    const PangoGlyphString& glyphs = *run->glyphs;
    if (has_colour(font) &&
        std::all_of(glyphs.glyphs, glyphs.glyphs + glyphs.num_glyphs, is_known)) {
      show_colour_run(cairo, font, glyphs, x, y);
    } else {
      cairo_move_to(cairo, x, y);
      pango_cairo_show_glyph_item(cairo, pango_layout_get_text(layout), run);
    }
    x += pango_units_to_double(pango_glyph_string_get_width(run->glyphs));
  }
  if (!style.struck) return;
  cairo_rectangle(cairo, begin, y - style.size * 0.3, x - begin, style.size * 0.07);
  cairo_fill(cairo);
}

}  // namespace sigilo::paper
