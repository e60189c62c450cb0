// SPDX-License-Identifier: Apache-2.0
#include "message/contacts.hpp"

#include <optional>

#include "base/number.hpp"
#include "json/parse.hpp"

namespace sigilo::message {
namespace {

Party identified(std::string_view number, std::string_view user_id) {
  Party party;
  party.user_id = user_id;
  if (const auto normal = normalise_number(number)) {
    party.number = normal->value();
  } else if (party.user_id.empty()) {
    party.user_id = number;
  }
  return party;
}

std::optional<Party> contact_party(const json::Value& value) {
  const auto* contact = value.if_object();
  if (contact == nullptr) return std::nullopt;
  Party party = identified(json::text_at(*contact, "wa_id").value_or(""),
                           json::text_at(*contact, "user_id").value_or(""));
  if (party.key().empty() || party.user_id.size() > max_id_length) return std::nullopt;
  if (const auto* profile = json::object_at(*contact, "profile")) {
    party.name = cut_name(json::text_at(*profile, "name").value_or(""));
  }
  return party;
}

}  // namespace

std::string_view cut_name(std::string_view name) {
  if (name.size() <= max_name_length) return name;
  std::size_t end = max_name_length;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0U) == 0x80U) --end;
  return name.substr(0, end);
}

Contacts::Contacts(const json::Array* contacts) {
  if (contacts == nullptr) return;
  parties_.reserve(contacts->size());
  for (const json::Value& contact : *contacts) {
    if (auto party = contact_party(contact)) parties_.push_back(std::move(*party));
  }
  for (std::size_t i = 0; i < parties_.size(); ++i) {
    if (!parties_[i].number.empty()) by_number_.emplace(parties_[i].number, i);
    if (!parties_[i].user_id.empty()) by_user_id_.emplace(parties_[i].user_id, i);
  }
}

const Party* Contacts::contact_of(const Party& party) const {
  if (party.key().empty()) return parties_.size() == 1 ? &parties_.front() : nullptr;
  if (const auto found = by_number_.find(party.number); found != by_number_.end()) {
    return &parties_[found->second];
  }
  if (const auto found = by_user_id_.find(party.user_id); found != by_user_id_.end()) {
    return &parties_[found->second];
  }
  return nullptr;
}

Party Contacts::party(std::string_view number, std::string_view user_id) const {
  Party party = identified(number, user_id);
  const Party* contact = contact_of(party);
  if (contact == nullptr) return party;
  if (party.number.empty()) party.number = contact->number;
  if (party.user_id.empty()) party.user_id = contact->user_id;
  party.name = contact->name;
  return party;
}

}  // namespace sigilo::message
