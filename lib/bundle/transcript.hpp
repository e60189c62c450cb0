// SPDX-License-Identifier: Apache-2.0
// The chosen messages as a judge reads them: one value, shown as HTML and as PDF. Private to this
// room.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bundle/gather.hpp"
#include "json/value.hpp"
#include "paper/blocks.hpp"

namespace sigilo::bundle {

/// A file of a message, beside its attachment in the bubble.
struct ShownFile {
  std::string name;                           ///< in the bundle; "" where it is not there
  bool picture = false;                       ///< browsers show it
  const vault::SealedFile* sealed = nullptr;  ///< where it is there
};

struct Turn {
  enum class What { conversation, day, message };
  What what = What::message;
  std::string text{};              ///< of a conversation's heading, of a day
  paper::Bubble bubble{};          ///< of a message
  std::vector<ShownFile> files{};  ///< one for each of the bubble's attachments
};

/// Rows of a table, its head first.
using Rows = std::vector<std::vector<std::string>>;

struct Transcript {
  Language language = Language::es;
  Timestamp made;
  std::string title;
  std::string firm;
  std::vector<paper::KeyValue> facts;
  std::string how_to_read;
  std::vector<Turn> turns;
  std::string counts_title, gaps_title, omissions_title;
  Rows counts, gaps, omissions;  ///< a head alone: there is none
};

/// `name_of`: a file's name in the bundle. Borrows the files of `found`. Runs on: work.
Transcript tell(const Gathered& found, const json::Object& description, const Ask& ask,
                std::string (*name_of)(const File&));

/// One page that needs nothing but the files beside it: no script, no style or picture from
/// elsewhere.
std::string transcript_html(const Transcript& transcript);

/// Pictures printed in a PDF, together; what comes later is a box with name and hash.
inline constexpr std::uint64_t max_printed_pictures = std::uint64_t{64} << 20;
/// The same content. `media`: where the sealed files lie. Errors: those of the files.
Result<std::string> transcript_pdf(const Transcript& transcript,
                                   const std::filesystem::path& media);

}  // namespace sigilo::bundle
