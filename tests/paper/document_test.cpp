// SPDX-License-Identifier: Apache-2.0
#include "paper/document.hpp"

#include <array>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>

#include "paper.hpp"
#include "paper/jpeg.hpp"

using namespace sigilo;
using namespace sigilo::paper;
using namespace sigilo::test;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const std::string checkpoint =
    "sigilo/6f1c2d3e-0000-4000-8000-000000000001\n1042\n"
    "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n\n— sigilo/6f1c2d3e "
    "0a1b2c3dQ2hlY2twb2ludCBzaWduYXR1cmUgb2YgNjQgYnl0ZXMgd291bGQgc3RhbmQgaGVyZSBpbiBiYXNlNjQ=\n";

Bytes picture() {
  const auto file = read_file(SIGILO_SOURCE_DIR "/tests/paper/picture.jpg");
  const auto bytes = as_bytes(file);
  return {bytes.begin(), bytes.end()};
}

/// A file of each kind of block, as a transcript and a certificate use them.
Result<> everything(Document& doc) {
  SIGILO_TRY_DO(doc.heading("Transcripción de la conversación", 1));
  const std::array<Run, 4> runs{Run{"Conversación entre "}, Run{"Dra. Ana Ejemplo", true},
                                Run{" y el contacto "}, Run{"+5491150009999", false, true}};
  SIGILO_TRY_DO(doc.paragraph(runs));
  SIGILO_TRY_DO(doc.paragraph(
      "Las horas se indican en la zona America/Argentina/Buenos_Aires (UTC−3). Cada mensaje lleva "
      "su número de registro; el contenido eliminado o editado se conserva y está señalado."));
  const std::array<KeyValue, 4> facts{KeyValue{"Período", "1 al 23 de noviembre de 2026"},
                                      KeyValue{"Mensajes", "5 (3 recibidos, 2 enviados)"},
                                      KeyValue{"Vigilancia", "Sin interrupciones en el período"},
                                      KeyValue{"SHA-256 del manifiesto", hash, true}};
  SIGILO_TRY_DO(doc.key_values(facts));
  SIGILO_TRY_DO(doc.heading("Mensajes", 2));
  SIGILO_TRY_DO(doc.divider("lunes, 23 de noviembre de 2026"));

  Bubble first;
  first.sender = "Juan Pérez (+5491150009999)";
  first.time = "15:04:11";
  first.text =
      "Buenos días, doctora. ¿Pudo ver la cédula? Ação, ñandú, “comillas” — 👍🏽 ❤️ "
      "👨‍👩‍👧";
  first.meta = {"N.º 1041 · wamid.HBgNNTQ5MTE1MDAwOTk5ORUCABEYEjA · 2026-11-23T18:04:11Z"};
  SIGILO_TRY_DO(doc.bubble(first));

  Bubble second;
  second.side = Side::right;
  second.sender = "Dra. Ana Ejemplo (línea +5491150000001)";
  second.time = "15:06:40";
  second.quoted = "Buenos días, doctora. ¿Pudo ver la cédula?";
  second.text = "Sí, mañana presento el escrito.\nLe envío la foto del expediente.";
  second.attachments = {{"expediente.jpg", {"image/jpeg · 320 × 240 · 12 KiB"}, hash, picture()}};
  second.meta = {"N.º 1042 · entregado 15:06:41 · leído 15:07:02"};
  SIGILO_TRY_DO(doc.bubble(second));

  Bubble third;
  third.sender = "Juan Pérez (+5491150009999)";
  third.time = "15:08:00";
  third.notice = "Eliminado por el remitente el 23/11/2026 a las 15:09:30";
  third.text = "Dígale al juez que hay algo para él.";
  third.struck = true;
  third.meta = {"N.º 1043 · eliminación: N.º 1045"};
  SIGILO_TRY_DO(doc.bubble(third));

  Bubble fourth;
  fourth.side = Side::right;
  fourth.sender = "Dra. Ana Ejemplo (línea +5491150000001)";
  fourth.time = "15:10:12";
  fourth.notice = "Editado";
  fourth.text = "La audiencia es el jueves a las 10.";
  fourth.earlier = {{"Antes de la edición del 23/11/2026 a las 15:11:00",
                     "La audiencia es el miércoles a las 10."}};
  fourth.attachments = {{"demanda final (2).pdf", {"application/pdf · 1,2 MiB"}, hash, {}}};
  fourth.meta = {"N.º 1044 · edición: N.º 1046"};
  SIGILO_TRY_DO(doc.bubble(fourth));

  Bubble fifth;
  fifth.sender = "משה כהן";
  fifth.time = "15:12:00";
  fifth.text = "שלום, מה שלומך?\nمرحبا بالعالم 123\nПривет, Γειά σου, हिन्दी, ไทย";
  fifth.meta = {"N.º 1047"};
  SIGILO_TRY_DO(doc.bubble(fifth));

  SIGILO_TRY_DO(doc.heading("Contactos por mes", 2));
  const std::array<Column, 4> columns{Column{"Mes", 2}, Column{"Recibidos", 1, true},
                                      Column{"Enviados", 1, true},
                                      Column{"Primer registro", 2, false, true}};
  SIGILO_TRY_DO(doc.begin_table(columns));
  for (int month = 1; month <= 60; ++month) {
    const std::array<std::string, 4> cells{fmt::format("mes {} de vigilancia", month),
                                           std::to_string(month * 7), std::to_string(month * 5),
                                           fmt::format("N.º {}", month * 100)};
    SIGILO_TRY_DO(doc.row(cells));
  }
  SIGILO_TRY_DO(doc.end_table());
  SIGILO_TRY_DO(doc.attachment({"poder general.docx",
                                {"application/vnd.openxmlformats · 48 KiB", "Enviado N.º 877"},
                                hash,
                                {}}));
  SIGILO_TRY_DO(doc.rule());
  SIGILO_TRY_DO(doc.heading("Punto de control", 2));
  SIGILO_TRY_DO(doc.code({checkpoint, "Punto de control firmado al exportar", 0}));
  return doc.code({hash, "Huella del manifiesto", 8});
}

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size())
    ++found;
  return found;
}

}  // namespace

TEST_CASE("a document of every block is a clean PDF whose text is found in the order of reading") {
  const Sheet sheet(everything);
  write_file(SIGILO_BINARY_DIR "/paper-sample.pdf", sheet.bytes());  // to look at

  const auto checked = sheet.say("qpdf --check {}");
  CHECK(checked.status == 0);
  CHECK_THAT(checked.output, ContainsSubstring("No syntax or stream encoding errors"));

  const auto words = sheet.words();
  std::size_t at = 0;
  for (const char* expected : {"Transcripción de la conversación",
                               "Dra. Ana Ejemplo",
                               "zona America/Argentina",
                               "SHA-256 del manifiesto",
                               "lunes, 23 de noviembre de 2026",
                               "¿Pudo ver la cédula? Ação, ñandú, “comillas”",
                               "N.º 1041",
                               "mañana presento el escrito",
                               "expediente.jpg",
                               "9f86d081 884c7d65",
                               "N.º 1042",
                               "Eliminado por el remitente",
                               "Dígale al juez que hay algo para él.",
                               "Editado",
                               "La audiencia es el jueves",
                               "Antes de la edición",
                               "La audiencia es el miércoles",
                               "demanda final (2).pdf",
                               "N.º 1047",
                               "Contactos por mes",
                               "mes 60 de vigilancia",
                               "poder general.docx",
                               "Punto de control firmado",
                               "Huella del manifiesto"}) {
    INFO(expected);
    const auto found = words.find(expected, at);
    REQUIRE(found != std::string::npos);
    at = found;
  }
  CHECK_FALSE(sheet.written.missing_glyphs);
}

TEST_CASE("text of any script and direction is copied out as it was written") {
  const Sheet sheet(everything);
  const auto text = sheet.words();
  for (const char* expected : {"שלום", "שלומך", "مرحبا", "بالعالم", "Привет", "Γειά σου", "ไทย"})
    CHECK_THAT(text, ContainsSubstring(expected));
}

TEST_CASE("each page says which it is and of how many, in the language of the document") {
  for (const auto& [language, first, tag] : {std::tuple{Language::es, "Página 1 de {}", "es"},
                                             std::tuple{Language::pt, "Página 1 de {}", "pt"},
                                             std::tuple{Language::en, "Page 1 of {}", "en"}}) {
    auto options = paper_options();
    options.language = language;
    const Sheet sheet(everything, options);
    const auto pages = sheet.written.pages;
    REQUIRE(pages >= 3);
    CHECK_THAT(sheet.say("pdfinfo {}").output,
               ContainsSubstring(fmt::format("Pages:           {}", pages)));
    CHECK_THAT(sheet.text(), ContainsSubstring(fmt::format(fmt::runtime(first), pages)));
    CHECK(count(sheet.text(), "Huella del génesis 4f7c 9a10") == pages);
    CHECK(count(sheet.text(), "Estudio Ejemplo") == pages);
    CHECK_THAT(sheet.bytes(), ContainsSubstring(fmt::format("/Lang ({})", tag)));
  }
}

TEST_CASE("a document numbered without a total asks for its contents once") {
  auto options = paper_options();
  options.numbering = Numbering::page;
  int asked = 0;
  const Sheet sheet(
      [&](Document& doc) {
        ++asked;
        return doc.paragraph("una vez");
      },
      options);
  CHECK(asked == 1);
  CHECK_THAT(sheet.text(), ContainsSubstring("Página 1\n"));
}

TEST_CASE("contents that differ between counting and writing are refused") {
  TemporaryDirectory directory;
  int asked = 0;
  const auto written =
      write_document(paper_options(), directory / "a.pdf", [&](Document& doc) -> Result<> {
        SIGILO_TRY_DO(doc.paragraph("uno"));
        return ++asked == 2 ? doc.page_break() : Result<>();
      });
  REQUIRE_FALSE(written);
  CHECK(written.error().code == ErrorCode::invalid_input);
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("the same contents and date give the same bytes, in every process") {
  const Sheet first(everything);
  const Sheet second(everything);
  CHECK(first.bytes() == second.bytes());
  // Another process has its memory elsewhere; no address may decide an order.
  const auto other = run("readlink /proc/self/exe >/dev/null; " SIGILO_BINARY_DIR
                         "/bin/test_paper '[.print]' --allow-running-no-tests >/dev/null; "
                         "cat " SIGILO_BINARY_DIR "/paper-again.pdf");
  CHECK(other.output == first.bytes());
  CHECK_THAT(first.say("TZ=UTC pdfinfo -isodates {}").output,
             ContainsSubstring("CreationDate:    2026-11-18T11:06:40Z") &&
                 ContainsSubstring("ModDate:         2026-11-18T11:06:40Z") &&
                 ContainsSubstring("Title:           Transcripción de prueba"));
}

TEST_CASE("prints the sample again for another process", "[.print]") {
  const Sheet sheet(everything);
  write_file(SIGILO_BINARY_DIR "/paper-again.pdf", sheet.bytes());
}

TEST_CASE("every font is embedded, as a subset, and can be searched") {
  const Sheet sheet(everything);
  const auto fonts = sheet.say("pdffonts {}").output;
  CHECK_THAT(fonts, ContainsSubstring("DejaVuSans") && ContainsSubstring("DejaVuSansMono"));
  const auto lines = count(fonts, "\n") - 2;
  CHECK(lines >= 4);
  CHECK(count(fonts, "yes yes yes") == lines);  // embedded, subset, with a map to Unicode
}

TEST_CASE("a JPEG goes into the file byte by byte") {
  const Sheet sheet(everything);
  const auto jpeg = picture();
  CHECK(sheet.bytes().find(as_text(jpeg)) != std::string::npos);
  CHECK_THAT(sheet.say("pdfimages -list {}").output, ContainsSubstring("320   240  rgb"));
}

TEST_CASE("a QR code is read back from the printed page") {
  const Sheet sheet(everything);
  const auto image = sheet.file().string() + "-last";
  const auto last = std::to_string(sheet.written.pages);
  REQUIRE(sheet.say("pdftoppm -png -gray -r 150 -singlefile -f " + last + " {} " + image).status ==
          0);
  const auto read = run("zbarimg -q --raw " + image + ".png");
  CHECK_THAT(read.output, ContainsSubstring(checkpoint) && ContainsSubstring(hash));
  CHECK_THAT(sheet.words(), ContainsSubstring("9f86d081 884c7d65 9a2feaa0 c55ad015"));
}

TEST_CASE("a QR code that would be too small to read is refused") {
  TemporaryDirectory directory;
  for (const std::size_t size : {std::size_t{0}, most_code_bytes + 1}) {
    const auto written = write_document(paper_options(), directory / "a.pdf", [&](Document& doc) {
      return doc.code({std::string(size, 'x'), "", 0});
    });
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::invalid_input);
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("a table repeats its header on every page that it reaches") {
  const Sheet sheet([](Document& doc) -> Result<> {
    const std::array<Column, 2> columns{Column{"Encabezado"}, Column{"Otro"}};
    SIGILO_TRY_DO(doc.begin_table(columns));
    for (int i = 0; i < 150; ++i) {
      const std::array<std::string, 2> cells{std::to_string(i), "celda"};
      SIGILO_TRY_DO(doc.row(cells));
    }
    SIGILO_TRY_DO(doc.end_table());
    return doc.paragraph("después");
  });
  CHECK(sheet.written.pages >= 3);
  CHECK(count(sheet.text(), "Encabezado") == sheet.written.pages);
}

TEST_CASE("a bubble longer than a page goes on on the next, whole") {
  const Sheet sheet([](Document& doc) {
    Bubble bubble;
    bubble.sender = "Juan";
    for (int i = 0; i < 300; ++i) bubble.text += fmt::format("renglón {}\n", i);
    bubble.meta = {"N.º 7"};
    return doc.bubble(bubble);
  });
  CHECK(sheet.written.pages >= 5);
  const auto words = sheet.words();
  for (const int i : {0, 150, 299})
    CHECK_THAT(words, ContainsSubstring(fmt::format("renglón {} ", i)));
}

TEST_CASE("a message is not torn apart where it fits on the next page") {
  const Sheet sheet([](Document& doc) -> Result<> {
    for (int i = 0; i < 40; ++i) {
      Bubble bubble;
      bubble.sender = fmt::format("inicio{}", i);
      bubble.text = "uno\ndos\ntres";
      bubble.meta = {fmt::format("final{}.", i)};
      SIGILO_TRY_DO(doc.bubble(bubble));
    }
    return {};
  });
  const auto text = sheet.text();
  std::size_t begin = 0;
  std::size_t seen = 0;
  for (std::size_t end = 0; (end = text.find('\f', begin)) != std::string::npos; begin = end + 1) {
    const auto page = text.substr(begin, end - begin);
    CHECK(count(page, "inicio") == count(page, "final"));
    seen += count(page, "inicio");
  }
  CHECK(seen == 40);
}

TEST_CASE("headings stand in the outline") {
  const Sheet sheet(everything);
  CHECK_THAT(sheet.say("qpdf --json=1 --json-key=outlines {}").output,
             ContainsSubstring("Contactos por mes") && ContainsSubstring("Punto de control"));
}
