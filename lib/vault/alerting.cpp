// SPDX-License-Identifier: Apache-2.0
#include "vault/alerting.hpp"

#include <array>

#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "message/body.hpp"
#include "vault/bodies.hpp"
#include "vault/rows.hpp"

namespace sigilo::vault {
Result<Seq> write_alert(Vault::Impl& vault, Seq about, const message::Event& event,
                        const NewAlert& alert, const std::vector<NewMail>& mails) {
  SIGILO_TRY(const Seq id, vault.append(RecordKind::alert, alert_body(alert, event, about, mails)));
  ++vault.tally.counters["alerts"];
  SIGILO_TRY_DO(vault.sql.add_alert.bind(1, number(id))
                    .bind(2, number(about))
                    .bind(3, std::string_view(alert.category))
                    .bind(4, to_string(alert.severity))
                    .bind(5, std::string_view(alert.rule))
                    .bind(6, std::string_view(alert.team))
                    .run());
  return id;
}

Result<> write_mail(Vault::Impl& vault, Seq about, const NewMail& mail) {
  std::array<std::uint8_t, 16> unique{};
  vault.random.fill(unique);
  const std::string id = fmt::format("{}@{}.sigilo", crypto::to_hex(unique), vault.uuid);
  return vault.sql.add_outbox.bind(1, number(about))
      .bind(2, std::string_view(mail.recipient))
      .bind(3, std::string_view(mail.team))
      .bind(4, to_string(mail.language))
      .bind(5, std::string_view(id))
      .bind(6, vault.sealer.state().last.micros())
      .run();
}

Result<Seq> WriteTransaction::alert(Seq about, const NewAlert& alert,
                                    const std::vector<NewMail>& mails) {
  auto& find = vault_->sql.body_of.bind(1, number(about));
  SIGILO_TRY(const bool found, find.step());
  const auto kind = found ? parse_record_kind(find.text(0)) : std::nullopt;
  const auto body = found ? find.maybe_text(1) : std::nullopt;
  find.reset();
  if (!found) return fail(ErrorCode::not_found, fmt::format("no record {}", about.value()));
  if (!kind || !message::holds_event(*kind) || !body)
    return fail(ErrorCode::refused,
                fmt::format("record {} says nothing that an alert can be about", about.value()));
  SIGILO_TRY(const auto stored, message::read_body(*kind, *body));
  SIGILO_TRY(const Seq id, write_alert(*vault_, about, stored.event, alert, mails));
  for (const auto& mail : mails) SIGILO_TRY_DO(write_mail(*vault_, about, mail));
  return id;
}

}  // namespace sigilo::vault
