// SPDX-License-Identifier: Apache-2.0
// Files that messages name: which wait to be fetched, and what became of them. Values only; the
// calls are in reader.hpp and transaction.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/domain.hpp"
#include "base/time.hpp"
#include "crypto/digest.hpp"
#include "crypto/secret.hpp"
#include "message/media.hpp"

namespace sigilo::vault {

enum class MediaState { waiting, stored, lost };
std::string_view to_string(MediaState state);

/// Why a file was given up. The words stand in `media` records: gone, unreachable, other-bytes,
/// too-large, erased.
enum class MediaLoss {
  gone,         ///< the provider has it no longer
  unreachable,  ///< nobody gave it out in all the days of trying
  other_bytes,  ///< what came was not what the message names
  too_large,    ///< larger than [source.meta] media_max
  erased,       ///< the message was lawfully erased before its file was fetched
};
std::string_view to_string(MediaLoss loss);
std::optional<MediaLoss> parse_media_loss(std::string_view text);

/// A file to be fetched now.
struct MediaJob {
  Seq message;  ///< record that names it
  Timestamp recorded;
  E164 line;
  bool history = false;  ///< named by a history synchronisation
  message::File file;    ///< empty where the message was erased
  bool readable = true;  ///< false: the record is damaged, so that nobody knows what to ask for
  int attempts = 0;
};

/// A file as it lies in media/, sealed.
struct SealedFile {
  std::string path;  ///< below media/
  crypto::SecretBytes key;
  crypto::Digest sha256;  ///< of the plain bytes
  std::uint64_t size = 0;
};

/// What became of one attempt.
struct MediaOutcome {
  Seq message;
  MediaState state = MediaState::waiting;  ///< waiting: tried again at `next`
  Timestamp next;
  std::string reason;                       ///< waiting, lost: why; shown in status
  MediaLoss loss = MediaLoss::unreachable;  ///< lost: the same as one of the words
  std::string declared;                     ///< type that the provider named
  std::string sniffed;                      ///< type that the bytes show
  std::optional<SealedFile> file;           ///< stored
};

/// The file of one message as people see it.
struct MediaRow {
  MediaState state = MediaState::waiting;
  int attempts = 0;
  std::string reply;               ///< why it could not be fetched the last time
  std::optional<MediaLoss> loss;   ///< lost, as its media record says
  std::optional<Seq> record;       ///< its media record
  std::optional<Timestamp> time;   ///< of that record
  std::optional<SealedFile> file;  ///< stored, and not erased
};

/// A file that is not there, for status.
struct MediaNotice {
  Seq message;         ///< record that names it
  Timestamp recorded;  ///< of that record
  std::string line;
  int attempts = 0;
  std::string reply;  ///< why it could not be fetched the last time, "" before the first attempt
};

struct MediaSummary {
  std::uint64_t waiting = 0;
  std::uint64_t stored = 0;
  std::uint64_t lost = 0;
  std::vector<MediaNotice> newest_lost;       ///< newest first; at most max_lost_listed
  std::optional<MediaNotice> oldest_waiting;  ///< the one that was named first
};
inline constexpr std::size_t max_lost_listed = 20;

}  // namespace sigilo::vault
