// SPDX-License-Identifier: Apache-2.0
#include "paper/qr.hpp"

#include <memory>

#include <fmt/format.h>
#include <qrencode.h>

#include "paper/blocks.hpp"

namespace sigilo::paper {

Result<QrModules> qr_modules(std::string_view text) {
  if (text.empty() || text.size() > most_code_bytes)
    return fail(ErrorCode::invalid_input,
                fmt::format("a QR code takes 1 to {} bytes, not {}", most_code_bytes, text.size()),
                "print a hash or a reference instead of the whole text");
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
      &QRcode_free);
  if (!code) return fail(ErrorCode::invalid_input, "a text does not fit into a QR code");
  QrModules modules;
  modules.side = static_cast<std::size_t>(code->width);
  for (std::size_t i = 0; i < modules.side * modules.side; ++i)
    modules.black.push_back((code->data[i] & 1) != 0);  // the lowest bit is the colour
  return modules;
}

}  // namespace sigilo::paper
