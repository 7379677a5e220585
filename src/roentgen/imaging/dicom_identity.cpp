#include "roentgen/imaging/dicom_identity.h"

#include "roentgen/base/error.h"
#include "roentgen/base/hash.h"
#include "roentgen/imaging/dicom_dataset.h"

namespace roentgen {

DicomIdentity HashDicomIdentity(std::span<const uint8_t> bytes) {
  DicomIdentity identity;
  if (!LooksLikeDicom(bytes)) return identity;
  try {
    const DicomFile file = ReadDicom(bytes, 0, DicomExtent::kHeader);
    const std::string id = file.dataset.Text(dicom_tag::kPatientId);
    const std::string issuer = file.dataset.Text(dicom_tag::kIssuerOfPatientId);
    const std::string patient = id.empty() ? file.dataset.Text(dicom_tag::kPatientName) : id;
    const std::string study = file.dataset.Text(dicom_tag::kStudyInstance);
    if (!patient.empty()) identity.patient = Sha256Hex(patient + '\n' + issuer);
    if (!study.empty()) identity.study = Sha256Hex(study);
  } catch (const Error&) {  // what is wrong with the file is said when its picture is read
  }
  return identity;
}

}  // namespace roentgen
