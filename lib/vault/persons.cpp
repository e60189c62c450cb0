// SPDX-License-Identifier: Apache-2.0
#include "vault/persons.hpp"

#include <algorithm>
#include <map>

#include "message/body.hpp"
#include "vault/messages.hpp"
#include "vault/reader_impl.hpp"

namespace sigilo::vault {
namespace {

bool is_pair(const std::string& one, const std::string& two, const IdentityLink& link) {
  return (one == link.name && two == link.other) || (one == link.other && two == link.name);
}

/// What the record says about the two.
std::string how_of(const message::Event& event, const IdentityLink& link) {
  if (is_pair(event.party.number, event.party.user_id, link)) return "given beside it";
  // Numbers begin with +, user ids do not.
  const bool numbers = link.name.starts_with('+') && link.other.starts_with('+');
  return numbers ? "user changed number" : "user id update";
}

Result<> add_links(Database& database, Person& person) {
  SIGILO_TRY(auto select,
             database.prepare("SELECT other, identity.seq, time, kind, body FROM identity"
                              " LEFT JOIN record ON record.seq = identity.seq WHERE name = ?"));
  for (const auto& name : person.names) {
    select.bind(1, std::string_view(name));
    for (;;) {
      SIGILO_TRY(const bool found, select.step());
      if (!found) break;
      IdentityLink link{name, std::string(select.text(0)),
                        Seq(static_cast<std::uint64_t>(select.integer(1))),
                        Timestamp::from_micros(select.integer(2)), ""};
      const auto known = [&](const IdentityLink& one) {
        return is_pair(one.name, one.other, link);
      };
      if (std::ranges::any_of(person.links, known)) continue;  // each stands in both orders
      const auto kind = parse_record_kind(select.text(3));
      if (kind && message::holds_event(*kind) && select.maybe_text(4)) {
        if (const auto stored = message::read_body(*kind, select.text(4)))
          link.how = how_of(stored->event, link);
      }
      person.links.push_back(std::move(link));
    }
    select.reset();
  }
  std::ranges::sort(person.links, {}, &IdentityLink::record);
  return {};
}

Result<> add_called(Database& database, const std::vector<std::int64_t>& seqs, Person& person) {
  SIGILO_TRY(auto select, database.prepare("SELECT time, body FROM record WHERE seq = ?"));
  std::map<std::string, CalledName, std::less<>> called;
  for (const auto seq : seqs) {  // newest first
    SIGILO_TRY(const bool found, select.bind(1, seq).step());
    if (found && select.maybe_text(1)) {
      const auto time = Timestamp::from_micros(select.integer(0));
      const auto stored = message::read_body(RecordKind::message, select.text(1));
      if (stored && !stored->event.party.name.empty()) {
        const auto& name = stored->event.party.name;
        called.try_emplace(name, CalledName{name, time, time}).first->second.first = time;
      }
    }
    select.reset();
  }
  for (auto& [name, one] : called) person.called.push_back(std::move(one));
  std::ranges::sort(person.called, std::ranges::greater(), &CalledName::last);
  return {};
}

}  // namespace

Result<Person> Reader::person(std::string_view name) {
  SIGILO_TRY(const auto snapshot, Snapshot::begin(impl_->database));
  Messages messages(impl_->database);
  Person person;
  SIGILO_TRY(person.names, messages.names_of(name));
  SIGILO_TRY_DO(add_links(impl_->database, person));
  SIGILO_TRY(const auto conversations, messages.conversations_of(person.names, std::nullopt));
  SIGILO_TRY(auto seqs, messages.newest_of(conversations, max_messages_of_person + 1));
  person.truncated = seqs.size() > max_messages_of_person;
  if (person.truncated) seqs.pop_back();
  SIGILO_TRY_DO(add_called(impl_->database, seqs, person));
  return person;
}

}  // namespace sigilo::vault
