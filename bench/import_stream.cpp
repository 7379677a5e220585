// Imports a ShareGPT file far larger than memory should be: import_stream [MEGABYTES [ROW_BYTES]].
// Writes such a file with 100 pictures into a temporary folder, imports it with all default rules,
// statistics and report, and prints how fast that went and how much memory it took at most.

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "roentgen/base/error.h"
#include "roentgen/base/machine_memory.h"
#include "roentgen/base/output.h"
#include "roentgen/base/random.h"
#include "roentgen/data/import.h"
#include "roentgen/imaging/encode_png.h"

namespace roentgen {
namespace {

namespace fs = std::filesystem;

constexpr int kImages = 100;
constexpr int kSide = 128;

/// Noise of its own for every picture, so that none is another's duplicate.
void WriteImages(const fs::path& folder) {
  Random random(1);
  fs::create_directories(folder / "images");
  for (int i = 0; i < kImages; ++i) {
    std::vector<uint8_t> grey(size_t{kSide} * kSide);
    for (uint8_t& pixel : grey) pixel = static_cast<uint8_t>(random.NextBits());
    WriteFile(folder / fmt::format("images/{}.png", i), EncodePng(grey, {kSide, kSide}));
  }
}

/// Rows of about row_bytes until the file has so many bytes; returns their number.
size_t WriteRows(const fs::path& file, size_t bytes, size_t row_bytes) {
  const std::string sentence =
      "The heart is of normal size, the lungs are clear, and no pleural effusion is seen. ";
  constexpr size_t kFrameBytes = 180;
  std::string report;
  do {
    report += sentence;
  } while (report.size() + kFrameBytes < row_bytes);
  report.pop_back();  // a blank at the end would have to be mended
  std::ofstream stream(file, std::ios::binary);
  size_t rows = 0;
  for (size_t written = 0; written < bytes; ++rows) {
    const std::string row = fmt::format(
        R"({}{{"messages": [{{"role": "user", "content": "<image>Describe finding {}."}}, )"
        R"({{"role": "assistant", "content": "{}"}}], "images": ["images/{}.png"], )"
        R"("id": "row-{}", "modality": "X-Ray"}})",
        rows == 0 ? "[" : ",\n", rows, report, rows % kImages, rows);
    stream << row;
    written += row.size();
  }
  stream << "]\n";
  stream.close();
  if (!stream) throw Error(file.string() + ": cannot be written");
  return rows;
}

double PeakMegabytes() {
  return static_cast<double>(PeakMemory()) / (1 << 20);
}

void Run(const fs::path& folder, size_t megabytes, size_t row_bytes) {
  WriteImages(folder);
  const size_t rows = WriteRows(folder / "set.json", megabytes << 20, row_bytes);
  const double before = PeakMegabytes();
  ThreadPool pool(PhysicalCores());
  ImportOptions options;
  options.output = OutputOptions{folder / "out", "set", false, false};
  const auto start = std::chrono::steady_clock::now();
  const ImportSummary summary = Import(*OpenShareGpt(folder / "set.json"), options, pool);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (summary.rows != rows || summary.kept != rows) throw Error("rows were lost");
  std::cout << fmt::format(
      "{} MB in {} rows: {:.1f} s, {:.0f} MB/s; peak memory {:.0f} MB ({:.0f} MB before)\n",
      megabytes, rows, seconds.count(), static_cast<double>(megabytes) / seconds.count(),
      PeakMegabytes(), before);
}

}  // namespace
}  // namespace roentgen

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "import_stream.XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    std::cerr << "import_stream: no temporary folder\n";
    return 1;
  }
  int status = 0;
  try {
    const size_t megabytes = argc > 1 ? std::stoul(argv[1]) : 1024;
    const size_t row_bytes = argc > 2 ? std::stoul(argv[2]) : 1000;
    roentgen::Run(name, megabytes, row_bytes);
  } catch (const std::exception& error) {
    std::cerr << "import_stream: " << error.what() << "\n";
    status = 1;
  }
  std::error_code ignored;
  fs::remove_all(name, ignored);
  return status;
}
