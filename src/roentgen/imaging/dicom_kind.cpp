#include "roentgen/imaging/dicom_kind.h"

#include <algorithm>
#include <array>

namespace roentgen {
namespace {

struct Kind {
  std::string_view uid;  // one that ends in a dot stands for all that begin so
  std::string_view name;
};

// The root of all storage classes.
constexpr std::string_view kStorage = "1.2.840.10008.5.1.4.1.1.";

// Those before others that begin alike.
constexpr std::array kStorageKinds = {
    Kind{"4.2", "an MR spectrum"},
    Kind{"9.", "a waveform, as of an ECG"},
    Kind{"11.", "a presentation state: how other images are to be shown"},
    Kind{"66", "raw data of a scanner"},
    Kind{"66.1", "a spatial registration"},
    Kind{"66.2", "spatial fiducials"},
    Kind{"66.3", "a deformable registration"},
    Kind{"66.5", "a surface segmentation"},
    Kind{"66.6", "fibre tracks"},
    Kind{"67", "a mapping to real-world values"},
    Kind{"68.", "a surface mesh"},
    Kind{"70.", "an implant template"},
    Kind{"71.", "an implant template"},
    Kind{"72.", "an implant template"},
    Kind{"78.", "measurements of an eye"},
    Kind{"79.", "measurements of an eye"},
    Kind{"80.", "measurements of a visual field"},
    Kind{"88.", "a structured report"},
    Kind{"90.", "an assessment of other objects"},
    Kind{"104.1", "an encapsulated PDF document"},
    Kind{"104.2", "an encapsulated CDA document"},
    Kind{"104.", "an encapsulated document or model"},
    Kind{"200.", "a protocol of a scanner"},
    Kind{"481.3", "an RT structure set"},
    Kind{"481.5", "an RT plan"},
    Kind{"481.8", "an RT ion plan"},
    Kind{"481.4", "an RT treatment record"},
    Kind{"481.6", "an RT treatment record"},
    Kind{"481.7", "an RT treatment record"},
    Kind{"481.9", "an RT treatment record"},
};

constexpr std::array kOtherKinds = {
    Kind{kDicomDirectory, "a DICOMDIR, the index of a folder of DICOM files"},
    Kind{"1.2.840.10008.5.1.4.38.", "a hanging protocol"},
    Kind{"1.2.840.10008.5.1.4.39.", "a colour palette"},
    Kind{"1.2.840.10008.5.1.4.43.", "an implant template"},
    Kind{"1.2.840.10008.5.1.4.44.", "an implant template"},
    Kind{"1.2.840.10008.5.1.4.45.", "an implant template"},
    Kind{"1.2.840.10008.3.1.2.3.", "a record of a performed procedure"},
    Kind{"1.3.12.2.1107.5.9.1", "Siemens' own data without an image (CSA Non-Image)"},
};

template <class Kinds>
std::string NameOf(const Kinds& kinds, std::string_view uid) {
  const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) {
    return kind.uid.ends_with('.') ? uid.starts_with(kind.uid) : uid == kind.uid;
  });
  return found == kinds.end() ? std::string() : std::string(found->name);
}

}  // namespace

std::string DescribeNonImage(std::string_view sop_class) {
  if (!sop_class.starts_with(kStorage)) return NameOf(kOtherKinds, sop_class);
  return NameOf(kStorageKinds, sop_class.substr(kStorage.size()));
}

}  // namespace roentgen
