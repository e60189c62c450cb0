// SPDX-License-Identifier: Apache-2.0
// Mail programs ignore most of CSS: the look is in inline styles on tables; classes exist for dark
// mode only.
#include <iterator>

#include <fmt/format.h>

#include "base/check.hpp"
#include "mail/render.hpp"
#include "mail/words.hpp"
#include "text/html.hpp"

namespace sigilo::mail {
namespace {

using text::escape_html;

constexpr std::string_view font =
    "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/// For programs that know it. !important, since the rules must win over the inline styles.
constexpr std::string_view style_sheet =
    ":root{color-scheme:light dark}"
    "@media (prefers-color-scheme:dark){"
    ".page{background:#16191d!important}.card{background:#20252b!important}"
    ".ink,.ink td{color:#e8eaed!important}.soft,.ink td.soft{color:#a9b0b8!important}"
    ".said{background:#2a3037!important}.firm{background:#24362f!important}.alerted{background:#"
    "43391c!important}"
    ".code{background:#2a3037!important;color:#e8eaed!important}"
    ".found{background:#e0b93a!important;color:#16191d!important}.rule{border-color:#3a424b!"
    "important}}"
    "@media (max-width:480px){.pad{padding-left:16px!important;padding-right:16px!important}}";

std::string_view colour(Severity severity) {
  switch (severity) {
    case Severity::low:
      return "#2f6f9f";
    case Severity::medium:
      return "#b26a00";
    case Severity::high:
      return "#b3261e";
  }
  SIGILO_CHECK(false, "a severity without a colour");
  return {};
}

template <class... Args>
void add(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

/// Escaped, with its lines.
std::string lines(std::string_view text) {
  std::string result;
  for (const char c : escape_html(text)) {
    if (c == '\n') {
      result += "<br>\n";
    } else {
      result += c;
    }
  }
  return result;
}

void add_head(std::string& out, const Letter& letter) {
  add(out,
      "<!DOCTYPE html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<meta name=\"supported-color-schemes\" content=\"light dark\">"
      "<title>{}</title>\n<style>{}</style></head>\n",
      words(letter.language).language, escape_html(letter.subject), style_sheet);
  add(out,
      "<body class=\"page\" style=\"margin:0;padding:0;background:#eef0f2;{}\">\n"
      "<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" "
      "cellspacing=\"0\" border=\"0\" "
      "bgcolor=\"#eef0f2\"><tr><td align=\"center\" style=\"padding:20px 8px\">\n"
      "<table role=\"presentation\" class=\"card ink\" width=\"100%\" cellpadding=\"0\" "
      "cellspacing=\"0\" border=\"0\" "
      "bgcolor=\"#ffffff\" "
      "style=\"max-width:640px;background:#ffffff;border-radius:8px;overflow:hidden;"
      "color:#1d2126;font-size:15px;line-height:1.45;text-align:left;{}\">\n",
      font, font);
  add(out,
      "<tr><td class=\"pad\" bgcolor=\"{0}\" style=\"background:{0};padding:16px "
      "24px;color:#ffffff\">"
      "<h1 "
      "style=\"margin:0;font-size:20px;line-height:1.3;font-weight:600;color:#ffffff\">{1}</h1></"
      "td></tr>\n",
      colour(letter.severity), escape_html(letter.heading));
}

void add_facts(std::string& out, const Letter& letter) {
  out +=
      "<tr><td class=\"pad\" style=\"padding:16px 24px 4px\">"
      "<table role=\"presentation\" class=\"ink\" width=\"100%\" cellpadding=\"0\" "
      "cellspacing=\"0\" border=\"0\" "
      "style=\"font-size:15px;color:#1d2126\">\n";
  for (const auto& [label, value] : letter.facts) {
    add(out,
        "<tr><td class=\"soft\" valign=\"top\" style=\"padding:3px 16px 3px "
        "0;color:#5c6670;white-space:nowrap\">{}</td>"
        "<td valign=\"top\" width=\"100%\" style=\"padding:3px "
        "0;word-break:break-word;overflow-wrap:anywhere\">"
        "<bdi>{}</bdi></td></tr>\n",
        escape_html(label), escape_html(value));
  }
  out += "</table></td></tr>\n";
}

void add_paragraph(std::string& out, std::string_view text, std::string_view style) {
  if (text.empty()) return;
  add(out, "<tr><td class=\"pad\" style=\"padding:8px 24px;{}\">{}</td></tr>\n", style,
      lines(text));
}

void add_heading(std::string& out, std::string_view text) {
  add(out,
      "<tr><td class=\"pad\" style=\"padding:14px 24px 4px\">"
      "<h2 class=\"rule\" style=\"margin:0;padding-top:14px;border-top:1px solid "
      "#e1e4e8;font-size:16px;"
      "font-weight:600\">{}</h2></td></tr>\n",
      escape_html(text));
}

void add_said(std::string& out, const Said& said, const Letter& letter) {
  const auto* const kind = said.alerted ? "alerted" : said.by_firm ? "firm" : "said";
  const auto* const background = said.alerted ? "#fff6dc" : said.by_firm ? "#e9f5ee" : "#f3f4f6";
  const auto edge = said.alerted ? colour(letter.severity) : std::string_view("transparent");
  add(out,
      "<tr><td class=\"pad\" style=\"padding:4px 24px\"><table role=\"presentation\" "
      "width=\"100%\" cellpadding=\"0\" "
      "cellspacing=\"0\" border=\"0\"><tr><td class=\"ink {0}\" bgcolor=\"{1}\" "
      "style=\"background:{1};"
      "border-left:4px solid {2};border-radius:4px;padding:8px "
      "12px;word-break:break-word;overflow-wrap:anywhere\">"
      "<div class=\"soft\" style=\"font-size:13px;color:#5c6670\"><strong><bdi>{3}</bdi></strong> "
      "&middot; {4}",
      kind, background, edge, escape_html(said.who), escape_html(said.when));
  if (said.alerted) {
    add(out, " &middot; <span style=\"color:{};font-weight:600\" class=\"ink\">{}</span>",
        colour(letter.severity), escape_html(words(letter.language).this_message));
  }
  out += "</div>\n<div dir=\"auto\">";
  for (const auto& piece : said.text) {
    if (piece.marked) {
      add(out,
          "<mark class=\"found\" "
          "style=\"background:#ffd54a;color:#1d2126;font-weight:600;padding:0 2px;"
          "border-radius:2px\">{}</mark>",
          lines(piece.text));
    } else {
      out += lines(piece.text);
    }
  }
  out += "</div></td></tr></table></td></tr>\n";
}

void add_steps(std::string& out, const Letter& letter) {
  add_heading(out, letter.next_heading);
  for (const auto& [what, command] : letter.steps) {
    add(out,
        "<tr><td class=\"pad\" style=\"padding:4px 24px\">{}<br>\n<code class=\"code\" "
        "style=\"display:inline-block;"
        "margin:4px 0;padding:3px 8px;background:#f0f1f3;color:#1d2126;border-radius:4px;"
        "font-family:Consolas,Menlo,monospace;font-size:14px\">{}</code></td></tr>\n",
        escape_html(what), escape_html(command));
  }
}

void add_footer(std::string& out, const Letter& letter) {
  out +=
      "<tr><td class=\"pad soft\" style=\"padding:14px 24px 18px;font-size:12px;color:#5c6670\">";
  for (const auto& line : letter.footer) add(out, "{}<br>\n", escape_html(line));
  out += "</td></tr>\n";
}

}  // namespace

std::string render_html(const Letter& letter) {
  std::string out;
  add_head(out, letter);
  add_facts(out, letter);
  add_paragraph(out, letter.intro, "");
  if (!letter.talk.empty()) {
    add_heading(out, letter.talk_heading);
    for (const auto& said : letter.talk) add_said(out, said, letter);
  }
  add_paragraph(out, letter.note, "font-size:13px;");
  add_steps(out, letter);
  add_footer(out, letter);
  out += "</table></td></tr></table></body></html>\n";
  return out;
}

}  // namespace sigilo::mail
