// SPDX-License-Identifier: Apache-2.0
#include "support/bundle.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <map>

#include <catch2/catch_test_macros.hpp>

#include "bundle/verify_script.hpp"
#include "json/parse.hpp"
#include "ledger/checkpoint.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

/// Packed once: the vault, its bundle and the directory for copies.
struct Sample {
  ConversationVault vault;
  std::string note = checkpoint_of(vault);
  bundle::Bundle made = bundle_of(vault, vault.of_client(), note);
  std::vector<Packed> files = unsealed(vault, made);

  [[nodiscard]] std::filesystem::path scratch(std::string_view name) const {
    return vault.temporary.path() / name;
  }
  [[nodiscard]] Packed& file(std::string_view name) {
    return *std::ranges::find(files, name, &Packed::name);
  }
  [[nodiscard]] bundle::CheckOptions options() const {
    bundle::CheckOptions options;
    options.fingerprint = must(crypto::Digest::from_hex(vault.created.fingerprint));
    options.provider_secret = crypto::SecretBytes::copy_of(as_bytes(ConversationVault::secret));
    return options;
  }
  /// The manifest as somebody writes it who changed the other files.
  void list_again() {
    std::string manifest;
    for (const auto& file : files)
      if (file.name != bundle::manifest_name)
        manifest +=
            fmt::format("{}  {}\n", crypto::sha256(as_bytes(file.content)).hex(), file.name);
    file(bundle::manifest_name).content = manifest;
  }
};

std::map<std::string, std::int64_t> counts(const json::Object& description,
                                           std::string_view which) {
  std::map<std::string, std::int64_t> found;
  const auto& records = description.at("records").get_object();
  for (const auto& [kind, count] : records.at(which).get_object())
    found[std::string(kind)] = count.to_number<std::int64_t>();
  return found;
}

Outcome second_opinion(const Sample& sample, const std::filesystem::path& bundle,
                       const std::string& options = "") {
  const auto script = sample.scratch("verify.py");
  std::ofstream(script) << bundle::verify_script;
  return run(
      fmt::format("/usr/bin/python3 '{}' '{}' {} 2>&1", script.string(), bundle.string(), options));
}

}  // namespace

TEST_CASE("a bundle holds a person's messages, all that happened to them, and nothing of others") {
  Sample sample;
  const auto included = counts(sample.made.description, "included");
  CHECK(included == std::map<std::string, std::int64_t>{{"access", 1},
                                                        {"alert", 1},
                                                        {"edit", 1},
                                                        {"genesis", 1},
                                                        {"key", 1},
                                                        {"media", 2},
                                                        {"message", 7},
                                                        {"revoke", 1},
                                                        {"service", 2},
                                                        {"status", 1}});
  const auto in_period = counts(sample.made.description, "period");
  CHECK(in_period.at("message") == 8);
  CHECK(counts(sample.made.description, "ledger").at("genesis") == 1);
  const auto& left_out = sample.made.description.at("records").at("left_out_of_period");
  CHECK(left_out.at("message").at("count") == 1);
  for (const auto& file : sample.files)
    CHECK(file.content.find("otra persona") == std::string::npos);
}

TEST_CASE("both verifiers find a bundle in order, with the fingerprint and the provider's secret") {
  Sample sample;
  const auto zip = pack(sample.files, sample.scratch("bundle.zip"));
  const auto report = checked(zip, sample.options());
  CHECK(shown(report) == "");
  CHECK(report.ok());
  CHECK(report.fingerprint == sample.vault.created.fingerprint);
  CHECK(report.manifest == sample.made.manifest.hex());
  CHECK(report.deliveries == 10);
  CHECK(report.files == 1);
  CHECK(report.omissions == 1);

  std::ofstream(sample.scratch("secret")) << ConversationVault::secret;
  const auto second = second_opinion(
      sample, zip,
      fmt::format("--fingerprint {} --secret '{}' --language en", sample.vault.created.fingerprint,
                  sample.scratch("secret").string()));
  CAPTURE(second.output);
  CHECK(second.status == 0);
  CHECK(second.output.find("EVERYTHING FITS.") != std::string::npos);
  CHECK(second.output.find(sample.made.manifest.hex()) != std::string::npos);
}

TEST_CASE("what is missing is named") {
  Sample sample;
  const auto& omissions = sample.made.description.at("omissions").get_array();
  REQUIRE(omissions.size() == 1);
  CHECK(omissions[0].at("what") == "file");
  CHECK(omissions[0].at("why") == "lost");
}

TEST_CASE("the same vault at the same checkpoint gives the same bundle") {
  Sample sample;
  const auto again = bundle_of(sample.vault, sample.vault.of_client(), sample.note);
  CHECK(again.manifest == sample.made.manifest);
  CHECK(std::ranges::equal(again.entries, sample.made.entries, {}, &bundle::Entry::name,
                           &bundle::Entry::name));
}

TEST_CASE("a bundle of an alert or of named records holds these messages only") {
  ConversationVault vault;
  const auto note = checkpoint_of(vault);
  auto reader = vault.reader();
  bundle::Ask ask;
  ask.alert = must(reader.alerts(false)).at(0).id;
  const auto of_alert = bundle_of(vault, ask, note);
  CHECK(counts(of_alert.description, "included").at("message") == 1);
  CHECK(counts(of_alert.description, "included").at("revoke") == 1);
  CHECK(counts(of_alert.description, "included").at("alert") == 1);

  auto audit = vault.audit();
  bundle::Ask none;
  none.party = "+5491199999999";
  CHECK(bundle::choose(reader, audit, none).error().code == ErrorCode::not_found);
  none = {};
  none.records = {Seq(0)};
  CHECK(bundle::choose(reader, audit, none).error().code == ErrorCode::not_found);
  none = {};
  none.alert = Seq(1);
  CHECK(bundle::choose(reader, audit, none).error().code == ErrorCode::not_found);
}

TEST_CASE("a byte changed anywhere in any file of a bundle is found") {
  Sample sample;
  std::size_t tried = 0;
  for (auto& file : sample.files) {
    const auto good = file.content;
    const auto step = std::max<std::size_t>(1, good.size() / 7);
    for (std::size_t at = 0; at < good.size(); at += step, ++tried) {
      file.content[at] = static_cast<char>(file.content[at] ^ 1);
      CAPTURE(file.name, at);
      CHECK_FALSE(checked(pack(sample.files, sample.scratch("bundle.zip"))).ok());
      file.content = good;
    }
  }
  CHECK(tried > 150);
  CHECK(checked(pack(sample.files, sample.scratch("bundle.zip")), sample.options()).ok());
}

TEST_CASE("a byte of a record is found by its proof also where the manifest was made to fit") {
  Sample sample;
  for (auto& file : sample.files) {
    if (!file.name.starts_with("records/") && file.name != bundle::checkpoint_name &&
        !file.name.starts_with("media/") && !file.name.starts_with("deliveries/"))
      continue;
    const auto good = file.content;
    for (std::size_t at = 0; at < good.size(); at += std::max<std::size_t>(1, good.size() / 40)) {
      file.content[at] = static_cast<char>(file.content[at] ^ 1);
      sample.list_again();
      CAPTURE(file.name, at);
      CHECK_FALSE(checked(pack(sample.files, sample.scratch("bundle.zip")), sample.options()).ok());
      file.content = good;
    }
  }
}

TEST_CASE("the second verifier finds the same damage") {
  Sample sample;
  const auto folder = sample.scratch("unpacked");
  const auto write_all = [&] {
    std::filesystem::remove_all(folder);
    for (const auto& file : sample.files) {
      std::filesystem::create_directories((folder / file.name).parent_path());
      std::ofstream(folder / file.name, std::ios::binary) << file.content;
    }
  };
  write_all();
  CHECK(second_opinion(sample, folder).status == 0);
  std::size_t number = 0;
  for (auto& file : sample.files) {
    if (file.name.starts_with("records/") && ++number % 4 != 0) continue;  // openssl is slow
    if (file.name.starts_with("deliveries/") && file.name != bundle::signatures_name) continue;
    const auto good = file.content;
    const auto at = good.size() / 3;
    file.content[at] = static_cast<char>(file.content[at] ^ 1);
    if (file.name.find('/') != std::string::npos || file.name == bundle::checkpoint_name)
      sample.list_again();
    write_all();
    const auto said = second_opinion(
        sample, folder, "--language en --fingerprint " + sample.vault.created.fingerprint);
    CAPTURE(file.name, said.output);
    // What the provider signed is checked with its secret alone.
    CHECK(said.status == (file.name == bundle::signatures_name ? 0 : 1));
    file.content = good;
    sample.list_again();
  }
}

TEST_CASE("files that are taken out or added are found, and another vault's bundle is told") {
  Sample sample;
  const auto zip = sample.scratch("bundle.zip");
  auto less = sample.files;
  std::erase_if(less, [](const Packed& file) { return file.name.starts_with("media/"); });
  CHECK_FALSE(checked(pack(less, zip)).ok());
  auto more = sample.files;
  more.push_back({"media/000000000002.jpg", "una foto que nadie mandó"});
  CHECK_FALSE(checked(pack(more, zip)).ok());
  auto options = sample.options();
  options.fingerprint = crypto::sha256(as_bytes("otra"));
  CHECK(shown(checked(pack(sample.files, zip), options)).starts_with("0: the fingerprint is"));
  std::ofstream(zip) << "no es un paquete";
  CHECK_FALSE(checked(zip).ok());
  CHECK(bundle::check(sample.scratch("nada.zip"), {}).error().code == ErrorCode::not_found);
}

TEST_CASE("a record that was left out of the succession of keys is found") {
  Sample sample;
  std::erase_if(sample.files, [](const Packed& file) {
    return file.name.starts_with("records/") &&
           file.content.find(R"("kind":"key")") != std::string::npos;
  });
  sample.list_again();
  const auto said = shown(checked(pack(sample.files, sample.scratch("bundle.zip"))));
  CHECK(said.find("epoch 1 is not the one of its place") != std::string::npos);
}

TEST_CASE(
    "the transcript shows the conversation with edits, deletion, states, files and readings") {
  Sample sample;
  const auto& html = sample.file("transcript.html").content;
  const auto has = [&](std::string_view text) { return html.find(text) != std::string::npos; };
  CHECK(has("America/Argentina/Buenos_Aires"));
  CHECK(has("Traiga 300 pesos"));
  CHECK(has("Traiga 3.000 pesos"));
  CHECK(has("Antes de la edición"));
  CHECK(has("BORRADO por quien lo envió"));
  CHECK(has("Le paso la coima"));
  CHECK(has("Alerta: bribery «coima»"));
  CHECK(has("Leído: "));
  CHECK(has("Leído en el estudio por root"));
  CHECK(has("Reacción de +5491160000002: 👍"));
  CHECK(has("el proveedor no lo entregó"));
  CHECK(has(crypto::sha256(as_bytes(ConversationVault::file)).hex()));
  CHECK(has("el servicio se detuvo"));
  CHECK(has("<img src=\"media/"));
  const auto& pdf = sample.file("transcript.pdf").content;
  CHECK(pdf.starts_with("%PDF-"));
}

TEST_CASE("what strangers write is text in the transcript and nothing else") {
  ConversationVault vault;
  const auto files = unsealed(vault, bundle_of(vault, vault.of_client(), checkpoint_of(vault)));
  const auto& html = std::ranges::find(files, "transcript.html", &Packed::name)->content;
  CHECK(html.find("<b>¿Hay") == std::string::npos);
  CHECK(html.find("&lt;b&gt;¿Hay novedades?&lt;/b&gt;") != std::string::npos);
  for (const auto* active : {"<script", "http://", "https://", "javascript:", "<iframe"})
    CHECK(html.find(active) == std::string::npos);
}

TEST_CASE("the transcript speaks the language that was asked for") {
  ConversationVault vault;
  const auto note = checkpoint_of(vault);
  auto ask = vault.of_client();
  const auto title_of = [&](Language language) {
    ask.language = language;
    const auto made = bundle_of(vault, ask, note);
    const auto& html =
        std::ranges::find(made.entries, "transcript.html", &bundle::Entry::name)->text;
    const auto from = html.find("<h1>") + 4;
    return html.substr(from, html.find("</h1>") - from);
  };
  CHECK(title_of(Language::es) == "Transcripción de mensajes");
  CHECK(title_of(Language::pt) == "Transcrição de mensagens");
  CHECK(title_of(Language::en) == "Transcript of messages");
}

TEST_CASE("each command of the expert's page prints what the page says, in all languages") {
  Sample sample;
  const auto folder = sample.scratch("unpacked");
  for (const auto& file : sample.files) {
    std::filesystem::create_directories((folder / file.name).parent_path());
    std::ofstream(folder / file.name, std::ios::binary) << file.content;
  }
  for (const auto* language : {"es", "pt", "en"}) {
    const auto& page = sample.file(fmt::format("README.{}.md", language)).content;
    std::string script, expected;
    std::size_t commands = 0;
    for (std::size_t at = 0; at < page.size();) {
      const auto line = page.substr(at, page.find('\n', at) - at);
      at += line.size() + 1;
      if (line.starts_with("    $ ")) {
        script += line.substr(6) + "\n";
        ++commands;
      } else if (line.starts_with("    ")) {
        expected += line.substr(4) + "\n";
      }
    }
    CHECK(commands > 20);
    std::ofstream(sample.scratch("steps.sh")) << script;
    const auto ran = run(fmt::format("cd '{}' && TMPDIR='{}' bash '{}' 2>&1", folder.string(),
                                     sample.vault.temporary.path().string(),
                                     sample.scratch("steps.sh").string()));
    CHECK(ran.output == expected);
  }
}

TEST_CASE("ten thousand messages become a bundle in seconds", "[.bench]") {
  TestVault vault;
  std::vector<TestMessage> batch;
  for (int n = 0; n < 10'000; ++n) {
    const auto id = fmt::format("w{}", n);
    const auto out = n % 2 == 0 ? Direction::in : Direction::out;
    batch.push_back({.id = id,
                     .text = fmt::format("Mensaje {} de una conversación larga, doctora", n),
                     .sent = 1'795'521'000 + n,
                     .direction = out});
    for (const auto* state : {"sent", "delivered", "read"})
      batch.push_back({.id = id,
                       .sent = 1'795'521'000 + n,
                       .kind = RecordKind::status,
                       .direction = out,
                       .type = state});
    if (batch.size() < 400) continue;
    vault.ingest(delivery_of_many(batch));
    batch.clear();
  }
  bundle::Ask ask;
  ask.party = TestMessage{}.party;
  const auto note = checkpoint_of(vault);
  const auto before = std::clock();
  const auto made = bundle_of(vault, ask, note);
  const auto composed = std::clock();
  const auto zip = pack(unsealed(vault, made), vault.temporary.path() / "bundle.zip");
  const auto packed = std::clock();
  CHECK(checked(zip).ok());
  const auto seconds = [](std::clock_t from, std::clock_t to) {
    return static_cast<double>(to - from) / CLOCKS_PER_SEC;
  };
  fmt::print("{} files, {} bytes; composed {:.1f} s, packed {:.1f} s, checked {:.1f} s of CPU\n",
             made.entries.size(), std::filesystem::file_size(zip), seconds(before, composed),
             seconds(composed, packed), seconds(packed, std::clock()));
  CHECK(seconds(before, packed) < 20);
}
