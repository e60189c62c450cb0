// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "paper/jpeg.hpp"
#include "paper/picture_impl.hpp"
#include "paper/printable.hpp"

namespace sigilo::paper {
namespace {

/// A picture on paper is at most so high: two fit on a page, and one always does.
constexpr double most_picture_height = 250;
/// Points a pixel: small pictures are not blown up.
constexpr double most_scale = 0.75;
/// 0.42 mm a module; small codes are printed larger.
constexpr double module_size = 1.2, least_code_side = 96;
constexpr double icon_width = 15, icon_height = 19;

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;

// cairo copies the file into the PDF and never looks at the pixels of the surface it hangs on.
void draw_jpeg(cairo_t* cairo, const Bytes& jpeg, JpegSize size, double x, double y, double scale) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(size.width),
                                                   static_cast<int>(size.height)),
                        &cairo_surface_destroy);
  auto* const copy = static_cast<unsigned char*>(std::malloc(jpeg.size()));
  if (copy == nullptr) std::abort();
  std::memcpy(copy, jpeg.data(), jpeg.size());
  if (cairo_surface_set_mime_data(surface.get(), CAIRO_MIME_TYPE_JPEG, copy, jpeg.size(),
                                  &std::free, copy) != CAIRO_STATUS_SUCCESS) {
    std::free(copy);
    return;
  }
  cairo_save(cairo);
  cairo_translate(cairo, x, y);
  cairo_rectangle(cairo, 0, 0, size.width * scale, size.height * scale);
  cairo_clip(cairo);
  cairo_scale(cairo, scale, scale);
  cairo_set_source_surface(cairo, surface.get(), 0, 0);
  cairo_paint(cairo);
  cairo_restore(cairo);
}

Slice picture(const Bytes& jpeg, JpegSize size, double width) {
  const double scale =
      std::min({most_scale, width / size.width, most_picture_height / size.height});
  // A copy, since the block may be set on a later page.
  const auto bytes = std::make_shared<const Bytes>(jpeg);
  return {size.height * scale + 4, [bytes, size, scale](cairo_t* cairo, double x, double y) {
            draw_jpeg(cairo, *bytes, size, x, y, scale);
          }};
}

void draw_icon(cairo_t* cairo, double x, double y) {
  constexpr double ear = 5;
  cairo_set_source_rgb(cairo, 0.3, 0.3, 0.3);
  cairo_set_line_width(cairo, 0.8);
  cairo_move_to(cairo, x, y);
  cairo_line_to(cairo, x + icon_width - ear, y);
  cairo_line_to(cairo, x + icon_width, y + ear);
  cairo_line_to(cairo, x + icon_width, y + icon_height);
  cairo_line_to(cairo, x, y + icon_height);
  cairo_close_path(cairo);
  cairo_move_to(cairo, x + icon_width - ear, y);
  cairo_line_to(cairo, x + icon_width - ear, y + ear);
  cairo_line_to(cairo, x + icon_width, y + ear);
  for (const double line : {9.0, 12.0, 15.0}) {
    cairo_move_to(cairo, x + 3, y + line);
    cairo_line_to(cairo, x + icon_width - 3, y + line);
  }
  cairo_stroke(cairo);
}

/// Slices moved to the right.
Source indented(Source source, double by) {
  return [source = std::move(source), by]() -> std::optional<Slice> {
    auto slice = source();
    if (slice && slice->draw)
      slice->draw = [draw = slice->draw, by](cairo_t* cairo, double x, double y) {
        draw(cairo, x + by, y);
      };
    return slice;
  };
}

}  // namespace

void add_attachment(Flow& flow, Typesetter& typesetter, const Attachment& attachment,
                    double width) {
  const auto size = printable_jpeg(attachment.jpeg);
  double indent = 0;
  flow.gap(3);
  if (size) {
    flow.add(picture(attachment.jpeg, *size, width));
  } else {
    indent = icon_width + 7;
    flow.add(Slice{0, [](cairo_t* cairo, double x, double y) { draw_icon(cairo, x, y + 1); }});
  }
  const auto words = [&](const std::string& text, const Style& style) {
    if (!text.empty()) flow.add(indented(typesetter.lines(text, style, width - indent), indent));
  };
  words(printable_line(attachment.name), {.size = 8.5, .bold = true});
  for (const auto& detail : attachment.details)
    words(printable_line(detail), {.size = 7.5, .grey = 0.25});
  words(grouped(printable_line(attachment.hash), 8), {.size = 6.5, .mono = true, .grey = 0.25});
  flow.gap(3);
}

double side_of(const QrModules& modules) {
  return std::max(least_code_side, static_cast<double>(modules.side) * module_size);
}

void draw_code(cairo_t* cairo, const QrModules& modules, double x, double y) {
  const double size = side_of(modules) / static_cast<double>(modules.side);
  cairo_set_source_rgb(cairo, 0, 0, 0);
  for (std::size_t row = 0; row < modules.side; ++row) {
    for (std::size_t column = 0; column < modules.side;) {
      std::size_t end = column;
      while (end < modules.side && modules.black[row * modules.side + end]) ++end;
      if (end > column)
        cairo_rectangle(cairo, x + static_cast<double>(column) * size,
                        y + static_cast<double>(row) * size,
                        static_cast<double>(end - column) * size, size);
      column = std::max(end, column + 1);
    }
  }
  cairo_fill(cairo);  // as one path, so that no hair of white shows between the rows
}

}  // namespace sigilo::paper
