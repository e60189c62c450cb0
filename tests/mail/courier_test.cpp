// SPDX-License-Identifier: Apache-2.0
#include "mail/courier.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "alert/judge.hpp"
#include "mail/smtp.hpp"
#include "support/mail.hpp"
#include "support/vault.hpp"

using namespace sigilo;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using mail::SendResult;
using Outcome = mail::SendResult::Outcome;
using vault::MailState;

namespace {

struct Sent {
  std::string to;
  std::string message;
};

/// Gives the answers of a script, "accepted" when it is at its end, and keeps what it was handed.
struct Script {
  std::deque<SendResult> answers;
  std::vector<Sent> tried;
  std::function<void()> during = [] {};
  [[nodiscard]] std::vector<std::string> recipients() const {
    std::vector<std::string> result;
    for (const auto& sent : tried) result.push_back(sent.to);
    return result;
  }
};

class ScriptedTransport final : public mail::Transport {
 public:
  explicit ScriptedTransport(Script& script) : script_(script) {}
  SendResult send(const mail::Envelope& envelope, std::string_view message,
                  std::stop_token) override {
    script_.tried.push_back({envelope.to, std::string(message)});
    script_.during();
    if (script_.answers.empty()) return {Outcome::accepted, false, 250, "250 ok"};
    auto answer = script_.answers.front();
    script_.answers.pop_front();
    return answer;
  }

 private:
  Script& script_;
};

const SendResult greylisted{Outcome::deferred, false, 451, "451 later"};
const SendResult no_such_user{Outcome::refused, false, 550, "550 no such user"};
const SendResult relay_down{Outcome::deferred, true, 0, "nobody answers"};

std::vector<config::Team> the_teams() {
  return {{"litigios", {"ana@estudio.example", "luis@estudio.example"}, Language::es},
          {"contratos", {"rui@estudio.example", "ana@estudio.example"}, Language::pt}};
}

mail::Courier::Settings the_settings() {
  return {"sigilo@estudio.example",
          {"Estudio Ejemplo", "America/Argentina/Buenos_Aires", {}, {}},
          the_teams()};
}

/// A vault, a courier on it, and a relay that follows a script.
struct Office {
  test::TestVault vault;
  Script script;
  bool vault_writable = true;
  std::vector<vault::MailOutcome> outcomes;
  std::unique_ptr<mail::Courier> courier = make_courier();

  std::unique_ptr<mail::Courier> make_courier() {
    return std::make_unique<mail::Courier>(
        the_settings(), vault.reader(), [this](const auto& outcome) { return report(outcome); },
        std::make_unique<ScriptedTransport>(script), vault.clock, vault.random, vault.log);
  }
  Result<> report(const vault::MailOutcome& outcome) {
    if (!vault_writable) return fail(ErrorCode::no_space, "the disk is full");
    outcomes.push_back(outcome);
    return vault.run(
        [&](vault::WriteTransaction& transaction) { return transaction.mail_outcome(outcome); });
  }
  /// A message with an alert, to be mailed to these.
  void alert(const std::string& id, const std::vector<std::string>& recipients) {
    auto delivery = test::delivery_of({.id = id, .text = "pasame la coima " + id});
    delivery.events[0].alerts = {test::alert_about(10, 15)};
    for (const auto& recipient : recipients)
      delivery.events[0].mails.push_back({recipient, Language::es, "litigios"});
    vault.ingest(delivery);
  }
  [[nodiscard]] vault::Summary summary() const { return test::must(vault.reader().summary()); }
};

std::string header(const std::string& message, const std::string& name) {
  const auto at = message.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const auto begin = at + name.size() + 4;
  return message.substr(begin, message.find("\r\n", begin) - begin);
}

}  // namespace

TEST_CASE("a committed alert goes to each of its managers once, and nothing is left to do") {
  Office office;
  office.alert("wamid.1", {"ana@estudio.example", "luis@estudio.example"});
  office.courier->run_once();
  CHECK(office.script.recipients() ==
        std::vector<std::string>{"ana@estudio.example", "luis@estudio.example"});
  CHECK(office.summary().outbox_queued == 0);
  office.vault.clock.advance(24h);
  office.courier->run_once();
  CHECK(office.script.tried.size() == 2);
}

TEST_CASE("the mail is the one that was composed for that record") {
  Office office;
  office.alert("wamid.1", {"ana@estudio.example"});
  office.courier->run_once();
  REQUIRE(office.script.tried.size() == 1);
  const auto found = test::read_mail(office.script.tried[0].message);
  CHECK(found.at("page").at("marked").as_array().at(0) == "coima");
  const auto alerts = test::must(office.vault.reader().alerts(false));
  CHECK(header(office.script.tried[0].message, "X-Sigilo-Record") ==
        std::to_string(alerts.at(0).message.value()));
}

TEST_CASE(
    "a greylisted mail is tried again later with the same bytes and Message-ID, and arrives once") {
  Office office;
  office.script.answers = {greylisted, greylisted};
  office.alert("wamid.1", {"ana@estudio.example"});
  office.courier->run_once();
  CHECK(office.summary().outbox_deferred == 1);
  CHECK(office.summary().last_mail_error == "451 later");
  office.courier->run_once();
  CHECK(office.script.tried.size() == 1);  // not before its time
  office.vault.clock.advance(7s);
  office.courier->run_once();
  office.vault.clock.advance(13s);
  office.courier->run_once();
  REQUIRE(office.script.tried.size() == 3);
  CHECK(office.script.tried[0].message == office.script.tried[2].message);
  CHECK_FALSE(header(office.script.tried[0].message, "Message-Id").empty());
  CHECK(office.summary().outbox_deferred == 0);
  office.vault.clock.advance(24h);
  office.courier->run_once();
  CHECK(office.script.tried.size() == 3);
}

TEST_CASE("run_once says when to come back") {
  Office office;
  CHECK(office.courier->run_once() == mail::longest_sleep);
  office.script.answers = {greylisted};
  office.alert("wamid.1", {"ana@estudio.example"});
  const auto wait = office.courier->run_once();
  CHECK(wait > 3s);
  CHECK(wait < 7s);
}

TEST_CASE("a recipient that is refused for good fails alone and visibly") {
  Office office;
  office.script.answers = {no_such_user};
  office.alert("wamid.1", {"ana@estudio.example", "luis@estudio.example"});
  office.courier->run_once();
  CHECK(office.script.recipients() ==
        std::vector<std::string>{"ana@estudio.example", "luis@estudio.example"});
  CHECK(office.summary().outbox_failed == 1);
  CHECK(office.summary().outbox_queued == 0);
  CHECK(office.summary().last_mail_error == "550 no such user");
}

TEST_CASE("a mail that waits for greylisting does not hold up the ones after it") {
  Office office;
  office.script.answers = {greylisted};
  office.alert("wamid.1", {"ana@estudio.example"});
  office.alert("wamid.2", {"luis@estudio.example"});
  office.courier->run_once();
  CHECK(office.script.recipients() ==
        std::vector<std::string>{"ana@estudio.example", "luis@estudio.example"});
  CHECK(office.summary().outbox_deferred == 1);
}

TEST_CASE("a relay that is down is not asked for every mail, and gets them all when it is back") {
  Office office;
  office.script.answers = {relay_down, relay_down};
  for (int i = 0; i < 20; ++i) office.alert("wamid." + std::to_string(i), {"ana@estudio.example"});
  const auto wait = office.courier->run_once();
  CHECK(office.script.tried.size() == 1);
  CHECK(wait > 0s);
  CHECK(wait <= mail::longest_sleep);
  office.courier->wake();  // a new alert does not make it forget
  office.courier->run_once();
  CHECK(office.script.tried.size() == 1);
  for (int minute = 0; minute < 5; ++minute) {
    office.vault.clock.advance(75s);
    office.courier->run_once();
  }
  CHECK(office.summary().outbox_queued == 0);
  CHECK(office.summary().outbox_deferred == 0);
  CHECK(office.script.tried.size() == 22);
}

TEST_CASE("after five days a mail has failed, visibly, and is tried no more") {
  Office office;
  office.alert("wamid.1", {"ana@estudio.example"});
  for (int hour = 0; hour < 5 * 24 + 2; ++hour) {
    office.script.answers = {greylisted};
    office.courier->run_once();
    if (hour < 5 * 24 - 1) {
      REQUIRE(office.summary().outbox_deferred == 1);
    }
    office.vault.clock.advance(1h);
  }
  CHECK(office.summary().outbox_failed == 1);
  CHECK(office.summary().outbox_deferred == 0);
  CHECK_THAT(office.summary().last_mail_error, ContainsSubstring("given up after 5 days"));
  const auto tried = office.script.tried.size();
  office.vault.clock.advance(24h);
  office.courier->run_once();
  CHECK(office.script.tried.size() == tried);
}

TEST_CASE("the delay grows from seconds to half an hour and no further") {
  Office office;
  office.alert("wamid.1", {"ana@estudio.example"});
  Duration longest{};
  for (int i = 0; i < 20; ++i) {
    office.script.answers = {greylisted};
    office.courier->run_once();
    const auto wait = office.outcomes.back().next - office.vault.clock.now();
    longest = std::max(longest, wait);
    office.vault.clock.advance(wait);
  }
  CHECK(office.outcomes.size() == 20);
  CHECK(longest > 20min);
  CHECK(longest <= 38min);
}

TEST_CASE("while an outcome cannot be committed nothing more is sent, and then nothing twice") {
  Office office;
  office.vault_writable = false;
  office.alert("wamid.1", {"ana@estudio.example"});
  office.alert("wamid.2", {"ana@estudio.example"});
  office.courier->run_once();
  CHECK(office.script.tried.size() == 1);
  office.vault.clock.advance(1h);
  office.courier->run_once();
  CHECK(office.script.tried.size() == 1);
  office.vault_writable = true;
  office.courier->run_once();
  CHECK(office.script.tried.size() == 2);
  CHECK(office.summary().outbox_queued == 0);
  CHECK(office.script.tried[0].message != office.script.tried[1].message);
}

TEST_CASE("what was deferred survives a restart and keeps its Message-ID") {
  Office office;
  office.script.answers = {greylisted};
  office.alert("wamid.1", {"ana@estudio.example"});
  office.courier->run_once();
  office.courier.reset();
  office.vault.close();
  office.vault.open();
  office.courier = office.make_courier();
  office.vault.clock.advance(10s);
  office.courier->run_once();
  REQUIRE(office.script.tried.size() == 2);
  CHECK(office.script.tried[0].message == office.script.tried[1].message);
}

TEST_CASE(
    "a crash after the relay took the mail and before the commit repeats it with the same "
    "Message-ID") {
  Office office;
  office.vault_writable = false;
  office.alert("wamid.1", {"ana@estudio.example"});
  office.courier->run_once();
  office.courier = office.make_courier();  // what it knew is gone
  office.vault_writable = true;
  office.courier->run_once();
  REQUIRE(office.script.tried.size() == 2);
  CHECK(header(office.script.tried[0].message, "Message-Id") ==
        header(office.script.tried[1].message, "Message-Id"));
}

TEST_CASE("who is no longer a manager of the team gets nothing, and status shows it") {
  Office office;
  office.alert("wamid.1", {"rui@estudio.example"});  // a manager, but of another team
  office.courier->run_once();
  CHECK(office.script.tried.empty());
  CHECK(office.summary().outbox_failed == 1);
  CHECK_THAT(office.summary().last_mail_error,
             ContainsSubstring("no longer a manager of the team litigios"));
}

TEST_CASE("a wall clock that is set back does not keep a resting relay from being tried") {
  Office office;
  office.alert("wamid.1", {"ana@estudio.example"});
  office.alert("wamid.2", {"luis@estudio.example"});
  office.script.answers = {relay_down};
  office.courier->run_once();
  office.vault.clock.advance(10s);
  office.vault.clock.set(office.vault.clock.now() - std::chrono::seconds(20));
  office.alert("wamid.3", {"luis@estudio.example"});
  office.vault.clock.advance(20s);
  office.courier->run_once();
  CHECK(office.script.tried.size() >= 3);
}

TEST_CASE("a mail whose address no header can carry fails alone") {
  Office office;
  auto settings = the_settings();
  settings.teams[0].managers[0] = "ana@estudio.example\r\nBcc: x@evil.example";
  office.courier->reload(settings, std::make_unique<ScriptedTransport>(office.script));
  office.alert("wamid.1", {settings.teams[0].managers[0]});
  office.alert("wamid.2", {"luis@estudio.example"});
  office.courier->run_once();
  CHECK(office.script.recipients() == std::vector<std::string>{"luis@estudio.example"});
  CHECK(office.summary().outbox_failed == 1);
}

TEST_CASE("a reload gives the next mail its new settings and tries a resting relay at once") {
  Office office;
  office.script.answers = {relay_down};
  office.alert("wamid.1", {"ana@estudio.example"});
  office.alert("wamid.2", {"ana@estudio.example"});
  office.courier->run_once();
  Script other;
  auto settings = the_settings();
  settings.head.firm = "Otro Estudio";
  office.courier->reload(settings, std::make_unique<ScriptedTransport>(other));
  office.courier->run_once();
  REQUIRE(other.tried.size() == 1);
  CHECK_THAT(other.tried[0].message, ContainsSubstring("Otro Estudio"));
  CHECK(office.script.tried.size() == 1);
}

TEST_CASE("a stop between two mails leaves the rest in the outbox") {
  Office office;
  office.alert("wamid.1", {"ana@estudio.example"});
  office.alert("wamid.2", {"ana@estudio.example"});
  office.script.during = [&] { office.courier->stop(); };
  office.courier->run_once();
  CHECK(office.script.tried.size() == 1);
  CHECK(office.outcomes.size() == 1);
  CHECK(office.summary().outbox_queued == 1);
}

TEST_CASE("a mail that a stop interrupts is neither sent nor deferred") {
  Office office;
  office.alert("wamid.1", {"ana@estudio.example"});
  office.script.answers = {relay_down};
  office.script.during = [&] { office.courier->stop(); };
  office.courier->run_once();
  CHECK(office.outcomes.empty());
  CHECK(office.summary().outbox_queued == 1);
}

TEST_CASE(
    "managers are told once each, in the language of their team, when the vault cannot be "
    "written") {
  Office office;
  office.vault_writable = false;
  office.courier->notify({mail::ServiceNotice::Kind::storage_failing, office.vault.clock.now()});
  office.courier->run_once();
  CHECK(office.script.recipients() == std::vector<std::string>{"ana@estudio.example",
                                                               "luis@estudio.example",
                                                               "rui@estudio.example"});
  const auto spanish = test::read_mail(office.script.tried[0].message);
  const auto portuguese = test::read_mail(office.script.tried[2].message);
  CHECK_THAT(std::string(spanish.at("page").at("text").as_string()),
             ContainsSubstring("no puede guardar"));
  CHECK_THAT(std::string(portuguese.at("page").at("text").as_string()),
             ContainsSubstring("não consegue guardar"));
  CHECK(office.outcomes.empty());  // nothing touches the vault
  office.vault.clock.advance(1h);
  office.courier->run_once();
  CHECK(office.script.tried.size() == 3);
}

TEST_CASE("a notice waits for a relay that is down, and goes out when it is back") {
  Office office;
  office.script.answers = {relay_down};
  office.courier->notify({mail::ServiceNotice::Kind::storage_failing, office.vault.clock.now()});
  const auto wait = office.courier->run_once();
  CHECK(office.script.tried.size() == 1);
  CHECK(wait <= 7s);
  office.vault.clock.advance(10s);
  office.courier->run_once();
  CHECK(office.script.tried.size() == 4);
}

TEST_CASE("a disk that fills and empties each second makes no flood, and the last word is told") {
  using Kind = mail::ServiceNotice::Kind;
  Office office;
  for (int second = 0; second < 60; ++second) {
    const auto kind = second % 2 == 0 ? Kind::storage_failing : Kind::storage_recovered;
    office.courier->notify({kind, office.vault.clock.now()});
    office.courier->run_once();
    office.vault.clock.advance(1s);
  }
  CHECK(office.script.tried.size() == 3);  // failing, once a manager
  office.courier->run_once();
  REQUIRE(office.script.tried.size() == 6);
  CHECK_THAT(std::string(
                 test::read_mail(office.script.tried[3].message).at("page").at("text").as_string()),
             ContainsSubstring("vuelve a guardar"));
}

TEST_CASE("that the vault works again is not told to people who never heard that it did not") {
  Office office;
  office.courier->notify({mail::ServiceNotice::Kind::storage_recovered, office.vault.clock.now()});
  office.courier->run_once();
  CHECK(office.script.tried.empty());
}

TEST_CASE("the log never holds the relay's words about a message") {
  Office office;
  office.script.answers = {
      {Outcome::refused, false, 554, "554 your text 'pasame la coima' looks bad"}};
  office.alert("wamid.1", {"ana@estudio.example"});
  office.courier->run_once();
  CHECK(office.vault.sink.has("SMTP 554"));
  CHECK_FALSE(office.vault.sink.has("coima"));
}

TEST_CASE("its own thread sends to a real relay when it is woken, and stops at once") {
  const test::SmtpServer server({"--refuse", "luis@estudio.example"});
  Office office;
  mail::SmtpRelay::Settings relay;
  relay.host = "127.0.0.1";
  relay.port = server.port();
  relay.tls = config::MailTls::off;
  office.courier->reload(the_settings(),
                         std::make_unique<mail::SmtpRelay>(relay, crypto::SecretBytes()));
  office.courier->start();
  office.alert("wamid.1", {"ana@estudio.example", "luis@estudio.example"});
  office.alert("wamid.2", {"ana@estudio.example"});
  office.courier->wake();
  for (int i = 0; i < 3000 && office.summary().outbox_queued > 0; ++i)
    std::this_thread::sleep_for(10ms);
  office.courier->stop();
  CHECK(server.mails().size() == 2);
  CHECK(office.summary().outbox_failed == 1);
  CHECK(office.summary().outbox_queued == 0);
}

TEST_CASE("a mail about a lost file says which and why, and one about words stays one") {
  Office office;
  auto& vault = office.vault;
  auto delivery = test::delivery_of({.text = "una coima"});
  auto& event = delivery.events[0].event;
  event.type = "document";
  event.details = R"({"media":{"filename":"contrato.pdf","id":"900"}})";
  delivery.events[0].body = message::make_body(event, delivery.provenance, delivery.raw);
  delivery.events[0].alerts = {test::alert_about(4, 9)};
  delivery.events[0].mails = {{"ana@estudio.example", Language::en, "litigios"}};
  vault.ingest(delivery);
  vault.clock.advance(24h * 8);
  vault::NewAlert lost;
  lost.category = alert::media_lost;
  lost.severity = Severity::medium;
  lost.rule = alert::media_lost_rule;
  lost.team = "litigios";
  vault::MediaOutcome outcome;
  outcome.message = Seq(1);
  outcome.state = vault::MediaState::lost;
  outcome.reason = "HTTP 404";
  outcome.loss = vault::MediaLoss::gone;
  test::must(vault.run([&](vault::WriteTransaction& transaction) -> Result<> {
    SIGILO_TRY_DO(transaction.media_outcome(outcome));
    return transaction.alert(Seq(1), lost, {{"ana@estudio.example", Language::en, "litigios"}})
        .map([](Seq) {});
  }));
  office.courier->run_once();
  REQUIRE(office.script.tried.size() == 2);
  const auto& about_words = office.script.tried[0].message;
  const auto& about_the_file = office.script.tried[1].message;
  CHECK_THAT(about_words, ContainsSubstring("bribery.coima"));
  CHECK_THAT(about_words, !ContainsSubstring("could not be kept"));
  CHECK_THAT(about_the_file, ContainsSubstring("A file could not be kept"));
  CHECK_THAT(about_the_file, ContainsSubstring("contrato.pdf"));
  CHECK_THAT(about_the_file, ContainsSubstring("The provider has it no longer"));
  CHECK_THAT(about_the_file, !ContainsSubstring("coima"));
}
