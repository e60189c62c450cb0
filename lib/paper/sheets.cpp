// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numbers>
#include <utility>

#include <cairo-pdf.h>
#include <fmt/format.h>

#include "base/check.hpp"
#include "paper/printable.hpp"
#include "paper/sheets_impl.hpp"

namespace sigilo::paper {
namespace {

/// What is lower than this never goes over a page's end.
constexpr double keep_together = 150;
/// Less than this is not begun at the foot of a page.
constexpr double least_fragment = 44;

constexpr double bubble_radius = 5;
constexpr double margin_size = 7.5;

std::string_view language_tag(Language language) {
  return language == Language::es ? "es" : language == Language::pt ? "pt" : "en";
}

std::string page_words(Language language, std::size_t page, std::size_t total) {
  const auto word = language == Language::en ? "Page" : "Página";
  const auto of = language == Language::en ? "of" : "de";
  return total == 0 ? fmt::format("{} {}", word, page)
                    : fmt::format("{} {} {} {}", word, page, of, total);
}

double height_of(const std::vector<Slice>& slices) {
  double height = 0;
  for (const auto& slice : slices) height += slice.height;
  return height;
}

/// Round corners only where the block begins and ends.
void outline_path(cairo_t* cairo, double x, double y, double width, double height, bool first,
                  bool last) {
  constexpr double right_angle = std::numbers::pi / 2;
  const double above = first ? bubble_radius : 0;
  const double below = last ? bubble_radius : 0;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, x + width - above, y + above, above, -right_angle, 0);
  cairo_arc(cairo, x + width - below, y + height - below, below, 0, right_angle);
  cairo_arc(cairo, x + below, y + height - below, below, right_angle, 2 * right_angle);
  cairo_arc(cairo, x + above, y + above, above, 2 * right_angle, 3 * right_angle);
  cairo_close_path(cairo);
}

void horizontal(cairo_t* cairo, double x, double y, double width, double line, double grey) {
  cairo_set_source_rgb(cairo, grey, grey, grey);
  cairo_set_line_width(cairo, line);
  cairo_move_to(cairo, x, y);
  cairo_line_to(cairo, x + width, y);
  cairo_stroke(cairo);
}

}  // namespace

std::mutex& press_lock() {
  static std::mutex lock;
  return lock;
}

Sheets::Sheets(const Options& options, Typesetter& typesetter, const Sink* sink, std::size_t pages)
    : options_(options), typesetter_(typesetter), sink_(sink), total_(pages) {
  if (sink_ == nullptr) return;
  surface_.reset(
      cairo_pdf_surface_create_for_stream(&Sheets::write_from_cairo, this, a4::width, a4::height));
  auto* const pdf = surface_.get();
  // 1.4 keeps the table of objects readable (name_language) and is what PDF/A-1 allows.
  cairo_pdf_surface_restrict_to_version(pdf, CAIRO_PDF_VERSION_1_4);
  const auto metadata = [&](cairo_pdf_metadata_t field, const std::string& value) {
    cairo_pdf_surface_set_metadata(pdf, field, value.c_str());
  };
  const std::string date = format_rfc3339(options.date).substr(0, 19) + "Z";  // whole seconds
  metadata(CAIRO_PDF_METADATA_TITLE, printable_line(options.title));
  metadata(CAIRO_PDF_METADATA_CREATOR, "sigilo");
  metadata(CAIRO_PDF_METADATA_CREATE_DATE, date);
  metadata(CAIRO_PDF_METADATA_MOD_DATE, date);
  cairo_.reset(cairo_create(pdf));
}

Sheets::~Sheets() {
  // Given up before its end: what cairo still writes goes nowhere.
  if (!error_ && !ending_) error_ = Error{ErrorCode::io, "the document was given up", ""};
}

cairo_status_t Sheets::write_from_cairo(void* self, const unsigned char* data, unsigned int size) {
  auto& sheets = *static_cast<Sheets*>(self);
  if (sheets.error_) return CAIRO_STATUS_WRITE_ERROR;
  if (sheets.ending_) {
    sheets.tail_.append(reinterpret_cast<const char*>(data), size);
    return CAIRO_STATUS_SUCCESS;
  }
  return sheets.write({data, size}) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

Result<> Sheets::write(BytesView bytes) {
  auto taken = (*sink_)(bytes);
  written_ += bytes.size();
  if (!taken) error_ = taken.error();
  return taken;
}

Result<> Sheets::status() {
  if (error_) return tl::unexpected<Error>(*error_);
  if (!cairo_) return {};
  auto state = cairo_status(cairo_.get());
  if (state == CAIRO_STATUS_SUCCESS) state = cairo_surface_status(surface_.get());
  if (state == CAIRO_STATUS_SUCCESS) return {};
  return fail(ErrorCode::io, fmt::format("cannot write a PDF: {}", cairo_status_to_string(state)),
              "free memory and try again");
}

Result<> Sheets::new_page() {
  if (cairo_ && page_ > 0) cairo_show_page(cairo_.get());
  SIGILO_TRY_DO(status());
  ++page_;
  y_ = a4::top;
  draw_margins();
  return on_new_page ? on_new_page() : Result<>();
}

void Sheets::draw_margins() {
  if (!cairo_) return;
  const Style small{.size = margin_size, .grey = 0.3};
  Style right = small;
  right.right = true;
  const double half = a4::content / 2 - 8;
  const auto put = [&](std::string_view text, const Style& style, double x, double y,
                       double width) {
    const std::string line = printable_line(text);
    if (!line.empty()) typesetter_.line(line, style, width).draw(cairo_.get(), x, y);
  };
  put(options_.header_left, small, a4::left, a4::header, half);
  put(options_.header_right, right, a4::left + half + 16, a4::header, half);
  horizontal(cairo_.get(), a4::left, a4::header + 14, a4::content, 0.5, 0.5);
  horizontal(cairo_.get(), a4::left, a4::footer - 5, a4::content, 0.5, 0.5);
  put(options_.footer, small, a4::left, a4::footer, a4::content - 110);
  put(page_words(options_.language, page_, total_), right, a4::right - 100, a4::footer, 100);
}

void Sheets::draw_frame(const Area& area, double height, bool first, bool last) {
  if (!cairo_ || area.frame == Frame::none) return;
  cairo_t* const cairo = cairo_.get();
  if (area.frame == Frame::row || area.frame == Frame::head_row) {
    if (area.frame == Frame::head_row) {
      cairo_set_source_rgb(cairo, 0.9, 0.9, 0.9);
      cairo_rectangle(cairo, area.x, y_, area.width, height);
      cairo_fill(cairo);
    }
    if (last) horizontal(cairo, area.x, y_ + height, area.width, 0.4, 0.6);
    return;
  }
  // The sides are told apart by place and sender, not by tone alone: a photocopy keeps them.
  const double ground = area.frame == Frame::bubble_right ? 0.93 : 1;
  outline_path(cairo, area.x, y_, area.width, height, first, last);
  cairo_set_source_rgb(cairo, ground, ground, ground);
  cairo_fill_preserve(cairo);
  cairo_set_source_rgb(cairo, 0.45, 0.45, 0.45);
  cairo_set_line_width(cairo, 0.6);
  cairo_stroke(cairo);
}

Result<> Sheets::need(double height) {
  return page_ == 0 || y_ + height > a4::bottom ? new_page() : Result<>();
}

// Takes slices until they are higher than `limit`; true if the flow ended before.
bool Sheets::pull(Cell& cell, double limit) {
  double height = height_of(cell.waiting);
  while (!cell.exhausted && height <= limit) {
    auto slice = cell.flow.next();
    cell.exhausted = !slice;
    if (!slice) break;
    height += slice->height;
    cell.waiting.push_back(std::move(*slice));
  }
  return cell.exhausted && height <= limit;
}

Result<> Sheets::place(Flow flow, const Area& area) {
  std::vector<Cell> cells;
  cells.push_back({area.x, std::move(flow)});
  return place(std::move(cells), area);
}

Result<> Sheets::place(std::vector<Cell> cells, const Area& area) {
  if (page_ == 0) SIGILO_TRY_DO(new_page());
  for (bool first = true;; first = false) {
    double room = a4::bottom - y_ - 2 * area.padding;
    bool fits = true;
    bool small = first;
    for (auto& cell : cells) {
      const bool ends = pull(cell, std::max(room, keep_together));
      fits = fits && ends && height_of(cell.waiting) <= room;
      small = small && ends && height_of(cell.waiting) <= keep_together;
    }
    if (!fits && (small || room < least_fragment)) {
      SIGILO_TRY_DO(new_page());
      room = a4::bottom - y_ - 2 * area.padding;
    }

    std::vector<std::size_t> counts;
    double height = 0;
    bool last = true;
    for (auto& cell : cells) {
      pull(cell, room);
      double used = 0;
      std::size_t count = 0;
      while (count < cell.waiting.size() && used + cell.waiting[count].height <= room)
        used += cell.waiting[count++].height;
      counts.push_back(count);
      height = std::max(height, used);
      last = last && cell.exhausted && count == cell.waiting.size();
    }
    SIGILO_CHECK(last || std::any_of(counts.begin(), counts.end(),
                                     [](std::size_t count) { return count > 0; }),
                 "a slice is higher than a page");

    draw_frame(area, height + 2 * area.padding, first, last);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      double y = y_ + area.padding;
      for (std::size_t k = 0; k < counts[i]; ++k) {
        const Slice& slice = cells[i].waiting[k];
        if (cairo_ && slice.draw) slice.draw(cairo_.get(), cells[i].x, y);
        y += slice.height;
      }
      cells[i].waiting.erase(cells[i].waiting.begin(),
                             cells[i].waiting.begin() + static_cast<std::ptrdiff_t>(counts[i]));
    }
    y_ += height + 2 * area.padding;
    if (last) return status();
    SIGILO_TRY_DO(new_page());
  }
}

void Sheets::outline(const std::string& title, int level) {
  if (!cairo_ || ++outline_entries_ > most_outline_entries) return;
  const auto link = fmt::format("page={} pos=[{:.1f} {:.1f}]", page_, a4::left, y_);
  const int parent = level == 1 ? CAIRO_PDF_OUTLINE_ROOT : outline_parent_;
  const int entry = cairo_pdf_surface_add_outline(surface_.get(), parent, title.c_str(),
                                                  link.c_str(), CAIRO_PDF_OUTLINE_FLAG_OPEN);
  if (level == 1) outline_parent_ = entry;
}

Result<> Sheets::finish() {
  if (page_ == 0) SIGILO_TRY_DO(new_page());
  if (!cairo_) return {};
  cairo_show_page(cairo_.get());
  SIGILO_TRY_DO(status());
  ending_ = true;
  cairo_.reset();
  cairo_surface_finish(surface_.get());
  if (const auto state = cairo_surface_status(surface_.get()); state != CAIRO_STATUS_SUCCESS)
    return fail(ErrorCode::io, fmt::format("cannot end a PDF: {}", cairo_status_to_string(state)),
                "free memory and try again");
  name_language(tail_, written_, language_tag(options_.language));
  return write(as_bytes(tail_));
}

}  // namespace sigilo::paper
