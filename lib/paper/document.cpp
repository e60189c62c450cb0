// SPDX-License-Identifier: Apache-2.0
#include "paper/document.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/new_file.hpp"
#include "paper/sheets_impl.hpp"

namespace sigilo::paper {

/// Runs the contents over one set of sheets. A friend of Document, for its constructor.
class Press {
 public:
  static Result<std::size_t> run(const Options& options, Typesetter& typesetter, const Sink* sink,
                                 std::size_t total, const Contents& contents) {
    std::unique_lock lock(press_lock());
    // Destroyed under the lock too, whichever way this function is left.
    struct Held {
      std::unique_lock<std::mutex>& lock;
      std::unique_ptr<Sheets> sheets;
      ~Held() {
        if (!lock.owns_lock()) lock.lock();
        sheets.reset();
      }
    } held{lock, std::make_unique<Sheets>(options, typesetter, sink, total)};
    Document document(*held.sheets);
    lock.unlock();
    SIGILO_TRY_DO(contents(document));
    lock.lock();
    SIGILO_TRY_DO(held.sheets->finish());
    return held.sheets->pages();
  }
};

namespace {

/// Pango's objects are released under the lock as they are made under it.
class HeldTypesetter {
 public:
  static Result<HeldTypesetter> create(Language language) {
    std::unique_lock lock(press_lock());
    auto typesetter = Typesetter::create(language);
    lock.unlock();
    if (!typesetter) return pass_on(std::move(typesetter));
    return HeldTypesetter(std::move(*typesetter));
  }
  HeldTypesetter(HeldTypesetter&&) = default;
  HeldTypesetter& operator=(HeldTypesetter&&) = delete;
  ~HeldTypesetter() {
    if (!typesetter_) return;
    const std::lock_guard lock(press_lock());
    typesetter_.reset();
  }
  Typesetter& operator*() const { return *typesetter_; }

 private:
  explicit HeldTypesetter(std::unique_ptr<Typesetter> typesetter)
      : typesetter_(std::move(typesetter)) {}
  std::unique_ptr<Typesetter> typesetter_;
};

}  // namespace

Result<Written> write_document(const Options& options, const Sink& sink, const Contents& contents) {
  SIGILO_TRY(const auto typesetter, HeldTypesetter::create(options.language));
  std::size_t total = 0;
  if (options.numbering == Numbering::page_of_all) {
    SIGILO_TRY(total, Press::run(options, *typesetter, nullptr, 0, contents));
  }
  Written written;
  SIGILO_TRY(written.pages, Press::run(options, *typesetter, &sink, total, contents));
  if (total != 0 && written.pages != total)
    return fail(ErrorCode::invalid_input,
                fmt::format("a document had {} pages when they were counted and {} when they were "
                            "written",
                            total, written.pages),
                "give the same contents both times, from one snapshot");
  written.missing_glyphs = (*typesetter).missing_glyphs();
  return written;
}

Result<Written> write_document(const Options& options, const std::filesystem::path& file,
                               const Contents& contents) {
  SIGILO_TRY(auto output, NewFile::create(file));
  SIGILO_TRY(const auto written,
             write_document(
                 options, [&output](BytesView bytes) { return output.write(bytes); }, contents));
  SIGILO_TRY_DO(output.finish());
  return written;
}

}  // namespace sigilo::paper
