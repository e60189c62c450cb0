# SPDX-License-Identifier: Apache-2.0
# Debian packages only; `./dev setup` installs them. What is too old is refused here, with the remedy.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)

pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc>=72 icu-i18n>=72)
pkg_check_modules(absl_time REQUIRED IMPORTED_TARGET absl_time)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus>=3.3)
pkg_check_modules(gmime REQUIRED IMPORTED_TARGET gmime-3.0>=3.2)
pkg_check_modules(curl REQUIRED IMPORTED_TARGET libcurl>=7.88)
pkg_check_modules(pangocairo REQUIRED IMPORTED_TARGET pangocairo>=1.50)
pkg_check_modules(pangofc REQUIRED IMPORTED_TARGET pangofc>=1.50)
pkg_check_modules(cairo_pdf REQUIRED IMPORTED_TARGET cairo-pdf>=1.16)
pkg_check_modules(cairo_ft REQUIRED IMPORTED_TARGET cairo-ft>=1.16)
pkg_check_modules(fribidi REQUIRED IMPORTED_TARGET fribidi>=1.0)
pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode>=4.1)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive>=3.6)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)

# Debian 12's own SQLCipher is of 2016 (SQLite 3.15): no FTS5, no JSON, another file format.
pkg_check_modules(sqlcipher IMPORTED_TARGET sqlcipher)
if(NOT sqlcipher_FOUND OR sqlcipher_VERSION VERSION_LESS 3.40)
  message(FATAL_ERROR
    "SQLCipher 4.6 or later is needed (SQLite 3.40 or later), found: '${sqlcipher_VERSION}'.\n"
    "On Debian 12 take it from bookworm-backports: run './dev setup', or\n"
    "  apt-get install -t bookworm-backports libsqlcipher-dev")
endif()
