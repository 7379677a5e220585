#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "conversation.h"

namespace roentgen::app {

/// What a chat keeps of its studies beside the conversation: the names of the current one's images,
/// those that wait for the next question, the indication, and the same of the studies before it.
/// It says on standard error which study is the current one whenever that changes.
class StudyDesk {
 public:
  /// Shows an image that is taken in.
  using Show = std::function<void(const AttachedImage& image)>;
  /// Asks something that is answered with yes or no. Throws Cancelled where it is not answered.
  using AskUser = std::function<bool(const std::string& question)>;

  /// The conversation must live as long as the desk.
  StudyDesk(Conversation& conversation, Show show)
      : conversation_(conversation), show_(std::move(show)) {}

  /// Until then nobody is there to be asked.
  void AskBy(AskUser ask) { ask_ = std::move(ask); }

  /// Whether images are of another study than the current one, which has images and was asked about
  /// or reported. Who is not there to be asked would not want two patients mixed.
  bool BeginsStudy(const std::vector<AttachedImage>& images) const;
  /// From now on everything is about another study.
  void BeginStudy();
  /// Takes images into the current study and shows them; they wait for the next question.
  void TakeIn(std::vector<AttachedImage> images);
  /// The images that waited were asked about.
  void WereAsked();
  /// A report was made on the current study.
  void WasReported() { notes_.reported = true; }
  /// Says which study it is: "study 2: a.png, b.png".
  void Say() const;

  /// The images of a question that was taken back wait for the next one, as they were.
  void GiveBack(const Exchange& undone);
  /// Whether there is a study before the current one, which nothing was asked about.
  bool CanReopen() const;
  /// Goes back to it, as it was left.
  void Reopen();
  /// The conversation begins anew; what waits for a question still does.
  void Restarted();
  /// Nothing is left of any study.
  void Forget();
  /// The conversation is one that was kept.
  void Loaded(const Transcript& transcript);

  /// The current study's images: of the questions about it, and those that wait for the next.
  ImagingStudy Study() const;
  /// Its number in the conversation, from 1.
  size_t number() const { return notes_.number; }
  /// Names of its images, in the order in which the model sees them; empty where none is known.
  const std::vector<std::filesystem::path>& attached() const { return notes_.attached; }
  const std::vector<AttachedImage>& waiting() const { return waiting_; }
  const std::string& indication() const { return notes_.indication; }
  /// Those of all studies that were asked about, in order.
  std::vector<std::string> Indications() const;
  /// Of the current study, and says so.
  void SetIndication(std::string indication);
  /// What a transcript keeps of what was not asked about yet.
  UnaskedStudy Unasked() const;

 private:
  /// The current study, as the desk keeps it while another is looked at.
  struct Notes {
    size_t number = 1;
    std::vector<std::filesystem::path> attached;
    std::vector<DicomIdentity> identities;
    std::string indication;
    bool reported = false;
    bool asked = true;                   // while another is looked at: there are answers about it,
    std::vector<AttachedImage> waiting;  // or only images that waited for the first question
    size_t given_back = 0;
    size_t unknown = 0;  // images of a transcript, which does not name patients
  };

  std::vector<DicomIdentity> IdentitiesWith(const std::vector<AttachedImage>& images) const;
  bool AreOfKnownStudy(const std::vector<AttachedImage>& images) const;
  size_t ImagesAsked() const;
  ptrdiff_t GivenBack(const AttachedImage& image) const;
  void ReplaceGivenBack(const AttachedImage& image);
  void Begin(size_t number);
  void TakeUnasked(const UnaskedStudy& unasked);
  void SayWhosePatientsAre(const std::vector<AttachedImage>& added) const;

  Conversation& conversation_;
  Show show_;
  AskUser ask_;
  std::vector<AttachedImage> waiting_;  // for the next question
  size_t given_back_ = 0;               // of these, the first: of a question that was taken back
  Notes notes_;
  std::vector<Notes> earlier_;  // of the studies before it
};

}  // namespace roentgen::app
