// SPDX-License-Identifier: Apache-2.0
// Time stamps by an authority (RFC 3161 over HTTP, section 3.4): "this note existed at this time".
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "anchor/place.hpp"
#include "anchor/web.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

namespace sigilo::anchor {

/// Runs on: anchor; interrupt() on any.
class TimeStamp final : public Place {
 public:
  struct Settings {
    std::string url;
    /// PEM, read at each stamp; without it a token's chain is not checked.
    std::optional<std::filesystem::path> roots;
  };
  /// Borrows clock and random.
  TimeStamp(Settings settings, Exchange exchange, std::function<void()> interrupt,
            const Clock& clock, Random& random);

  [[nodiscard]] vault::AnchorKind kind() const override { return vault::AnchorKind::rfc3161; }
  [[nodiscard]] const std::string& where() const override { return settings_.url; }
  /// The token in base64, checked. Errors: unavailable, timeout, refused (the authority says no),
  /// crypto (a token that proves nothing), invalid_input, not_found or io (the roots' file).
  Result<std::string> keep(const vault::KeptCheckpoint& checkpoint) override;
  void interrupt() override { interrupt_(); }

 private:
  const Settings settings_;
  const Exchange exchange_;
  const std::function<void()> interrupt_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace sigilo::anchor
