// SPDX-License-Identifier: Apache-2.0
// Parts of the daemon around a temporary vault.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "net/loop.hpp"
#include "rules.hpp"
#include "support/vault.hpp"

namespace sigilo::test {

/// An io thread of its own.
class IoThread {
 public:
  ~IoThread() {
    loop.stop();
    thread_.join();
  }
  [[nodiscard]] std::thread::id id() const { return thread_.get_id(); }
  net::Loop loop;

 private:
  std::thread thread_{[this] { loop.run(); }};
};

/// What other threads report; wait_for() fails loudly instead of waiting for ever.
template <class T>
class Reports {
 public:
  void add(T report) {
    {
      const std::scoped_lock lock(mutex_);
      reports_.push_back(std::move(report));
    }
    changed_.notify_all();
  }
  std::vector<T> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(30),
                           [&] { return reports_.size() >= count; }))
      throw std::runtime_error("a report did not come");
    return reports_;
  }
  [[nodiscard]] std::size_t count() const {
    const std::scoped_lock lock(mutex_);
    return reports_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> reports_;
};

/// The configuration of a firm with one line, one team and mail.
inline config::Config firm(const std::string& policies) {
  auto loaded = config::parse(
      "[firm]\nname = 'Estudio Ejemplo'\n[vault]\nkey = 'file:/etc/sigilo/vault-key'\n"
      "[[line]]\nnumber = '+5491150000001'\nphone_number_id = '106540352242922'\n"
      "lawyer = 'Dra. Ana Ejemplo'\nteam = 'litigios'\n"
      "[[team]]\nname = 'otros'\nmanagers = ['otro@estudio.example']\n"
      "[[team]]\nname = 'litigios'\nmanagers = ['compliance@estudio.example']\n"
      "[mail]\nrelay = 'smtp://127.0.0.1:25'\ntls = 'off'\nfrom = 'sigilo@estudio.example'\n"
      "[scan]\npolicies = '" +
          policies + "'\n",
      "sigilo.toml");
  if (!loaded.config) throw std::runtime_error(loaded.problems.front().message());
  return std::move(*loaded.config);
}

inline std::shared_ptr<const Rules> rules_with_our_policies() {
  std::vector<config::Problem> problems;
  auto rules = Rules::make(firm(std::string(SIGILO_SOURCE_DIR) + "/etc/policies.d"), problems);
  if (!rules) throw std::runtime_error(problems.front().message());
  return rules;
}

}  // namespace sigilo::test
