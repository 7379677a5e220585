#include "study_desk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "roentgen/text/printable.h"
#include "terminal.h"

namespace roentgen::app {
namespace {

bool NamesSomebody(const DicomIdentity& identity) {
  return !(identity.patient + identity.id + identity.name + identity.birth_date + identity.sex)
              .empty();
}

std::string NameFor(const std::filesystem::path& path) {
  const std::filesystem::path name =
      path.has_filename() ? path.filename() : path.parent_path().filename();
  return name.empty() ? "(an image)" : OneLine(name.string());
}

std::string IndicationOf(const Transcript& transcript, size_t study) {
  return study <= transcript.indications.size() ? transcript.indications[study - 1] : "";
}

}  // namespace

bool StudyDesk::BeginsStudy(const std::vector<AttachedImage>& images) const {
  const bool looked_at = !conversation_.study().empty() || notes_.reported;
  if (images.empty() || notes_.images.empty()) return false;
  if (AreOfOtherPatient(images)) return true;
  if (!looked_at || AreOfKnownStudy(images)) return false;
  const auto given_back = [&](const AttachedImage& image) { return GivenBack(image) >= 0; };
  if (std::all_of(images.begin(), images.end(), given_back)) return false;
  return !ask_ ||
         !ask_(fmt::format("{} to study {}? y adds, n begins another: ",
                           images.size() == 1 ? "Does this image belong" : "Do these images belong",
                           notes_.number));
}

void StudyDesk::BeginStudy() {
  SetAside();
  conversation_.BeginStudy();
  PrintAside(fmt::format("study {} begins: nothing that was shown or said before reaches it",
                         notes_.number));
}

/// The current study becomes one of those before; one of which there is nothing is none.
void StudyDesk::SetAside() {
  Notes next;
  next.number = notes_.number;
  notes_.asked = !conversation_.study().empty();
  if (notes_.asked || !notes_.images.empty()) {
    ++next.number;
    earlier_.push_back(std::move(notes_));
  }
  notes_ = std::move(next);
}

void StudyDesk::TakeIn(std::vector<AttachedImage> images) {
  if (images.empty()) return;
  for (const AttachedImage& image : images) {
    ReplaceGivenBack(image);
    show_(image);
    notes_.images.push_back({image.path, image.picture.identity});
    notes_.waiting.push_back(image);
  }
  SayWhosePatientsAre(images);
  Say();
}

void StudyDesk::SayWhosePatientsAre(const std::vector<AttachedImage>& added) const {
  if (DifferentPatients() == true) {
    PrintAside("the files name different patients, and are taken for one study");
    return;
  }
  const bool names_one = std::any_of(added.begin(), added.end(), [](const AttachedImage& image) {
    return NamesSomebody(image.picture.identity);
  });
  const bool loaded = std::any_of(notes_.images.begin(), notes_.images.end(),
                                  [](const Image& image) { return image.loaded; });
  if (names_one && loaded) {
    PrintAside(
        "whether that is the patient of the images that were loaded is not known: a transcript "
        "names nobody");
  }
}

void StudyDesk::WereAsked() {
  notes_.waiting.clear();
  notes_.given_back = 0;
  conversation_.TellPatients(DifferentPatients());
}

std::vector<std::string> StudyDesk::Names() const {
  std::vector<std::string> names;
  for (const Image& image : notes_.images) names.push_back(NameFor(image.path));
  return names;
}

std::vector<std::filesystem::path> StudyDesk::attached() const {
  std::vector<std::filesystem::path> paths;
  for (const Image& image : notes_.images) paths.push_back(image.path);
  return paths;
}

void StudyDesk::Say() const {
  const std::vector<std::string> names = Names();
  PrintAside(fmt::format("study {}: {}", notes_.number,
                         names.empty() ? "no image" : fmt::format("{}", fmt::join(names, ", "))));
}

void StudyDesk::GiveBack(const Exchange& undone) {
  const std::vector<std::string> names = Names();
  const size_t added = ImagesAsked();  // from there on, since it was asked
  if (added < names.size()) {
    PrintAside(
        fmt::format("no longer attached, since added behind it: {}",
                    fmt::join(names.begin() + static_cast<ptrdiff_t>(added), names.end(), ", ")));
  }
  notes_.images.resize(added);
  notes_.waiting.clear();
  const size_t first = added - undone.pictures.size();
  for (const ShownPicture& picture : undone.pictures) {
    Image& image = notes_.images[first + notes_.waiting.size()];
    notes_.waiting.push_back({image.path, conversation_.PrepareAgain(picture)});
  }
  notes_.given_back = notes_.waiting.size();
}

bool StudyDesk::CanReopen() const {
  return conversation_.study().empty() && !earlier_.empty();
}

void StudyDesk::Reopen() {
  if (earlier_.back().asked) conversation_.ReopenStudy();
  notes_ = std::move(earlier_.back());
  earlier_.pop_back();
  PrintAside(fmt::format("back to study {}", notes_.number));
  Say();
}

void StudyDesk::Restart(std::string system_prompt) {
  const bool goes_on = conversation_.study().empty() || !notes_.waiting.empty();
  Notes left = std::exchange(notes_, {});
  earlier_.clear();
  conversation_.Restart(std::move(system_prompt));
  if (!goes_on) return;
  left.images.erase(left.images.begin(),
                    left.images.end() - static_cast<ptrdiff_t>(left.waiting.size()));
  left.number = 1;
  notes_ = std::move(left);
  if (!notes_.images.empty()) Say();
}

void StudyDesk::Forget() {
  notes_ = {};
  earlier_.clear();
}

void StudyDesk::Loaded(const Transcript& transcript) {
  Forget();
  notes_.indication = IndicationOf(transcript, 1);
  for (const Exchange& exchange : conversation_.exchanges()) {
    if (exchange.begins_study) {
      const size_t number = notes_.number + 1;
      earlier_.push_back(std::exchange(notes_, {}));
      notes_.number = number;
      notes_.indication = IndicationOf(transcript, number);
    }
    notes_.images.resize(notes_.images.size() + exchange.pictures.size(),
                         {{}, {}, /*loaded=*/true, exchange.different_patients});
  }
  TakeUnasked(transcript.unasked);
  if (DifferentPatients() == true) {
    PrintAside(fmt::format("the files of study {} name different patients", notes_.number));
  }
}

void StudyDesk::TakeUnasked(const UnaskedStudy& unasked) {
  if (!unasked.Any()) return;
  if (unasked.begins_study) {
    SetAside();
    conversation_.BeginStudy();
  }
  if (conversation_.study().empty()) notes_.indication = unasked.indication;
  for (const ShownPicture& picture : unasked.pictures) {
    notes_.waiting.push_back({{}, conversation_.PrepareAgain(picture)});
    notes_.images.push_back({{}, {}, /*loaded=*/true, unasked.different_patients});
  }
  Say();
}

std::vector<std::string> StudyDesk::Indications() const {
  std::vector<std::string> indications;
  for (const Notes& notes : earlier_) {
    if (notes.asked) indications.push_back(notes.indication);
  }
  if (!conversation_.study().empty()) indications.push_back(notes_.indication);
  return indications;
}

void StudyDesk::SetIndication(std::string indication) {
  notes_.indication = std::move(indication);
  const bool looked_at = !conversation_.study().empty() || notes_.reported;
  PrintAside(fmt::format(
      "study {}: {}{}", notes_.number,
      notes_.indication.empty() ? "no indication" : "indication: " + OneLine(notes_.indication),
      looked_at ? "; for another study, begin it first: /new" : ""));
}

UnaskedStudy StudyDesk::Unasked() const {
  UnaskedStudy unasked;
  for (const AttachedImage& image : notes_.waiting) {
    unasked.pictures.push_back(image.picture.shown);
  }
  if (!unasked.pictures.empty()) unasked.different_patients = DifferentPatients();
  if (!conversation_.study().empty()) return unasked;
  unasked.begins_study = !conversation_.exchanges().empty();
  unasked.indication = notes_.indication;
  return unasked;
}

ImagingStudy StudyDesk::Study() const {
  ImagingStudy study;
  study.indication = notes_.indication;
  for (const Exchange& exchange : conversation_.study()) {
    study.images.insert(study.images.end(), exchange.pictures.begin(), exchange.pictures.end());
  }
  for (const AttachedImage& image : notes_.waiting) study.images.push_back(image.picture.shown);
  study.different_patients = DifferentPatients();
  return study;
}

/// Whether the images of the current study name different patients; nothing where that is not
/// known, since a transcript names nobody.
std::optional<bool> StudyDesk::DifferentPatients() const {
  if (notes_.images.size() < 2) return false;  // a file, or a sheet of slices, is of one patient
  std::vector<DicomIdentity> identities;
  size_t loaded = 0;
  bool told = true;  // what was loaded tells of itself
  for (const Image& image : notes_.images) {
    if (!image.loaded) {
      identities.push_back(image.identity);
      continue;
    }
    if (image.different_patients == true) return true;
    told = told && image.different_patients;
    ++loaded;
  }
  if (AreOfDifferentPatients(identities)) return true;
  const bool names_one = std::any_of(identities.begin(), identities.end(), NamesSomebody);
  if ((loaded > 0 && names_one) || (loaded > 1 && !told)) return std::nullopt;
  return false;
}

/// Whether one of them names another patient than those of the current study, or than another.
bool StudyDesk::AreOfOtherPatient(const std::vector<AttachedImage>& images) const {
  std::vector<DicomIdentity> added;
  for (const AttachedImage& image : images) added.push_back(image.picture.identity);
  return AreOfDifferentPatients(added) ||
         std::any_of(notes_.images.begin(), notes_.images.end(), [&](const Image& known) {
           return std::any_of(added.begin(), added.end(), [&](const DicomIdentity& identity) {
             return AreDifferentPatients(known.identity, identity);
           });
         });
}

/// Whether they are DICOM files of the study that the current one's are of.
bool StudyDesk::AreOfKnownStudy(const std::vector<AttachedImage>& images) const {
  return std::all_of(images.begin(), images.end(), [&](const AttachedImage& image) {
    const std::string& study = image.picture.identity.study;
    return !study.empty() &&
           std::any_of(notes_.images.begin(), notes_.images.end(),
                       [&](const Image& known) { return known.identity.study == study; });
  });
}

/// Where an image waits that a question gave back, of those that wait; -1: nowhere.
ptrdiff_t StudyDesk::GivenBack(const AttachedImage& image) const {
  const ShownPicture& shown = image.picture.shown;
  for (size_t i = 0; i < notes_.given_back; ++i) {
    const ShownPicture& waiting = notes_.waiting[i].picture.shown;
    if (waiting.sha256 == shown.sha256 && waiting.pixels_sha256 == shown.pixels_sha256) {
      return static_cast<ptrdiff_t>(i);
    }
  }
  return -1;
}

/// An image that waits already is not attached twice when its question is asked again.
void StudyDesk::ReplaceGivenBack(const AttachedImage& image) {
  const ptrdiff_t at = GivenBack(image);
  if (at < 0) return;
  notes_.images.erase(notes_.images.begin() + static_cast<ptrdiff_t>(ImagesAsked()) + at);
  notes_.waiting.erase(notes_.waiting.begin() + at);
  --notes_.given_back;
}

}  // namespace roentgen::app
