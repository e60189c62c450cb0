// SPDX-License-Identifier: Apache-2.0
// The readers of fields.cpp's table, one file each. Each reads one element of an array of the
// change's value and adds at least one event.
#pragma once

#include <cstddef>
#include <vector>

#include "json/slices.hpp"
#include "json/value.hpp"
#include "message/element.hpp"

namespace sigilo::message {

using ReadElement = void(const Change& change, const json::Value& element, json::Slice at,
                         std::vector<Event>& events);

ReadElement read_message;        // messages.cpp
ReadElement read_status;         // statuses.cpp
ReadElement read_system_error;   // system_errors.cpp
ReadElement read_echo;           // echoes.cpp
ReadElement read_history;        // history.cpp
ReadElement read_history_media;  // history.cpp
ReadElement read_contact_sync;   // address_book.cpp
ReadElement read_call;           // calls.cpp
ReadElement read_call_status;    // calls.cpp

/// Upper bound of the events that read_history gives for all of `value.history`.
std::size_t things_in_history(const json::Array& history);

}  // namespace sigilo::message
