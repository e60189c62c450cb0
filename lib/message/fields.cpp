// SPDX-License-Identifier: Apache-2.0
#include "message/fields.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "message/account_fields.hpp"
#include "message/readers.hpp"

namespace sigilo::message {
namespace {

/// An array in a change's value, and what reads its elements.
struct List {
  std::string_view member;
  ReadElement* read = nullptr;
};

constexpr std::array messages{List{"messages", read_message}, List{"statuses", read_status},
                              List{"errors", read_system_error}};
constexpr std::array echoes{List{"message_echoes", read_echo}, List{"errors", read_system_error}};
constexpr std::array history{List{"history", read_history}, List{"messages", read_history_media},
                             List{"errors", read_system_error}};
constexpr std::array address_book{List{"state_sync", read_contact_sync},
                                  List{"errors", read_system_error}};
constexpr std::array calls{List{"calls", read_call}, List{"statuses", read_call_status},
                           List{"errors", read_system_error}};

struct Field {
  std::string_view name;
  std::span<const List> lists;
};

constexpr std::array fields{
    Field{"messages", messages}, Field{"smb_message_echoes", echoes},
    Field{"history", history},   Field{"smb_app_state_sync", address_book},
    Field{"calls", calls},
};

bool read_lists(std::span<const List> lists, const Change& change, const json::Object& value,
                json::Slice at, std::vector<Event>& events) {
  const std::size_t before = events.size();
  std::vector<std::string_view> members;
  for (const List& list : lists) {
    members.push_back(list.member);
    for_each_in(value, change.body, at, list.member,
                [&](const json::Value& element, json::Slice slice) {
                  list.read(change, element, slice, events);
                });
  }
  return events.size() > before && !holds_more(value, members);
}

}  // namespace

bool read_change(const Change& change, const json::Object& value, json::Slice at,
                 std::vector<Event>& events) {
  if (const AccountField* field = find_account_field(change.field))
    return read_account_field(*field, change, value, at, events);
  const auto field = std::ranges::find(fields, change.field, &Field::name);
  if (field == fields.end() || change.line.value().empty()) return false;
  return read_lists(field->lists, change, value, at, events);
}

}  // namespace sigilo::message
