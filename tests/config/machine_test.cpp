// SPDX-License-Identifier: Apache-2.0
// check_machine() of config/config.hpp, on directories of its own and with a resolver of its own.
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.hpp"

namespace sigilo::config {
namespace {

namespace fs = std::filesystem;

const std::string good_key(64, 'a');

/// A directory with all that the file of config() names.
class Machine {
 public:
  Machine() {
    std::string name = (fs::temp_directory_path() / "sigilo-config-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root_ = name;
    for (const auto* directory : {"vault", "policies", "credentials"})
      fs::create_directory(root_ / directory);
    write("vault-key", good_key + "\n");
    for (const auto* name_of :
         {"cert", "key", "app1", "app2", "verify", "access", "password", "ca"})
      write(name_of, "x");
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine() { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& content, mode_t mode = 0600) const {
    std::ofstream(root_ / name) << content;
    REQUIRE(chmod((root_ / name).c_str(), mode) == 0);
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return root_ / name; }

  [[nodiscard]] Config config(const std::string& relay = "smtp://10.0.0.1",
                              const std::string& more = "") const {
    const auto text = fmt::format(
        "[firm]\nname = 'E'\n"
        "[vault]\ndirectory = '{0}/vault'\nkey = 'file:{0}/vault-key'\n"
        "[source.meta]\nlisten = '0.0.0.0:1'\n"
        "tls_certificate = 'file:{0}/cert'\ntls_key = 'file:{0}/key'\n"
        "app_secret = ['file:{0}/app1',\n'file:{0}/app2']\n"
        "verify_token = 'file:{0}/verify'\naccess_token = 'file:{0}/access'\n"
        "[mail]\nrelay = '{1}'\nfrom = 'a@b.example'\nuser = 'u'\npassword = "
        "'file:{0}/password'\nca_file = '{0}/ca'\n{2}"
        "[scan]\npolicies = '{0}/policies'\n",
        root_.string(), relay, more);
    const auto loaded = parse(text, "f");
    for (const auto& problem : loaded.problems) UNSCOPED_INFO(problem.message());
    REQUIRE(loaded.config);
    return *loaded.config;
  }

 private:
  fs::path root_;
};

std::vector<std::string> nobody_asks(const std::string& host) {
  FAIL("asked the resolver for " << host);
  return {};
}

/// The messages, with the machine's directory as DIR.
std::vector<std::string> problems(const Machine& machine, const Config& config,
                                  const Resolver& resolve = nobody_asks) {
  std::vector<std::string> texts;
  for (const auto& problem : check_machine(config, "f", "", resolve).problems) {
    auto text = problem.message();
    const auto dir = machine.at("").parent_path().string();
    for (std::size_t at = 0; (at = text.find(dir)) != std::string::npos;)
      text.replace(at, dir.size(), "DIR");
    texts.push_back(text);
  }
  return texts;
}

}  // namespace

TEST_CASE("a machine with all that the file names has no problem") {
  const Machine machine;
  const auto found = check_machine(machine.config(), "f", "", nobody_asks);
  CHECK(problems(machine, machine.config()).empty());
  CHECK(found.warnings.empty());
}

TEST_CASE("every secret that is missing or that others may read is named with its line") {
  const Machine machine;
  for (const auto* name : {"key", "app2", "verify", "access", "password"})
    machine.write(name, "x", 0640);
  const auto loose = problems(machine, machine.config());
  REQUIRE(loose.size() == 5);
  CHECK(loose[0].starts_with("f:9: source.meta.tls_key: DIR/key has mode 0640"));
  CHECK(loose[1].starts_with("f:11: source.meta.app_secret: DIR/app2 has mode 0640"));
  CHECK(loose[2].starts_with("f:12: source.meta.verify_token: DIR/verify has mode 0640"));
  CHECK(loose[3].starts_with("f:13: source.meta.access_token: DIR/access has mode 0640"));
  CHECK(loose[4].starts_with("f:18: mail.password: DIR/password has mode 0640"));

  for (const auto* name : {"cert", "key", "app1", "app2", "verify", "access", "password", "ca"})
    fs::remove(machine.at(name));
  const auto missing = problems(machine, machine.config());
  REQUIRE(missing.size() == 8);
  CHECK(missing[0].starts_with(
      "f:8: source.meta.tls_certificate: cannot open DIR/cert: No such file"));
  CHECK(missing[7] ==
        "f:19: mail.ca_file: DIR/ca cannot be read: No such file or directory; check the name and "
        "who may read it");
}

TEST_CASE("a certificate may be public, its key may not, and neither is a link") {
  const Machine machine;
  for (const auto* name : {"cert", "key"}) machine.write(name, "x", 0644);
  const auto open_to_all = problems(machine, machine.config());
  REQUIRE(open_to_all.size() == 1);
  CHECK(open_to_all[0].starts_with("f:9: source.meta.tls_key: DIR/key has mode 0644"));

  machine.write("live", "x");
  for (const auto* name : {"cert", "key"}) {
    fs::remove(machine.at(name));
    fs::create_symlink(machine.at("live"), machine.at(name));
  }
  const auto links = problems(machine, machine.config());
  REQUIRE(links.size() == 2);
  CHECK(links[0].starts_with("f:8: source.meta.tls_certificate: "));
  CHECK(links[1].starts_with("f:9: source.meta.tls_key: "));
}

TEST_CASE("what init will make is a warning, what can't be a vault's key is a problem") {
  const Machine machine;
  fs::remove(machine.at("vault"));
  fs::remove(machine.at("vault-key"));
  const auto before = check_machine(machine.config(), "f", "", nobody_asks);
  CHECK(before.problems.empty());
  REQUIRE(before.warnings.size() == 2);
  CHECK(before.warnings[0] ==
        fmt::format("f:4: vault.directory: {} does not exist yet; 'sigilo init' makes it",
                    machine.at("vault").string()));
  CHECK(before.warnings[1].starts_with("f:5: vault.key: "));
  CHECK(before.warnings[1].ends_with("; 'sigilo init' makes it"));

  machine.write("vault", "a file");
  for (const auto& key : {std::string(63, 'a'), std::string(65, 'a'), std::string(63, 'a') + "g",
                          good_key + "\n" + good_key}) {
    machine.write("vault-key", key);
    const auto found = problems(machine, machine.config());
    REQUIRE(found.size() == 2);
    CHECK(found[0] ==
          "f:4: vault.directory: DIR/vault is not a directory; make it, or write another");
    CHECK(found[1] ==
          "f:5: vault.key: file:DIR/vault-key does not hold 64 hex digits; give it the key that "
          "'sigilo init' "
          "made, or your copy of it");
  }
  machine.write("vault-key", good_key, 0644);
  CHECK(problems(machine, machine.config())[1].starts_with(
      "f:5: vault.key: DIR/vault-key has mode 0644"));
}

TEST_CASE("policies are in a directory, and a CA in a file") {
  const Machine machine;
  fs::remove(machine.at("policies"));
  fs::remove(machine.at("ca"));
  fs::create_directory(machine.at("ca"));
  CHECK(problems(machine, machine.config()) ==
        std::vector<std::string>{
            "f:19: mail.ca_file: DIR/ca is a directory; write the name of a file",
            "f:21: scan.policies: DIR/policies is not a directory: No such file or directory; make "
            "it, or write another",
        });
}

TEST_CASE("a directory that the service can't use is a problem") {
  if (geteuid() == 0) SKIP("root may use every directory");
  const Machine machine;
  REQUIRE(chmod(machine.at("vault").c_str(), 0500) == 0);
  REQUIRE(chmod(machine.at("policies").c_str(), 0000) == 0);
  const auto found = problems(machine, machine.config());
  for (const auto* name : {"vault", "policies"})
    REQUIRE(chmod(machine.at(name).c_str(), 0700) == 0);
  CHECK(found ==
        std::vector<std::string>{
            "f:4: vault.directory: DIR/vault cannot be used: Permission denied; check its owner "
            "and mode, and run this as "
            "the service's user",
            "f:21: scan.policies: DIR/policies cannot be used: Permission denied; check its owner "
            "and mode, and run this "
            "as the service's user",
        });
}

TEST_CASE("credentials are read where systemd puts them, with the modes that systemd gives") {
  const Machine machine;
  auto config = machine.config();
  config.vault.key = {SecretRef::Kind::credential, "vault-key"};
  config.mail->password = {SecretRef::Kind::credential, "mail-password"};
  const auto by_hand = check_machine(config, "f", "", nobody_asks);
  CHECK(by_hand.problems.empty());
  CHECK(by_hand.warnings ==
        std::vector<std::string>{
            "f: not checked: credential:vault-key, credential:mail-password, since there is no "
            "$CREDENTIALS_DIRECTORY here (systemd gives it to the service)"});

  machine.write("credentials/vault-key", good_key, 0440);
  const auto by_systemd =
      check_machine(config, "f", machine.at("credentials").string(), nobody_asks);
  CHECK(by_systemd.warnings.empty());
  REQUIRE(by_systemd.problems.size() == 1);
  CHECK(by_systemd.problems[0].line == 18);
  CHECK(by_systemd.problems[0].what.starts_with("mail.password: "));
}

TEST_CASE("a relay with one public address is outside") {
  const Machine machine;
  const std::map<std::string, std::vector<std::string>> names{
      {"inside.firm", {"10.0.0.1", "fe80::1", "127.0.0.1"}},
      {"outside.firm", {"8.8.8.8"}},
      {"both.firm", {"10.0.0.1", "2001:db8::1"}},
      {"odd.firm", {"not an address"}},
      {"in.test", {"10.0.0.1"}},
      {"out.example", {"8.8.8.8"}},
  };
  const auto resolve = [&](const std::string& host) {
    const auto found = names.find(host);
    return found == names.end() ? std::vector<std::string>() : found->second;
  };
  const auto said = [&](const std::string& host, const std::string& more = "") {
    return problems(machine, machine.config("smtp://" + host, more), resolve);
  };
  const std::string remedy =
      "; write content = \"excerpt\" or \"reference\", or external = true if the firm accepts it";
  const std::string leave = "f:15: mail.relay: full messages would leave the building: ";
  CHECK(said("inside.firm").empty());
  CHECK(said("in.test").empty());
  CHECK(said("outside.firm") ==
        std::vector{leave + "outside.firm is 8.8.8.8, a public address" + remedy});
  CHECK(said("both.firm") ==
        std::vector{leave + "both.firm is 2001:db8::1, a public address" + remedy});
  CHECK(said("odd.firm") ==
        std::vector{leave + "odd.firm is not an address, a public address" + remedy});
  CHECK(said("out.example") ==
        std::vector{leave + "out.example is 8.8.8.8, a public address" + remedy});
  CHECK(said("nowhere.firm") ==
        std::vector<std::string>{
            "f:15: mail.relay: nowhere.firm does not resolve, so that nobody can tell whether full "
            "messages leave the building; check the name and the name server, or write the relay's "
            "address"});
  CHECK(said("outside.firm", "content = 'full'\n")[0].starts_with("f:20: mail.content: "));
}

TEST_CASE("names that never resolve are warned of, and nobody asks where nothing hangs on it") {
  const Machine machine;
  const auto nothing = [](const std::string&) { return std::vector<std::string>(); };
  for (const auto* host : {"mail.estudio.test", "mail.estudio.example", "mail.invalid"}) {
    const auto found =
        check_machine(machine.config(fmt::format("smtp://{}", host)), "f", "", nothing);
    CHECK(found.problems.empty());
    REQUIRE(found.warnings.size() == 1);
    CHECK(
        found.warnings[0].starts_with(fmt::format("f:15: mail.relay: {} does not resolve", host)));
  }
  for (const auto* more :
       {"content = 'excerpt'\n", "content = 'reference'\n", "external = true\n"}) {
    CHECK(problems(machine, machine.config("smtp://outside.firm", more)).empty());
  }
}

TEST_CASE("the system's resolver gives numeric addresses, and none for a name that can't be") {
  const auto addresses = resolve_by_system("127.0.0.1");
  CHECK(addresses == std::vector<std::string>{"127.0.0.1"});
  CHECK(resolve_by_system("::1") == std::vector<std::string>{"::1"});
  CHECK(resolve_by_system("").empty());
}

}  // namespace sigilo::config
