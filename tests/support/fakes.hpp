// SPDX-License-Identifier: Apache-2.0
// Time and randomness that a test decides.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace sigilo::test {

/// Stands still until it is told otherwise. Begins at 2026-11-24T12:00:00Z. Runs on: any.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return Timestamp::from_micros(wall_); }
  [[nodiscard]] std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(steady_.load()));
  }
  /// Time passes: both clocks go on.
  void advance(std::chrono::microseconds by) {
    wall_ += by.count();
    steady_ += by.count();
  }
  /// Somebody sets the wall clock, also backwards.
  void set(Timestamp time) { wall_ = time.micros(); }

 private:
  std::atomic<std::int64_t> wall_{1'795'521'600'000'000};
  std::atomic<std::int64_t> steady_{1'000'000};
};

/// The same bytes in each run, never twice in one. Runs on: any.
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(std::uint64_t seed = 1) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    const std::lock_guard guard(mutex_);
    ++calls_;
    for (auto& byte : out) {  // splitmix64
      std::uint64_t x = state_ += 0x9e3779b97f4a7c15;
      x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
      x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
      byte = static_cast<std::uint8_t>(x >> 56);
    }
  }
  /// How often randomness was asked for.
  [[nodiscard]] std::size_t calls() const {
    const std::lock_guard guard(mutex_);
    return calls_;
  }

 private:
  mutable std::mutex mutex_;
  std::uint64_t state_;
  std::size_t calls_ = 0;
};

/// Keeps what was logged. Runs on: any.
class MemorySink final : public LogSink {
 public:
  void write(LogLevel level, std::string_view line) override {
    const std::lock_guard guard(mutex_);
    lines_.emplace_back(level, line);
  }
  [[nodiscard]] std::vector<std::pair<LogLevel, std::string>> lines() const {
    const std::lock_guard guard(mutex_);
    return lines_;
  }
  [[nodiscard]] bool has(std::string_view part) const {
    const std::lock_guard guard(mutex_);
    for (const auto& [level, line] : lines_)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<LogLevel, std::string>> lines_;
};

}  // namespace sigilo::test
