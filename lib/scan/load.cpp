// SPDX-License-Identifier: Apache-2.0
// Policies::load: the directory of policy files.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "scan/policies.hpp"

namespace sigilo::scan {
namespace {

namespace fs = std::filesystem;

/// Paths of *.toml, in name order. A directory that can't be read or holds none becomes a problem.
std::vector<fs::path> policy_files(const std::string& directory,
                                   std::vector<config::Problem>& problems) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".toml") paths.push_back(entry->path());
  if (error) {
    problems.push_back({directory, 0, fmt::format("cannot be read: {}", error.message()),
                        "make it a directory that sigilo may read, or set [scan] policies"});
  } else if (paths.empty()) {
    problems.push_back({directory, 0, "no policy: no file ends in .toml", "put one there"});
  } else if (paths.size() > max_files) {
    problems.push_back({directory, 0, fmt::format("{} policy files", paths.size()),
                        fmt::format("at most {}; join some", max_files)});
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// One byte more than allowed is enough for the parser to say so.
std::optional<std::string> read(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string content(config::max_file_size + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad() || !file.is_open()) return std::nullopt;
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

}  // namespace

Policies::Loaded Policies::load(const std::string& directory) {
  Loaded loaded;
  std::vector<PolicySource> sources;
  const std::vector<fs::path> paths = policy_files(directory, loaded.problems);
  if (!loaded.problems.empty()) return loaded;
  for (const fs::path& path : paths) {
    if (auto content = read(path)) {
      sources.push_back({path.string(), std::move(*content)});
    } else {
      loaded.problems.push_back(
          {path.string(), 0, "cannot be read", "make it a file that sigilo may read"});
    }
  }
  Loaded compiled = compile(std::move(sources));
  compiled.problems.insert(compiled.problems.begin(), loaded.problems.begin(),
                           loaded.problems.end());
  if (!compiled.problems.empty()) compiled.policies.reset();
  return compiled;
}

}  // namespace sigilo::scan
