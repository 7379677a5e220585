#include "roentgen/data/csv_rows.h"

#include <csv.h>
#include <fmt/format.h>

#include <array>
#include <exception>
#include <fstream>
#include <memory>
#include <utility>

#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/text_encoding.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

constexpr size_t kMaxRowBytes = size_t{16} << 20;

/// What libcsv's callbacks work on. They are C functions, so an exception is kept until it may fly.
struct Reading {
  const std::string& name;
  const std::function<void(size_t, std::vector<std::string>)>& row;
  size_t number = 1;
  size_t bytes = 0;
  std::vector<std::string> fields;
  std::exception_ptr error;

  [[noreturn]] void Fail(const std::string& problem, std::string hint = {}) const {
    throw Error(fmt::format("{}: row {}: {}", name, number, problem), std::move(hint));
  }

  void TakeField(std::string_view field) {
    if (number == 1 && fields.empty() && field.starts_with("\xef\xbb\xbf")) field.remove_prefix(3);
    bytes += field.size();
    if (bytes > kMaxRowBytes) Fail("more than 16 MB in one row", "A closing quote may be missing.");
    if (FindInvalidUtf8(field)) {
      ThrowNotUtf8(fmt::format("{}: row {}: field {}", name, number, fields.size() + 1), field);
    }
    fields.emplace_back(field);
  }

  void EndRow() {
    if (fields.size() > 1 || !fields[0].empty()) row(number, std::move(fields));
    fields.clear();
    bytes = 0;
    ++number;
  }

  template <class Action>
  void Guard(const Action& action) {
    if (error) return;
    try {
      action();
    } catch (...) {
      error = std::current_exception();
    }
  }
};

void OnField(void* text, size_t size, void* reading) {
  auto& self = *static_cast<Reading*>(reading);
  self.Guard([&] {
    self.TakeField(text == nullptr ? std::string_view()
                                   : std::string_view(static_cast<const char*>(text), size));
  });
}

void OnRow(int /*terminator*/, void* reading) {
  auto& self = *static_cast<Reading*>(reading);
  self.Guard([&] { self.EndRow(); });
}

}  // namespace

void ForEachCsvRow(const std::filesystem::path& file, char delimiter,
                   const std::function<void(size_t number, std::vector<std::string> fields)>& row) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) ThrowSystemError(file.string(), "open");
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
  const std::unique_ptr<csv_parser, void (*)(csv_parser*)> free_at_end(&parser, csv_free);
  csv_set_delim(&parser, static_cast<unsigned char>(delimiter));
  const std::string name = file.string();
  Reading reading{name, row, 1, 0, {}, nullptr};
  std::array<char, size_t{64} << 10> chunk;
  const auto check = [&](bool parsed) {
    if (reading.error) std::rethrow_exception(reading.error);
    if (!parsed)
      reading.Fail(csv_strerror(csv_error(&parser)), "Quotes inside a quoted field are doubled.");
  };
  bool at_start = true;
  do {
    stream.read(chunk.data(), chunk.size());
    if (stream.bad()) ThrowSystemError(name, "read");
    const auto size = static_cast<size_t>(stream.gcount());
    if (at_start && BeginsAsUtf16({chunk.data(), size})) ThrowUtf16(name);
    at_start = false;
    // A field without its end would be collected for ever: the parser's buffer tells its size.
    if (csv_get_buffer_size(&parser) > 2 * kMaxRowBytes)
      reading.Fail("more than 16 MB in one row", "A closing quote may be missing.");
    check(csv_parse(&parser, chunk.data(), size, OnField, OnRow, &reading) == size);
  } while (stream);
  check(csv_fini(&parser, OnField, OnRow, &reading) == 0);
}

}  // namespace roentgen
