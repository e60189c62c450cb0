// SPDX-License-Identifier: Apache-2.0
#include "config/config.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/check.hpp"
#include "config/forms.hpp"
#include "config/section.hpp"

namespace sigilo::config {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::uint16_t submission_port = 587;   // RFC 6409
constexpr std::uint16_t submissions_port = 465;  // RFC 8314
/// What the provider takes in; to fetch less would lose files.
constexpr std::uint64_t least_media_max = std::uint64_t{100} << 20U;
constexpr std::uint64_t most_media_max = std::uint64_t{4} << 30U;

/// Anchors farther apart leave too much that can be re-written.
constexpr std::int64_t most_anchor_days = 31;

/// Where a value that may stand only once stood first.
using Seen = std::map<std::string, int>;

void check_unique(Section& section, std::string_view key, const std::string& value, Seen& seen) {
  if (value.empty()) return;
  const auto [first, is_new] = seen.emplace(value, section.line(key));
  if (is_new) return;
  section.complain(key,
                   fmt::format("\"{}\" stands in line {} already", shown(value), first->second),
                   "keep one of the two");
}

std::optional<Section> section_of(Table& parent, std::string_view key, std::string_view name,
                                  LineMap& lines) {
  auto table = parent.table(key);
  if (!table) return std::nullopt;
  return Section(name, *std::move(table), lines);
}

/// Reads one file into one Config. Every reader asks for all its keys, so that finish() knows them.
class Parser {
 public:
  Parser(Table root, const std::string& file, Loaded& loaded)
      : root_(std::move(root)), file_(file), loaded_(loaded) {}

  Config parse();

 private:
  void firm();
  void vault();
  void sources();
  void meta(Section section);
  void twilio(Section section);
  void lines();
  void teams();
  void mail();
  void mail_encryption(Section& section, const Mail& mail);
  void later_versions_tables();
  void anchor();
  void api();
  void warn(int line, std::string what, std::string remedy);

  Table root_;
  const std::string& file_;
  Loaded& loaded_;
  Config config_;
  std::vector<std::string> unused_;
};

void Parser::warn(int line, std::string what, std::string remedy) {
  loaded_.warnings.push_back(Problem{file_, line, std::move(what), std::move(remedy)}.message());
}

Config Parser::parse() {
  firm();
  vault();
  sources();
  teams();
  lines();
  mail();
  if (auto section = section_of(root_, "scan", "scan", config_.lines_of_keys)) {
    section->read("policies", config_.policies, parse_absolute_path);
    section->read("history", config_.scan_history);
  }
  anchor();
  later_versions_tables();
  api();
  root_.finish();
  if (!unused_.empty()) {
    warn(0, fmt::format("{}: checked, but not used by this version", fmt::join(unused_, ", ")), "");
  }
  return std::move(config_);
}

void Parser::firm() {
  if (!root_.has("firm")) {
    root_.complain("firm", "[firm] is missing",
                   fmt::format("write [firm] and name = {}", key_of("firm", "name").example));
  }
  auto section = section_of(root_, "firm", "firm", config_.lines_of_keys);
  if (!section) return;
  section->read("name", config_.firm.name);
  section->read("language", config_.firm.language, parse_language_code);
  section->read("timezone", config_.firm.timezone, parse_zone);
}

void Parser::vault() {
  auto section = section_of(root_, "vault", "vault", config_.lines_of_keys);
  if (!section) return;
  section->read("directory", config_.vault.directory, parse_absolute_path);
  section->read("key", config_.vault.key, parse_secret_ref);
}

void Parser::sources() {
  auto source = root_.table("source");
  if (!source) return;
  if (auto section = section_of(*source, "meta", "source.meta", config_.lines_of_keys))
    meta(*std::move(section));
  if (auto section = section_of(*source, "twilio", "source.twilio", config_.lines_of_keys))
    twilio(*std::move(section));
  if (auto section = section_of(*source, "spool", "source.spool", config_.lines_of_keys)) {
    section->read("directory", config_.spool.emplace().directory, parse_absolute_path);
    unused_.emplace_back("[source.spool]");
  }
}

void Parser::meta(Section section) {
  auto& meta = config_.meta.emplace();
  section.read("listen", meta.listen, parse_endpoint);
  section.read("path", meta.path, parse_url_path);
  section.read("tls_certificate", meta.tls_certificate, parse_secret_ref);
  section.read("tls_key", meta.tls_key, parse_secret_ref);
  section.read_each("app_secret", meta.app_secret, parse_secret_ref);
  section.read("verify_token", meta.verify_token, parse_secret_ref);
  section.read("access_token", meta.access_token, parse_secret_ref);
  section.read("graph_url", meta.graph_url, parse_api_url);
  section.read("graph_version", meta.graph_version, parse_graph_version);
  section.read_each("accounts", meta.accounts, parse_provider_id);
  section.read("media_max", meta.media_max, [](std::string_view text) {
    return parse_size_within(text, least_media_max, most_media_max);
  });

  const bool certificate = section.has("tls_certificate");
  const bool key = section.has("tls_key");
  if (certificate != key) {
    section.complain(
        certificate ? "tls_certificate" : "tls_key",
        fmt::format("{} is missing beside it", certificate ? "tls_key" : "tls_certificate"),
        "write both, or neither for plain HTTP on loopback and unix");
  }
  if (!certificate && !key && !meta.listen.host.empty() && !meta.listen.is_loopback()) {
    section.complain(
        "listen",
        fmt::format("plain HTTP on {}, which other machines can reach", meta.listen.text()),
        "write tls_certificate and tls_key, or listen on 127.0.0.1:PORT or unix:PATH");
  }
}

void Parser::twilio(Section section) {
  auto& twilio = config_.twilio.emplace();
  section.read("account", twilio.account, parse_twilio_account);
  section.read("auth_token", twilio.auth_token, parse_secret_ref);
  section.read("url", twilio.url, parse_api_url);
  section.read("poll", twilio.poll,
               [](std::string_view text) { return parse_duration_within(text, 1, hour); });
  unused_.emplace_back("[source.twilio]");
}

void Parser::teams() {
  Seen names;
  for (auto& table : root_.tables("team")) {
    Section section("team", std::move(table), config_.lines_of_keys,
                    fmt::format("team[{}]", config_.teams.size()));
    auto& team = config_.teams.emplace_back();
    team.language = config_.firm.language;
    section.read("name", team.name);
    section.read_each("managers", team.managers, parse_mail_address);
    section.read("language", team.language, parse_language_code);
    check_unique(section, "name", team.name, names);
  }
}

void Parser::lines() {
  const bool only_meta = config_.meta && !config_.twilio && !config_.spool;
  Seen numbers;
  Seen ids;
  for (auto& table : root_.tables("line")) {
    Section section("line", std::move(table), config_.lines_of_keys,
                    fmt::format("line[{}]", config_.lines.size()));
    auto& line = config_.lines.emplace_back();
    std::string id;
    section.read("number", line.number, parse_number);
    section.read("phone_number_id", id, parse_provider_id);
    section.read("lawyer", line.lawyer);
    section.read("team", line.team);
    line.phone_number_id = PhoneNumberId(id);

    check_unique(section, "number", line.number.value(), numbers);
    check_unique(section, "phone_number_id", id, ids);
    if (only_meta && !section.has("phone_number_id")) {
      const auto& key = key_of("line", "phone_number_id");
      section.complain(key.name, fmt::format("missing ({})", key.help),
                       fmt::format("write {} = {}", key.name, key.example));
    }
    const auto has_name = [&](const Team& team) { return team.name == line.team; };
    if (!line.team.empty() && std::none_of(config_.teams.begin(), config_.teams.end(), has_name)) {
      section.complain("team",
                       fmt::format("there is no [[team]] with the name \"{}\"", shown(line.team)),
                       "write the name of a [[team]], or add one");
    }
  }
}

void Parser::mail() {
  if (!root_.has("mail")) {
    warn(0, "[mail] is missing: alerts are kept, but nobody is told", "write [mail]");
  }
  auto section = section_of(root_, "mail", "mail", config_.lines_of_keys);
  if (!section) return;
  auto& mail = config_.mail.emplace();
  std::optional<Url> relay;
  section->read("relay", relay, parse_relay);
  section->read("tls", mail.tls, parse_mail_tls);
  section->read("ca_file", mail.ca_file, parse_absolute_path);
  section->read("user", mail.user);
  section->read("password", mail.password, parse_secret_ref);
  section->read("from", mail.from, parse_mail_address);
  section->read("content", mail.content, parse_mail_content);
  section->read("external", mail.external);

  if (section->has("user") != section->has("password")) {
    const bool user = section->has("user");
    section->complain(user ? "user" : "password",
                      fmt::format("{} is missing beside it", user ? "password" : "user"),
                      "write both, or neither for a relay that asks for none");
  }
  if (!relay) return;
  mail.implicit_tls = relay->scheme == "smtps";
  if (!relay->at.port) relay->at.port = mail.implicit_tls ? submissions_port : submission_port;
  mail.relay = relay->text();
  mail.relay_host = relay->at.host;
  mail.relay_port = *relay->at.port;
  mail_encryption(*section, mail);
  if (mail.content == MailContent::full && !mail.external &&
      reach_of(mail.relay_host) == Reach::outside) {
    section->complain(section->has("content") ? "content" : "relay",
                      fmt::format("full messages would leave the building: {} is a public address",
                                  mail.relay_host),
                      outside_remedy);
  }
}

void Parser::mail_encryption(Section& section, const Mail& mail) {
  if (mail.tls == MailTls::off && mail.implicit_tls) {
    section.complain("tls", "off, while smtps:// always encrypts",
                     "leave tls out, or write smtp://");
  } else if (mail.tls == MailTls::off && reach_of(mail.relay_host) != Reach::loopback) {
    section.complain("tls", fmt::format("off, while {} is not on this machine", mail.relay_host),
                     "write tls = \"required\"");
  }
  if (mail.tls == MailTls::opportunistic && !mail.implicit_tls && mail.password) {
    warn(section.line("tls"),
         "mail.tls: opportunistic, so that whoever is between can have the password in the open",
         "write tls = \"required\"");
  }
}

void Parser::later_versions_tables() {
  if (auto section = section_of(root_, "watch", "watch", config_.lines_of_keys)) {
    section->read("poll", config_.watch_poll,
                  [](std::string_view text) { return parse_duration_within(text, 10, day); });
    unused_.emplace_back("[watch]");
  }
  if (auto section = section_of(root_, "retention", "retention", config_.lines_of_keys)) {
    section->read("default", config_.retention_default, parse_retention);
    unused_.emplace_back("[retention]");
  }
}

void Parser::anchor() {
  auto table = root_.table("anchor");
  if (!table) return;
  auto& anchor = config_.anchor;
  Section section("anchor", *table, config_.lines_of_keys);
  section.read("directory", anchor.directory, parse_absolute_path);
  section.read_each("timestamp", anchor.timestamp, parse_web_url);
  section.read("timestamp_roots", anchor.timestamp_roots, parse_absolute_path);
  section.read("every", anchor.every, [](std::string_view text) {
    return parse_duration_within(text, hour, most_anchor_days * day);
  });
  Seen keys;
  for (auto& each : table->tables("witness")) {
    Section witness("anchor.witness", std::move(each), config_.lines_of_keys,
                    fmt::format("anchor.witness[{}]", anchor.witnesses.size()));
    auto& read = anchor.witnesses.emplace_back();
    witness.read("url", read.url, parse_witness_url);
    witness.read("key", read.key, parse_verifier_key);
    check_unique(witness, "key", read.key, keys);
  }
}

void Parser::api() {
  auto section = section_of(root_, "api", "api", config_.lines_of_keys);
  if (!section) return;
  auto& api = config_.api;
  section->read("socket", api.socket, parse_socket_path);
  section->read("admins", api.admins, parse_group);
  section->read("reviewers", api.reviewers, parse_group);
  section->read("auditors", api.auditors, parse_group);
  const Api usual;
  if (api.admins != usual.admins) unused_.emplace_back("api.admins");
  if (api.reviewers != usual.reviewers) unused_.emplace_back("api.reviewers");
  if (api.auditors != usual.auditors) unused_.emplace_back("api.auditors");
}

Loaded parsed(const std::optional<Document>& document, const std::string& file, Loaded loaded) {
  if (!document) return loaded;
  auto config = Parser(document->root(loaded.problems), file, loaded).parse();
  std::stable_sort(loaded.problems.begin(), loaded.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  if (loaded.problems.empty()) loaded.config = std::move(config);
  return loaded;
}

}  // namespace

Loaded parse(std::string_view text, const std::string& file) {
  Loaded loaded;
  const auto document = Document::parse(text, file, loaded.problems);
  return parsed(document, file, std::move(loaded));
}

Loaded load(const std::string& path) {
  Loaded loaded;
  const auto document = Document::load(path, loaded.problems);
  return parsed(document, path, std::move(loaded));
}

std::string SecretRef::text() const {
  return (kind == Kind::file ? "file:" : "credential:") + where;
}

Result<std::filesystem::path> SecretRef::path(const std::string& credentials_directory) const {
  if (kind == Kind::file) return std::filesystem::path(where);
  if (credentials_directory.empty()) {
    return fail(ErrorCode::not_found,
                fmt::format("there is no credentials directory for {}", text()),
                fmt::format("start the service by systemd with LoadCredential={}:FILE, or write "
                            "\"file:/PATH\" where it "
                            "is run by hand",
                            where));
  }
  return std::filesystem::path(credentials_directory) / where;
}

bool Endpoint::is_loopback() const {
  return kind == Kind::unix_socket || reach_of(host) == Reach::loopback;
}

std::string Endpoint::text() const {
  return kind == Kind::unix_socket ? "unix:" + host : fmt::format("{}:{}", bracketed(host), port);
}

const Team& Config::team_of(const Line& line) const {
  const auto found = std::find_if(teams.begin(), teams.end(),
                                  [&](const Team& team) { return team.name == line.team; });
  SIGILO_CHECK(found != teams.end(),
               "a line without a team got through the configuration's checks");
  return *found;
}

int Config::line_of(std::string_view key) const {
  while (true) {
    if (const auto found = lines_of_keys.find(key); found != lines_of_keys.end())
      return found->second;
    const auto dot = key.rfind('.');
    if (dot == std::string_view::npos) return 1;
    key = key.substr(0, dot);
  }
}

}  // namespace sigilo::config
