#include "roentgen/imaging/dicom_terms.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace roentgen {
namespace {

// With the retired ones, which old files have.
constexpr std::string_view kModalities[] = {
    "ANN",      "AR",         "AS",      "ASMT",     "AU",     "BDUS",  "BI",       "BMD",
    "CD",       "CF",         "CFM",     "CP",       "CR",     "CS",    "CT",       "CTPROTOCOL",
    "DD",       "DF",         "DG",      "DM",       "DMS",    "DOC",   "DS",       "DX",
    "EC",       "ECG",        "EEG",     "EMG",      "EOG",    "EPS",   "ES",       "FA",
    "FID",      "FS",         "GM",      "HC",       "HD",     "IO",    "IOL",      "IVOCT",
    "IVUS",     "KER",        "KO",      "LEN",      "LP",     "LS",    "M3D",      "MA",
    "MG",       "MR",         "MS",      "NM",       "OAM",    "OCT",   "OP",       "OPM",
    "OPR",      "OPT",        "OPTBSV",  "OPTENF",   "OPV",    "OSS",   "OT",       "PA",
    "PLAN",     "POS",        "PR",      "PT",       "PX",     "REG",   "RESP",     "RF",
    "RG",       "RTDOSE",     "RTIMAGE", "RTINTENT", "RTPLAN", "RTRAD", "RTRECORD", "RTSEGANN",
    "RTSTRUCT", "RWV",        "SEG",     "SM",       "SMR",    "SR",    "SRF",      "ST",
    "STAIN",    "TEXTUREMAP", "TG",      "US",       "VA",     "VF",    "XA",       "XAPROTOCOL",
    "XC",
};

constexpr std::string_view kBodyParts[] = {
    "ABDOMEN",
    "ABDOMENPELVIS",
    "ADRENAL",
    "ANKLE",
    "ANUS",
    "AORTA",
    "APPENDIX",
    "ARM",
    "AXILLA",
    "BACK",
    "BILEDUCT",
    "BLADDER",
    "BRACHIALPLEXUS",
    "BRAIN",
    "BREAST",
    "BRONCHUS",
    "BUTTOCK",
    "CALCANEUS",
    "CALF",
    "CAROTID",
    "CEREBELLUM",
    "CERVIX",
    "CHEEK",
    "CHEST",
    "CHESTABDOMEN",
    "CHESTABDPELVIS",
    "CIRCLEOFWILLIS",
    "CLAVICLE",
    "COCCYX",
    "COLON",
    "CORNEA",
    "CORONARYARTERY",
    "CSPINE",
    "CTSPINE",
    "DUODENUM",
    "EAR",
    "ELBOW",
    "ESOPHAGUS",
    "EXTREMITY",
    "EYE",
    "EYELID",
    "FACE",
    "FEMUR",
    "FINGER",
    "FOOT",
    "FOREARM",
    "GALLBLADDER",
    "HAND",
    "HEAD",
    "HEADNECK",
    "HEART",
    "HIP",
    "HUMERUS",
    "IAC",
    "ILEUM",
    "ILIUM",
    "JAW",
    "JEJUNUM",
    "KIDNEY",
    "KNEE",
    "LARYNX",
    "LEG",
    "LIVER",
    "LSPINE",
    "LSSPINE",
    "LUNG",
    "MAXILLA",
    "MEDIASTINUM",
    "MOUTH",
    "NECK",
    "NECKCHEST",
    "NECKCHESTABDOMEN",
    "NECKCHESTABDPELV",
    "NOSE",
    "ORBIT",
    "OVARY",
    "PANCREAS",
    "PARATHYROID",
    "PAROTID",
    "PATELLA",
    "PELVIS",
    "PENIS",
    "PHARYNX",
    "PROSTATE",
    "RECTUM",
    "RIB",
    "SCALP",
    "SCAPULA",
    "SCLERA",
    "SCROTUM",
    "SHOULDER",
    "SIJOINT",
    "SKULL",
    "SPINE",
    "SPLEEN",
    "SSPINE",
    "STERNUM",
    "STOMACH",
    "SUBMANDIBULAR",
    "TESTIS",
    "THIGH",
    "THUMB",
    "THYMUS",
    "THYROID",
    "TLSPINE",
    "TMJ",
    "TOE",
    "TONGUE",
    "TRACHEA",
    "TSPINE",
    "URETER",
    "URETHRA",
    "UTERUS",
    "VAGINA",
    "VULVA",
    "WHOLEBODY",
    "WRIST",
    "ZYGOMA",
};

// With the retired ones.
constexpr std::string_view kPhotometrics[] = {
    "MONOCHROME1",
    "MONOCHROME2",
    "PALETTE COLOR",
    "RGB",
    "HSV",
    "ARGB",
    "CMYK",
    "YBR_FULL",
    "YBR_FULL_422",
    "YBR_PARTIAL_422",
    "YBR_PARTIAL_420",
    "YBR_ICT",
    "YBR_RCT",
    "XYB",
};

char UpperOf(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

template <size_t N>
std::string TermOf(const std::string_view (&terms)[N], std::string_view written) {
  const auto same = [&](std::string_view term) {
    return std::equal(term.begin(), term.end(), written.begin(), written.end(),
                      [](char a, char b) { return a == UpperOf(b); });
  };
  const auto* const found = std::find_if(std::begin(terms), std::end(terms), same);
  return found == std::end(terms) ? "" : std::string(*found);
}

}  // namespace

std::string DicomModality(std::string_view written) {
  return TermOf(kModalities, written);
}

std::string DicomBodyPart(std::string_view written) {
  return TermOf(kBodyParts, written);
}

std::string DescribePhotometric(std::string_view written) {
  if (written.empty()) return "no Photometric Interpretation";
  const auto* const term = std::find(std::begin(kPhotometrics), std::end(kPhotometrics), written);
  if (term == std::end(kPhotometrics)) return "an unknown Photometric Interpretation";
  return "Photometric Interpretation " + std::string(*term);
}

std::string DicomDate(std::string_view written) {
  std::string digits(written);
  if (digits.size() == 10 && digits[4] == '.' && digits[7] == '.') {  // of ACR-NEMA
    digits.erase(7, 1).erase(4, 1);
  }
  // Of the first radiographs, and one that no study of this program's time has: what programs write
  // that know no day (0001-01-01, 9999-12-31) lies outside.
  constexpr std::chrono::year kFirst(1895), kLast(2199);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (digits.size() != 8 || !std::all_of(digits.begin(), digits.end(), is_digit)) return "";
  const int number = std::stoi(digits);
  const std::chrono::year_month_day day{
      std::chrono::year(number / 10000),
      std::chrono::month(static_cast<unsigned>(number / 100 % 100)),
      std::chrono::day(static_cast<unsigned>(number % 100))};
  if (!day.ok() || day.year() < kFirst || day.year() > kLast) return "";
  return digits.substr(0, 4) + "-" + digits.substr(4, 2) + "-" + digits.substr(6);
}

}  // namespace roentgen
