// SPDX-License-Identifier: Apache-2.0
#include "archive/zip_structure.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "archive/entry_name.hpp"

namespace sigilo::archive {
namespace {

constexpr std::uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50, end64_signature = 0x06064b50;
constexpr std::uint32_t locator64_signature = 0x07064b50, descriptor_signature = 0x08074b50;
constexpr std::size_t local_size = 30, central_size = 46, end_size = 22;
constexpr std::size_t end64_size = 56, locator64_size = 20;
constexpr std::uint16_t encrypted = 0x0001, has_descriptor = 0x0008, patched = 0x0020;
constexpr std::uint16_t strongly_encrypted = 0x0040, masked = 0x2000, utf8_name = 0x0800;
constexpr std::uint16_t zip64_field = 0x0001;
/// An Info-ZIP field that gives another name to programs that know it.
constexpr std::uint16_t unicode_path_field = 0x7075;
/// Of the directory: 200,000 entries with names of 200 bytes and their fields.
constexpr std::uint64_t most_directory_bytes = std::uint64_t{80} << 20;

tl::unexpected<Error> corrupt(std::string why) {
  return fail(ErrorCode::corrupt, "the archive " + std::move(why),
              "ask for the file again; do not trust what a part of it says");
}
tl::unexpected<Error> refused(std::string why) {
  return fail(ErrorCode::invalid_input, "the archive " + std::move(why));
}

/// Numbers are little-endian.
std::uint64_t number(BytesView bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}
std::uint16_t u16(BytesView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(number(bytes, at, 2));
}
std::uint32_t u32(BytesView bytes, std::size_t at) {
  return static_cast<std::uint32_t>(number(bytes, at, 4));
}

struct Directory {
  std::uint64_t entries = 0, size = 0, offset = 0;
};

/// One entry as the directory or a local header tells it.
struct Told {
  ZipEntry entry;
  std::uint16_t flags = 0, method = 0;
  bool zip64 = false;
};

/// Replaces what stands as "see ZIP64" by the values of the extra field. Sizes come before the
/// offset, and only those that are asked for.
Result<> read_extra(BytesView extra, Told& told, bool local, std::uint64_t* offset) {
  bool found = false;
  for (std::size_t at = 0; at < extra.size();) {
    if (extra.size() - at < 4) return corrupt("has a broken extra field");
    const auto id = u16(extra, at);
    const std::size_t size = u16(extra, at + 2);
    if (size > extra.size() - at - 4) return corrupt("has a broken extra field");
    const auto field = extra.subspan(at + 4, size);
    at += 4 + size;
    if (id == unicode_path_field) return refused("gives an entry two names");
    if (id != zip64_field) continue;
    if (std::exchange(found, true)) return corrupt("has two ZIP64 fields for one entry");
    std::size_t next = 0;
    bool complete = true;
    const auto take = [&](std::uint64_t& value) {
      if (value != 0xFFFFFFFF) return;
      complete = complete && field.size() - next >= 8;
      if (!complete) return;
      value = number(field, next, 8);
      next += 8;
    };
    take(told.entry.size);
    take(told.entry.packed_size);
    if (offset != nullptr) take(*offset);
    if (!complete) return corrupt("has a ZIP64 field that is too short");
    told.zip64 = true;
  }
  // Without the field the number itself would be meant; programs differ.
  if (!local && !found &&
      (told.entry.size == 0xFFFFFFFF || told.entry.packed_size == 0xFFFFFFFF ||
       *offset == 0xFFFFFFFF))
    return corrupt("lacks a ZIP64 field");
  return {};
}

class Structure {
 public:
  Structure(const ReadAt& read_at, std::uint64_t size, const Limits& limits)
      : read_at_(read_at), size_(size), limits_(limits) {}

  Result<std::vector<ZipEntry>> read() {
    SIGILO_TRY(const auto directory, find_directory());
    if (directory.entries > limits_.entries)
      return refused(fmt::format("has more than {} entries", limits_.entries));
    if (directory.size > most_directory_bytes) return refused("has too large a directory");
    SIGILO_TRY(const auto bytes, piece(directory.offset, directory.size));
    std::vector<Told> entries;
    for (std::size_t at = 0; at < bytes.size();) {
      if (entries.size() == directory.entries) return corrupt("has more entries than it counts");
      SIGILO_TRY(auto told, read_central(bytes, at));
      entries.push_back(std::move(told));
    }
    if (entries.size() != directory.entries) return corrupt("has fewer entries than it counts");
    SIGILO_TRY_DO(check_content(entries, directory.offset));
    return files(entries);
  }

 private:
  Result<Bytes> piece(std::uint64_t offset, std::uint64_t size) {
    if (offset > size_ || size > size_ - offset)
      return corrupt("is cut off, or points out of itself");
    Bytes bytes(size);
    SIGILO_TRY_DO(read_at_(offset, bytes));
    return bytes;
  }

  Result<Directory> find_directory() {
    if (size_ < end_size) return corrupt("is too short to be one");
    const std::uint64_t end = size_ - end_size;
    SIGILO_TRY(const auto bytes, piece(end, end_size));
    if (u32(bytes, 0) != end_signature || u16(bytes, 20) != 0)
      return corrupt("does not end as one (cut off, or something was appended)");
    Directory found{u16(bytes, 10), u32(bytes, 12), u32(bytes, 16)};
    if (u16(bytes, 4) != 0 || u16(bytes, 6) != 0 || u16(bytes, 8) != u16(bytes, 10))
      return refused("is a part of several");
    std::uint64_t after = end;
    if (end >= locator64_size + end64_size) {
      SIGILO_TRY(const auto locator, piece(end - locator64_size, locator64_size));
      if (u32(locator, 0) == locator64_signature) {
        after = number(locator, 8, 8);
        SIGILO_TRY(found, read_end64(after, end - locator64_size, found));
      }
    }
    if (found.offset > after || found.size != after - found.offset)
      return corrupt("has a directory elsewhere than it says");
    return found;
  }

  Result<Directory> read_end64(std::uint64_t at, std::uint64_t end, const Directory& short_form) {
    if (at > end || end - at != end64_size) return corrupt("has a ZIP64 end that is out of place");
    SIGILO_TRY(const auto bytes, piece(at, end64_size));
    if (u32(bytes, 0) != end64_signature || number(bytes, 4, 8) != end64_size - 12)
      return corrupt("has a broken ZIP64 end");
    if (u32(bytes, 16) != 0 || u32(bytes, 20) != 0 || number(bytes, 24, 8) != number(bytes, 32, 8))
      return refused("is a part of several");
    const Directory found{number(bytes, 32, 8), number(bytes, 40, 8), number(bytes, 48, 8)};
    const auto agrees = [](std::uint64_t small, std::uint64_t large, std::uint64_t see_other) {
      return small == see_other || small == large;
    };
    if (!agrees(short_form.entries, found.entries, 0xFFFF) ||
        !agrees(short_form.size, found.size, 0xFFFFFFFF) ||
        !agrees(short_form.offset, found.offset, 0xFFFFFFFF))
      return corrupt("has two ends that disagree");
    return found;
  }

  Result<Told> read_central(BytesView bytes, std::size_t& at) {
    if (bytes.size() - at < central_size || u32(bytes, at) != central_signature)
      return corrupt("has a broken directory");
    const auto head = bytes.subspan(at, central_size);
    const std::size_t name = u16(head, 28);
    const std::size_t extra = u16(head, 30);
    const std::size_t comment = u16(head, 32);
    if (bytes.size() - at - central_size < name + extra + comment)
      return corrupt("has a broken directory");
    if (comment != 0) return refused("has a comment on an entry");
    if (u16(head, 34) != 0) return refused("is a part of several");
    Told told;
    told.flags = u16(head, 8);
    told.method = u16(head, 10);
    told.entry = {std::string(as_text(bytes.subspan(at + central_size, name))),
                  u32(head, 24),
                  u32(head, 20),
                  u32(head, 16),
                  told.method == 8,
                  u32(head, 42)};
    SIGILO_TRY_DO(read_extra(bytes.subspan(at + central_size + name, extra), told, false,
                             &told.entry.offset));
    at += central_size + name + extra;
    SIGILO_TRY_DO(check_kind(told, u16(head, 4) >> 8, u32(head, 38)));
    SIGILO_TRY_DO(check_size(told.entry));
    return told;
  }

  static Result<> check_kind(const Told& told, int host, std::uint32_t attributes) {
    if ((told.flags & (encrypted | strongly_encrypted | masked)) != 0)
      return refused("has an encrypted entry");
    if ((told.flags & patched) != 0) return refused("holds a patch instead of a file");
    if (told.method != 0 && told.method != 8)
      return refused(
          fmt::format("uses packing method {}; only stored and deflated are read", told.method));
    if (told.method == 0 && told.entry.size != told.entry.packed_size)
      return corrupt("has a stored entry of two sizes");
    // Unix and macOS put the file's mode into the upper half.
    constexpr int unix_host = 3, mac_host = 19;
    const std::uint32_t type = (attributes >> 16) & 0170000;
    const bool directory = told.entry.name.ends_with('/');
    if ((host == unix_host || host == mac_host) && type != 0 &&
        type != (directory ? 0040000U : 0100000U))
      return refused("has a link or another special file");
    if (directory && told.entry.size != 0) return refused("has a directory with content");
    const bool ascii = std::all_of(told.entry.name.begin(), told.entry.name.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii && (told.flags & utf8_name) == 0)
      return refused("has a name that does not say in which alphabet it is");
    return {};
  }

  Result<> check_size(const ZipEntry& entry) {
    if (entry.size > limits_.entry_bytes)
      return refused(fmt::format("has a file of more than {} bytes", limits_.entry_bytes));
    total_ += entry.size;  // 200,000 times 4 GiB does not overflow
    if (total_ > limits_.total_bytes)
      return refused(fmt::format("unpacks to more than {} bytes", limits_.total_bytes));
    if (entry.size > limits_.ratio_from && entry.size / limits_.ratio > entry.packed_size)
      return refused(
          fmt::format("has a file that unpacks to more than {} times its size", limits_.ratio));
    return {};
  }

  /// From the first byte to the directory: one entry after the other, and nothing else.
  Result<> check_content(std::vector<Told>& entries, std::uint64_t end) {
    std::sort(entries.begin(), entries.end(),
              [](const Told& a, const Told& b) { return a.entry.offset < b.entry.offset; });
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].entry.offset != at)
        return corrupt("has bytes that belong to no entry, or entries that overlap");
      const std::uint64_t next = i + 1 < entries.size() ? entries[i + 1].entry.offset : end;
      SIGILO_TRY_DO(check_local(entries[i], next));
      at = next;
    }
    if (at != end) return corrupt("has bytes that belong to no entry");
    return {};
  }

  Result<> check_local(const Told& told, std::uint64_t next) {
    const auto& entry = told.entry;
    SIGILO_TRY(const auto head, piece(entry.offset, local_size));
    if (u32(head, 0) != local_signature)
      return corrupt("has an entry where it says there is one not");
    const std::size_t name = u16(head, 26);
    const std::size_t extra = u16(head, 28);
    SIGILO_TRY(const auto rest, piece(entry.offset + local_size, name + extra));
    Told local;
    local.flags = u16(head, 6);
    local.method = u16(head, 8);
    local.entry.crc = u32(head, 14);
    local.entry.packed_size = u32(head, 18);
    local.entry.size = u32(head, 22);
    SIGILO_TRY_DO(read_extra(BytesView(rest).subspan(name), local, true, nullptr));
    const bool later = (local.flags & has_descriptor) != 0;
    const auto same = [&](std::uint64_t here, std::uint64_t there) {
      return here == there || (later && here == 0);
    };
    if (as_text(BytesView(rest).first(name)) != entry.name || local.flags != told.flags ||
        local.method != told.method || !same(local.entry.crc, entry.crc) ||
        !same(local.entry.size, entry.size) || !same(local.entry.packed_size, entry.packed_size))
      return corrupt("says two things of one entry");
    const std::uint64_t data = entry.offset + local_size + name + extra;
    if (data > next || entry.packed_size > next - data) return corrupt("has entries that overlap");
    return check_descriptor(entry, later, data + entry.packed_size, next);
  }

  Result<> check_descriptor(const ZipEntry& entry, bool expected, std::uint64_t at,
                            std::uint64_t next) {
    const std::uint64_t size = next - at;
    if (!expected) return size == 0 ? Result<>() : corrupt("has bytes that belong to no entry");
    if (size != 12 && size != 16 && size != 20 && size != 24)
      return corrupt("has bytes that belong to no entry");
    SIGILO_TRY(const auto bytes, piece(at, size));
    const bool is_signed = size % 8 == 0;
    const std::size_t begin = is_signed ? 4 : 0;
    const std::size_t width = size >= 20 ? 8 : 4;
    if ((is_signed && u32(bytes, 0) != descriptor_signature) || u32(bytes, begin) != entry.crc ||
        number(bytes, begin + 4, width) != entry.packed_size ||
        number(bytes, begin + 4 + width, width) != entry.size)
      return corrupt("says two things of one entry");
    return {};
  }

  static Result<std::vector<ZipEntry>> files(std::vector<Told>& entries) {
    Names names;
    std::vector<ZipEntry> found;
    for (auto& told : entries) {
      auto& name = told.entry.name;
      if (name.ends_with('/')) {
        SIGILO_TRY_DO(check_name(std::string_view(name).substr(0, name.size() - 1)));
        continue;
      }
      SIGILO_TRY_DO(names.add(name));
      found.push_back(std::move(told.entry));
    }
    return found;
  }

  const ReadAt& read_at_;
  std::uint64_t size_;
  const Limits& limits_;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<std::vector<ZipEntry>> read_structure(const ReadAt& read_at, std::uint64_t file_size,
                                             const Limits& limits) {
  return Structure(read_at, file_size, limits).read();
}

}  // namespace sigilo::archive
