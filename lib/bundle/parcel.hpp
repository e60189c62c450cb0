// SPDX-License-Identifier: Apache-2.0
// A bundle on its way from the daemon to the command line, which packs it where its user may write:
// each file behind a line that names it, then a line that ends it all. So no readable copy lies on
// the daemon's disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sigilo::bundle {

inline constexpr std::string_view parcel_type = "application/vnd.sigilo.parcel";

/// {"name":…,"size":…} and a line feed; so many bytes follow.
std::string parcel_line(std::string_view name, std::uint64_t size);
/// {"end":{…}} and a line feed; nothing follows.
std::string parcel_end(json::Object end);

/// Takes a parcel apart. Holds one file at a time. Runs on: any, one at a time.
class ParcelReader {
 public:
  using Take = std::function<Result<>(std::string_view name, std::string_view content)>;
  explicit ParcelReader(Take take) : take_(std::move(take)) {}

  /// Errors: invalid_input (no parcel, or a file over gather's max_file), those of `take`.
  Result<> feed(std::string_view piece);
  /// What its last line says. Errors: invalid_input (it broke off).
  Result<json::Object> end() const;

 private:
  Result<> line(std::string_view text);
  Result<> give();

  Take take_;
  std::string buffer_;
  std::string name_;  ///< "": a line is awaited
  std::uint64_t size_ = 0;
  bool ended_ = false;
  json::Object end_;
};

}  // namespace sigilo::bundle
