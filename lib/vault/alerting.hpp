// SPDX-License-Identifier: Apache-2.0
// Writing an alert and its mails beside the record that they are about. Private to this room.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "message/event.hpp"
#include "vault/impl.hpp"
#include "vault/transaction.hpp"

namespace sigilo::vault {

/// Record and row of an alert about record `about`, which holds `event`. Returns its number. Runs
/// on: store, inside a transaction.
Result<Seq> write_alert(Vault::Impl& vault, Seq about, const message::Event& event,
                        const NewAlert& alert, const std::vector<NewMail>& mails);

/// A mail about that record into the outbox.
Result<> write_mail(Vault::Impl& vault, Seq about, const NewMail& mail);

}  // namespace sigilo::vault
