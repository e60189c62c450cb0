// SPDX-License-Identifier: Apache-2.0
// What is composed is read back with Python's email and html libraries.
#include "mail/compose.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "mail/words.hpp"
#include "support/letters.hpp"
#include "support/mail.hpp"

using namespace sigilo;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;
using test::alert_case;
using test::letterhead;

namespace {

mail::Headers headers() {
  mail::Headers result;
  result.from = "sigilo@estudio.example";
  result.from_name = "sigilo · Estudio Ejemplo & Asociados";
  result.to = "ana@estudio.example";
  result.message_id = "<17.abc@estudio.example>";
  result.date = Timestamp::from_seconds(1'795'457'051);
  result.record = Seq(1041);
  return result;
}

/// A mail as an independent reader sees it.
struct Read {
  json::Object found;
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& pair : found.at("headers").as_array()) {
      if (pair.at(0).as_string() == name) return std::string(pair.at(1).as_string());
    }
    return "(none)";
  }
  [[nodiscard]] std::string text() const {
    return std::string(found.at("parts").at(0).at("text").as_string());
  }
  [[nodiscard]] std::string html() const {
    return std::string(found.at("parts").at(1).at("text").as_string());
  }
  [[nodiscard]] std::string page() const {
    return std::string(found.at("page").at("text").as_string());
  }
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const {
    std::vector<std::string> result;
    for (const auto& item : found.at("page").at(name).as_array())
      result.emplace_back(item.as_string());
    return result;
  }
  [[nodiscard]] bool has_tag(const std::string& tag) const {
    const auto tags = list("tags");
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  }
};

Read read(const mail::Letter& letter, const mail::Headers& head = headers()) {
  const auto bytes = mail::compose(letter, head);
  REQUIRE(bytes);
  return {test::read_mail(*bytes)};
}

/// What holds for every mail that is ever sent.
void check_sound(const Read& mail) {
  CHECK(mail.found.at("defects").as_array().empty());
  CHECK(mail.found.at("bare_lf") == 0);
  CHECK(mail.found.at("bare_cr") == 0);
  CHECK(mail.found.at("nul") == 0);
  CHECK(mail.found.at("ascii") == true);
  CHECK(mail.found.at("longest_line").as_int64() <= 998);
  CHECK(mail.found.at("type") == "multipart/alternative");
  REQUIRE(mail.found.at("parts").as_array().size() == 2);
  CHECK(mail.found.at("parts").at(0).at("type") == "text/plain");
  CHECK(mail.found.at("parts").at(1).at("type") == "text/html");
  CHECK(mail.found.at("parts").at(0).at("charset") == "utf-8");
  CHECK(mail.found.at("parts").at(1).at("charset") == "utf-8");
  CHECK(mail.found.at("headers").as_array().size() == 9);
  CHECK_FALSE(mail.has_tag("!unbalanced"));
  CHECK(mail.list("unclosed").empty());
  for (const auto* tag :
       {"script", "img", "iframe", "object", "embed", "link", "form", "a", "svg", "base"}) {
    CHECK_FALSE(mail.has_tag(tag));
  }
  for (const auto& attribute : mail.found.at("page").at("attributes").as_array()) {
    const std::string name(attribute.at(1).as_string());
    CHECK_FALSE(name.starts_with("on"));
    CHECK(name != "src");
    CHECK(name != "href");
    CHECK_THAT(std::string(attribute.at(2).as_string()), !ContainsSubstring("url("));
  }
}

}  // namespace

TEST_CASE("an alert mail has the structure and the headers that mail programs expect") {
  const auto mail = read(mail::alert_letter(alert_case(), Language::es, letterhead()));
  check_sound(mail);
  CHECK(mail.header("From") == "sigilo · Estudio Ejemplo & Asociados <sigilo@estudio.example>");
  CHECK(mail.header("To") == "ana@estudio.example");
  CHECK(mail.header("Message-Id") == "<17.abc@estudio.example>");
  CHECK(mail.header("Auto-Submitted") == "auto-generated");
  CHECK(mail.header("X-Sigilo-Record") == "1041");
  CHECK(mail.header("Subject") ==
        "Alerta de gravedad alta: soborno, honorarios-en-negro · línea +5491150000001");
  CHECK(mail.found.at("date") == "2026-11-23T18:04:11+00:00");
}

TEST_CASE(
    "each language says line, lawyer, party, time, category, severity, rule, record and what to "
    "do") {
  struct Expected {
    Language language;
    std::array<const char*, 5> words;
  };
  for (const auto& [language, words] :
       {Expected{Language::es,
                 {"Línea", "Otra parte", "soborno · gravedad alta", "Registro", "Qué hacer ahora"}},
        Expected{
            Language::pt,
            {"Linha", "Outra parte", "suborno · gravidade alta", "Registro", "O que fazer agora"}},
        Expected{
            Language::en,
            {"Line", "Other party", "bribery · high severity", "Record", "What to do next"}}}) {
    CAPTURE(to_string(language));
    const auto mail = read(mail::alert_letter(alert_case(), language, letterhead()));
    check_sound(mail);
    for (const auto& part : {mail.text(), mail.page()}) {
      for (const auto* word : words) CHECK_THAT(part, ContainsSubstring(word));
      for (const auto* fact :
           {"Dra. Ana Ejemplo", "+5491150000001", "Juan Pérez (+5491160000002)", "bribery.coima",
            "Sobornos y dádivas", "1041", "sigilo show 1041", "sigilo alerts --open",
            "Estudio Ejemplo & Asociados", "15:04:11", "GMT-3"}) {
        CHECK_THAT(part, ContainsSubstring(fact));
      }
    }
  }
}

TEST_CASE("the words that matched are highlighted in both parts, with the messages around them") {
  const auto mail = read(mail::alert_letter(alert_case(), Language::es, letterhead()));
  CHECK(mail.list("marked") == std::vector<std::string>{"la coima", "por debajo de la mesa"});
  CHECK_THAT(mail.text(),
             ContainsSubstring("Hay que pagar »la coima« al juez, »por debajo de la mesa«."));
  for (const auto& part : {mail.text(), mail.page()}) {
    CHECK_THAT(part, ContainsSubstring("¿Cómo viene el expediente?"));
    CHECK_THAT(part, ContainsSubstring("[imagen]"));
    CHECK_THAT(part, ContainsSubstring("23/11 15:04"));
  }
}

TEST_CASE("the subject never holds a word of the message or a name of a person") {
  for (const auto language : {Language::es, Language::pt, Language::en}) {
    const auto subject = mail::alert_letter(alert_case(), language, letterhead()).subject;
    for (const auto* word :
         {"coima", "mesa", "juez", "Juan", "Ana", "+5491160000002", "bribery.coima"}) {
      CHECK_THAT(subject, !ContainsSubstring(word));
    }
  }
}

TEST_CASE("excerpt shows the words found with what stands near them, and no other message") {
  auto about = alert_case();
  auto& text = about.message.stored.event.text;
  text = std::string("SECRETO AL PRINCIPIO ") + std::string(100, 'x') + " la coima " +
         std::string(100, 'y') + " SECRETO AL FINAL";
  about.alerts[0].spans = {{122, 130}};
  about.alerts[1].spans = {};
  auto head = letterhead();
  head.content = config::MailContent::excerpt;
  const auto mail = read(mail::alert_letter(about, Language::es, head));
  check_sound(mail);
  CHECK(mail.list("marked") == std::vector<std::string>{"la coima"});
  for (const auto& part : {mail.text(), mail.page()}) {
    CHECK_THAT(part, ContainsSubstring("xxxx "));
    CHECK_THAT(part, !ContainsSubstring("SECRETO"));
    CHECK_THAT(part, !ContainsSubstring("expediente"));
    CHECK_THAT(part, !ContainsSubstring(std::string(61, 'x')));
  }
}

TEST_CASE("reference says neither what was said nor by whom, but how to read it") {
  auto head = letterhead();
  head.content = config::MailContent::reference;
  for (const auto language : {Language::es, Language::pt, Language::en}) {
    const auto bytes = mail::compose(mail::alert_letter(alert_case(), language, head), headers());
    REQUIRE(bytes);
    const Read mail{test::read_mail(*bytes)};
    check_sound(mail);
    for (const auto& part : {mail.text(), mail.html(), mail.header("Subject")}) {
      for (const auto* word :
           {"coima", "mesa", "juez", "Juan", "+5491160000002", "expediente", "<mark"}) {
        CHECK_THAT(part, !ContainsSubstring(word));
      }
    }
    CHECK_THAT(mail.text(), ContainsSubstring("sigilo show 1041"));
    CHECK_THAT(mail.text(), ContainsSubstring("+5491150000001"));
  }
}

TEST_CASE("a contact's name with CR and LF reaches no header and adds no line") {
  auto about = alert_case();
  about.message.stored.event.party.name = "Juan\r\nBcc: evil@evil.example\r\n\r\n<b>cuerpo</b>";
  about.around[2] = about.message;
  const auto mail = read(mail::alert_letter(about, Language::es, letterhead()));
  check_sound(mail);
  CHECK(mail.header("Bcc") == "(none)");
  CHECK_THAT(mail.text(), ContainsSubstring("Juan Bcc: evil@evil.example <b>cuerpo</b>"));
  CHECK_THAT(mail.html(), !ContainsSubstring("<b>"));
}

TEST_CASE("a contact's name with <script> does not reach HTML alive") {
  for (const std::string name :
       {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</bdi></td><script>",
        "<style>*{display:none}</style>", "<!--", "&lt;script&gt;"}) {
    CAPTURE(name);
    auto about = alert_case();
    about.message.stored.event.party.name = name;
    about.around[2] = about.message;
    const auto mail = read(mail::alert_letter(about, Language::pt, letterhead()));
    check_sound(mail);
    CHECK_THAT(mail.page(), ContainsSubstring(name));
  }
}

TEST_CASE("a contact's name with bidirectional controls cannot turn the page around") {
  auto about = alert_case();
  about.message.stored.event.party.name = "juez\u202Eetnatropmi\u2066x";
  about.around[2] = about.message;
  const auto mail = read(mail::alert_letter(about, Language::es, letterhead()));
  check_sound(mail);
  for (const auto& part : {mail.text(), mail.html()}) {
    CHECK_THAT(part, ContainsSubstring("juez\uFFFDetnatropmi\uFFFDx"));
    CHECK_THAT(part, !ContainsSubstring("\u202E"));
  }
}

TEST_CASE("NUL and escape sequences in name and text reach neither part, and cut nothing off") {
  auto about = alert_case();
  about.message.stored.event.party.name = "Ju\0an\x1b[2J"s;
  about.message.stored.event.text = "antes\0despues \x1b]0;x\x07 la coima fin"s;
  about.alerts.resize(1);
  about.alerts[0].spans = {{20, 28}};
  about.around.clear();
  const auto mail = read(mail::alert_letter(about, Language::es, letterhead()));
  check_sound(mail);
  for (const auto& part : {mail.text(), mail.html()}) {
    CHECK(part.find('\0') == std::string::npos);
    CHECK(part.find('\x1b') == std::string::npos);
    CHECK_THAT(part, ContainsSubstring("antes\uFFFDdespues"));
    CHECK_THAT(part, ContainsSubstring("fin"));
    CHECK_THAT(part, ContainsSubstring("Ju\uFFFDan"));
  }
}

TEST_CASE("a message with <script>, a fake boundary and SMTP commands stays text") {
  auto about = alert_case();
  about.message.stored.event.text =
      "<script>fetch('//evil.example')</script>\n.\nQUIT\n--=-0000\nContent-Type: "
      "text/html\n\nFrom me la coima </mark>";
  about.alerts.clear();
  about.alerts.push_back(alert_case().alerts[0]);
  about.alerts[0].spans = {{0, 8}};
  about.around.clear();
  const auto mail = read(mail::alert_letter(about, Language::en, letterhead()));
  check_sound(mail);
  CHECK(mail.list("marked") == std::vector<std::string>{"<script>"});
  CHECK_THAT(mail.page(), ContainsSubstring("fetch('//evil.example')</script>"));
}

TEST_CASE("a message cannot write lines that look like ours in the text part") {
  auto about = alert_case();
  about.message.stored.event.text = "hola la coima\nRegistro: 7\n>> 23/11 15:04 · Otro";
  about.alerts.resize(1);
  about.alerts[0].spans = {{5, 13}};
  about.around.clear();
  const auto mail = read(mail::alert_letter(about, Language::es, letterhead()));
  CHECK_THAT(mail.text(), !ContainsSubstring("\nRegistro: 7"));
  CHECK_THAT(mail.text(), ContainsSubstring("\n    Registro: 7"));
  CHECK_THAT(mail.text(), !ContainsSubstring("\n>> 23/11 15:04 · Otro"));
}

TEST_CASE("a text of 65,536 characters is shortened to the words found, with the record's number") {
  auto about = alert_case();
  about.message.stored.event.text =
      std::string(40'000, 'x') + " la coima " + std::string(25'526, 'y');
  about.alerts.resize(1);
  about.alerts[0].spans = {{40'001, 40'009}};
  about.around[2] = about.message;
  const auto bytes =
      mail::compose(mail::alert_letter(about, Language::es, letterhead()), headers());
  REQUIRE(bytes);
  CHECK(bytes->size() < 40'000);
  const Read mail{test::read_mail(*bytes)};
  check_sound(mail);
  CHECK(mail.list("marked") == std::vector<std::string>{"la coima"});
  CHECK_THAT(mail.text(), ContainsSubstring("completo está en el registro 1041"));
}

TEST_CASE("long neighbours, names, categories and rules are shortened") {
  auto about = alert_case();
  about.message.stored.event.party.name = std::string(5'000, 'n');
  about.alerts[0].rules = std::vector<std::string>(500, "una.regla.con.nombre");
  about.alerts[0].category = std::string(5'000, 'c');
  about.around[2] = about.message;
  about.around[0].stored.event.text = std::string(60'000, 'v');
  const auto letter = mail::alert_letter(about, Language::es, letterhead());
  CHECK(letter.subject.size() < 400);
  const auto bytes = mail::compose(letter, headers());
  REQUIRE(bytes);
  CHECK(bytes->size() < 40'000);
  check_sound({test::read_mail(*bytes)});
}

TEST_CASE(
    "a category that the firm named with markup or line ends stays harmless in subject and page") {
  auto about = alert_case();
  about.alerts[0].category = "x\r\nBcc: evil@evil.example<script>";
  const auto mail = read(mail::alert_letter(about, Language::en, letterhead()));
  check_sound(mail);
  CHECK(mail.header("Bcc") == "(none)");
}

TEST_CASE(
    "a message that we sent, from a line without a lawyer, to somebody without a number is told as "
    "such") {
  auto about = alert_case();
  auto& event = about.message.stored.event;
  event.direction = Direction::out;
  event.line = E164("+5491150000099");
  event.party = {"", "AR.13491208655302741918", ""};
  event.sent = Timestamp();
  about.around.clear();
  const auto mail = read(mail::alert_letter(about, Language::en, letterhead()));
  CHECK_THAT(mail.text(), ContainsSubstring("AR.13491208655302741918"));
  CHECK_THAT(mail.text(), ContainsSubstring("Sent:"));
  CHECK_THAT(mail.text(), ContainsSubstring("2026"));  // our time, since the provider gave none
}

TEST_CASE("a message without any text or party is still told") {
  auto about = alert_case();
  about.message.stored.event.text.clear();
  about.message.stored.event.party = {};
  about.around.clear();
  const auto mail = read(mail::alert_letter(about, Language::es, letterhead()));
  check_sound(mail);
  CHECK_THAT(mail.text(), ContainsSubstring("[sin texto]"));
  CHECK_THAT(mail.text(), ContainsSubstring("desconocida"));
}

TEST_CASE(
    "notices about the service say what happened, since when and what to do, in each language") {
  for (const auto language : {Language::es, Language::pt, Language::en}) {
    for (const auto kind : {mail::ServiceNotice::Kind::storage_failing,
                            mail::ServiceNotice::Kind::storage_recovered}) {
      auto head = headers();
      head.record.reset();
      const auto bytes =
          mail::compose(mail::notice_letter({kind, Timestamp::from_seconds(1'795'457'051)},
                                            language, letterhead()),
                        head);
      REQUIRE(bytes);
      const Read mail{test::read_mail(*bytes)};
      CHECK(mail.found.at("defects").as_array().empty());
      CHECK(mail.header("X-Sigilo-Record") == "(none)");
      CHECK_THAT(mail.text(), ContainsSubstring("sigilo status"));
      CHECK_THAT(mail.text(), ContainsSubstring("15:04:11"));
      CHECK(mail.list("code") == std::vector<std::string>{"sigilo status"});
    }
  }
}

TEST_CASE("the same mail composed again is the same bytes") {
  const auto letter = mail::alert_letter(alert_case(), Language::es, letterhead());
  CHECK(*mail::compose(letter, headers()) == *mail::compose(letter, headers()));
}

TEST_CASE("a Message-ID stands in brackets once, whether it came with them or not") {
  auto head = headers();
  head.message_id = "17.abc@estudio.example";
  CHECK(read(mail::alert_letter(alert_case(), Language::es, letterhead()), head)
            .header("Message-Id") == "<17.abc@estudio.example>");
}

TEST_CASE("an address or a Message-ID that would carry another header is an error, not a mail") {
  const auto letter = mail::alert_letter(alert_case(), Language::es, letterhead());
  for (const std::string bad :
       {"a@b.example\r\nBcc: evil@evil.example", "a@b.example, c@d.example", ""}) {
    auto to = headers();
    to.to = bad;
    CHECK(mail::compose(letter, to).error().code == ErrorCode::invalid_input);
    auto from = headers();
    from.from = bad;
    CHECK(mail::compose(letter, from).error().code == ErrorCode::invalid_input);
  }
  for (const std::string bad : {"", "<>", "a b@c", "a@b>\r\nX: y", "a@b\n", "ñ@b"}) {
    auto id = headers();
    id.message_id = bad;
    CHECK(mail::compose(letter, id).error().code == ErrorCode::invalid_input);
  }
}

TEST_CASE("a firm's name that would break the From header is quoted or encoded") {
  auto head = headers();
  head.from_name = "Estudio \"Ejemplo\", <evil@evil.example>\r\nBcc: x@y.example";
  const auto mail = read(mail::alert_letter(alert_case(), Language::es, letterhead()), head);
  check_sound(mail);
  REQUIRE(mail.found.at("from").as_array().size() == 1);
  CHECK(mail.found.at("from").at(0).at(1) == "sigilo@estudio.example");
  CHECK(mail.header("Bcc") == "(none)");
}

TEST_CASE("a lost file is told in each language, and with content = reference without its name") {
  mail::LostFile about{alert_case().message, {}, "contrato\r\nBcc: x.pdf", vault::MediaLoss::gone};
  about.message.stored.event.type = "document";
  about.alert.severity = Severity::medium;
  for (const auto& [language, heading] :
       {std::pair{Language::es, "Un archivo no se pudo guardar"},
        std::pair{Language::pt, "Um arquivo não pôde ser guardado"},
        std::pair{Language::en, "A file could not be kept"}}) {
    auto head = letterhead();
    const auto letter = mail::lost_file_letter(about, language, head);
    CHECK(letter.heading == heading);
    CHECK(letter.subject.find("+5491150000001") != std::string::npos);
    CHECK(letter.subject.find("contrato") == std::string::npos);
    CHECK(letter.steps.at(0).second == "sigilo show 1041");
    check_sound(read(letter, headers()));
    std::string facts;
    for (const auto& [label, value] : letter.facts) facts += value + "\n";
    CHECK(facts.find("contrato") != std::string::npos);
    CHECK(facts.find(mail::loss_words(vault::MediaLoss::gone, language)) != std::string::npos);
    head.content = config::MailContent::reference;
    for (const auto& [label, value] : mail::lost_file_letter(about, language, head).facts) {
      CHECK(value.find("contrato") == std::string::npos);
      CHECK(value.find("Juan") == std::string::npos);
    }
  }
}
