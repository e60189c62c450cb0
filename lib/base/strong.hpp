// SPDX-License-Identifier: Apache-2.0
// A value with a meaning: two strong types never mix, and nothing converts to or from them
// silently.
#pragma once

#include <compare>
#include <functional>
#include <utility>

namespace sigilo {

template <class Tag, class T>
class Strong {
 public:
  Strong() = default;
  explicit Strong(T value) : value_(std::move(value)) {}
  [[nodiscard]] const T& value() const { return value_; }
  auto operator<=>(const Strong&) const = default;  // NOLINT(modernize-use-nullptr): a false alarm

 private:
  T value_{};
};

}  // namespace sigilo

template <class Tag, class T>
struct std::hash<sigilo::Strong<Tag, T>> {
  std::size_t operator()(const sigilo::Strong<Tag, T>& strong) const {
    return std::hash<T>{}(strong.value());
  }
};
