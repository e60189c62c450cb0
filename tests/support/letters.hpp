// SPDX-License-Identifier: Apache-2.0
// An alert and its conversation, as tests of the mail tell them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "mail/letter.hpp"

namespace sigilo::test {

inline mail::Letterhead letterhead() {
  mail::Letterhead head;
  head.firm = "Estudio Ejemplo & Asociados";
  head.timezone = "America/Argentina/Buenos_Aires";
  head.lawyers = {{"+5491150000001", "Dra. Ana Ejemplo"}};
  return head;
}

inline vault::MessageRow message_row(std::uint64_t seq, Direction direction, std::int64_t sent,
                                     std::string text, std::string type = "text") {
  vault::MessageRow row;
  row.seq = Seq(seq);
  row.time = Timestamp::from_seconds(sent + 2);
  auto& event = row.stored.event;
  event.kind = RecordKind::message;
  event.line = E164("+5491150000001");
  event.direction = direction;
  event.party = {"+5491160000002", "", "Juan Pérez"};
  event.sent = Timestamp::from_seconds(sent);
  event.type = std::move(type);
  event.text = std::move(text);
  return row;
}

/// 2026-11-23T18:04:11Z, 15:04:11 in Buenos Aires.
inline constexpr std::int64_t alert_time = 1'795'457'051;

/// Record 1041, with two alerts and a conversation of four messages around it.
inline mail::AlertCase alert_case() {
  mail::AlertCase about;
  about.message = message_row(1041, Direction::in, alert_time,
                              "Hay que pagar la coima al juez, por debajo de la mesa.");
  vault::AlertRow bribery;
  bribery.id = Seq(1042);
  bribery.message = Seq(1041);
  bribery.category = "bribery";
  bribery.severity = Severity::high;
  bribery.rule = "bribery.coima";
  bribery.rules = {"bribery.coima", "bribery.mesa"};
  bribery.policy = "Sobornos y dádivas";
  bribery.spans = {{14, 22}, {32, 53}};
  auto fees = bribery;
  fees.id = Seq(1043);
  fees.category = "honorarios-en-negro";
  fees.severity = Severity::low;
  fees.rule = "fees.cash";
  fees.rules = {"fees.cash"};
  fees.policy = "Normas de la firma";
  fees.spans = {{32, 53}};
  about.alerts = {bribery, fees};
  about.around = {
      message_row(1030, Direction::in, alert_time - 600, "¿Cómo viene el expediente?"),
      message_row(1033, Direction::out, alert_time - 300, "Va bien. Le mando la cédula.", "image"),
      about.message, message_row(1044, Direction::out, alert_time + 60, "No podemos hacer eso.")};
  return about;
}

}  // namespace sigilo::test
