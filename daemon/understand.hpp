// SPDX-License-Identifier: Apache-2.0
// One delivery through the stations before the vault: what it says, what it breaks, whom that
// concerns.
#pragma once

#include <string>

#include "base/random.hpp"
#include "message/body.hpp"
#include "rules.hpp"
#include "source/meta_webhook.hpp"
#include "vault/transaction.hpp"

namespace sigilo {

/// Interpreted, scanned and judged, with the bodies of its records; only the salts are random. Runs
/// on: work.
vault::Ingest understand(source::Delivery delivery, const Rules& rules, Random& random);

/// The same of bytes that were received before, without a signature.
vault::Ingest understand(std::string raw, const message::Provenance& provenance, const Rules& rules,
                         Random& random);

}  // namespace sigilo
