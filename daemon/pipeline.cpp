// SPDX-License-Identifier: Apache-2.0
#include "pipeline.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "message/media.hpp"
#include "understand.hpp"

namespace sigilo {

/// One delivery on its way; owned by whichever station holds it.
struct Pipeline::Task {
  source::Delivery delivery;
  std::function<void(source::Outcome)> done;
  vault::Ingest ingest;
  vault::Ingested ingested;
  bool files = false;  ///< a message names one
};

Pipeline::Pipeline(net::Loop& io, const CurrentRules& rules, StorageWatch& storage, Random& random,
                   Wakers wakers, Logger log)
    : io_(io),
      rules_(rules),
      storage_(storage),
      random_(random),
      wakers_(std::move(wakers)),
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
    task->ingest = understand(std::move(task->delivery), *rules_.get(), random_);
    task->files = std::ranges::any_of(task->ingest.events, [](const vault::IngestEvent& item) {
      return message::file_of(item.event).has_value();
    });
    store(task);
  } catch (const std::exception& thrown) {
    log_.error("a delivery could not be interpreted: {}", thrown.what());
    answer(task, source::Outcome::failed);
  }
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
        files_committed_ = files_committed_ || (stored && task->files);
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
  if (std::exchange(mails_committed_, false)) wakers_.mail();
  if (std::exchange(files_committed_, false)) wakers_.media();
}

}  // namespace sigilo
