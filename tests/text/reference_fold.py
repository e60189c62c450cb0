# SPDX-License-Identifier: Apache-2.0
"""Folds each line of stdin (hex of UTF-8) as text/unicode.hpp says, by the standard library alone.

Independent of the C++ code: whole strings instead of single characters, Python's own tables instead of ICU's.
A line with a character that Python's Unicode version does not know is answered with "unknown".
"""
import sys
import unicodedata

# DerivedCoreProperties.txt, Default_Ignorable_Code_Point
# Their general category differs between the Unicode versions of Debian 12 and 13: U+1171E is Mn before
# Unicode 16 and Mc since, and Python and ICU need not be of one version.
CHANGED = {0x1171E}
IGNORABLE = {0xAD, 0x34F, 0x61C, 0x3164, 0xFEFF, 0xFFA0, *range(0x115F, 0x1161), *range(0x17B4, 0x17B6),
             *range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
             *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0x1BCA0, 0x1BCA4),
             *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE1000)}
# PropList.txt, White_Space
SPACE = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}


def nfkc_casefold(text):
    text = unicodedata.normalize("NFD", text)
    while True:
        text = "".join(c for c in text if ord(c) not in IGNORABLE)
        again = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if again == text:
            return text
        text = again


def fold(text):
    out = []
    for c in unicodedata.normalize("NFD", nfkc_casefold(text)):
        if ord(c) in SPACE:
            out.append(" ")
        elif unicodedata.category(c) not in ("Mn", "Me", "Cc", "Cf") and not unicodedata.combining(c):
            out.append(c)
    return "".join(out)


for line in sys.stdin:
    text = bytes.fromhex(line.strip()).decode("utf-8", errors="replace")
    if any(unicodedata.category(c) == "Cn" and ord(c) not in IGNORABLE or ord(c) in CHANGED for c in text):
        print("unknown")
    else:
        print(fold(text).encode().hex())
