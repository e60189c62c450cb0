// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

namespace sigilo::config {
namespace {

std::vector<std::string> messages(const Loaded& loaded) {
  std::vector<std::string> texts;
  for (const auto& problem : loaded.problems) texts.push_back(problem.message());
  return texts;
}

const std::string firm = "[firm]\nname = 'E'\n";

/// A text with one mistake or more, and everything that must be said of it.
struct Bad {
  std::string text;
  std::vector<std::string> said;
};

const std::string meta =
    "[source.meta]\n"
    "app_secret = 'file:/a'\n"
    "verify_token = 'file:/v'\n";

const std::string mail = "[mail]\nfrom = 'a@b.example'\n";

// The line numbers count from [firm], which has two lines.
const std::vector<Bad> bad_files{
    {"", {"f:1: [firm] is missing; write [firm] and name = \"Estudio Ejemplo\""}},
    {"[firm]\nlanguage = 'fr'\ntimezone = 'Mars/Olympus'\n",
     {"f:1: firm.name: missing (the firm's name, as mails and reports show it); write name = "
      "\"Estudio Ejemplo\"",
      "f:2: firm.language: no language \"fr\"; write \"es\", \"pt\" or \"en\"",
      "f:3: firm.timezone: \"Mars/Olympus\" is not an IANA time zone; write timezone = "
      "\"America/Argentina/Buenos_Aires\""}},
    {"[firm]\nname = ' '\n", {"f:2: firm.name: empty; write name = \"Estudio Ejemplo\""}},
    {"[firm]\nname = \"E\\r\\nBcc: x\"\n",
     {"f:2: firm.name: a line break or another control character in it; write name = \"Estudio "
      "Ejemplo\""}},
    {"firm = 3\n", {"f:1: firm is a whole number where a table is expected; write [firm]"}},
    {firm + "[vault]\ndirectory = 'vault'\nkey = '00112233445566778899aabbccddeeff'\n",
     {"f:4: vault.directory: \"vault\" does not begin with /; write the whole path",
      "f:5: vault.key: holds neither file: nor credential:, and a secret never stands in this "
      "file; put the secret into "
      "a file of mode 0600 and write \"file:/PATH\", or \"credential:NAME\" (systemd)"}},
    {firm + "[vault]\nkey = 112233\n",
     {"f:4: vault.key is a whole number where a text is expected; write key = \"...\""}},
    {firm + "[valut]\n[firms]\n",
     {"f:3: unknown table \"valut\"; did you mean \"vault\"?",
      "f:4: unknown table \"firms\"; did you mean \"firm\"?"}},
    {firm + "[source.metta]\nlisten = '0.0.0.0:1'\n",
     {"f:3: unknown table \"metta\" in [source]; did you mean \"meta\"?"}},
    {firm + "[source.meta]\n",
     {"f:3: source.meta.listen: missing (where deliveries arrive: HOST:PORT, or unix:PATH behind a "
      "reverse proxy); write "
      "listen = \"0.0.0.0:8443\"",
      "f:3: source.meta.app_secret: missing (secrets that sign deliveries; several during a "
      "rotation); write app_secret "
      "= [\"file:/etc/sigilo/secrets/meta-app-secret\"]",
      "f:3: source.meta.verify_token: missing (secret that the provider shows when it subscribes); "
      "write verify_token = "
      "\"file:/etc/sigilo/secrets/meta-verify-token\""}},
    {firm + meta + "listen = '0.0.0.0:8443'\n",
     {"f:6: source.meta.listen: plain HTTP on 0.0.0.0:8443, which other machines can reach; write "
      "tls_certificate and "
      "tls_key, or listen on 127.0.0.1:PORT or unix:PATH"}},
    {firm + meta + "listen = '[::]:8443'\ntls_key = 'file:/k'\n",
     {"f:7: source.meta.tls_key: tls_certificate is missing beside it; write both, or neither for "
      "plain HTTP on loopback "
      "and unix"}},
    {firm + meta + "listen = '[::]:8443'\ntls_certificate = 'file:/k'\n",
     {"f:7: source.meta.tls_certificate: tls_key is missing beside it; write both, or neither for "
      "plain HTTP on loopback "
      "and unix"}},
    {firm + meta +
         "listen = '8443'\npath = 'webhook'\ngraph_url = "
         "'http://graph.facebook.com'\ngraph_version = '23'\n"
         "accounts = [\n '1',\n 'x',\n]\n",
     {"f:6: source.meta.listen: \"8443\" is neither an address nor a host name; write listen = "
      "\"0.0.0.0:8443\"",
      "f:7: source.meta.path: \"webhook\" is not a plain path of a URL; write path = "
      "\"/webhook/meta\"",
      "f:8: source.meta.graph_url: http:// would send the access token in the open; write "
      "https://; http:// only for "
      "loopback",
      "f:9: source.meta.graph_version: \"23\" is not a version of the Graph API; write "
      "graph_version = \"v23.0\"",
      "f:12: source.meta.accounts: \"x\" is not an id: digits only; write accounts = "
      "[\"102290129340398\"]"}},
    {firm + "[source.meta]\nlisten = '127.0.0.1:80'\napp_secret = []\nverify_token = 'file:v'\n",
     {"f:5: source.meta.app_secret: the list is empty; write app_secret = "
      "[\"file:/etc/sigilo/secrets/meta-app-secret\"]",
      "f:6: source.meta.verify_token: the path after file: does not begin with /; write "
      "\"file:/PATH\""}},
    {firm + "[source.twilio]\naccount = 'AB12'\nauth_token = 'credential:a/b'\nurl = "
            "'http://10.0.0.1'\npoll = '2h'\n"
            "[source.spool]\ndirectory = ''\n",
     {"f:4: source.twilio.account: not an account SID: those begin with AC; write account = "
      "\"AC00000000000000000000000000000000\"",
      "f:5: source.twilio.auth_token: what follows credential: is not a credential's name; write "
      "\"credential:NAME\"",
      "f:6: source.twilio.url: http:// would send the access token in the open; write https://; "
      "http:// only for loopback",
      "f:7: source.twilio.poll: \"2h\" is not between 1 and 3600 seconds; write poll = \"15s\"",
      "f:9: source.spool.directory: empty; write directory = \"/var/spool/sigilo\""}},
    {firm + meta +
         "listen = '127.0.0.1:80'\n"
         "[[team]]\nname = 'a'\nmanagers = 'm@b.example'\n"
         "[[line]]\nnumber = '12'\nlawyer = 'L'\nteam = 'b'\n",
     {"f:10: line.phone_number_id: missing (the provider's id of the number; needed where "
      "[source.meta] is the only "
      "source); write phone_number_id = \"106540352242922\"",
      "f:11: line.number: \"12\" is not a telephone number with country code; write number = "
      "\"+5491150000001\"",
      "f:13: line.team: there is no [[team]] with the name \"b\"; write the name of a [[team]], or "
      "add one"}},
    {firm +
         "[[team]]\nname = 'a'\nmanagers = ['m@b.example']\n"
         "[[line]]\nnumber = '+54 9 11 5000-0001'\nphone_number_id = '1'\nlawyer = 'L'\nteam = "
         "'a'\n"
         "[[line]]\nnumber = '+54 11 5000 0001'\nphone_number_id = '1'\nlawyer = 'L'\nteam = 'a'\n"
         "[[line]]\nnumber = '5491150000001'\nphone_number_id = '2'\nlawyer = 'L'\nteam = 'a'\n",
     {"f:12: line.number: \"+5491150000001\" stands in line 7 already; keep one of the two",
      "f:13: line.phone_number_id: \"1\" stands in line 8 already; keep one of the two",
      "f:17: line.number: \"+5491150000001\" stands in line 7 already; keep one of the two"}},
    {firm + "[line]\nnumber = '+5491150000001'\n",
     {"f:3: line is a table where a list of tables is expected; write [[line]] with two brackets, "
      "once for each"}},
    {firm + "[[team]]\nname = 'a'\nmanagers = []\n[[team]]\nname = 'a'\n"
            "managers = ['m@b.example',\n\"x@y.example\\r\\nBcc: z@y.example\",\n'x@y@z', 'x "
            "y@z']\nlanguage = 'de'\nmanager = 1\n",
     {"f:5: team.managers: the list is empty; write managers = [\"compliance@estudio.example\"]",
      "f:7: team.name: \"a\" stands in line 4 already; keep one of the two",
      "f:9: team.managers: a line break or another control character in it; write managers = "
      "[\"compliance@estudio.example\"]",
      "f:11: team.language: no language \"de\"; write \"es\", \"pt\" or \"en\"",
      "f:12: unknown key \"manager\" in [team]; did you mean \"managers\"?"}},
    {firm + "[[team]]\nname = 'a'\nmanagers = [\n'ok@b.example',\n'x@y@z',\n'x y@z']\n",
     {"f:7: team.managers: \"x@y@z\" is not a mail address; write one plain address without a "
      "display name, as in "
      "\"compliance@estudio.example\"",
      "f:8: team.managers: \"x y@z\" is not a mail address; write one plain address without a "
      "display name, as in "
      "\"compliance@estudio.example\""}},
    {firm + "[mail]\n",
     {"f:3: mail.relay: missing (the mail server: smtp://HOST:PORT, or smtps:// for TLS from the "
      "first byte); write relay "
      "= \"smtp://mail.estudio.example:587\"",
      "f:3: mail.from: missing (sender's address); write from = \"sigilo@estudio.example\""}},
    {firm + mail +
         "relay = 'mail.estudio.example:25'\ntls = 'on'\ncontent = 'all'\nexternal = 'no'\nca_file "
         "= 'ca.pem'\n",
     {"f:5: mail.relay: not a URL: it has no \"://\"; write relay = "
      "\"smtp://mail.estudio.example:587\"",
      "f:6: mail.tls: \"on\" is not a choice; write \"required\", \"opportunistic\", or \"off\" "
      "(loopback only)",
      "f:7: mail.content: \"all\" is not a choice; write \"full\", \"excerpt\" or \"reference\"",
      "f:8: mail.external is a text where true or false is expected; write external = true or "
      "external = false, without "
      "quotation marks",
      "f:9: mail.ca_file: \"ca.pem\" does not begin with /; write the whole path"}},
    {firm + mail + "relay = 'smtp://u:s3cret@mail.estudio.example'\n",
     {"f:5: mail.relay: user and password do not belong in a URL; write relay = "
      "\"smtp://mail.estudio.example:587\""}},
    {firm + mail + "relay = 'smtp://mail.estudio.example'\nuser = 'u'\n",
     {"f:6: mail.user: password is missing beside it; write both, or neither for a relay that asks "
      "for none"}},
    {firm + mail + "relay = 'smtp://mail.estudio.example'\npassword = 'file:/p'\n",
     {"f:6: mail.password: user is missing beside it; write both, or neither for a relay that asks "
      "for none"}},
    {firm + mail + "relay = 'smtp://mail.estudio.example'\ntls = 'off'\n",
     {"f:6: mail.tls: off, while mail.estudio.example is not on this machine; write tls = "
      "\"required\""}},
    {firm + mail + "relay = 'smtp://10.0.0.1'\ntls = 'off'\n",
     {"f:6: mail.tls: off, while 10.0.0.1 is not on this machine; write tls = \"required\""}},
    {firm + mail + "relay = 'smtps://127.0.0.1'\ntls = 'off'\n",
     {"f:6: mail.tls: off, while smtps:// always encrypts; leave tls out, or write smtp://"}},
    {firm + mail + "relay = 'smtp://8.8.8.8:25'\n",
     {"f:5: mail.relay: full messages would leave the building: 8.8.8.8 is a public address; write "
      "content = \"excerpt\" "
      "or \"reference\", or external = true if the firm accepts it"}},
    {firm + mail + "content = 'full'\nrelay = 'smtps://[2001:db8::1]'\nexternal = false\n",
     {"f:5: mail.content: full messages would leave the building: 2001:db8::1 is a public address; "
      "write content = "
      "\"excerpt\" or \"reference\", or external = true if the firm accepts it"}},
    {firm + mail + "relay = 'smtp://134744072'\n",
     {"f:5: mail.relay: \"134744072\" is neither an address nor a host name; write relay = "
      "\"smtp://mail.estudio.example:587\""}},
    {firm + "[watch]\npoll = '9s'\n[retention]\ndefault = '10y'\n[scan]\npolicies = 'p'\n",
     {"f:4: watch.poll: \"9s\" is not between 10 and 86400 seconds; write poll = \"60s\"",
      "f:6: retention.default: \"10y\" is neither \"forever\" nor a duration from 1d to 36500d; "
      "write default = \"3650d\"",
      "f:8: scan.policies: \"p\" does not begin with /; write the whole path"}},
    {firm + "[watch]\npoll = '1 minute'\n",
     {"f:4: watch.poll: \"1 minute\" is not a duration; write a positive whole number and one of "
      "s, m, h, d, as in "
      "\"15s\" or \"7d\""}},
    {firm + "[api]\nsocket = 'api.sock'\nadmins = 'Los Admins'\nreviewers = ['a']\n",
     {"f:4: api.socket: \"api.sock\" does not begin with /; write the whole path",
      "f:5: api.admins: \"Los Admins\" is not the name of a Unix group; write admins = "
      "\"sigilo-admin\"",
      "f:6: api.reviewers is an array where a text is expected; write reviewers = \"...\""}},
    {firm + "[api]\nsocket = '/" + std::string(107, 'a') + "'\n",
     {"f:4: api.socket: longer than the 107 bytes that a socket's name may have; write a shorter "
      "path"}},
};

const char* const interface_example = R"([firm]
name = "Estudio Ejemplo"
language = "es"                      # es, pt, en
timezone = "America/Argentina/Buenos_Aires"

[vault]
directory = "/var/lib/sigilo"        # vault.db, media/, keys/
key = "credential:vault-key"         # 32 random bytes as 64 hex digits

[source.meta]                        # each [source.*] table is optional
listen = "0.0.0.0:8443"              # HOST:PORT, or "unix:PATH" behind a reverse proxy
path = "/webhook/meta"
tls_certificate = "file:/etc/sigilo/tls/cert.pem"   # both absent: plain HTTP, allowed on loopback and unix only
tls_key = "file:/etc/sigilo/tls/key.pem"
app_secret = ["file:/etc/sigilo/secrets/meta-app-secret"]   # several during a rotation
verify_token = "file:/etc/sigilo/secrets/meta-verify-token"
access_token = "file:/etc/sigilo/secrets/meta-access-token"
graph_url = "https://graph.facebook.com"
graph_version = "v23.0"
accounts = ["102290129340398"]       # WhatsApp Business Account ids

[source.twilio]
account = "AC..."
auth_token = "file:/etc/sigilo/secrets/twilio"
url = "https://api.twilio.com"
poll = "20s"

[source.spool]
directory = "/var/spool/sigilo"

[[line]]
number = "+5491150000001"
phone_number_id = "106540352242922"
lawyer = "Dra. Ana Ejemplo"
team = "litigios"

[[team]]
name = "litigios"
managers = ["compliance@estudio.example"]
language = "pt"

[mail]
relay = "smtp://mail.estudio.example:587"   # smtp:// or smtps://
tls = "required"                     # required (default), opportunistic, off (loopback only)
user = "sigilo"
password = "file:/etc/sigilo/secrets/mail-password"
from = "sigilo@estudio.example"
content = "full"                     # full, excerpt, reference; see below

[scan]
policies = "/etc/sigilo/policies.d"  # *.toml, in name order

[watch]
poll = "2m"

[retention]
default = "forever"

[api]
socket = "/run/sigilo/api.sock"
admins = "sigilo-admin"              # Unix groups
reviewers = "revisores"
auditors = "sigilo-audit"
)";

}  // namespace

TEST_CASE("each mistake is named with its line and what to write instead") {
  for (const auto& bad : bad_files) {
    CAPTURE(bad.text);
    const auto loaded = parse(bad.text, "f");
    CHECK_FALSE(loaded.config);
    CHECK(messages(loaded) == bad.said);
  }
}

TEST_CASE("the file that the interface shows becomes a value") {
  const auto loaded = parse(interface_example, "/etc/sigilo/sigilo.toml");
  CHECK(messages(loaded).empty());
  REQUIRE(loaded.config);
  const Config& config = *loaded.config;
  CHECK(config.firm == Firm{"Estudio Ejemplo", Language::es, "America/Argentina/Buenos_Aires"});
  CHECK(config.vault == VaultSettings{});
  REQUIRE(config.meta);
  CHECK(config.meta->listen == Endpoint{Endpoint::Kind::tcp, "0.0.0.0", 8443});
  CHECK(config.meta->tls_certificate ==
        SecretRef{SecretRef::Kind::file, "/etc/sigilo/tls/cert.pem"});
  CHECK(config.meta->tls_key == SecretRef{SecretRef::Kind::file, "/etc/sigilo/tls/key.pem"});
  CHECK(config.meta->app_secret ==
        std::vector<SecretRef>{{SecretRef::Kind::file, "/etc/sigilo/secrets/meta-app-secret"}});
  CHECK(config.meta->verify_token ==
        SecretRef{SecretRef::Kind::file, "/etc/sigilo/secrets/meta-verify-token"});
  CHECK(config.meta->access_token ==
        SecretRef{SecretRef::Kind::file, "/etc/sigilo/secrets/meta-access-token"});
  CHECK(config.meta->accounts == std::vector<std::string>{"102290129340398"});
  REQUIRE(config.twilio);
  CHECK(config.twilio->poll == std::chrono::seconds(20));
  CHECK(config.spool);
  CHECK(config.lines == std::vector<Line>{{E164("+5491150000001"), PhoneNumberId("106540352242922"),
                                           "Dra. Ana Ejemplo", "litigios"}});
  CHECK(config.teams ==
        std::vector<Team>{{"litigios", {"compliance@estudio.example"}, Language::pt}});
  CHECK(config.team_of(config.lines[0]).language == Language::pt);
  REQUIRE(config.mail);
  CHECK(config.mail->relay == "smtp://mail.estudio.example:587");
  CHECK(config.mail->relay_host == "mail.estudio.example");
  CHECK(config.mail->relay_port == 587);
  CHECK_FALSE(config.mail->implicit_tls);
  CHECK(config.mail->tls == MailTls::required);
  CHECK(config.mail->user == "sigilo");
  CHECK(config.mail->password ==
        SecretRef{SecretRef::Kind::file, "/etc/sigilo/secrets/mail-password"});
  CHECK(config.mail->from == "sigilo@estudio.example");
  CHECK(config.mail->content == MailContent::full);
  CHECK_FALSE(config.mail->external);
  CHECK_FALSE(config.mail->ca_file);
  CHECK(config.watch_poll == std::chrono::minutes(2));
  CHECK(config.api.reviewers == "revisores");
  CHECK(loaded.warnings ==
        std::vector<std::string>{
            "/etc/sigilo/sigilo.toml:0: [source.twilio], [source.spool], [watch], [retention], "
            "api.reviewers: checked, but not used by this version"});
}

TEST_CASE("the least file is a firm's name, and says that nobody will be told") {
  const auto loaded = parse(firm, "f");
  REQUIRE(loaded.config);
  CHECK(loaded.config->firm.timezone == "UTC");
  CHECK_FALSE(loaded.config->meta);
  CHECK(loaded.warnings ==
        std::vector<std::string>{
            "f:0: [mail] is missing: alerts are kept, but nobody is told; write [mail]"});
}

TEST_CASE("a team speaks the firm's language unless it says another") {
  const auto loaded = parse(
      "[[team]]\nname = 'a'\nmanagers = 'a@b.example'\n"
      "[[team]]\nname = 'b'\nmanagers = 'a@b.example'\nlanguage = 'en'\n"
      "[firm]\nname = 'E'\nlanguage = 'pt'\n",
      "f");
  REQUIRE(loaded.config);
  CHECK(loaded.config->teams[0].language == Language::pt);
  CHECK(loaded.config->teams[1].language == Language::en);
}

TEST_CASE("a number is kept in its normal form") {
  const auto loaded =
      parse(firm +
                "[[team]]\nname = 'a'\nmanagers = 'a@b.example'\n"
                "[[line]]\nnumber = '+54 (11) 5000-0001'\nlawyer = 'L'\nteam = 'a'\n",
            "f");
  REQUIRE(loaded.config);
  CHECK(loaded.config->lines[0].number == E164("+5491150000001"));
}

TEST_CASE("a line needs no provider's id where another source may carry it") {
  const std::string line =
      "[[team]]\nname = 'a'\nmanagers = 'a@b.example'\n"
      "[[line]]\nnumber = '+5491150000001'\nlawyer = 'L'\nteam = 'a'\n";
  CHECK(parse(firm + meta + "listen = '127.0.0.1:80'\n[source.spool]\n" + line, "f").config);
  CHECK_FALSE(parse(firm + meta + "listen = '127.0.0.1:80'\n" + line, "f").config);
}

TEST_CASE(
    "plain HTTP is for loopback and unix, and the usual port of mail depends on its encryption") {
  for (const auto* listen :
       {"127.0.0.1:8080", "[::1]:8080", "localhost:8080", "unix:/run/sigilo/meta.sock"}) {
    CAPTURE(listen);
    CHECK(parse(firm + meta + fmt::format("listen = '{}'\n", listen), "f").config);
  }
  CHECK(parse(firm + mail + "relay = 'smtp://10.0.0.1'\n", "f").config->mail->relay ==
        "smtp://10.0.0.1:587");
  const auto smtps = parse(firm + mail + "relay = 'SMTPS://[FD00::1]/'\n", "f").config->mail;
  CHECK(smtps->relay == "smtps://[fd00::1]:465");
  CHECK(smtps->relay_host == "fd00::1");
  CHECK(smtps->relay_port == 465);
  CHECK(smtps->implicit_tls);
}

TEST_CASE("full messages leave the building only where the firm says so") {
  for (const auto* sound :
       {"relay = 'smtp://8.8.8.8'\nexternal = true\n",
        "relay = 'smtp://8.8.8.8'\ncontent = 'excerpt'\n",
        "relay = 'smtp://8.8.8.8'\ncontent = 'reference'\n", "relay = 'smtp://192.168.0.9'\n",
        "relay = 'smtp://127.0.0.1'\ntls = 'off'\n", "relay = 'smtp://localhost'\ntls = 'off'\n"}) {
    CAPTURE(sound);
    CHECK(messages(parse(firm + mail + sound, "f")).empty());
  }
}

TEST_CASE("a password that may travel in the open is warned of") {
  const auto loaded = parse(
      firm + mail +
          "relay = 'smtp://10.0.0.1'\nuser = 'u'\npassword = 'file:/p'\ntls = 'opportunistic'\n",
      "f");
  CHECK(loaded.config);
  CHECK(loaded.warnings ==
        std::vector<std::string>{
            "f:8: mail.tls: opportunistic, so that whoever is between can have the password in the "
            "open; write tls = \"required\""});
}

TEST_CASE("a secret written as a value is never repeated, whatever key it stands in") {
  const std::string secret = "s3cretvalue";
  for (const auto* key :
       {"vault.key", "source.meta.tls_certificate", "source.meta.tls_key", "source.meta.app_secret",
        "source.meta.verify_token", "source.meta.access_token", "source.twilio.auth_token",
        "mail.password"}) {
    const std::string name(key);
    const auto dot = name.rfind('.');
    for (const auto* form :
         {"'{}'", "['{}']", "'file:{}'", "'credential:x/{}'", "{}", "\"{}\\n\"", "{{ {} = 1 }}"}) {
      const auto value = fmt::format(fmt::runtime(form), secret);
      const auto text =
          fmt::format("[{}]\n{} = {}\n", name.substr(0, dot), name.substr(dot + 1), value);
      CAPTURE(text);
      const auto loaded = parse(text, "f");
      CHECK_FALSE(loaded.config);
      CHECK_FALSE(loaded.problems.empty());
      for (const auto& problem : loaded.problems)
        CHECK(problem.message().find(secret) == std::string::npos);
    }
  }
}

TEST_CASE("the value knows where its keys stand") {
  const auto config = *parse(interface_example, "f").config;
  CHECK(config.line_of("mail") == 42);
  CHECK(config.line_of("mail.relay") == 43);
  CHECK(config.line_of("mail.ca_file") == 42);
  CHECK(config.line_of("source.meta.app_secret[0]") == 15);
  CHECK(config.line_of("line[0].team") == 35);
  CHECK(config.line_of("team[0]") == 37);
  CHECK(parse(firm, "f").config->line_of("vault.key") == 1);
}

TEST_CASE("a file is loaded under its own name, and a missing one is a problem") {
  const auto missing = load("/nonexistent/sigilo.toml");
  CHECK_FALSE(missing.config);
  CHECK(messages(missing) ==
        std::vector<std::string>{
            "/nonexistent/sigilo.toml:0: cannot be read: No such file or directory; check the name "
            "and who may read it"});
  CHECK(load(SIGILO_SOURCE_DIR "/etc/sigilo.toml").config);
}

TEST_CASE("a credential lies where systemd says, and a file where the reference says") {
  const SecretRef credential{SecretRef::Kind::credential, "vault-key"};
  CHECK(credential.path("/run/credentials/sigilo.service").value() ==
        "/run/credentials/sigilo.service/vault-key");
  CHECK(SecretRef{SecretRef::Kind::file, "/a"}.path("").value() == "/a");
  const auto nowhere = credential.path("");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code == ErrorCode::not_found);
  CHECK(nowhere.error().remedy.find("LoadCredential=vault-key:FILE") != std::string::npos);
}

}  // namespace sigilo::config
