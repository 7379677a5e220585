#include "study_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "roentgen/text/printable.h"
#include "terminal.h"

namespace roentgen::app {

bool StudyDesk::BeginsStudy(const std::vector<AttachedImage>& images) const {
  const bool has_images = ImagesAsked() > 0 || !waiting_.empty();
  const bool looked_at = !conversation_.study().empty() || notes_.reported;
  if (images.empty() || !has_images) return false;
  if (AreOfDifferentPatients(IdentitiesWith(images))) return true;
  if (!looked_at || AreOfKnownStudy(images)) return false;
  const auto given_back = [&](const AttachedImage& image) { return GivenBack(image) >= 0; };
  if (std::all_of(images.begin(), images.end(), given_back)) return false;
  return !ask_ ||
         !ask_(fmt::format("{} to study {}? y adds, n begins another: ",
                           images.size() == 1 ? "Does this image belong" : "Do these images belong",
                           notes_.number));
}

void StudyDesk::BeginStudy() {
  const bool used = !notes_.attached.empty() || !conversation_.study().empty();
  const size_t number = notes_.number + (used ? 1 : 0);
  if (used) {
    notes_.asked = !conversation_.study().empty();
    if (!notes_.asked) {
      notes_.waiting = std::move(waiting_);
      notes_.given_back = given_back_;
    }
    earlier_.push_back(std::move(notes_));
  }
  conversation_.BeginStudy();
  Begin(number);
  PrintAside(
      fmt::format("study {} begins: nothing that was shown or said before reaches it", number));
}

void StudyDesk::Begin(size_t number) {
  waiting_.clear();
  given_back_ = 0;
  notes_ = {};
  notes_.number = number;
}

void StudyDesk::TakeIn(std::vector<AttachedImage> images) {
  if (images.empty()) return;
  notes_.identities = IdentitiesWith(images);
  SayWhosePatientsAre(images);
  for (const AttachedImage& image : images) {
    ReplaceGivenBack(image);
    show_(image);
    notes_.attached.push_back(image.path);
  }
  std::move(images.begin(), images.end(), std::back_inserter(waiting_));
  Say();
}

void StudyDesk::SayWhosePatientsAre(const std::vector<AttachedImage>& added) const {
  if (AreOfDifferentPatients(notes_.identities)) {
    PrintAside("the files name different patients, and are taken for one study");
    return;
  }
  const bool names_one = std::any_of(added.begin(), added.end(), [](const AttachedImage& image) {
    return !image.picture.identity.patient.empty();
  });
  if (names_one && notes_.unknown > 0) {
    PrintAside(
        "whether that is the patient of the images that were loaded is not known: a transcript "
        "names nobody");
  }
}

void StudyDesk::WereAsked() {
  waiting_.clear();
  given_back_ = 0;
}

void StudyDesk::Say() const {
  std::string names;
  for (const std::filesystem::path& path : notes_.attached) {
    const std::filesystem::path name =
        path.has_filename() ? path.filename() : path.parent_path().filename();
    names += fmt::format("{}{}", names.empty() ? "" : ", ",
                         name.empty() ? "(an image)" : OneLine(name.string()));
  }
  PrintAside(fmt::format("study {}: {}", notes_.number, names.empty() ? "no image" : names));
}

void StudyDesk::GiveBack(const Exchange& undone) {
  std::vector<AttachedImage> images;
  for (const ShownPicture& picture : undone.pictures) {
    const std::filesystem::path& name = notes_.attached[ImagesAsked() + images.size()];
    images.push_back({name, conversation_.PrepareAgain(picture)});
  }
  given_back_ += images.size();
  waiting_.insert(waiting_.begin(), std::make_move_iterator(images.begin()),
                  std::make_move_iterator(images.end()));
}

bool StudyDesk::CanReopen() const {
  return conversation_.study().empty() && !earlier_.empty();
}

void StudyDesk::Reopen() {
  const bool asked = earlier_.back().asked;
  if (asked) conversation_.ReopenStudy();
  Begin(1);
  notes_ = std::move(earlier_.back());
  earlier_.pop_back();
  if (asked) notes_.attached.resize(ImagesAsked());
  waiting_ = std::exchange(notes_.waiting, {});
  given_back_ = std::exchange(notes_.given_back, 0);
  PrintAside(fmt::format("back to study {}", notes_.number));
  Say();
}

void StudyDesk::Restarted() {
  notes_.attached.erase(notes_.attached.begin(),
                        notes_.attached.end() - static_cast<ptrdiff_t>(waiting_.size()));
  notes_.unknown = 0;
  earlier_.clear();
}

void StudyDesk::Forget() {
  Begin(1);
  earlier_.clear();
}

void StudyDesk::Loaded(const Transcript& transcript) {
  const std::vector<std::string>& indications = transcript.indications;
  Forget();
  if (!indications.empty()) notes_.indication = indications[0];
  for (const Exchange& exchange : conversation_.exchanges()) {
    if (exchange.begins_study) {
      const size_t number = notes_.number + 1;
      earlier_.push_back(std::move(notes_));
      Begin(number);
      if (number <= indications.size()) notes_.indication = indications[number - 1];
    }
    // A transcript does not name them.
    notes_.attached.resize(notes_.attached.size() + exchange.pictures.size());
    notes_.unknown += exchange.pictures.size();
  }
  TakeUnasked(transcript.unasked);
}

void StudyDesk::TakeUnasked(const UnaskedStudy& unasked) {
  if (!unasked.Any()) return;
  if (unasked.begins_study) {
    const size_t number = notes_.number + 1;
    earlier_.push_back(std::move(notes_));
    conversation_.BeginStudy();
    Begin(number);
  }
  if (conversation_.study().empty()) notes_.indication = unasked.indication;
  for (const ShownPicture& picture : unasked.pictures) {
    waiting_.push_back({{}, conversation_.PrepareAgain(picture)});
  }
  notes_.attached.resize(notes_.attached.size() + unasked.pictures.size());
  notes_.unknown += unasked.pictures.size();
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
  for (const AttachedImage& image : waiting_) unasked.pictures.push_back(image.picture.shown);
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
  for (const AttachedImage& image : waiting_) study.images.push_back(image.picture.shown);
  study.different_patients = AreOfDifferentPatients(notes_.identities);
  return study;
}

std::vector<DicomIdentity> StudyDesk::IdentitiesWith(
    const std::vector<AttachedImage>& images) const {
  std::vector<DicomIdentity> identities = notes_.identities;
  for (const AttachedImage& image : images) identities.push_back(image.picture.identity);
  return identities;
}

/// Whether they are DICOM files of the study that the current one's are of.
bool StudyDesk::AreOfKnownStudy(const std::vector<AttachedImage>& images) const {
  return std::all_of(images.begin(), images.end(), [&](const AttachedImage& image) {
    const std::string& study = image.picture.identity.study;
    return !study.empty() && std::any_of(notes_.identities.begin(), notes_.identities.end(),
                                         [&](const auto& known) { return known.study == study; });
  });
}

/// How many images the questions about the current study have.
size_t StudyDesk::ImagesAsked() const {
  size_t images = 0;
  for (const Exchange& exchange : conversation_.study()) images += exchange.pictures.size();
  return images;
}

/// Where an image waits that a question gave back, of those that wait; -1: nowhere.
ptrdiff_t StudyDesk::GivenBack(const AttachedImage& image) const {
  const ShownPicture& shown = image.picture.shown;
  for (size_t i = 0; i < given_back_; ++i) {
    const ShownPicture& waiting = waiting_[i].picture.shown;
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
  waiting_.erase(waiting_.begin() + at);
  notes_.attached.erase(notes_.attached.begin() + static_cast<ptrdiff_t>(ImagesAsked()) + at);
  --given_back_;
}

}  // namespace roentgen::app
