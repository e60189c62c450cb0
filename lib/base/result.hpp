// SPDX-License-Identifier: Apache-2.0
// What can happen is returned, never thrown: Result<T> carries a value or an Error that a person
// can act on.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace sigilo {

/// Kinds of failure that a caller may treat differently. Text for people is in Error, not here.
enum class ErrorCode {
  invalid_input,   ///< bytes or arguments from outside break a rule
  config,          ///< the configuration is wrong; the remedy names file and line
  not_found,       ///< the thing asked for does not exist
  already_exists,  ///< creating would harm what is there
  permission,      ///< the operating system or a role says no
  wrong_key,       ///< the key does not open the vault
  not_a_vault,     ///< the file is something else
  newer_version,   ///< written by a later sigilo
  locked,          ///< another process holds it
  no_space,        ///< the disk is full
  io,              ///< reading or writing failed
  corrupt,         ///< stored data contradicts itself
  unavailable,     ///< try again later: the other side is down or busy
  timeout,         ///< the other side was too slow
  refused,         ///< the other side understood and said no for good
  crypto,          ///< a cryptographic library refused
};

/// One failure. `what` says what happened and to what; `remedy` what to do ("" where nothing
/// helps).
struct Error {
  ErrorCode code = ErrorCode::io;
  std::string what;
  std::string remedy;

  /// "what; remedy", for logs and terminals.
  [[nodiscard]] std::string message() const { return remedy.empty() ? what : what + "; " + remedy; }
};

template <class T = void>
using Result = tl::expected<T, Error>;

/// Usage: `return fail(ErrorCode::io, fmt::format("cannot read {}: {}", path, reason), "check the
/// disk");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string what,
                                                std::string remedy = {}) {
  return tl::unexpected<Error>(Error{code, std::move(what), std::move(remedy)});
}

/// Passes an error on unchanged from a Result of another type.
template <class T>
[[nodiscard]] tl::unexpected<Error> pass_on(Result<T>&& failed) {
  return tl::unexpected<Error>(std::move(failed).error());
}

}  // namespace sigilo

#define SIGILO_JOIN_(a, b) a##b
#define SIGILO_JOIN(a, b) SIGILO_JOIN_(a, b)

/// Declares `decl` from the value of `expr`, or returns its error: SIGILO_TRY(auto file,
/// open(path)); `decl` is a declaration, so it can't stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define SIGILO_TRY(decl, expr)                                  \
  auto SIGILO_JOIN(sigilo_try_, __LINE__) = (expr);             \
  if (!SIGILO_JOIN(sigilo_try_, __LINE__))                      \
    return ::tl::unexpected<::sigilo::Error>(                   \
        std::move(SIGILO_JOIN(sigilo_try_, __LINE__)).error()); \
  decl = std::move(*SIGILO_JOIN(sigilo_try_, __LINE__))
// NOLINTEND(bugprone-macro-parentheses)

/// Returns the error of a Result<>, if it is one: SIGILO_TRY_DO(sync(file));
#define SIGILO_TRY_DO(expr)                                                           \
  do {                                                                                \
    if (auto sigilo_try_result = (expr); !sigilo_try_result)                          \
      return ::tl::unexpected<::sigilo::Error>(std::move(sigilo_try_result).error()); \
  } while (false)
