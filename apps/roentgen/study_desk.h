#pragma once

#include <filesystem>
#include <functional>
#include <optional>
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

  /// A question was taken back: its images wait for the next one, and no others, as before it was
  /// asked. Says which were added since.
  void GiveBack(const Exchange& undone);
  /// Whether there is a study before the current one, which nothing was asked about.
  bool CanReopen() const;
  /// Goes back to it, as it was left.
  void Reopen();
  /// Begins the conversation anew, under this system prompt. What waits for a question still does,
  /// with what is known of its study; nothing is left of what was asked about.
  void Restart(std::string system_prompt);
  /// Nothing is left of any study.
  void Forget();
  /// The conversation is one that was kept.
  void Loaded(const Transcript& transcript);

  /// The current study's images: of the questions about it, and those that wait for the next.
  ImagingStudy Study() const;
  /// Its number in the conversation, from 1.
  size_t number() const { return notes_.number; }
  /// Paths of its images, in the order in which the model sees them; empty where none is known.
  std::vector<std::filesystem::path> attached() const;
  /// What its images are called, for people, in the same order.
  std::vector<std::string> Names() const;
  const std::vector<AttachedImage>& waiting() const { return notes_.waiting; }
  const std::string& indication() const { return notes_.indication; }
  /// Those of all studies that were asked about, in order.
  std::vector<std::string> Indications() const;
  /// Of the current study, and says so.
  void SetIndication(std::string indication);
  /// What a transcript keeps of what was not asked about yet.
  UnaskedStudy Unasked() const;

 private:
  struct Image {
    std::filesystem::path path;  // empty: not known
    DicomIdentity identity;
    bool loaded = false;  // from a transcript, which names nobody
    std::optional<bool> different_patients =
        {};  // then: what it tells of the images up to this one
  };

  /// All that is kept of one study. It is replaced as a whole when another begins: nothing of a
  /// study can be left for the next.
  struct Notes {
    size_t number = 1;
    std::vector<Image> images;           // those that were asked about, then those that wait
    std::vector<AttachedImage> waiting;  // for the next question
    size_t given_back = 0;               // of these, the first: of a question that was taken back
    std::string indication;
    bool reported = false;
    bool asked = true;  // of a study before the current one: there are answers about it
  };

  bool AreOfOtherPatient(const std::vector<AttachedImage>& images) const;
  bool AreOfKnownStudy(const std::vector<AttachedImage>& images) const;
  std::optional<bool> DifferentPatients() const;
  size_t ImagesAsked() const { return notes_.images.size() - notes_.waiting.size(); }
  ptrdiff_t GivenBack(const AttachedImage& image) const;
  void ReplaceGivenBack(const AttachedImage& image);
  void SetAside();
  void TakeUnasked(const UnaskedStudy& unasked);
  void SayWhosePatientsAre(const std::vector<AttachedImage>& added) const;

  Conversation& conversation_;
  Show show_;
  AskUser ask_;
  Notes notes_;                 // of the current study
  std::vector<Notes> earlier_;  // of those before it, as they were left
};

}  // namespace roentgen::app
