// SPDX-License-Identifier: Apache-2.0
// The words of the transcript in es, pt and en. Private to this room.
#pragma once

#include <string_view>

#include "base/domain.hpp"

namespace sigilo::bundle {

/// {} stands for what is put in.
struct Words {
  std::string_view title, firm, vault, fingerprint, asked, period, zone, made, checkpoint, records,
      version, how_to_read;
  std::string_view conversation;  ///< line, party
  std::string_view deleted;       ///< when, record
  std::string_view before_edit;   ///< when, record
  std::string_view edit_of_unknown, quoted_unknown;
  std::string_view record;  ///< number, when it was recorded
  std::string_view provider_id, leaf;
  std::string_view state;      ///< state, when, record
  std::string_view reaction;   ///< who, what, record
  std::string_view alert;      ///< category, words, record
  std::string_view reading;    ///< who, when, record
  std::string_view read_back;  ///< by whom nobody can be named: "user 1000"
  std::string_view file_missing, see_omissions;
  std::string_view type_and_size;  ///< type, bytes
  std::string_view counts_title, kind, in_ledger, in_period, included, left_out;
  std::string_view gaps_title, when, number, what, why;
  std::string_view omissions_title, none;
  std::string_view from, to;
};

const Words& words(Language language);
/// What a gap, a service event, a reason or a state is called; the name itself where it is unknown.
std::string_view word_for(std::string_view name, Language language);

}  // namespace sigilo::bundle
