// SPDX-License-Identifier: Apache-2.0
#include "evidence/verify.hpp"

#include <fmt/format.h>

#include "evidence/findings.hpp"
#include "evidence/source.hpp"
#include "evidence/walk.hpp"

namespace sigilo::evidence {
namespace {

constexpr std::size_t listed_pages = 3;  // of the file's own check; the others are counted

/// Every page's authentication, and SQLite's own check of its trees and indexes.
void check_file(vault::AuditReader& reader, Findings& findings) {
  const auto damage = reader.file_problems();
  if (!damage)
    return findings.add(std::nullopt, cause::page_damaged, "a file that can be read through",
                        damage.error().what);
  for (std::size_t i = 0; i < damage->size(); ++i) {
    if (i < listed_pages)
      findings.add(std::nullopt, cause::page_damaged, "pages whose authentication holds",
                   (*damage)[i]);
    else
      findings.count_more();
  }
}

}  // namespace

Result<Report> verify(const std::filesystem::path& directory, const crypto::SecretBytes& key,
                      const VerifyOptions& options) {
  SIGILO_TRY(auto source, Source::open(directory, key));
  Findings findings;
  Report report;
  report.depth = options.depth;
  report.vault = source.reader().uuid();
  Walk(source, findings, options).run(report);
  source.revive();
  // Going through the whole file takes long too: not once the check was stopped.
  const bool stopped = findings.any(
      [](const Problem& problem) { return problem.problem == cause::interrupted.name; });
  if (options.depth == Depth::full && !stopped) check_file(source.reader(), findings);
  report.ok = findings.none() && (!options.since || (report.since && report.since->consistent));
  findings.move_to(report);
  return report;
}

}  // namespace sigilo::evidence
