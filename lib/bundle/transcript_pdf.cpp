// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "bundle/transcript.hpp"
#include "bundle/transcript_words.hpp"
#include "media/sealed_file.hpp"
#include "paper/document.hpp"
#include "paper/jpeg.hpp"

namespace sigilo::bundle {
namespace {

/// The bubble with the bytes of its pictures, as long as `left` lasts.
Result<paper::Bubble> with_pictures(const Turn& turn, const std::filesystem::path& media,
                                    std::uint64_t& left) {
  auto bubble = turn.bubble;
  for (std::size_t at = 0; at < turn.files.size(); ++at) {
    const auto& file = turn.files[at];
    if (!file.picture || file.sealed->size > paper::most_jpeg_bytes || file.sealed->size > left)
      continue;
    Bytes bytes;
    SIGILO_TRY_DO(media::open_sealed(media, *file.sealed, [&](BytesView piece) -> Result<> {
      bytes.insert(bytes.end(), piece.begin(), piece.end());
      return {};
    }));
    if (!paper::printable_jpeg(bytes)) continue;
    left -= file.sealed->size;
    bubble.attachments[at].jpeg = std::move(bytes);
  }
  return bubble;
}

Result<> table(paper::Document& document, const std::string& title, const Rows& rows,
               std::string_view none) {
  SIGILO_TRY_DO(document.heading(title, 2));
  if (rows.size() == 1) return document.paragraph(none);
  std::vector<paper::Column> columns;
  for (const auto& name : rows.front()) columns.push_back({.title = name});
  SIGILO_TRY_DO(document.begin_table(columns));
  for (std::size_t at = 1; at < rows.size(); ++at) SIGILO_TRY_DO(document.row(rows[at]));
  return document.end_table();
}

Result<> contents(paper::Document& document, const Transcript& transcript,
                  const std::filesystem::path& media) {
  const auto& w = words(transcript.language);
  auto left = max_printed_pictures;
  SIGILO_TRY_DO(document.heading(transcript.title, 1));
  SIGILO_TRY_DO(document.key_values(transcript.facts));
  SIGILO_TRY_DO(document.paragraph(transcript.how_to_read));
  for (const auto& turn : transcript.turns) {
    if (turn.what == Turn::What::conversation) {
      SIGILO_TRY_DO(document.heading(turn.text, 2));
    } else if (turn.what == Turn::What::day) {
      SIGILO_TRY_DO(document.divider(turn.text));
    } else {
      SIGILO_TRY(const auto bubble, with_pictures(turn, media, left));
      SIGILO_TRY_DO(document.bubble(bubble));
    }
  }
  SIGILO_TRY_DO(table(document, transcript.gaps_title, transcript.gaps, w.none));
  SIGILO_TRY_DO(table(document, transcript.omissions_title, transcript.omissions, w.none));
  return table(document, transcript.counts_title, transcript.counts, w.none);
}

}  // namespace

Result<std::string> transcript_pdf(const Transcript& transcript,
                                   const std::filesystem::path& media) {
  std::string pdf;
  paper::Options options;
  options.title = transcript.title;
  options.language = transcript.language;
  options.date = transcript.made;
  options.header_left = transcript.firm;
  options.header_right = transcript.title;
  options.numbering = paper::Numbering::page;  // setting a long one twice takes twice the time
  SIGILO_TRY_DO(paper::write_document(
      options,
      [&](BytesView bytes) -> Result<> {
        pdf += as_text(bytes);
        return {};
      },
      [&](paper::Document& document) { return contents(document, transcript, media); }));
  return pdf;
}

}  // namespace sigilo::bundle
