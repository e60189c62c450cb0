// SPDX-License-Identifier: Apache-2.0
// How each block looks: type sizes, distances, tones. Black on white throughout, so that a
// photocopy reads as well as the screen.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "paper/document.hpp"
#include "paper/picture_impl.hpp"
#include "paper/printable.hpp"
#include "paper/sheets_impl.hpp"

namespace sigilo::paper {
namespace {

constexpr double body_size = 9.5;
constexpr double small_size = 7.5;
constexpr double meta_size = 6.5;
constexpr double meta_grey = 0.33;  // contrast on the darker bubble above 9:1
constexpr double block_gap = 6;

constexpr double bubble_share = 0.74;  // of the page's width
constexpr double bubble_padding = 6;
constexpr double bubble_inset = 8;
constexpr double cell_inset = 4;

/// A heading stays with so much of what follows it.
constexpr double heading_company = 60;

double heading_size(int level) {
  return level == 1 ? 16 : level == 2 ? 12 : 10;
}

/// Slices behind a bar, for what is quoted.
Source barred(Source source, double indent) {
  return [source = std::move(source), indent]() -> std::optional<Slice> {
    auto slice = source();
    if (!slice) return slice;
    const double height = slice->height;
    slice->draw = [draw = slice->draw, indent, height](cairo_t* cairo, double x, double y) {
      cairo_set_source_rgb(cairo, 0.5, 0.5, 0.5);
      cairo_rectangle(cairo, x, y - 0.5, 1.5, height + 1);
      cairo_fill(cairo);
      if (draw) draw(cairo, x + indent, y);
    };
    return slice;
  };
}

/// The sender in bold, the time at the right.
Slice sender_line(Typesetter& typesetter, const Bubble& bubble, double width) {
  double used = 0;
  const Slice time = typesetter.line(printable_line(bubble.time),
                                     {.size = small_size, .grey = meta_grey}, width * 0.6, &used);
  const Slice sender = typesetter.line(printable_line(bubble.sender), {.size = 8.5, .bold = true},
                                       width - used - 10);
  return {std::max(sender.height, time.height) + 1,
          [sender, time, left = width - used](cairo_t* cairo, double x, double y) {
            sender.draw(cairo, x, y);
            time.draw(cairo, x + left, y + 1);
          }};
}

/// Words in a frame of their own, as "Deleted by the sender".
Slice notice_line(Typesetter& typesetter, const std::string& notice, double width) {
  double used = 0;
  const Slice words =
      typesetter.line(printable_line(notice), {.size = small_size, .bold = true}, width - 8, &used);
  return {words.height + 6, [words, used](cairo_t* cairo, double x, double y) {
            cairo_set_source_rgb(cairo, 0, 0, 0);
            cairo_set_line_width(cairo, 0.8);
            cairo_rectangle(cairo, x + 0.4, y + 1, used + 8, words.height + 2);
            cairo_stroke(cairo);
            words.draw(cairo, x + 4, y + 2.6);
          }};
}

void add_text(Flow& flow, Typesetter& typesetter, const std::string& text, const Style& style,
              double width) {
  if (!text.empty()) flow.add(typesetter.lines(printable(text), style, width));
}

Flow bubble_flow(Typesetter& typesetter, const Bubble& bubble, double width) {
  Flow flow;
  flow.add(sender_line(typesetter, bubble, width));
  if (!bubble.notice.empty()) flow.add(notice_line(typesetter, bubble.notice, width));
  if (!bubble.quoted.empty()) {
    flow.gap(2);
    flow.add(barred(
        typesetter.lines(printable(bubble.quoted), {.size = 8, .grey = 0.25}, width - 8), 7));
    flow.gap(3);
  }
  add_text(flow, typesetter, bubble.text, {.size = body_size, .struck = bubble.struck}, width);
  for (const auto& version : bubble.earlier) {
    flow.gap(3);
    flow.add(barred(typesetter.lines({Run{printable_line(version.label), true}},
                                     {.size = small_size}, width - 8),
                    7));
    flow.add(barred(
        typesetter.lines(printable(version.text), {.size = 8.5, .grey = 0.2}, width - 8), 7));
  }
  for (const auto& attachment : bubble.attachments)
    add_attachment(flow, typesetter, attachment, width);
  if (!bubble.meta.empty()) flow.gap(2);
  for (const auto& line : bubble.meta)
    add_text(flow, typesetter, printable_line(line), {.size = meta_size, .grey = meta_grey}, width);
  return flow;
}

Result<> set_row(Sheets& sheets, std::span<const std::string> texts, bool head) {
  double shares = 0;
  for (const auto& column : sheets.columns) shares += column.share;
  std::vector<Cell> cells;
  double x = a4::left;
  for (std::size_t i = 0; i < sheets.columns.size(); ++i) {
    const auto& column = sheets.columns[i];
    const double width = a4::content * column.share / shares;
    Style style{.size = 8.5, .bold = head, .right = column.right};
    if (column.mono && !head) {
      style.mono = true;
      style.size = 7.5;
    }
    Flow flow;
    add_text(flow, sheets.typesetter(), texts[i], style, width - 2 * cell_inset);
    cells.push_back({x + cell_inset, std::move(flow)});
    x += width;
  }
  return sheets.place(std::move(cells),
                      {.frame = head ? Frame::head_row : Frame::row, .padding = 3});
}

Result<> set_table_head(Sheets& sheets) {
  std::vector<std::string> titles;
  for (const auto& column : sheets.columns) titles.push_back(column.title);
  auto again = std::exchange(sheets.on_new_page, nullptr);  // not while it is being set itself
  auto set = set_row(sheets, titles, true);
  sheets.on_new_page = std::move(again);
  return set;
}

}  // namespace

Result<> Document::heading(std::string_view text, int level) {
  const std::lock_guard lock(press_lock());
  SIGILO_CHECK(level >= 1 && level <= 3, "headings have three levels");
  const double size = heading_size(level);
  const auto title = printable_line(text);
  SIGILO_TRY_DO(sheets_.need(size * 2 + heading_company));
  if (!sheets_.at_top()) sheets_.skip(size * 0.7);
  if (level < 3) sheets_.outline(title, level);
  Flow flow;
  add_text(flow, sheets_.typesetter(), title, {.size = size, .bold = true}, a4::content);
  flow.gap(size * 0.3);
  return sheets_.place(std::move(flow), {});
}

Result<> Document::paragraph(std::span<const Run> runs) {
  const std::lock_guard lock(press_lock());
  std::vector<Run> clean;
  for (const auto& run : runs) clean.push_back({printable(run.text), run.bold, run.mono});
  Flow flow;
  flow.add(sheets_.typesetter().lines(std::move(clean), {.size = body_size}, a4::content));
  flow.gap(block_gap);
  return sheets_.place(std::move(flow), {});
}

Result<> Document::paragraph(std::string_view text) {
  const Run run{std::string(text)};
  return paragraph(std::span(&run, 1));
}

Result<> Document::key_values(std::span<const KeyValue> rows) {
  const std::lock_guard lock(press_lock());
  constexpr double keys = a4::content * 0.3;
  for (const auto& row : rows) {
    Flow key;
    Flow value;
    add_text(key, sheets_.typesetter(), row.key, {.size = 8.5, .grey = 0.25}, keys - 10);
    Style style{.size = 8.5, .bold = !row.mono, .mono = row.mono};
    if (row.mono) style.size = 7.5;
    add_text(value, sheets_.typesetter(), row.value, style, a4::content - keys - cell_inset);
    std::vector<Cell> cells;
    cells.push_back({a4::left + cell_inset, std::move(key)});
    cells.push_back({a4::left + keys, std::move(value)});
    SIGILO_TRY_DO(sheets_.place(std::move(cells), {.frame = Frame::row, .padding = 2.5}));
  }
  sheets_.skip(block_gap);
  return {};
}

Result<> Document::begin_table(std::span<const Column> columns) {
  const std::lock_guard lock(press_lock());
  SIGILO_CHECK(sheets_.columns.empty() && !columns.empty(), "one table at a time, with columns");
  SIGILO_TRY_DO(sheets_.need(heading_company));
  sheets_.columns.assign(columns.begin(), columns.end());
  SIGILO_TRY_DO(set_table_head(sheets_));
  sheets_.on_new_page = [this] { return set_table_head(sheets_); };
  return {};
}

Result<> Document::row(std::span<const std::string> cells) {
  const std::lock_guard lock(press_lock());
  SIGILO_CHECK(cells.size() == sheets_.columns.size(), "a cell a column, in an open table");
  return set_row(sheets_, cells, false);
}

Result<> Document::end_table() {
  const std::lock_guard lock(press_lock());
  sheets_.columns.clear();
  sheets_.on_new_page = nullptr;
  sheets_.skip(block_gap + 2);
  return {};
}

Result<> Document::bubble(const Bubble& bubble) {
  const std::lock_guard lock(press_lock());
  const double width = a4::content * bubble_share;
  const bool right = bubble.side == Side::right;
  const Area area{.frame = right ? Frame::bubble_right : Frame::bubble_left,
                  .x = right ? a4::right - width : a4::left,
                  .width = width,
                  .padding = bubble_padding};
  std::vector<Cell> cells;
  cells.push_back(
      {area.x + bubble_inset, bubble_flow(sheets_.typesetter(), bubble, width - 2 * bubble_inset)});
  SIGILO_TRY_DO(sheets_.place(std::move(cells), area));
  sheets_.skip(block_gap);
  return {};
}

Result<> Document::divider(std::string_view text) {
  const std::lock_guard lock(press_lock());
  SIGILO_TRY_DO(sheets_.need(heading_company));
  double used = 0;
  const Slice words = sheets_.typesetter().line(printable_line(text), {.size = 8, .bold = true},
                                                a4::content - 60, &used);
  if (cairo_t* const cairo = sheets_.cairo(); cairo != nullptr) {
    const double begin = a4::left + (a4::content - used) / 2;
    const double middle = sheets_.y() + 4 + words.height / 2 - 0.5;
    cairo_set_source_rgb(cairo, 0.5, 0.5, 0.5);
    cairo_set_line_width(cairo, 0.5);
    cairo_move_to(cairo, a4::left, middle);
    cairo_line_to(cairo, begin - 8, middle);
    cairo_move_to(cairo, begin + used + 8, middle);
    cairo_line_to(cairo, a4::right, middle);
    cairo_stroke(cairo);
    words.draw(cairo, begin, sheets_.y() + 4);
  }
  sheets_.skip(words.height + 10);
  return {};
}

Result<> Document::attachment(const Attachment& attachment) {
  const std::lock_guard lock(press_lock());
  Flow flow;
  add_attachment(flow, sheets_.typesetter(), attachment, a4::content - 2 * bubble_inset);
  std::vector<Cell> cells;
  cells.push_back({a4::left + bubble_inset, std::move(flow)});
  SIGILO_TRY_DO(sheets_.place(std::move(cells), {.frame = Frame::box, .padding = 4}));
  sheets_.skip(block_gap);
  return {};
}

Result<> Document::code(const Code& code) {
  const std::lock_guard lock(press_lock());
  SIGILO_TRY(const auto modules, qr_modules(code.text));
  const double side = side_of(modules);
  constexpr double quiet = 8;  // the white around a code that readers need
  Flow picture;
  picture.gap(quiet);
  picture.add(Slice{side + quiet, [modules](cairo_t* cairo, double x, double y) {
                      draw_code(cairo, modules, x, y);
                    }});
  const double left = side + 2 * quiet + 12;
  Flow words;
  words.gap(quiet - 2);
  add_text(words, sheets_.typesetter(), code.caption, {.size = 8.5, .bold = true},
           a4::content - left);
  words.gap(3);
  const auto text = code.group > 0 ? grouped(code.text, code.group) : code.text;
  add_text(words, sheets_.typesetter(), text, {.size = 7.5, .mono = true}, a4::content - left);
  std::vector<Cell> cells;
  cells.push_back({a4::left + quiet, std::move(picture)});
  cells.push_back({a4::left + left, std::move(words)});
  SIGILO_TRY_DO(sheets_.place(std::move(cells), {.padding = 2}));
  sheets_.skip(block_gap);
  return {};
}

Result<> Document::rule() {
  const std::lock_guard lock(press_lock());
  SIGILO_TRY_DO(sheets_.need(12));
  if (cairo_t* const cairo = sheets_.cairo(); cairo != nullptr) {
    cairo_set_source_rgb(cairo, 0.3, 0.3, 0.3);
    cairo_set_line_width(cairo, 0.6);
    cairo_move_to(cairo, a4::left, sheets_.y() + 4);
    cairo_line_to(cairo, a4::right, sheets_.y() + 4);
    cairo_stroke(cairo);
  }
  sheets_.skip(10);
  return {};
}

Result<> Document::space(double points) {
  const std::lock_guard lock(press_lock());
  SIGILO_TRY_DO(sheets_.need(points));
  sheets_.skip(points);
  return {};
}

Result<> Document::page_break() {
  const std::lock_guard lock(press_lock());
  return sheets_.new_page();
}

}  // namespace sigilo::paper
