// SPDX-License-Identifier: Apache-2.0
// What the benchmarks send: signed deliveries of one message each, as the provider's look.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "crypto/digest.hpp"

namespace sigilo::bench {

struct PayloadOptions {
  std::string secret;
  std::string path = "/webhook/meta";
  std::string phone_number_id = "106540352242922";
  std::uint64_t first =
      0;  ///< number of the first message: a second run continues where the first ended
  unsigned parties = 2'000;
  unsigned alert_every = 500;  ///< one message in so many breaks a rule; 0: none
};

/// What people write, of the lengths that they write; three languages.
inline constexpr std::array<std::string_view, 12> texts{
    "Buenos d\u00edas doctora, le mando el contrato firmado para que lo revise cuando pueda",
    "Dale, nos vemos ma\u00f1ana a las 10 en el juzgado",
    "Bom dia doutor, segue o comprovante de pagamento das custas",
    "Ok",
    "Could you please confirm the date of the hearing? My flight lands at noon and I would need a "
    "taxi",
    "Gracias!!",
    "\u00bfHay novedades del expediente? La otra parte me dijo que ya contest\u00f3 la demanda",
    "Perfeito, obrigado. Amanh\u00e3 passo a\u00ed para assinar a procura\u00e7\u00e3o",
    "I have attached the signed engagement letter and a copy of my passport",
    "Me qued\u00e9 sin bater\u00eda, disculpe la demora. Le confirmo que s\u00ed, puede presentar "
    "el escrito",
    "O senhor acha que vale a pena recorrer? O prazo termina na sexta-feira",
    "Ya hice la transferencia de los honorarios"};
inline constexpr std::string_view breaking = "le damos una coima al juez y listo";

class Payloads {
 public:
  explicit Payloads(const PayloadOptions& options)
      : options_(options), hmac_(as_bytes(options.secret)) {}

  /// The delivery that brings message number `n`; valid until the next call.
  const std::string& body(std::uint64_t n) {
    const auto number = options_.first + n;
    const bool breaks =
        options_.alert_every != 0 && number % options_.alert_every == options_.alert_every - 1;
    const auto text = breaks ? breaking : texts[number % texts.size()];
    // As the provider's clock runs: a message's own time is the second in which it is sent.
    const auto sent = std::chrono::duration_cast<std::chrono::seconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
    const auto party = 5491155000000 + static_cast<std::int64_t>(mixed(number) % options_.parties);
    body_.clear();
    fmt::format_to(
        std::back_inserter(body_),
        R"({{"object":"whatsapp_business_account","entry":[{{"id":"102290129340398","changes":[{{"value":{{)"
        R"("messaging_product":"whatsapp","metadata":{{"display_phone_number":"5491150000001",)"
        R"("phone_number_id":"{}"}},"contacts":[{{"profile":{{"name":"Cliente {}"}},"wa_id":"{}"}}],)"
        R"("messages":[{{"from":"{}","id":"wamid.HBgN{:016X}{:016X}AA==","timestamp":"{}","text":{{"body":"{}"}},)"
        R"("type":"text"}}]}},"field":"messages"}}]}}]}})",
        options_.phone_number_id, party, party, party, mixed(number), number, sent, text);
    return body_;
  }

  /// The whole HTTP request of message number `n`, into `out`.
  void request(std::uint64_t n, std::string& out) {
    body(n);
    out.clear();
    fmt::format_to(std::back_inserter(out),
                   "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   "X-Hub-Signature-256: sha256={}\r\nContent-Length: {}\r\n\r\n",
                   options_.path, hmac_.of(as_bytes(body_)).hex(), body_.size());
    out += body_;
  }

 private:
  /// SplitMix64: ids and parties in no order, the same at each run.
  static std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  const PayloadOptions& options_;
  crypto::HmacSha256 hmac_;
  std::string body_;
};

}  // namespace sigilo::bench
