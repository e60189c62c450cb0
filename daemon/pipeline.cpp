// SPDX-License-Identifier: Apache-2.0
#include "pipeline.hpp"

#include <exception>
#include <utility>

#include "alert/judge.hpp"
#include "ledger/record.hpp"
#include "message/body.hpp"
#include "message/interpret.hpp"

namespace sigilo {

/// One delivery on its way; owned by whichever station holds it.
struct Pipeline::Task {
  source::Delivery delivery;
  std::function<void(source::Outcome)> done;
  vault::Ingest ingest;
  vault::Ingested ingested;
};

Pipeline::Pipeline(net::Loop& io, const CurrentRules& rules, StorageWatch& storage, Random& random,
                   std::function<void()> mail_waits, Logger log)
    : io_(io),
      rules_(rules),
      storage_(storage),
      random_(random),
      mail_waits_(std::move(mail_waits)),
      log_(log) {}

void Pipeline::accept(source::Delivery delivery, std::function<void(source::Outcome)> done) {
  auto task = std::make_shared<Task>();
  task->delivery = std::move(delivery);
  task->done = std::move(done);
  ++under_way_;
  if (work_->try_submit([this, task] { take(task); })) return;
  --under_way_;
  task->done(source::Outcome::busy);
}

/// Libraries below may throw (out of memory): one delivery must not end the daemon. It is refused
/// and comes again.
void Pipeline::take(const std::shared_ptr<Task>& task) {
  try {
    interpret(task);
    store(task);
  } catch (const std::exception& thrown) {
    log_.error("a delivery could not be interpreted: {}", thrown.what());
    answer(task, source::Outcome::failed);
  }
}

void Pipeline::interpret(const std::shared_ptr<Task>& task) {
  const auto rules = rules_.get();
  auto& delivery = task->delivery;
  auto& ingest = task->ingest;
  ingest.provenance = {delivery.source, crypto::sha256(as_bytes(delivery.body)), delivery.received};
  auto understood = message::interpret_meta(delivery.body, rules->lines());
  ingest.not_monitored = understood.not_monitored;
  ingest.foreign = std::move(understood.foreign);
  ingest.events.reserve(understood.events.size());
  for (auto& event : understood.events) {
    auto& out = ingest.events.emplace_back();
    if (const auto* team = rules->team_of(event.line);
        team != nullptr && event.kind == RecordKind::message) {
      const auto matches = rules->policies().scan(event.text, event.direction);
      auto verdict = alert::judge(event, matches, *team, rules->policies().digest(),
                                  rules->config().mail.has_value());
      out.alerts = std::move(verdict.alerts);
      out.mails = std::move(verdict.mails);
    }
    out.body = message::make_body(event, ingest.provenance, delivery.body);
    out.commitment = ledger::commit_to(out.body, random_);
    out.event = std::move(event);
  }
  ingest.raw = std::move(delivery.body);
  ingest.signature = std::move(delivery.signature_header);
}

void Pipeline::store(const std::shared_ptr<Task>& task) {
  const bool taken = store_->submit(
      [task](vault::WriteTransaction& transaction) -> Result<> {
        SIGILO_TRY(task->ingested, transaction.ingest(task->ingest));
        return {};
      },
      [this, task](Result<> stored) {
        storage_.wrote(stored);
        mails_committed_ = mails_committed_ || (stored && task->ingested.mails > 0);
        const auto refused = !stored && stored.error().code == ErrorCode::no_space
                                 ? source::Outcome::no_space
                                 : source::Outcome::failed;
        answers_.emplace_back(task, stored ? source::Outcome::stored : refused);
      });
  if (!taken) answer(task, source::Outcome::busy);
}

void Pipeline::answer(const std::shared_ptr<Task>& task, source::Outcome outcome) {
  io_.post([this, task, outcome] {
    --under_way_;
    task->done(outcome);
  });
}

void Pipeline::flush() {
  if (answers_.empty()) return;
  io_.post([this, answers = std::exchange(answers_, {})] {
    under_way_ -= answers.size();
    for (const auto& [task, outcome] : answers) task->done(outcome);
  });
  if (std::exchange(mails_committed_, false)) mail_waits_();
}

}  // namespace sigilo
