// SPDX-License-Identifier: Apache-2.0
// The log is for the administrator: English, one line an event, never content, never a secret.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace sigilo {

enum class LogLevel { debug, info, warning, error };

/// Where lines go. Runs on: any; implementations lock.
class LogSink {
 public:
  virtual ~LogSink() = default;
  virtual void write(LogLevel level, std::string_view line) = 0;
};

/// Writes to stderr. Under systemd (`journal`) each line begins with sd-daemon(3)'s "<N>" priority,
/// so the journal keeps the level; on a terminal it begins with the level's word.
class StderrSink final : public LogSink {
 public:
  explicit StderrSink(bool journal) : journal_(journal) {}
  void write(LogLevel level, std::string_view line) override;

 private:
  std::mutex mutex_;
  const bool journal_;
};

/// What each class that logs gets by its constructor. Cheap to copy; the sink must outlive it.
class Logger {
 public:
  Logger(LogSink& sink, LogLevel least) : sink_(&sink), least_(least) {}

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    log(LogLevel::debug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    log(LogLevel::info, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) const {
    log(LogLevel::warning, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    log(LogLevel::error, format, std::forward<Args>(args)...);
  }

 private:
  template <class... Args>
  void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) const {
    if (level >= least_) sink_->write(level, fmt::format(format, std::forward<Args>(args)...));
  }

  LogSink* sink_;
  LogLevel least_;
};

}  // namespace sigilo
