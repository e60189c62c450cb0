// SPDX-License-Identifier: Apache-2.0
#include "message/contact_card.hpp"

#include <initializer_list>
#include <unordered_set>
#include <vector>

#include "json/parse.hpp"
#include "message/text_writer.hpp"
#include "message/vcard.hpp"

namespace sigilo::message {
namespace {

/// The name as the card shows it, else made of its parts.
std::string card_name(const json::Object& card) {
  const auto* name = json::object_at(card, "name");
  if (name == nullptr) return "";
  if (const auto formatted = json::text_at(*name, "formatted_name")) return std::string(*formatted);
  std::string joined;
  for (const std::string_view part :
       {"prefix", "first_name", "middle_name", "last_name", "suffix"}) {
    const auto text = json::text_at(*name, part);
    if (!text || text->empty()) continue;
    if (!joined.empty()) joined += ' ';
    joined += *text;
  }
  return joined;
}

/// What is written on one card, each thing once: the same number often stands in the card's list
/// and in its vcard.
class Card {
 public:
  explicit Card(Lines& lines) : lines_(lines) {}

  void add(std::string_view text) {
    if (seen_.emplace(text).second) lines_.add(text);
  }
  void add_phone(std::string_view phone) {
    if (phone.empty() || !seen_.emplace(phone).second) return;
    lines_.add(phone);
    phones_.push_back(quoted(phone));
  }
  /// Texts of the object's members, in the given order.
  void add_members(const json::Object* object, std::initializer_list<std::string_view> keys) {
    if (object == nullptr) return;
    for (const std::string_view key : keys) add(json::text_at(*object, key).value_or(""));
  }
  /// The same of each object in the array `list`: addresses of mail, links.
  void add_list(const json::Object& card, std::string_view list,
                std::initializer_list<std::string_view> keys) {
    for_each_object(card, list, [&](const json::Object& object) { add_members(&object, keys); });
  }
  void add_phones(const json::Object& card) {
    for_each_object(card, "phones", [&](const json::Object& object) {
      const auto phone = json::text_at(object, "phone").value_or("");
      add_phone(phone.empty() ? json::text_at(object, "wa_id").value_or("") : phone);
    });
  }
  void add_vcard(std::string_view text) {
    for (const VcardLine& line : read_vcard(text)) {
      if (line.name == "TEL") {
        add_phone(line.value);
      } else {
        add(line.value);
      }
    }
  }
  [[nodiscard]] const std::vector<std::string>& phones() const { return phones_; }

 private:
  template <class Read>
  static void for_each_object(const json::Object& card, std::string_view list, Read read) {
    const auto* array = json::array_at(card, list);
    if (array == nullptr) return;
    for (const json::Value& value : *array) {
      if (const auto* object = value.if_object()) read(*object);
    }
  }

  Lines& lines_;
  std::unordered_set<std::string> seen_;
  std::vector<std::string> phones_;
};

}  // namespace

std::string read_card(const json::Object& object, Lines& lines) {
  ObjectText text;
  Card card(lines);
  const std::string name = card_name(object);
  card.add(name);
  if (!name.empty()) text.text("name", name);
  card.add_members(json::object_at(object, "org"), {"company", "department", "title"});
  card.add_phones(object);
  card.add_list(object, "emails", {"email"});
  card.add_list(object, "urls", {"url"});
  card.add_list(object, "addresses", {"street", "city", "state", "zip", "country"});
  card.add(json::text_at(object, "birthday").value_or(""));
  card.add_vcard(json::text_at(object, "vcard").value_or(""));
  if (!card.phones().empty()) text.json("phones", array_text(card.phones()));
  return text.finish();
}

}  // namespace sigilo::message
