// SPDX-License-Identifier: Apache-2.0
// Any cell of any table that proves or finds something, any row: changed by somebody with the key
// and the stock `sqlcipher`, found by both verifiers alike, and named as what it is. The places are
// drawn, the same ones in each run; SIGILO_MUTATIONS says how many (`./dev mutate`).
#include <cstdlib>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "crypto/encoding.hpp"
#include "support/evidence.hpp"

using namespace sigilo;
using namespace sigilo::test;

namespace {

namespace fs = std::filesystem;

struct Table {
  std::string name;
  std::string key;    ///< the integer that numbers its rows; "": it has none
  std::string where;  ///< SQL that gives a row's condition as text
  std::vector<std::string> columns;
  std::set<std::string> findings;  ///< what a change of it may be called
};

// Left out is what is no claim of the vault's: the provider's signature over a delivery (who holds
// the provider's secret checks it), and the bytes of a delivery that others' parts were blanked in.
const std::vector<Table> tables{
    {"vault", "", "'1'", {"uuid", "created", "fingerprint"}, {"vault-altered"}},
    {"record",
     "seq",
     "'seq=' || seq",
     {"time", "kind", "epoch", "root", "commitment", "signature", "salt", "body"},
     {"record-altered", "record-missing", "signature-invalid", "unknown-kind", "body-altered",
      "body-missing", "key-unknown"}},
    {"delivery",
     "id",
     "'id=' || id",
     {"received", "source", "digest", "rest"},
     {"delivery-altered", "delivery-missing", "delivery-surplus"}},
    {"conversation", "", "'id=' || id", {"line", "party"}, {"event-altered"}},
    {"event",
     "seq",
     "'seq=' || seq",
     {"sent", "content", "conversation", "delivery", "id", "about"},
     {"event-altered", "event-missing", "event-surplus"}},
    {"event_indexed", "", "'1'", {"upto"}, {"index-altered", "index-missing", "index-surplus"}},
    {"event_content",
     "",
     "'seq=' || seq",
     {"sent", "content", "seq"},
     {"index-missing", "index-surplus"}},
    {"event_conversation",
     "",
     "'seq=' || seq",
     {"block", "conversation", "seq"},
     {"index-missing", "index-surplus"}},
    {"event_id",
     "",
     "'seq=' || seq || ' AND id=' || id",
     {"block", "id", "seq"},
     {"index-missing", "index-surplus"}},
    {"alert",
     "id",
     "'id=' || id",
     {"message", "category", "severity", "rule", "team", "state"},
     {"alert-altered", "alert-missing", "alert-surplus"}},
    {"checkpoint",
     "seq",
     "'seq=' || seq",
     {"size", "note"},
     {"checkpoint-altered", "checkpoint-missing", "checkpoint-surplus"}},
    {"epoch",
     "number",
     "'number=' || number",
     {"public_key", "first"},
     {"epoch-altered", "epoch-missing", "epoch-surplus"}},
    {"tile", "id", "'id=' || id", {"hashes"}, {"tile-altered", "tile-missing", "tile-surplus"}},
};

struct Mutation {
  std::string sql;
  const Table* table;
};

struct Cell {
  const Table* table;
  std::string column, where, type;
  std::string value;  ///< bytes; an integer in digits
};

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == at)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// Every cell that isn't empty.
std::vector<Cell> cells_of(const fs::path& vault) {
  std::string sql = key_lines();
  for (std::size_t i = 0; i < tables.size(); ++i)
    for (const auto& column : tables[i].columns)
      sql += fmt::format("SELECT 'cell', {}, '{}', {}, typeof({}), hex({}) FROM {} WHERE {};\n", i,
                         column, tables[i].where, column, column, tables[i].name,
                         column == "rest" ? "partial = 0" : "1");
  std::vector<Cell> cells;
  for (const auto& line : split(sqlcipher(vault / "vault.db", sql).output, '\n')) {
    const auto part = split(line, '|');
    if (part.size() != 6 || part[0] != "cell" || part[5].empty()) continue;
    std::string hex = part[5];
    for (char& c : hex) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto bytes = must(crypto::from_hex(hex));
    cells.push_back({&tables.at(std::stoul(part[1])), part[2], part[3], part[4],
                     std::string(bytes.begin(), bytes.end())});
  }
  return cells;
}

/// One bit of the cell turned.
Mutation turned(const Cell& cell, std::mt19937& random) {
  std::string literal;
  if (cell.type == "integer") {
    literal = fmt::format("{}", std::stoll(cell.value) ^ (std::int64_t{1} << random() % 40));
  } else {
    std::string bytes = cell.value;
    char& byte = bytes[random() % bytes.size()];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << random() % 8));
    literal = fmt::format("x'{}'", crypto::to_hex(as_bytes(bytes)));
    if (cell.type == "text") literal = fmt::format("CAST({} AS TEXT)", literal);
  }
  return {fmt::format("UPDATE OR REPLACE {} SET {} = {} WHERE {};", cell.table->name, cell.column,
                      literal, cell.where),
          cell.table};
}

/// A row taken out; a row put in once more behind the last; two rows changed for each other.
std::vector<Mutation> row_mutations(const std::vector<Cell>& cells) {
  std::vector<Mutation> mutations;
  for (const auto& table : tables) {
    std::vector<std::string> rows;
    for (const auto& cell : cells)
      if (cell.table == &table && cell.column == table.columns[0]) rows.push_back(cell.where);
    for (const auto& row : rows) {
      const bool is_first = table.name == "record" && row == rows.front();
      if (!is_first)  // no genesis: nothing else can be said, see damage_test.cpp
        mutations.push_back({fmt::format("DELETE FROM {} WHERE {};", table.name, row), &table});
      if (table.key.empty()) continue;
      const auto copied = table.key == "id" && table.name == "delivery"
                              ? "received, source, digest, signature, rest, partial"
                              : fmt::format("{}", fmt::join(table.columns, ", "));
      mutations.push_back(
          {fmt::format("INSERT INTO {0} ({1}, {2}) SELECT (SELECT max({1}) + 1 FROM {0}), {2} FROM "
                       "{0} WHERE {3};",
                       table.name, table.key, copied, row),
           &table});
    }
    for (std::size_t i = 1; i < rows.size() && !table.key.empty(); ++i) {
      const auto number = [&](std::size_t at) { return rows[at].substr(rows[at].rfind('=') + 1); };
      mutations.push_back(
          {fmt::format("UPDATE {0} SET {1} = -9 WHERE {1} = {2}; UPDATE {0} SET {1} = {2} WHERE "
                       "{1} = {3}; UPDATE {0} SET {1} = {3} WHERE {1} = -9;",
                       table.name, table.key, number(i - 1), number(i)),
           &table});
    }
  }
  return mutations;
}

std::size_t wanted(std::size_t otherwise) {
  const char* given = std::getenv("SIGILO_MUTATIONS");  // NOLINT(concurrency-mt-unsafe)
  return given == nullptr ? otherwise : std::stoul(given);
}

/// Both verifiers' findings agree, there is one, and each is of the table that was changed.
void check(const SampleVault& sample, const fs::path& base,
           const std::vector<Mutation>& mutations) {
  std::vector<fs::path> exports;
  std::vector<Problems> first;
  for (const auto& mutation : mutations) {
    INFO(mutation.sql.substr(0, 400));
    const auto copy = copy_of(base, sample.scratch("copy"));
    damage(copy, mutation.sql);
    first.push_back(problems_of(verify(copy)));
    exports.push_back(export_plain(copy, sample.scratch(fmt::format("{}.db", exports.size()))));
    CHECK_FALSE(first.back().empty());
    for (const auto& [seq, name] : first.back()) {
      INFO(name);
      CHECK(mutation.table->findings.contains(name));
    }
  }
  const auto second = second_opinion(exports);
  for (std::size_t i = 0; i < mutations.size(); ++i) {
    INFO(mutations[i].sql.substr(0, 400));
    CHECK(shown(problems_of(second[i])) == shown(first[i]));
    fs::remove(exports[i]);
  }
}

}  // namespace

TEST_CASE("whatever is changed in a vault is found by both verifiers, and named as what it is") {
  const SampleVault sample;
  const auto base = copy_of(sample.directory(), sample.scratch("base"));
  // As the writer does when many events have come: no damage.
  damage(base,
         "INSERT INTO event_content SELECT sent, content, seq FROM event;"
         "INSERT INTO event_conversation SELECT seq >> 13, conversation, seq FROM event;"
         "INSERT INTO event_id SELECT seq >> 16, id, seq FROM event WHERE id <> 0;"
         "UPDATE event_indexed SET upto = 21;");
  REQUIRE(shown(problems_of(verify(base))).empty());
  const auto cells = cells_of(base);
  REQUIRE(cells.size() > 200);

  std::mt19937 random(20'261'125);  // always the same places
  auto mutations = row_mutations(cells);
  std::shuffle(mutations.begin(), mutations.end(), random);
  const std::size_t number = wanted(60);
  if (mutations.size() > number / 2) mutations.resize(number / 2);
  while (mutations.size() < number)
    mutations.push_back(turned(cells[random() % cells.size()], random));
  constexpr std::size_t at_once = 500;  // exports that lie on the disk together
  for (std::size_t i = 0; i < mutations.size(); i += at_once)
    check(
        sample, base,
        {mutations.begin() + static_cast<std::ptrdiff_t>(i),
         mutations.begin() + static_cast<std::ptrdiff_t>(std::min(mutations.size(), i + at_once))});
}

TEST_CASE("a bit turned anywhere in the vault's file is found") {
  const SampleVault sample;
  const auto size = fs::file_size(sample.directory() / "vault.db");
  std::mt19937 random(20'261'125);
  for (std::size_t i = 0; i < wanted(60); ++i) {
    const auto copy = copy_of(sample.directory(), sample.scratch("copy"));
    const auto place = static_cast<std::streamoff>(random() % size);
    std::fstream io(copy / "vault.db", std::ios::binary | std::ios::in | std::ios::out);
    io.seekg(place);
    const char flipped = static_cast<char>(io.get() ^ (1 << random() % 8));
    io.seekp(place);
    io.put(flipped);
    io.close();
    INFO("byte " << place);
    const auto report = evidence::verify(copy, vault_key(), {});
    if (!report) continue;  // it can't even be opened, and says so
    CHECK_FALSE(report->ok);
    CHECK(shown(problems_of(*report)).find("page-damaged") != std::string::npos);
  }
}
