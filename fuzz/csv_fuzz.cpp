// Bytes as a CSV file, by itself and as a table beside its images.

#include <cstdlib>
#include <string>

#include "process_folder.h"
#include "roentgen/base/error.h"
#include "roentgen/data/csv_rows.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/text/utf8.h"

namespace {

const ProcessFolder& Folder() {
  static const ProcessFolder folder("csv_fuzz");
  return folder;
}

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::filesystem::path file =
      Folder().Put("table.csv", std::string(reinterpret_cast<const char*>(data), size));
  try {
    size_t last = 0;
    const roentgen::CsvForm form{"UTF-8", '#', false};
    roentgen::ForEachCsvRow(file, form, [&](size_t number, const auto& fields) {
      Require(number > last && !fields.empty());
      last = number;
      for (const std::string& field : fields) Require(!roentgen::FindInvalidUtf8(field));
    });
  } catch (const roentgen::Error&) {
  }
  try {
    roentgen::OpenCsv(file)->ForEach([](const roentgen::SourceSample& read) {
      if (read.flaw) return;  // such a row is only told
      for (const std::string& image : read.sample.images) {
        Require(image.starts_with(Folder().path().string()));  // never elsewhere
      }
      Require(read.sample.turns.size() == 2);
    });
  } catch (const roentgen::Error&) {
  }
  return 0;
}
