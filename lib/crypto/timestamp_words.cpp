// SPDX-License-Identifier: Apache-2.0
// What an authority's answer says, and how it is told.
#include <algorithm>
#include <array>
#include <climits>
#include <cstdint>

#include <fmt/format.h>
#include <openssl/err.h>

#include "base/bytes.hpp"
#include "crypto/timestamp_impl.hpp"

namespace sigilo::crypto {
namespace {

/// Longer serial numbers than RFC 3161 allows (160 bits) aren't written out.
constexpr int max_serial_bits = 160;
/// Of an authority's own words.
constexpr std::size_t max_words = 200;
struct FailureWords {
  int bit;
  std::string_view words;
};
constexpr FailureWords failure_words[] = {
    {TS_INFO_BAD_ALG, "it does not accept SHA-256"},
    {TS_INFO_BAD_REQUEST, "it does not permit or support the request"},
    {TS_INFO_BAD_DATA_FORMAT, "it cannot read the request"},
    {TS_INFO_TIME_NOT_AVAILABLE, "its clock is not available"},
    {TS_INFO_UNACCEPTED_POLICY, "it does not support the policy asked for"},
    {TS_INFO_UNACCEPTED_EXTENSION, "it does not support an extension asked for"},
    {TS_INFO_ADD_INFO_NOT_AVAILABLE, "what was asked for in addition is not available"},
    {TS_INFO_SYSTEM_FAILURE, "it is out of order"},
};

std::string_view status_words(long status) {
  switch (status) {
    case TS_STATUS_REJECTION:
      return "the time stamp authority rejects the request";
    case TS_STATUS_WAITING:
      return "the time stamp authority asks to wait";
    case TS_STATUS_REVOCATION_WARNING:
      return "the time stamp authority warns that its certificate is about to be revoked";
    case TS_STATUS_REVOCATION_NOTIFICATION:
      return "the time stamp authority says that its certificate was revoked";
    default:
      return "the time stamp authority answers with a status that no standard knows";
  }
}

/// A part of an accuracy; nothing where it is out of its range.
std::optional<std::int64_t> part_of(const ASN1_INTEGER* part, std::int64_t limit) {
  if (part == nullptr) return 0;
  std::int64_t value = 0;
  if (ASN1_INTEGER_get_int64(&value, part) != 1 || value < 0 || value > limit) return std::nullopt;
  return value;
}

}  // namespace

tl::unexpected<Error> no_answer(std::string_view why) {
  ERR_clear_error();
  return fail(ErrorCode::invalid_input,
              fmt::format("this is no answer of a time stamp authority: {}", why),
              "check the authority's address");
}

std::string printable(std::string_view words) {
  std::string safe;
  for (const char c : words.substr(0, max_words)) safe += c >= ' ' && c <= '~' ? c : '?';
  return safe;
}

Result<> check_status(const TS_RESP* response) {
  const TS_STATUS_INFO* const info = TS_RESP_get_status_info(const_cast<TS_RESP*>(response));
  const long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
  if (status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS) return {};
  std::string what(status_words(status));
  bool temporary = status == TS_STATUS_WAITING;
  const ASN1_BIT_STRING* const failures = TS_STATUS_INFO_get0_failure_info(info);
  for (const auto& failure : failure_words) {
    if (failures == nullptr || ASN1_BIT_STRING_get_bit(failures, failure.bit) == 0) continue;
    what += fmt::format(": {}", failure.words);
    temporary = temporary || failure.bit == TS_INFO_TIME_NOT_AVAILABLE ||
                failure.bit == TS_INFO_SYSTEM_FAILURE;
  }
  const STACK_OF(ASN1_UTF8STRING)* const texts = TS_STATUS_INFO_get0_text(info);
  if (texts != nullptr && sk_ASN1_UTF8STRING_num(texts) > 0) {
    const ASN1_UTF8STRING* const text = sk_ASN1_UTF8STRING_value(texts, 0);
    const BytesView words(ASN1_STRING_get0_data(text),
                          static_cast<std::size_t>(ASN1_STRING_length(text)));
    what += fmt::format(" (\"{}\")", printable(as_text(words)));
  }
  if (temporary) return fail(ErrorCode::unavailable, what, "it is asked again later");
  return fail(ErrorCode::refused, what, "check the policy asked for, or choose another authority");
}

Result<Timestamp> time_of(const ASN1_GENERALIZEDTIME* time) {
  const std::string_view text =
      as_text({ASN1_STRING_get0_data(time), static_cast<std::size_t>(ASN1_STRING_length(time))});
  if (text.size() < 15) return no_answer("its time is cut off");
  return parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}", text.substr(0, 4), text.substr(4, 2),
                                   text.substr(6, 2), text.substr(8, 2), text.substr(10, 2),
                                   text.substr(12)));
}

Result<std::optional<Duration>> accuracy_of(const TS_TST_INFO* info) {
  const TS_ACCURACY* const accuracy = TS_TST_INFO_get_accuracy(const_cast<TS_TST_INFO*>(info));
  if (accuracy == nullptr) return std::optional<Duration>();
  const auto seconds = part_of(TS_ACCURACY_get_seconds(accuracy), INT_MAX);
  const auto millis = part_of(TS_ACCURACY_get_millis(accuracy), 999);
  const auto micros = part_of(TS_ACCURACY_get_micros(accuracy), 999);
  if (!seconds || !millis || !micros) return no_answer("its accuracy is out of range");
  return std::optional<Duration>(*seconds * 1'000'000 + *millis * 1'000 + *micros);
}

Oid oid_of(std::string_view text) {
  constexpr int numbers_only = 1;
  const bool numbers = std::all_of(text.begin(), text.end(),
                                   [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
  // OpenSSL reads "1.2." and "1..2" as something; neither is an OID.
  if (!numbers || text.ends_with('.') || text.find("..") != std::string_view::npos) return nullptr;
  return Oid(OBJ_txt2obj(std::string(text).c_str(), numbers_only));
}

std::string oid_text(const ASN1_OBJECT* oid) {
  std::array<char, 256> text{};
  constexpr int numbers_only = 1;
  OBJ_obj2txt(text.data(), static_cast<int>(text.size()), oid, numbers_only);
  return text.data();
}

Result<std::string> serial_of(const ASN1_INTEGER* serial) {
  const Number number(ASN1_INTEGER_to_BN(serial, nullptr));
  if (!number || BN_num_bits(number.get()) > max_serial_bits)
    return no_answer("its serial number is out of range");
  char* const hex = BN_bn2hex(number.get());
  must(hex != nullptr);
  std::string text(hex);
  OPENSSL_free(hex);
  return text;
}

std::string subject_of(const X509* certificate) {
  const Buffer buffer(BIO_new(BIO_s_mem()));
  must(buffer != nullptr);
  X509_NAME_print_ex(buffer.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(buffer.get(), &text);
  return size > 0 ? printable({text, static_cast<std::size_t>(size)}) : std::string();
}

Timestamp end_of(const X509* certificate) {
  constexpr std::int64_t day = 86'400;
  int days = 0;
  int seconds = 0;
  const Owned<ASN1_TIME, ASN1_TIME_free> epoch(ASN1_TIME_set(nullptr, 0));
  must(epoch != nullptr);
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), X509_get0_notAfter(certificate)) != 1) return {};
  return Timestamp::from_seconds(days * day + seconds);
}

}  // namespace sigilo::crypto
