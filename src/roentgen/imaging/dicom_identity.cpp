#include "roentgen/imaging/dicom_identity.h"

#include <algorithm>

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/dicom_dataset.h"

namespace roentgen {
namespace {

/// A name as it may be written in another export: in small letters, of its scripts the first one
/// that is there, without the components at its end that are empty.
std::string FoldName(std::string name) {
  const size_t begin = std::min(name.find_first_not_of('='), name.size());
  name = name.substr(begin, name.find('=', begin) - begin);
  name.erase(name.find_last_not_of("^ ") + 1);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

std::string HashOrEmpty(const std::string& text) {
  return text.empty() ? "" : Sha256Hex(text);
}

bool Contradict(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

bool Agree(const std::string& a, const std::string& b) {
  return !a.empty() && a == b;
}

}  // namespace

bool AreDifferentPatients(const DicomIdentity& a, const DicomIdentity& b) {
  if (Contradict(a.id, b.id) || Contradict(a.name, b.name) ||
      Contradict(a.birth_date, b.birth_date) || Contradict(a.sex, b.sex)) {
    return true;
  }
  return Contradict(a.patient, b.patient) && !Agree(a.id, b.id) && !Agree(a.name, b.name);
}

DicomIdentity HashDicomIdentity(std::span<const uint8_t> bytes) {
  DicomIdentity identity;
  if (!LooksLikeDicom(bytes)) return identity;
  try {
    const DicomFile file = ReadDicom(bytes, 0, DicomExtent::kHeader);
    const std::string id = file.dataset.Text(dicom_tag::kPatientId);
    const std::string issuer = file.dataset.Text(dicom_tag::kIssuerOfPatientId);
    const std::string name = file.dataset.Text(dicom_tag::kPatientName);
    const std::string sex = file.dataset.Text(dicom_tag::kPatientSex);
    const std::string& patient = id.empty() ? name : id;
    const std::string study = file.dataset.Text(dicom_tag::kStudyInstance);
    if (!patient.empty()) identity.patient = Sha256Hex(patient + '\n' + issuer);
    identity.study = HashOrEmpty(study);
    if (!id.empty()) identity.id = identity.patient;
    identity.name = HashOrEmpty(FoldName(name));
    identity.birth_date = HashOrEmpty(file.dataset.Text(dicom_tag::kPatientBirthDate));
    if (sex == "M" || sex == "F") identity.sex = Sha256Hex(sex);
  } catch (const Error&) {  // what is wrong with the file is said when its picture is read
  }
  return identity;
}

}  // namespace roentgen
