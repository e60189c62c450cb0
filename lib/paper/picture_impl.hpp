// SPDX-License-Identifier: Apache-2.0
// Attachments and QR codes as slices. Private to this room.
#pragma once

#include "paper/blocks.hpp"
#include "paper/qr.hpp"
#include "paper/typeset_impl.hpp"

namespace sigilo::paper {

/// Adds the picture (or a box) and its words to `flow`, for a column of `width` points.
void add_attachment(Flow& flow, Typesetter& typesetter, const Attachment& attachment, double width);

/// A code's side on paper, in points.
double side_of(const QrModules& modules);
void draw_code(cairo_t* cairo, const QrModules& modules, double x, double y);

}  // namespace sigilo::paper
