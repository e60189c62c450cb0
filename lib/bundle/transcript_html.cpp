// SPDX-License-Identifier: Apache-2.0
// Every text of the page goes through shown(): what strangers wrote can neither end an element nor
// act on the reader's screen.
#include <fmt/format.h>

#include "bundle/transcript.hpp"
#include "bundle/transcript_words.hpp"
#include "paper/printable.hpp"
#include "text/html.hpp"

namespace sigilo::bundle {
namespace {

constexpr std::string_view style = R"css(
:root{color-scheme:light}
body{font:16px/1.45 "Noto Sans","DejaVu Sans",Arial,sans-serif;color:#1a1a1a;background:#fff;max-width:52rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin:0}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;border-bottom:2px solid #444}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
.mono,.meta{overflow-wrap:anywhere}.mono{font-family:"DejaVu Sans Mono",monospace;font-size:.85em}
.note{background:#f3f3f3;border-left:4px solid #888;padding:.6rem 1rem}
.day{text-align:center;color:#444;margin:1.4rem 0 .8rem}.day span{background:#eee;border-radius:1rem;padding:.15rem .9rem}
.turn{width:78%;margin:0 0 .9rem;padding:.6rem .9rem;border:1px solid #bbb;border-radius:.7rem;background:#f6f6f4;
box-sizing:border-box;break-inside:avoid}
.turn.right{margin-left:22%;background:#e7f1e9;border-color:#9dbaa3}
.head{display:flex;justify-content:space-between;gap:1rem;flex-wrap:wrap}.head time{color:#444;font-size:.85em}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:.35rem 0}.struck{text-decoration:line-through}
.notice{border:2px solid #8a1c1c;color:#8a1c1c;font-weight:bold;padding:.2rem .6rem;margin:.4rem 0}
.quoted{border-left:3px solid #888;color:#444;padding-left:.6rem;margin:.35rem 0;white-space:pre-wrap;
overflow-wrap:anywhere}
.earlier{border-left:3px solid #b07c00;padding-left:.6rem;margin:.4rem 0}.earlier b{color:#7a5600}
.file{border:1px solid #bbb;background:#fff;border-radius:.4rem;padding:.5rem;margin:.4rem 0}
.file img{display:block;max-width:100%;max-height:16rem;margin-bottom:.4rem}
.meta{color:#555;font-size:.78em;margin:.3rem 0 0}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;
vertical-align:top;overflow-wrap:anywhere}th{background:#eee}
@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}.turn{print-color-adjust:exact}}
)css";

std::string shown(std::string_view text) {
  return text::escape_html(paper::printable(text));
}

void file(std::string& out, const paper::Attachment& attachment, const ShownFile& shown_file) {
  out += "<div class=\"file\">";
  if (!shown_file.name.empty()) {
    const auto name = text::escape_html(shown_file.name);
    if (shown_file.picture) out += fmt::format("<img src=\"{}\" alt=\"\" loading=\"lazy\">", name);
    out += fmt::format("<a href=\"{0}\">{0}</a>", name);
  } else {
    out += shown(attachment.name);
  }
  for (const auto& detail : attachment.details) out += fmt::format("<br>{}", shown(detail));
  if (!attachment.hash.empty())
    out += fmt::format("<br><span class=\"mono\">SHA-256 {}</span>", shown(attachment.hash));
  out += "</div>\n";
}

void message(std::string& out, const Turn& turn) {
  const auto& bubble = turn.bubble;
  out += fmt::format(
      "<article class=\"turn{}\">\n<div class=\"head\"><b dir=\"auto\">{}</b>"
      "<time>{}</time></div>\n",
      bubble.side == paper::Side::right ? " right" : "", shown(bubble.sender), shown(bubble.time));
  if (!bubble.notice.empty())
    out += fmt::format("<div class=\"notice\">{}</div>\n", shown(bubble.notice));
  if (!bubble.quoted.empty())
    out += fmt::format("<div class=\"quoted\" dir=\"auto\">{}</div>\n", shown(bubble.quoted));
  if (!bubble.text.empty())
    out += fmt::format("<div class=\"text{}\" dir=\"auto\">{}</div>\n",
                       bubble.struck ? " struck" : "", shown(bubble.text));
  for (std::size_t at = 0; at < turn.files.size(); ++at)
    file(out, bubble.attachments[at], turn.files[at]);
  for (const auto& earlier : bubble.earlier)
    out += fmt::format(
        "<div class=\"earlier\"><b>{}</b><div class=\"text\" dir=\"auto\">{}</div></div>\n",
        shown(earlier.label), shown(earlier.text));
  out += "<p class=\"meta\">";
  for (std::size_t at = 0; at < bubble.meta.size(); ++at)
    out += (at == 0 ? "" : "<br>") + shown(bubble.meta[at]);
  out += "</p>\n</article>\n";
}

void table(std::string& out, std::string_view title, const Rows& rows, std::string_view none) {
  out += fmt::format("<h2>{}</h2>\n", shown(title));
  if (rows.size() == 1) {
    out += fmt::format("<p>{}</p>\n", shown(none));
    return;
  }
  out += "<table>\n";
  for (std::size_t at = 0; at < rows.size(); ++at) {
    out += "<tr>";
    for (const auto& cell : rows[at])
      out += fmt::format("<{0}>{1}</{0}>", at == 0 ? "th" : "td", shown(cell));
    out += "</tr>\n";
  }
  out += "</table>\n";
}

}  // namespace

std::string transcript_html(const Transcript& transcript) {
  const auto& w = words(transcript.language);
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' "
      "file:;"
      " style-src 'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" "
      "content=\"width=device-width\">\n<title>{}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n<h1>{}</h1>\n<dl>\n",
      to_string(transcript.language), shown(transcript.title), style, shown(transcript.title));
  for (const auto& fact : transcript.facts)
    out += fmt::format("<dt>{}</dt><dd{}>{}</dd>\n", shown(fact.key),
                       fact.mono ? " class=\"mono\"" : "", shown(fact.value));
  out += fmt::format("</dl>\n<p class=\"note\">{}</p>\n", shown(transcript.how_to_read));
  for (const auto& turn : transcript.turns) {
    if (turn.what == Turn::What::conversation)
      out += fmt::format("<h2>{}</h2>\n", shown(turn.text));
    else if (turn.what == Turn::What::day)
      out += fmt::format("<div class=\"day\"><span>{}</span></div>\n", shown(turn.text));
    else
      message(out, turn);
  }
  table(out, transcript.gaps_title, transcript.gaps, w.none);
  table(out, transcript.omissions_title, transcript.omissions, w.none);
  table(out, transcript.counts_title, transcript.counts, w.none);
  return out + "</body>\n</html>\n";
}

}  // namespace sigilo::bundle
