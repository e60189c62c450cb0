// SPDX-License-Identifier: Apache-2.0
// Documents of a test, and what independent programs (Poppler, QPDF, ZBar) say of them.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "paper/document.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace sigilo::test {

inline paper::Options paper_options() {
  paper::Options options;
  options.title = "Transcripción de prueba";
  options.language = Language::es;
  options.date = Timestamp::from_seconds(1'795'000'000);
  options.header_left = "Estudio Ejemplo";
  options.header_right = "Bóveda 6f1c2d3e";
  options.footer = "Huella del génesis 4f7c 9a10";
  return options;
}

/// A PDF in a temporary directory.
class Sheet {
 public:
  explicit Sheet(const paper::Contents& contents, paper::Options options = paper_options()) {
    auto result = paper::write_document(options, file(), contents);
    if (!result) throw std::runtime_error(result.error().message());
    written = *result;
  }
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "sheet.pdf"; }
  [[nodiscard]] std::string bytes() const { return read_file(file()); }
  /// Output of "PROGRAM ... FILE REST"; "{}" stands for the file.
  [[nodiscard]] Outcome say(std::string command) const {
    command.replace(command.find("{}"), 2, file().string());
    return run(command + " 2>&1");
  }
  /// The text as a reader copies it, in the order of reading.
  [[nodiscard]] std::string text() const { return say("pdftotext -enc UTF-8 {} -").output; }
  /// The same with line ends as spaces, so that where a line breaks does not matter.
  [[nodiscard]] std::string words() const {
    std::string out;
    for (const char c : text())
      if (const char d = c == '\n' || c == '\f' ? ' ' : c; d != ' ' || !out.ends_with(' '))
        out += d;
    return out;
  }
  /// A page as a grey picture (PGM): width, height and its points.
  [[nodiscard]] std::string picture(int page, int dots) const {
    return say("pdftoppm -gray -r " + std::to_string(dots) + " -f " + std::to_string(page) +
               " -l " + std::to_string(page) + " {}")
        .output;
  }

  paper::Written written;

 private:
  TemporaryDirectory directory_;
};

}  // namespace sigilo::test
