// SPDX-License-Identifier: Apache-2.0
// What the service itself put on record.
#include "json/parse.hpp"
#include "vault/reader_impl.hpp"

namespace sigilo::vault {

Result<std::vector<ServiceRow>> Reader::services(std::string_view event) {
  SIGILO_TRY(auto select,
             impl_->database.prepare("SELECT seq, time, body FROM record INDEXED BY record_few"
                                     " WHERE kind NOT IN ('message', 'status') AND kind = 'service'"
                                     " AND instr(body, ?) > 0 ORDER BY seq"));
  select.bind(1, event);  // cheaper than reading every body
  std::vector<ServiceRow> rows;
  for (;;) {
    SIGILO_TRY(const bool found, select.step());
    if (!found) return rows;
    const auto body = json::parse(select.text(2));
    const auto* object = body ? body->if_object() : nullptr;
    if (object == nullptr || json::text_at(*object, "event") != event) continue;
    rows.push_back({Seq(static_cast<std::uint64_t>(select.integer(0))),
                    Timestamp::from_micros(select.integer(1)), std::string(select.text(2))});
  }
}

}  // namespace sigilo::vault
