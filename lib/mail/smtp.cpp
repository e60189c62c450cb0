// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "base/check.hpp"
#include "config/forms.hpp"
#include "mail/plain.hpp"

namespace sigilo::mail {
namespace {

/// A kept connection that was silent for longer is not used again: relays close them after a few
/// minutes.
constexpr long max_idle_seconds = 60;

struct EndEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

void start_library() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  SIGILO_CHECK(started, "libcurl starts");
}

/// An option that this libcurl does not know would silently weaken the connection.
template <class T>
void set(CURL* handle, CURLoption option, T value) {
  SIGILO_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK, "libcurl takes an option");
}

SendResult deferred(std::string reply, bool relay_trouble, int code = 0) {
  return {SendResult::Outcome::deferred, relay_trouble, code, std::move(reply)};
}

/// What failed, in words, with what helps.
std::string explained(CURLcode code, const SmtpRelay::Settings& relay) {
  const auto where = fmt::format("{}:{}", relay.host, relay.port);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return fmt::format(
          "the mail relay's name {} cannot be resolved; check [mail] relay and the DNS",
          relay.host);
    case CURLE_COULDNT_CONNECT:
      return fmt::format("nobody answers at the mail relay {}; check that it runs and the firewall",
                         where);
    case CURLE_OPERATION_TIMEDOUT:
      return fmt::format("the mail relay {} did not answer in time; look into its log", where);
    case CURLE_USE_SSL_FAILED:
      return fmt::format("the mail relay {} offers no STARTTLS; enable it there, or use smtps://",
                         where);
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format(
          "the certificate of the mail relay {} is not trusted or bears another name; install its "
          "CA, name it in [mail] ca_file, or write the name that the certificate bears",
          where);
    case CURLE_SSL_CONNECT_ERROR:
      return fmt::format(
          "no TLS 1.2 or later with the mail relay {}; check port, smtp:// against smtps://, and "
          "its "
          "TLS settings",
          where);
    case CURLE_SSL_CACERT_BADFILE:
      return "the file of [mail] ca_file cannot be read as PEM; check path and content";
    case CURLE_LOGIN_DENIED:
      return fmt::format(
          "the mail relay {} does not accept user and password; check [mail] user and password",
          where);
    case CURLE_ABORTED_BY_CALLBACK:
      return "the service is stopping; the mail goes out after the next start";
    default:
      return fmt::format("the connection to the mail relay {} broke ({})", where,
                         curl_easy_strerror(code));
  }
}

/// What the dialogue has come to. curl reports only the last code, which may be an answer to
/// something earlier.
struct Dialogue {
  enum class Phase { before_mail, recipient, content };
  Phase phase = Phase::before_mail;
  bool handed_over = false;  ///< all bytes are out, only the relay's word is missing
  bool closing = false;
  bool more_follows = false;
  int code = 0;  ///< of the last reply in this phase
  std::string reply;
  std::string_view unsent;
  std::stop_token stop;

  void command(std::string_view line) {
    closing = line.starts_with("QUIT");  // libcurl closes a failed connection before it reports
    if (closing) return;
    if (line.starts_with("RCPT")) phase = Phase::recipient;
    if (line.starts_with("DATA")) phase = Phase::content;
    code = 0;
    reply.clear();
  }

  /// RFC 5321 4.2: three digits, then "-" where more lines follow.
  void answer(std::string_view line) {
    if (closing) return;
    int value = 0;
    const auto digits = line.substr(0, 3);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{})
      return;
    const bool more = line.size() > 3 && line[3] == '-';
    const bool further = std::exchange(more_follows, more);
    code = value;
    if (!further) reply.clear();
    if (reply.size() < max_reply * 4) {
      reply += further ? line.substr(std::min<std::size_t>(4, line.size())) : line;
    }
  }
};

std::size_t give(char* buffer, std::size_t size, std::size_t count, void* data) {
  auto& dialogue = *static_cast<Dialogue*>(data);
  const auto part = dialogue.unsent.substr(0, size * count);
  if (!part.empty()) std::memcpy(buffer, part.data(), part.size());
  dialogue.unsent.remove_prefix(part.size());
  dialogue.handed_over = dialogue.unsent.empty();
  return part.size();
}

/// Commands and replies pass here. Commands may hold the password, content the message: nothing of
/// them is kept.
int overhear(CURL* /*handle*/, curl_infotype type, char* bytes, std::size_t size, void* data) {
  auto& dialogue = *static_cast<Dialogue*>(data);
  if (type == CURLINFO_HEADER_OUT) dialogue.command({bytes, size});
  if (type == CURLINFO_HEADER_IN) dialogue.answer({bytes, size});
  return 0;
}

int shall_stop(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& dialogue = *static_cast<Dialogue*>(data);
  return dialogue.stop.stop_requested() && !dialogue.handed_over ? 1 : 0;
}

SendResult judged(CURLcode code, const Dialogue& dialogue, const SmtpRelay::Settings& relay) {
  const auto reply = one_line(dialogue.reply, max_reply);
  if (code == CURLE_OK) return {SendResult::Outcome::accepted, false, dialogue.code, reply};
  const bool of_this_mail =
      dialogue.phase != Dialogue::Phase::before_mail && code != CURLE_LOGIN_DENIED;
  if (dialogue.code < 400 || dialogue.code > 599) return deferred(explained(code, relay), true);
  // 421: the whole service is closing, whatever it answers (RFC 5321 3.8). 530: authentication is
  // missing (RFC 4954).
  if (of_this_mail && dialogue.code != 421 && dialogue.code != 530) {
    const auto outcome =
        dialogue.code >= 500 ? SendResult::Outcome::refused : SendResult::Outcome::deferred;
    return {outcome, false, dialogue.code, reply};
  }
  return deferred(fmt::format("{}: {}", explained(code, relay), reply), true, dialogue.code);
}

void set_destination(CURL* curl, const SmtpRelay::Settings& relay) {
  const bool v6 = relay.host.find(':') != std::string::npos;
  const auto url = fmt::format("{}://{}:{}", relay.implicit_tls ? "smtps" : "smtp",
                               v6 ? "[" + relay.host + "]" : relay.host, relay.port);
  set(curl, CURLOPT_URL, url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(curl, CURLOPT_PROXY, "");  // never by way of somebody named in the environment
}

long use_of_tls(const SmtpRelay::Settings& relay) {
  switch (relay.tls) {
    case config::MailTls::required:
      return CURLUSESSL_ALL;
    case config::MailTls::opportunistic:
      return relay.user.empty() ? CURLUSESSL_TRY : CURLUSESSL_ALL;
    case config::MailTls::off:
      return CURLUSESSL_NONE;
  }
  return CURLUSESSL_ALL;
}

void set_security(CURL* curl, const SmtpRelay::Settings& relay) {
  set(curl, CURLOPT_USE_SSL, use_of_tls(relay));
  set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!relay.ca_file) return;
  set(curl, CURLOPT_CAINFO, relay.ca_file->c_str());
  set(curl, CURLOPT_CAPATH,
      static_cast<const char*>(nullptr));  // this CA instead of the system's, not besides
}

/// libcurl copies the password into memory of its own, which is not locked; it lives as long as the
/// handle.
void set_login(CURL* curl, const std::string& user, const crypto::SecretBytes& password) {
  if (user.empty()) return;
  set(curl, CURLOPT_USERNAME, user.c_str());
  std::string terminated(password.text());
  set(curl, CURLOPT_PASSWORD, terminated.c_str());
  crypto::wipe({reinterpret_cast<std::uint8_t*>(terminated.data()), terminated.size()});
  set(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
}

void set_limits(CURL* curl, const SmtpRelay::Settings& relay) {
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(relay.connect_timeout.count()));
  set(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(relay.reply_timeout.count()));
  set(curl, CURLOPT_TIMEOUT, static_cast<long>(relay.total_timeout.count()));
  set(curl, CURLOPT_MAXAGE_CONN, max_idle_seconds);
}

void set_callbacks(CURL* curl, Dialogue& dialogue) {
  set(curl, CURLOPT_UPLOAD, 1L);
  set(curl, CURLOPT_READFUNCTION, give);
  set(curl, CURLOPT_READDATA, &dialogue);
  set(curl, CURLOPT_VERBOSE, 1L);  // without it libcurl does not call the next function
  set(curl, CURLOPT_DEBUGFUNCTION, overhear);
  set(curl, CURLOPT_DEBUGDATA, &dialogue);
  set(curl, CURLOPT_NOPROGRESS, 0L);
  set(curl, CURLOPT_XFERINFOFUNCTION, shall_stop);
  set(curl, CURLOPT_XFERINFODATA, &dialogue);
}

}  // namespace

/// The dialogue is older than the handle: closing the connection (QUIT) still speaks to it.
struct SmtpRelay::Session {
  Dialogue dialogue;
  std::unique_ptr<CURL, EndEasy> handle;
};

SmtpRelay::Settings SmtpRelay::settings_of(const config::Mail& mail) {
  Settings settings;
  settings.host = mail.relay_host;
  settings.port = mail.relay_port;
  settings.implicit_tls = mail.implicit_tls;
  settings.tls = mail.tls;
  settings.user = mail.user;
  settings.ca_file = mail.ca_file;
  return settings;
}

SmtpRelay::SmtpRelay(Settings settings, const crypto::SecretBytes& password)
    : settings_(std::move(settings)), session_(std::make_unique<Session>()) {
  start_library();
  session_->handle.reset(curl_easy_init());
  SIGILO_CHECK(session_->handle != nullptr, "libcurl makes a handle");
  auto* const curl = session_->handle.get();
  set_destination(curl, settings_);
  set_security(curl, settings_);
  set_login(curl, settings_.user, password);
  set_limits(curl, settings_);
  set_callbacks(curl, session_->dialogue);
}

SmtpRelay::~SmtpRelay() = default;

SendResult SmtpRelay::send(const Envelope& envelope, std::string_view message,
                           std::stop_token stop) {
  for (const auto& address : {envelope.from, envelope.to}) {
    if (!config::parse_mail_address(address)) {
      return {SendResult::Outcome::refused, false, 0,
              fmt::format("'{}' is not a mail address that can be written to",
                          one_line(address, max_reply))};
    }
  }
  auto* const curl = session_->handle.get();
  auto& dialogue = session_->dialogue;
  dialogue = {};
  dialogue.unsent = message;
  dialogue.stop = std::move(stop);

  const std::unique_ptr<curl_slist, FreeList> recipients(
      curl_slist_append(nullptr, envelope.to.c_str()));
  set(curl, CURLOPT_MAIL_FROM, envelope.from.c_str());
  set(curl, CURLOPT_MAIL_RCPT, recipients.get());
  set(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
  const auto code = curl_easy_perform(curl);
  set(curl, CURLOPT_MAIL_RCPT, static_cast<curl_slist*>(nullptr));
  auto result = judged(code, dialogue, settings_);
  dialogue.unsent = {};
  dialogue.stop = {};
  return result;
}

}  // namespace sigilo::mail
