// Bytes as a file of JSON rows, and as a dataset that the ShareGPT and Alpaca readers take.
//
// The first byte of the input says what the rest stands for: 0 a file of rows, 1 a ShareGPT file, 2
// an Alpaca file, 3 dataset_info.json of a folder with a sound file beside it, 4 VQA-RAD's file, 5
// SLAKE's, 6 SLAKE's boxes, 7 what an import left about a dataset.

#include <cstdlib>
#include <sstream>
#include <string>

#include "process_folder.h"
#include "roentgen/base/error.h"
#include "roentgen/base/json_rows.h"
#include "roentgen/data/dataset_manifest.h"
#include "roentgen/data/mend.h"
#include "roentgen/data/sample_json.h"
#include "roentgen/data/sample_source.h"
#include "roentgen/text/utf8.h"

namespace {

const ProcessFolder& Folder() {
  static const ProcessFolder folder("json_rows_fuzz");
  return folder;
}

constexpr const char* kSlakeRow =
    R"([{"img_id": 1, "img_name": "x/source.jpg", "question": "Is it?", "answer": "No", "q_lang": "en",
        "location": "Lung", "modality": "X-Ray", "answer_type": "CLOSED", "base_type": "vqa",
        "content_type": "Organ", "triple": ["vhead", "_", "_"], "qid": 1}])";

void Require(bool holds) {
  if (!holds) std::abort();
}

void TryRows(const std::string& text) {
  const roentgen::JsonRowLimits limits{.values = 200, .text_bytes = 500, .depth = 16};
  std::istringstream stream(text);
  size_t last = 0;
  roentgen::ForEachJsonRow(
      stream, "fuzz",
      [&](const roentgen::JsonRow& row) {
        Require(row.number > last);
        last = row.number;
        Require(!row.oversized || row.value.is_null());
        row.value.dump();  // throws for what is not UTF-8
      },
      limits);
}

/// What a reader gives can be judged, mended and written.
void TrySource(const roentgen::SampleSource& source) {
  source.ForEach([](roentgen::SourceSample read) {
    Require(read.sample.source.row > 0);
    Require(read.flaw || read.sample.turns.size() % 2 == 0);
    for (const roentgen::Turn& turn : read.sample.turns) {
      Require(!roentgen::FindInvalidUtf8(turn.text));
    }
    roentgen::FindUnusable(read);
    std::vector<roentgen::CleaningFinding> findings;
    roentgen::Mend({}, {{}, {}, {}, {}}, read, findings);
    Require(roentgen::Json::accept(roentgen::SampleToJson(read.sample)));
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 8) {
      case 0:
        TryRows(text);
        break;
      case 1:
        TrySource(*roentgen::OpenShareGpt(Folder().Put("sharegpt.json", text)));
        break;
      case 2:
        TrySource(*roentgen::OpenAlpaca(Folder().Put("alpaca.json", text)));
        break;
      case 4:
        Folder().Put("rad/VQA_RAD Dataset Public.json", text);
        TrySource(*roentgen::OpenVqaRad(Folder().path() / "rad"));
        break;
      case 5:
        Folder().Put("slake/train.json", text);
        TrySource(*roentgen::OpenSlake(Folder().path() / "slake"));
        break;
      case 6:
        Folder().Put("boxes/train.json", kSlakeRow);
        Folder().Put("boxes/imgs/x/detection.json", text);
        TrySource(*roentgen::OpenSlake(Folder().path() / "boxes"));
        break;
      case 7:
        Folder().Put("out/.roentgen-manifest-d.json", text);
        roentgen::ReadManifests(Folder().path() / "out");
        roentgen::ImageFoldersOfImport(Folder().path() / "out",
                                       Folder().path() / "out/d_train.json");
        break;
      default:
        Folder().Put("sound.json", R"([{"instruction": "a", "output": "b", "x": ["c"]}])");
        Folder().Put("dataset_info.json", text);
        TrySource(*roentgen::OpenLlamaFactory(Folder().path(), {}));
    }
  } catch (const roentgen::Error&) {
    // Refused, as broken files should be.
  }
  return 0;
}
