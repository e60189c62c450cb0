// SPDX-License-Identifier: Apache-2.0
// Fontconfig keeps a few hundred bytes for the life of the process; a leak of ours still counts.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\n";
}
