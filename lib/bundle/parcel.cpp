// SPDX-License-Identifier: Apache-2.0
#include "bundle/parcel.hpp"

#include <algorithm>
#include <utility>

#include "bundle/gather.hpp"
#include "json/canonical.hpp"
#include "json/parse.hpp"

namespace sigilo::bundle {
namespace {

/// The last one holds what is missing, a few thousand entries at most.
constexpr std::size_t max_line = std::size_t{16} << 20;

auto no_parcel() {
  return fail(ErrorCode::invalid_input, "the daemon's answer is no bundle",
              "daemon and command line must be of one version");
}

}  // namespace

std::string parcel_line(std::string_view name, std::uint64_t size) {
  return json::canonical(json::Object{{"name", name}, {"size", size}}) + "\n";
}

std::string parcel_end(json::Object end) {
  return json::canonical(json::Object{{"end", std::move(end)}}) + "\n";
}

Result<> ParcelReader::line(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->is_object()) return no_parcel();
  const auto& object = parsed->get_object();
  if (const auto* end = json::object_at(object, "end")) {
    ended_ = true;
    end_ = *end;
    return {};
  }
  const auto size = json::integer_at(object, "size");
  name_ = json::text_at(object, "name").value_or("");
  if (name_.empty() || !size || *size < 0 || static_cast<std::uint64_t>(*size) > max_file)
    return no_parcel();
  size_ = static_cast<std::uint64_t>(*size);
  return size_ == 0 ? give() : Result<>();
}

Result<> ParcelReader::give() {
  SIGILO_TRY_DO(take_(std::exchange(name_, {}), buffer_));
  buffer_.clear();
  return {};
}

Result<> ParcelReader::feed(std::string_view piece) {
  while (!piece.empty()) {
    if (ended_) return no_parcel();
    if (!name_.empty()) {
      const auto taken = piece.substr(0, size_ - buffer_.size());
      buffer_ += taken;
      piece.remove_prefix(taken.size());
      if (buffer_.size() == size_) SIGILO_TRY_DO(give());
      continue;
    }
    const auto end = std::min(piece.find('\n'), piece.size());
    buffer_ += piece.substr(0, end);
    if (buffer_.size() > max_line) return no_parcel();
    if (end == piece.size()) return {};
    piece.remove_prefix(end + 1);
    SIGILO_TRY_DO(line(std::exchange(buffer_, {})));
  }
  return {};
}

Result<json::Object> ParcelReader::end() const {
  if (!ended_)
    return fail(ErrorCode::invalid_input, "the bundle broke off before its end",
                "the daemon's log says why; try again");
  return end_;
}

}  // namespace sigilo::bundle
