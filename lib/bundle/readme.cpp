// SPDX-License-Identifier: Apache-2.0
#include "bundle/readme.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "crypto/encoding.hpp"
#include "json/parse.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/tree.hpp"

namespace sigilo::bundle {
namespace {

/// A paragraph before each step; {} stands for a record number.
struct Steps {
  std::string_view title, intro, files, fingerprint, key, succession, signature, body, leaf, proof,
      root, checkpoint, media, provider, all;
};

constexpr Steps spanish{
    .title = "Cómo comprobar este paquete a mano",
    .intro =
        "Hacen falta bash, sha256sum, openssl (1.1.1 o posterior), xxd, base64, sed y grep. "
        "Descomprima "
        "el paquete, entre en su carpeta y dé las órdenes en este orden; debajo de cada una figura "
        "lo "
        "que debe responder. Los valores son los de este paquete; se muestra el registro {}. Para "
        "los "
        "demás se procede igual.",
    .files =
        "1. Los archivos son los del manifiesto. El SHA-256 de MANIFEST.sha256 figura en el "
        "registro de exportación de la bóveda.",
    .fingerprint =
        "2. La huella de la bóveda es el hash del registro 0. Compárela con la que el "
        "estudio recibió al crear la bóveda.",
    .key = "3. La clave pública del período la nombra el registro {}.",
    .succession =
        "Ese registro lleva la firma de la clave anterior. Repítalo hacia atrás hasta el "
        "registro 0.",
    .signature = "4. El registro lleva la firma Ed25519 de esa clave sobre su primera línea.",
    .body =
        "5. El contenido (sexta línea) es aquel que la primera línea compromete en \"body\": "
        "HMAC-SHA-256 con la sal (tercera línea) como clave.",
    .leaf =
        "6. El hash del registro, con un byte 0 delante, es su hoja en el árbol (cuarta línea).",
    .proof =
        "7. Con los hashes de la quinta línea se sube hasta la raíz (RFC 9162): cada vez, un byte "
        "1, el hash izquierdo y el derecho.",
    .root = "8. Es la raíz que nombra el punto de control.",
    .checkpoint = "9. El punto de control lleva la firma de la última clave de la bóveda.",
    .media = "10. El documento es el que describe su registro firmado {}.",
    .provider =
        "11. Quien tenga la clave secreta de la aplicación del proveedor puede comprobar "
        "también su firma: openssl dgst -sha256 -hmac CLAVE deliveries/NÚMERO.json debe dar lo "
        "que dice deliveries/SIGNATURES.sha256. Excluye a extraños; no al estudio, que tiene "
        "la misma clave.",
    .all = "Todo esto, para todos los registros, lo hace verify.py:"};

constexpr Steps portuguese{
    .title = "Como verificar este pacote à mão",
    .intro =
        "São necessários bash, sha256sum, openssl (1.1.1 ou posterior), xxd, base64, sed e grep. "
        "Descompacte o pacote, entre na sua pasta e dê os comandos nesta ordem; abaixo de cada um "
        "está "
        "o que deve responder. Os valores são os deste pacote; mostra-se o registro {}. Para os "
        "outros "
        "procede-se da mesma forma.",
    .files =
        "1. Os arquivos são os do manifesto. O SHA-256 de MANIFEST.sha256 consta no registro de "
        "exportação do cofre.",
    .fingerprint =
        "2. A impressão do cofre é o hash do registro 0. Compare-a com a que o escritório "
        "recebeu quando o cofre foi criado.",
    .key = "3. A chave pública do período é nomeada pelo registro {}.",
    .succession =
        "Esse registro tem a assinatura da chave anterior. Repita para trás até o registro 0.",
    .signature = "4. O registro tem a assinatura Ed25519 dessa chave sobre a sua primeira linha.",
    .body =
        "5. O conteúdo (sexta linha) é aquele que a primeira linha compromete em \"body\": "
        "HMAC-SHA-256 com o sal (terceira linha) como chave.",
    .leaf =
        "6. O hash do registro, com um byte 0 à frente, é a sua folha na árvore (quarta linha).",
    .proof =
        "7. Com os hashes da quinta linha sobe-se até a raiz (RFC 9162): a cada vez, um byte 1, o "
        "hash esquerdo e o direito.",
    .root = "8. É a raiz que o ponto de controle indica.",
    .checkpoint = "9. O ponto de controle tem a assinatura da última chave do cofre.",
    .media = "10. O documento é o que o seu registro assinado {} descreve.",
    .provider =
        "11. Quem tiver a chave secreta do aplicativo do provedor pode verificar também a sua "
        "assinatura: openssl dgst -sha256 -hmac CHAVE deliveries/NÚMERO.json deve dar o que diz "
        "deliveries/SIGNATURES.sha256. Exclui estranhos; não o escritório, que tem a mesma "
        "chave.",
    .all = "Tudo isto, para todos os registros, é feito por verify.py:"};

constexpr Steps english{
    .title = "How to check this bundle by hand",
    .intro =
        "You need bash, sha256sum, openssl (1.1.1 or later), xxd, base64, sed and grep. Unpack the "
        "bundle, enter its directory and give the commands in this order; below each stands what "
        "it must "
        "answer. The values are those of this bundle; record {} is shown. The others go the same "
        "way.",
    .files =
        "1. The files are those of the manifest. The SHA-256 of MANIFEST.sha256 stands in the "
        "vault's export record.",
    .fingerprint =
        "2. The vault's fingerprint is the hash of record 0. Compare it with the one that "
        "the firm got when the vault was made.",
    .key = "3. The public key of the period is named by record {}.",
    .succession =
        "That record bears the signature of the key before it. Repeat this backwards to "
        "record 0.",
    .signature = "4. The record bears that key's Ed25519 signature over its first line.",
    .body =
        "5. The body (sixth line) is the one that the first line commits to in \"body\": "
        "HMAC-SHA-256 with the salt (third line) as key.",
    .leaf = "6. The record's hash, with a byte 0 in front, is its leaf in the tree (fourth line).",
    .proof =
        "7. With the hashes of the fifth line one climbs to the root (RFC 9162): each time a byte "
        "1, the left hash and the right one.",
    .root = "8. It is the root that the checkpoint names.",
    .checkpoint = "9. The checkpoint bears the signature of the vault's last key.",
    .media = "10. The file is the one that its signed record {} describes.",
    .provider =
        "11. Who has the app secret of the provider's application can check its signature too: "
        "openssl dgst -sha256 -hmac SECRET deliveries/NUMBER.json must give what "
        "deliveries/SIGNATURES.sha256 says. It excludes outsiders; not the firm, which has the "
        "same secret.",
    .all = "All of this, for all records, does verify.py:"};

const Steps& steps(Language language) {
  return language == Language::es ? spanish : language == Language::pt ? portuguese : english;
}

/// The page being written.
class Page {
 public:
  void say(std::string_view text) { out_ += fmt::format("{}\n\n", text); }
  void command(std::string_view line) { out_ += fmt::format("    $ {}\n", line); }
  void answer(std::string_view line) { out_ += fmt::format("    {}\n", line); }
  void end() { out_ += "\n"; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Public keys by epoch, in hex, with the record that names each.
struct Key {
  const RecordFile* record = nullptr;
  std::string hex;
};

std::map<std::uint64_t, Key> keys_of(const Gathered& found) {
  std::map<std::uint64_t, Key> keys;
  for (const auto& record : found.records) {
    const bool first = record.header.kind == RecordKind::genesis;
    if (!record.body || (!first && record.header.kind != RecordKind::key)) continue;
    const auto body = json::parse(*record.body);
    const auto* object = body ? body->if_object() : nullptr;
    if (object == nullptr) continue;
    keys[first ? 0 : record.header.epoch.value() + 1] = {
        &record, std::string(json::text_at(*object, "public_key").value_or(""))};
  }
  return keys;
}

void check_signature(Page& page, const std::string& key, std::string_view take_message,
                     std::string_view take_signature) {
  page.command(fmt::format("printf '302a300506032b6570032100{}' | xxd -r -p > $T/key.der", key));
  page.command(fmt::format("{} > $T/message", take_message));
  page.command(fmt::format("{} > $T/signature", take_signature));
  page.command(
      "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey $T/key.der -in $T/message"
      " -sigfile $T/signature");
  page.answer("Signature Verified Successfully");
}

void check_record(Page& page, const std::string& key, Seq seq) {
  const auto name = record_name(seq);
  check_signature(page, key, fmt::format("sed -n 1p {}", name),
                  fmt::format("sed -n 2p {} | base64 -d", name));
}

/// RFC 9162, section 2.1.3.2, with each step written down.
void climb(Page& page, const RecordFile& record, std::uint64_t size) {
  auto node = record.header.seq.value();
  auto last = size - 1;
  auto hash = record.leaf;
  for (const auto& sibling : record.proof) {
    const bool right = (node & 1U) != 0 || node == last;
    const auto& first = right ? sibling : hash;
    const auto& second = right ? hash : sibling;
    page.command(fmt::format("printf '01{}{}' | xxd -r -p | sha256sum", first.hex(), second.hex()));
    hash = ledger::node_hash(first, second);
    page.answer(fmt::format("{}  -", hash.hex()));
    while (right && node != 0 && (node & 1U) == 0) {
      node >>= 1U;
      last >>= 1U;
    }
    node >>= 1U;
    last >>= 1U;
  }
}

void check_leaf(Page& page, const RecordFile& record) {
  page.command(
      fmt::format("(printf '\\0'; sed -n 1,2p {}) | sha256sum", record_name(record.header.seq)));
  page.answer(fmt::format("{}  -", record.leaf.hex()));
}

void check_media(Page& page, const Gathered& found, const Steps& words,
                 std::string (*name_of)(const File&)) {
  for (const auto& record : found.records) {
    if (record.header.kind != RecordKind::media || !record.body || found.files.empty()) continue;
    const auto& file = found.files.front();
    const auto body = json::parse(*record.body);
    const auto* object = body ? body->if_object() : nullptr;
    if (object == nullptr ||
        json::integer_at(*object, "message") != static_cast<std::int64_t>(file.message.value()))
      continue;
    page.say(fmt::format(fmt::runtime(words.media), record.header.seq.value()));
    const auto hash = file.sealed.sha256.hex();
    page.command(fmt::format("sha256sum {}", name_of(file)));
    page.answer(fmt::format("{}  {}", hash, name_of(file)));
    page.command(
        fmt::format("grep -o '\"sha256\":\"[0-9a-f]*\"' {}", record_name(record.header.seq)));
    page.answer(fmt::format("\"sha256\":\"{}\"", hash));
    page.end();
    return;
  }
}

}  // namespace

Result<std::string> readme(const Gathered& found, const std::vector<Seq>& chosen,
                           std::string_view checkpoint, std::uint64_t size, Language language,
                           std::string (*name_of)(const File&)) {
  const auto& words = steps(language);
  const auto keys = keys_of(found);
  const std::set<Seq> wanted(chosen.begin(), chosen.end());
  // The newest: its key has predecessors, so that their succession is shown too.
  const auto shown = std::find_if(
      found.records.rbegin(), found.records.rend(),
      [&](const RecordFile& record) { return record.body && wanted.contains(record.header.seq); });
  const auto* const example = shown == found.records.rend() ? &found.records.front() : &*shown;
  const auto epoch = example->header.epoch.value();
  if (!example->body || !keys.contains(epoch) || keys.at(epoch).record == nullptr)
    return fail(ErrorCode::corrupt, "the vault's succession of keys is not whole",
                "run 'sigilo verify' before anything is exported");
  const auto& key = keys.at(epoch);
  const auto name = record_name(example->header.seq);
  SIGILO_TRY(const auto root, ledger::parse_checkpoint(checkpoint));

  Page page;
  page.say(fmt::format("# {}", words.title));
  page.say(fmt::format(fmt::runtime(words.intro), example->header.seq.value()));
  page.command("T=$(mktemp -d)");
  page.end();
  page.say(words.files);
  page.command("sha256sum -c --quiet MANIFEST.sha256 && echo OK");
  page.answer("OK");
  page.end();
  page.say(words.fingerprint);
  check_leaf(page, found.records.front());
  page.end();
  page.say(fmt::format(fmt::runtime(words.key), key.record->header.seq.value()));
  page.command(fmt::format("grep -o '\"public_key\":\"[0-9a-f]*\"' {}",
                           record_name(key.record->header.seq)));
  page.answer(fmt::format("\"public_key\":\"{}\"", key.hex));
  page.end();
  if (epoch > 0 && keys.contains(epoch - 1)) {
    page.say(words.succession);
    check_record(page, keys.at(epoch - 1).hex, key.record->header.seq);
    page.end();
  }
  page.say(words.signature);
  check_record(page, key.hex, example->header.seq);
  page.end();
  page.say(words.body);
  page.command(fmt::format("sed -n 6p {} | tr -d '\\n' > $T/body", name));
  page.command(fmt::format("openssl dgst -sha256 -mac HMAC -macopt hexkey:{} -r < $T/body",
                           crypto::to_hex(*example->salt)));
  page.answer(fmt::format("{} *stdin", example->header.body.hex()));
  page.command(fmt::format("grep -o '\"body\":\"[0-9a-f]*\"' {} | head -n 1", name));
  page.answer(fmt::format("\"body\":\"{}\"", example->header.body.hex()));
  page.end();
  page.say(words.leaf);
  check_leaf(page, *example);
  page.end();
  page.say(words.proof);
  climb(page, *example, size);
  page.end();
  page.say(words.root);
  page.command("sed -n 3p checkpoint.txt | base64 -d | xxd -p -c 32");
  page.answer(root.root.hex());
  page.end();
  page.say(words.checkpoint);
  check_signature(page, keys.rbegin()->second.hex, "sed -n 1,3p checkpoint.txt",
                  "sed -n 5p checkpoint.txt | cut -d ' ' -f 3 | base64 -d | tail -c 64");
  page.end();
  check_media(page, found, words, name_of);
  if (!found.deliveries.empty()) page.say(words.provider);
  page.say(words.all);
  page.command(fmt::format("python3 verify.py --language {} --fingerprint {} > $T/result; echo $?",
                           to_string(language), found.records.front().leaf.hex()));
  page.answer("0");
  return page.take();
}

}  // namespace sigilo::bundle
