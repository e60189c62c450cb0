// SPDX-License-Identifier: Apache-2.0
// What a document is made of, as values. Every text may come from a stranger: it is printable()
// before it is set.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace sigilo::paper {

/// A piece of a paragraph.
struct Run {
  std::string text;
  bool bold = false;
  bool mono = false;  ///< hashes, keys, commands
};

struct KeyValue {
  std::string key;
  std::string value;
  bool mono = false;
};

struct Column {
  std::string title;
  double share = 1;    ///< of the page's width, relative to the other columns; above 0
  bool right = false;  ///< numbers
  bool mono = false;
};

/// A file that came with a message. It is printed as a picture where `jpeg` holds one that can be
/// printed as it is (jpeg.hpp), else as a box; name and details stand below or beside in any case.
struct Attachment {
  std::string name;
  std::vector<std::string> details;  ///< a line each: type, size
  std::string hash;                  ///< printed in groups of 8
  Bytes jpeg;                        ///< the file's bytes, or empty
};

/// What a message said before it was edited.
struct Version {
  std::string label;  ///< "Before the edit of 23/11/2026 15:04:11"
  std::string text;
};

enum class Side { left, right };

/// One message of a conversation.
struct Bubble {
  Side side = Side::left;
  std::string sender;
  std::string time;    ///< at the right of the sender's line
  std::string notice;  ///< bold and framed above the text: "Deleted by the sender at …"
  std::string quoted;  ///< the message that this one answers, behind a bar
  std::string text;
  bool struck = false;  ///< the text is struck through: it was deleted
  std::vector<Attachment> attachments;
  std::vector<Version> earlier;   ///< below the text, oldest first
  std::vector<std::string> meta;  ///< small grey lines: record number, provider's id, hash
};

/// A QR code with its text in readable form beside it.
struct Code {
  std::string text;       ///< at most most_code_bytes
  std::string caption;    ///< bold, above the text
  std::size_t group = 0;  ///< the printed text in groups of so many characters; 0: as it is
};

/// Bytes that a QR code takes at error level M and this size on paper (version 20 has modules of
/// 0.4 mm, which any telephone reads).
inline constexpr std::size_t most_code_bytes = 666;

}  // namespace sigilo::paper
