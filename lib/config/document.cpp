// SPDX-License-Identifier: Apache-2.0
#include "config/document.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/precheck.hpp"

// Compiled in, without exceptions and with our own limit on nesting; Debian's shared library has
// neither.
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 16
#define TOML_ENABLE_FORMATTERS 0
// toml++ 3.3 asserts of a file what it reports properly a few lines on ("[=]" as a header), and
// with NDEBUG some compilers take the assertion for a fact: neither, please.
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

namespace sigilo::config {
namespace {

constexpr std::size_t max_described = 300;
constexpr std::size_t max_likened = 60;  ///< the time of a comparison grows with the square
const char* type_name(toml::node_type type) {
  switch (type) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a decimal number";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date and time";
  }
  return "something else";
}

int line_of(const toml::source_region& region) {
  return static_cast<int>(region.begin.line);
}

/// Levenshtein, by one row.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, diagonal + 1, row[j] + 1});
    }
  }
  return row[b.size()];
}

std::string remedy_for_unknown(std::string_view key,
                               const std::set<std::string, std::less<>>& known) {
  if (key.size() <= max_likened) {
    const std::string* nearest = nullptr;
    std::size_t least = std::max<std::size_t>(2, key.size() / 3) + 1;
    for (const auto& candidate : known) {
      const std::size_t distance = edit_distance(key, candidate);
      // Two letters apart is no likeness where the word itself has only two or three.
      if (distance < least && distance < candidate.size()) {
        nearest = &candidate;
        least = distance;
      }
    }
    if (nearest != nullptr) return fmt::format("did you mean \"{}\"?", *nearest);
  }
  if (known.empty()) return "remove it";
  return fmt::format("remove it; known here: {}", fmt::join(known, ", "));
}

/// toml++ quotes what it read; that may be a secret that somebody pasted without quotation marks.
std::string without_quotations(std::string_view description) {
  std::string text;
  while (!description.empty()) {
    const auto open = description.find('\'');
    const auto close = open == std::string_view::npos ? open : description.find('\'', open + 1);
    text += description.substr(0, open);
    if (open == std::string_view::npos) break;
    if (close == std::string_view::npos) return text + "'...'";
    const auto quoted = description.substr(open, close - open + 1);
    text += quoted.size() <= 3 ? quoted : std::string_view("'...'");
    description.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace

std::string shown(std::string_view text, std::size_t limit) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool begins_character = (byte & 0xC0U) != 0x80U;
    if (begins_character && i >= limit) return result + "...";
    // U+0080 to U+009F are control characters too: a terminal takes C2 9B for the beginning of a
    // command.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    result += byte < 0x20 || byte == 0x7F || c1 ? '?' : text[i];
  }
  return result;
}

std::string Problem::message() const {
  const std::string place = fmt::format("{}:{}: {}", file, line, what);
  return remedy.empty() ? place : place + "; " + remedy;
}

struct Document::Impl {
  toml::table root;
  std::string file;
};

struct Table::Impl {
  const toml::table* node;
  std::string file;
  std::string path;  ///< "source.meta", "" for the root
  int at;
  std::vector<Problem>* problems;
  std::set<std::string, std::less<>> asked;
  std::vector<std::shared_ptr<Impl>> children;
  bool finished = false;

  [[nodiscard]] std::string name(std::string_view key) const {
    return path.empty() ? shown(key) : path + "." + shown(key);
  }
  void add(int line, std::string what, std::string remedy) const {
    problems->push_back({file, line, std::move(what), std::move(remedy)});
  }
  const toml::node* ask(std::string_view key) {
    asked.emplace(key);
    return node->get(key);
  }
  [[nodiscard]] int line_of_key(std::string_view key) const {
    const auto found = node->find(key);
    if (key.empty() || found == node->end()) return at;
    return line_of(found->first.source());
  }
  void wrong_type(const std::string& what, int line, toml::node_type is, std::string_view expected,
                  std::string remedy) const {
    add(line, fmt::format("{} is {} where {} is expected", what, type_name(is), expected),
        std::move(remedy));
  }
  std::shared_ptr<Impl> child(const toml::table& table, std::string child_path, int line) {
    for (const auto& known : children) {
      if (known->node == &table) return known;
    }
    children.push_back(std::make_shared<Impl>(
        Impl{&table, file, std::move(child_path), line, problems, {}, {}, false}));
    return children.back();
  }
  void finish() {
    if (std::exchange(finished, true)) return;
    for (const auto& [key, value] : *node) {
      if (asked.contains(key.str())) continue;
      add(line_of(key.source()),
          fmt::format("unknown {} \"{}\"{}", value.is_table() ? "table" : "key", shown(key.str()),
                      path.empty() ? "" : fmt::format(" in [{}]", path)),
          remedy_for_unknown(key.str(), asked));
    }
    for (const auto& each : children) each->finish();
  }
};

Document::Document(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

std::optional<Document> Document::parse(std::string_view text, std::string file,
                                        std::vector<Problem>& problems) {
  if (text.size() > max_file_size) {
    problems.push_back({std::move(file), 0, fmt::format("larger than {} bytes", max_file_size),
                        "split it, or check that this is the right file"});
    return std::nullopt;
  }
  if (auto unfit = find_unfit(text)) {
    problems.push_back(
        {std::move(file), unfit->line, std::move(unfit->what), std::move(unfit->remedy)});
    return std::nullopt;
  }
  auto parsed = toml::parse(text);
  if (!parsed) {
    const auto& error = parsed.error();
    problems.push_back(
        {std::move(file), line_of(error.source()),
         fmt::format("not TOML: {}", shown(without_quotations(error.description()), max_described)),
         "correct the line (https://toml.io/en/v1.0.0); what stands after it was not read"});
    return std::nullopt;
  }
  return Document(std::make_unique<Impl>(Impl{std::move(parsed).table(), std::move(file)}));
}

std::optional<Document> Document::load(const std::string& path, std::vector<Problem>& problems) {
  std::string content(max_file_size + 1, '\0');
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (in) in.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (in.bad() || (in.gcount() == 0 && !in.eof())) {
    const int reason = errno;
    problems.push_back(
        {path, 0,
         fmt::format("cannot be read: {}", reason == 0 ? "input error" : std::strerror(reason)),
         "check the name and who may read it"});
    return std::nullopt;
  }
  content.resize(static_cast<std::size_t>(in.gcount()));
  return parse(content, path, problems);
}

Table Document::root(std::vector<Problem>& problems) const {
  return Table(std::make_shared<Table::Impl>(
      Table::Impl{&impl_->root, impl_->file, "", 1, &problems, {}, {}, false}));
}

Table::Table(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

int Table::line(std::string_view key) const {
  return impl_->line_of_key(key);
}
bool Table::has(std::string_view key) const {
  return impl_->node->contains(key);
}

std::optional<std::string> Table::text(std::string_view key) {
  const auto* node = impl_->ask(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = node->as_string()) return value->get();
  impl_->wrong_type(impl_->name(key), line(key), node->type(), "a text",
                    fmt::format("write {} = \"...\"", key));
  return std::nullopt;
}

std::optional<std::int64_t> Table::integer(std::string_view key) {
  const auto* node = impl_->ask(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = node->as_integer()) return value->get();
  impl_->wrong_type(impl_->name(key), line(key), node->type(), "a whole number",
                    fmt::format("write {} = 1, without quotation marks", key));
  return std::nullopt;
}

std::optional<bool> Table::boolean(std::string_view key) {
  const auto* node = impl_->ask(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = node->as_boolean()) return value->get();
  impl_->wrong_type(
      impl_->name(key), line(key), node->type(), "true or false",
      fmt::format("write {} = true or {} = false, without quotation marks", key, key));
  return std::nullopt;
}

std::optional<std::vector<std::string>> Table::texts(std::string_view key, bool or_single) {
  const auto* node = impl_->ask(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* value = node->as_string(); value != nullptr && or_single)
    return std::vector{value->get()};
  const auto* array = node->as_array();
  const auto remedy = fmt::format("write {} = [\"...\", \"...\"]", key);
  if (array == nullptr) {
    impl_->wrong_type(impl_->name(key), line(key), node->type(), "an array of texts", remedy);
    return std::nullopt;
  }
  std::vector<std::string> values;
  for (const auto& element : *array) {
    if (const auto* value = element.as_string()) {
      values.push_back(value->get());
    } else {
      impl_->wrong_type(impl_->name(key) + ": an element", line_of(element.source()),
                        element.type(), "a text", remedy);
    }
  }
  if (values.size() != array->size()) return std::nullopt;
  return values;
}

std::vector<int> Table::lines_of(std::string_view key) const {
  const auto* node = impl_->node->get(key);
  if (node == nullptr) return {};
  const auto* array = node->as_array();
  if (array == nullptr) return {line(key)};
  std::vector<int> lines;
  for (const auto& element : *array) lines.push_back(line_of(element.source()));
  return lines;
}

std::optional<std::vector<std::vector<std::string>>> Table::text_lists(std::string_view key) {
  const auto* node = impl_->ask(key);
  if (node == nullptr) return std::nullopt;
  const auto* outer = node->as_array();
  const auto remedy = fmt::format("write {} = [[\"...\", \"...\"], [\"...\"]]", key);
  if (outer == nullptr) {
    impl_->wrong_type(impl_->name(key), line(key), node->type(), "an array of arrays of texts",
                      remedy);
    return std::nullopt;
  }
  std::vector<std::vector<std::string>> lists;
  bool sound = true;
  for (const auto& inner : *outer) {
    auto& list = lists.emplace_back();
    const auto* array = inner.as_array();
    if (array == nullptr) {
      impl_->wrong_type(impl_->name(key) + ": an element", line_of(inner.source()), inner.type(),
                        "an array of texts", remedy);
      sound = false;
      continue;
    }
    for (const auto& element : *array) {
      if (const auto* value = element.as_string()) {
        list.push_back(value->get());
      } else {
        impl_->wrong_type(impl_->name(key) + ": an element", line_of(element.source()),
                          element.type(), "a text", remedy);
        sound = false;
      }
    }
  }
  if (!sound) return std::nullopt;
  return lists;
}

std::optional<Table> Table::table(std::string_view key) {
  const auto* node = impl_->ask(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* found = node->as_table())
    return Table(impl_->child(*found, impl_->name(key), line(key)));
  const auto name = impl_->name(key);
  const bool array_of_tables = node->is_array_of_tables();
  impl_->wrong_type(name, line(key), node->type(), "a table",
                    fmt::format("write [{}]{}", name, array_of_tables ? ", once" : ""));
  return std::nullopt;
}

std::vector<Table> Table::tables(std::string_view key) {
  const auto* node = impl_->ask(key);
  if (node == nullptr) return {};
  const auto name = impl_->name(key);
  const auto remedy = fmt::format("write [[{}]] with two brackets, once for each", name);
  const auto* array = node->as_array();
  if (array == nullptr) {
    impl_->wrong_type(name, line(key), node->type(), "a list of tables", remedy);
    return {};
  }
  std::vector<Table> found;
  for (const auto& element : *array) {
    if (const auto* each = element.as_table()) {
      found.push_back(Table(impl_->child(*each, name, line_of(each->source()))));
    } else {
      impl_->wrong_type(name + ": an element", line_of(element.source()), element.type(), "a table",
                        remedy);
    }
  }
  return found;
}

void Table::complain(std::string_view key, std::string what, std::string remedy) {
  impl_->add(line(key), std::move(what), std::move(remedy));
}

void Table::complain_at(int line, std::string what, std::string remedy) {
  impl_->add(line, std::move(what), std::move(remedy));
}

void Table::finish() {
  impl_->finish();
}

Result<std::int64_t> parse_duration_seconds(std::string_view text) {
  constexpr std::array<std::pair<char, std::int64_t>, 4> units{
      {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
  constexpr auto remedy =
      "write a positive whole number and one of s, m, h, d, as in \"15s\" or \"7d\"";
  const auto refuse = [&] {
    return fail(ErrorCode::invalid_input, fmt::format("\"{}\" is not a duration", shown(text)),
                remedy);
  };
  if (text.empty()) return refuse();
  const auto* unit = std::find_if(units.begin(), units.end(),
                                  [&](const auto& each) { return each.first == text.back(); });
  if (unit == units.end()) return refuse();
  std::int64_t number = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end || number <= 0) return refuse();
  if (number > std::numeric_limits<std::int64_t>::max() / unit->second) return refuse();
  return number * unit->second;
}

}  // namespace sigilo::config
