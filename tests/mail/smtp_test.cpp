// SPDX-License-Identifier: Apache-2.0
#include "mail/smtp.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "support/mail.hpp"

using namespace sigilo;
using Catch::Matchers::ContainsSubstring;
using config::MailTls;
using mail::SmtpRelay;
using Outcome = mail::SendResult::Outcome;
using test::SmtpServer;

namespace {

const mail::Envelope envelope{"sigilo@estudio.example", "ana@estudio.example"};
const std::string message =
    "From: sigilo@estudio.example\r\nSubject: prueba\r\n\r\nuna linea\r\n.\r\n..otra\r\nfin\r\n";

/// One certificate for "localhost" is enough for the whole file; it is made on first use.
struct Tls {
  test::MailDirectory directory;
  test::RelayCertificate localhost{directory.path(), "localhost"};
  [[nodiscard]] std::vector<std::string> options(const std::string& mode) const {
    return {"--tls",         mode,
            "--certificate", localhost.certificate.string(),
            "--key",         localhost.key.string()};
  }
};

SmtpRelay::Settings plain(const SmtpServer& server) {
  SmtpRelay::Settings settings;
  settings.host = "127.0.0.1";
  settings.port = server.port();
  settings.tls = MailTls::off;
  return settings;
}

SmtpRelay::Settings secure(const SmtpServer& server, const Tls& tls) {
  auto settings = plain(server);
  settings.host = "localhost";
  settings.tls = MailTls::required;
  settings.ca_file = tls.localhost.certificate;
  return settings;
}

mail::SendResult sent_with(SmtpRelay::Settings settings, const std::string& password = "") {
  SmtpRelay relay(std::move(settings), crypto::SecretBytes::copy_of(as_bytes(password)));
  return relay.send(envelope, message, {});
}

std::vector<std::string> with(std::vector<std::string> options,
                              const std::vector<std::string>& more) {
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

}  // namespace

TEST_CASE("a mail arrives byte for byte, lines that begin with a dot included") {
  const SmtpServer server;
  const auto result = sent_with(plain(server));
  CHECK(result.outcome == Outcome::accepted);
  CHECK(result.code == 250);
  CHECK(result.reply == "250 2.0.0 kept as 0001");
  REQUIRE(server.mails().size() == 1);
  CHECK(server.mails()[0] == message);
  CHECK(server.envelopes()[0].at("from") == "sigilo@estudio.example");
  CHECK(server.envelopes()[0].at("to").as_array().at(0) == "ana@estudio.example");
}

TEST_CASE("several mails go over one connection") {
  const SmtpServer server;
  SmtpRelay relay(plain(server), {});
  for (int i = 0; i < 3; ++i) CHECK(relay.send(envelope, message, {}).outcome == Outcome::accepted);
  CHECK(server.mails().size() == 3);
  CHECK(server.count("CONNECT") == 1);
}

TEST_CASE("a greylisting relay defers, and takes the mail later over the same object") {
  const SmtpServer server({"--greylist", "2"});
  SmtpRelay relay(plain(server), {});
  for (int i = 0; i < 2; ++i) {
    const auto result = relay.send(envelope, message, {});
    CHECK(result.outcome == Outcome::deferred);
    CHECK_FALSE(result.relay_trouble);
    CHECK(result.code == 451);
    CHECK(result.reply == "451 4.7.1 greylisted, come back later");
  }
  CHECK(relay.send(envelope, message, {}).outcome == Outcome::accepted);
  CHECK(server.mails().size() == 1);
}

TEST_CASE("a recipient that the relay does not know is refused for good, the next one is served") {
  const SmtpServer server({"--refuse", "nobody@estudio.example"});
  SmtpRelay relay(plain(server), {});
  const auto result = relay.send({envelope.from, "nobody@estudio.example"}, message, {});
  CHECK(result.outcome == Outcome::refused);
  CHECK(result.code == 550);
  CHECK(result.reply == "550 5.1.1 no such user here");
  CHECK(relay.send(envelope, message, {}).outcome == Outcome::accepted);
  CHECK(server.mails().size() == 1);
}

TEST_CASE("a message that the relay refuses after reading it is refused for good") {
  const SmtpServer server({"--reply", "CONTENT", "554", "5.7.1 policy"});
  const auto result = sent_with(plain(server));
  CHECK(result.outcome == Outcome::refused);
  CHECK(result.code == 554);
}

TEST_CASE("a relay that is out of room after reading the message defers") {
  const SmtpServer server({"--reply", "CONTENT", "452", "4.3.1 no room"});
  const auto result = sent_with(plain(server));
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.code == 452);
  CHECK_FALSE(result.relay_trouble);
}

TEST_CASE(
    "a relay that does not take the sender defers every mail, since the configuration is wrong and "
    "not the mail") {
  const SmtpServer server({"--reply", "MAIL", "550", "5.7.1 sender not allowed"});
  const auto result = sent_with(plain(server));
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.relay_trouble);
  CHECK_THAT(result.reply, ContainsSubstring("550 5.7.1 sender not allowed"));
}

TEST_CASE("a relay that closes its service or asks for authentication at RCPT defers") {
  for (const auto* code : {"421", "530"}) {
    const SmtpServer server({"--reply", "RCPT", code, "later"});
    const auto result = sent_with(plain(server));
    CHECK(result.outcome == Outcome::deferred);
    CHECK(result.relay_trouble);
  }
}

TEST_CASE("a relay that never answers is given up after the time limit") {
  for (const auto* verb : {"EHLO", "MAIL", "RCPT", "DATA", "CONTENT"}) {
    CAPTURE(verb);
    const SmtpServer server({"--hang", verb});
    auto settings = plain(server);
    settings.reply_timeout = std::chrono::seconds(1);
    settings.total_timeout = std::chrono::seconds(10);
    const auto result = sent_with(settings);
    CHECK(result.outcome == Outcome::deferred);
    CHECK(result.relay_trouble);
    CHECK_THAT(result.reply, ContainsSubstring("did not answer in time"));
  }
}

TEST_CASE("a connection that breaks in the middle of the message defers") {
  const SmtpServer server({"--drop-in-data"});
  const auto result = sent_with(plain(server));
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.relay_trouble);
  CHECK(server.mails().empty());
}

TEST_CASE(
    "a connection that breaks before the relay's last word defers, even if the mail was kept") {
  const SmtpServer server({"--drop-after-data"});
  CHECK(sent_with(plain(server)).outcome == Outcome::deferred);
  CHECK(server.mails().size() == 1);
}

TEST_CASE("nobody at the relay's port is deferred with the address in words") {
  auto settings = [] {
    const SmtpServer gone;
    return plain(gone);
  }();
  const auto result = sent_with(settings);
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.relay_trouble);
  CHECK_THAT(result.reply, ContainsSubstring("nobody answers at the mail relay 127.0.0.1:"));
}

TEST_CASE("STARTTLS is used before anything is said when TLS is required") {
  const Tls tls;
  const SmtpServer server(tls.options("starttls"));
  CHECK(sent_with(secure(server, tls)).outcome == Outcome::accepted);
  REQUIRE(server.envelopes().size() == 1);
  CHECK(server.envelopes()[0].at("tls") == true);
}

TEST_CASE("smtps speaks TLS from the first byte") {
  const Tls tls;
  const SmtpServer server(tls.options("implicit"));
  auto settings = secure(server, tls);
  settings.implicit_tls = true;
  CHECK(sent_with(settings).outcome == Outcome::accepted);
  CHECK(server.mails().size() == 1);
}

TEST_CASE("a relay without STARTTLS gets nothing when TLS is required") {
  const SmtpServer server;
  auto settings = plain(server);
  settings.tls = MailTls::required;
  const auto result = sent_with(settings);
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.relay_trouble);
  CHECK_THAT(result.reply, ContainsSubstring("offers no STARTTLS"));
  CHECK(server.count("MAIL") == 0);
}

TEST_CASE("opportunistic uses TLS where it is offered and goes without where it is not") {
  const Tls tls;
  const SmtpServer offers(tls.options("starttls"));
  auto settings = secure(offers, tls);
  settings.tls = MailTls::opportunistic;
  CHECK(sent_with(settings).outcome == Outcome::accepted);
  CHECK(offers.envelopes().at(0).at("tls") == true);

  const SmtpServer lacks;
  settings.port = lacks.port();
  CHECK(sent_with(settings).outcome == Outcome::accepted);
  CHECK(lacks.envelopes().at(0).at("tls") == false);
}

TEST_CASE("opportunistic never sends a password in clear") {
  const SmtpServer server({"--user", "sigilo", "--password", "secreto"});
  auto settings = plain(server);
  settings.tls = MailTls::opportunistic;
  settings.user = "sigilo";
  const auto result = sent_with(settings, "secreto");
  CHECK(result.outcome == Outcome::deferred);
  CHECK_THAT(result.reply, ContainsSubstring("offers no STARTTLS"));
  CHECK(server.count("AUTH") == 0);
}

TEST_CASE("a certificate of an unknown authority is not trusted") {
  const Tls tls;
  const SmtpServer server(tls.options("starttls"));
  auto settings = secure(server, tls);
  settings.ca_file.reset();
  const auto result = sent_with(settings);
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.relay_trouble);
  CHECK_THAT(result.reply, ContainsSubstring("ca_file"));
  CHECK(server.count("MAIL") == 0);
}

TEST_CASE("a certificate for another name is not trusted") {
  const Tls tls;
  const test::RelayCertificate other(tls.directory.path(), "otro.example");
  const SmtpServer server({"--tls", "starttls", "--certificate", other.certificate.string(),
                           "--key", other.key.string()});
  auto settings = secure(server, tls);
  settings.ca_file = other.certificate;
  const auto result = sent_with(settings);
  CHECK(result.outcome == Outcome::deferred);
  CHECK_THAT(result.reply, ContainsSubstring("another name"));
  CHECK(server.count("MAIL") == 0);
}

TEST_CASE("a CA file that is missing or no PEM is said in words") {
  const Tls tls;
  const SmtpServer server(tls.options("starttls"));
  auto settings = secure(server, tls);
  settings.ca_file = tls.directory.path() / "missing.pem";
  const auto result = sent_with(settings);
  CHECK(result.outcome == Outcome::deferred);
  CHECK_THAT(result.reply, ContainsSubstring("ca_file"));
}

TEST_CASE("user and password open a relay that asks for them") {
  const Tls tls;
  const SmtpServer server(
      with(tls.options("starttls"), {"--user", "sigilo", "--password", "s p&ñ%40\"'"}));
  auto settings = secure(server, tls);
  settings.user = "sigilo";
  CHECK(sent_with(settings, "s p&ñ%40\"'").outcome == Outcome::accepted);
  CHECK(server.envelopes().at(0).at("user") == "sigilo");
}

TEST_CASE(
    "a wrong password is a configuration error: deferred with words, never lost, the password not "
    "named") {
  const Tls tls;
  const SmtpServer server(
      with(tls.options("starttls"), {"--user", "sigilo", "--password", "secreto"}));
  auto settings = secure(server, tls);
  settings.user = "sigilo";
  const auto result = sent_with(settings, "equivocado");
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.relay_trouble);
  CHECK(result.code == 535);
  CHECK_THAT(result.reply, ContainsSubstring("check [mail] user and password"));
  CHECK_THAT(result.reply, !ContainsSubstring("equivocado"));
  CHECK(server.count("MAIL") == 0);
}

TEST_CASE("a relay that asks for authentication nobody configured defers") {
  const Tls tls;
  const SmtpServer server(
      with(tls.options("starttls"), {"--user", "sigilo", "--password", "secreto"}));
  const auto result = sent_with(secure(server, tls));
  CHECK(result.outcome == Outcome::deferred);
  CHECK(result.relay_trouble);
}

TEST_CASE("CR and LF in an address never reach the relay") {
  const SmtpServer server;
  SmtpRelay relay(plain(server), {});
  const auto result = relay.send(
      {envelope.from, "ana@estudio.example>\r\nRCPT TO:<evil@evil.example"}, message, {});
  CHECK(result.outcome == Outcome::refused);
  CHECK(relay.send({"x@y.example\r\nDATA", envelope.to}, message, {}).outcome == Outcome::refused);
  CHECK(server.count("CONNECT") == 0);
}

TEST_CASE("a relay's words are kept short, on one line and harmless") {
  const SmtpServer server({"--reply", "RCPT", "550", "no \x1b[31m\t" + std::string(800, 'x')});
  const auto result = sent_with(plain(server));
  CHECK(result.outcome == Outcome::refused);
  CHECK(result.reply.size() < 2 * mail::max_reply);
  CHECK(result.reply.find('\x1b') == std::string::npos);
  CHECK(result.reply.find('\n') == std::string::npos);
}

TEST_CASE("a request to stop ends the wait for a silent relay") {
  const SmtpServer server({"--hang", "EHLO"});
  SmtpRelay relay(plain(server), {});
  std::stop_source stop;
  stop.request_stop();
  const auto result = relay.send(envelope, message, stop.get_token());
  CHECK(result.outcome == Outcome::deferred);
  CHECK_THAT(result.reply, ContainsSubstring("stopping"));
}
