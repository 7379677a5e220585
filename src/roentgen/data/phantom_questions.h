#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "roentgen/data/phantom_terms.h"
#include "roentgen/phantom/phantom_image.h"

namespace roentgen {

/// A question about a phantom and its true answer.
struct PhantomQuestion {
  /// What is asked, in which words: "presence/nodule/en/1". The twin's question with the same key
  /// differs in nothing but, perhaps, its answer.
  std::string key;
  std::string subject;  ///< the key without the words: questions that share it ask the same
  std::string type;     ///< VQA-RAD's: MODALITY, PLANE, ORGAN, ABN, PRES, POS, SIZE, COUNT; REPORT,
                        ///< DESCRIPTION; of general questions also TERM; SKETCH
  bool closed = false;
  bool false_premise = false;  ///< asks for the place of what is not there
  Language language = Language::kEnglish;
  std::string question;
  std::string answer;
};

/// Questions about the patient in the manner of VQA-RAD, closed and open, each in one of several
/// wordings, steps of the report protocol, and the report in every language. What is asked, and
/// how, follows from the pair: both twins are asked the same, but for where and how large a finding
/// is. Some are asked where a finding is that is not there, and some are asked the same twice, in
/// other words.
///
/// languages  drawn from for each question; not empty
std::vector<PhantomQuestion> AskAboutPhantom(const Patient& patient, const Patient& twin,
                                             const std::vector<Language>& languages);

/// Questions that anybody might ask, answered in whole sentences by somebody who sees well and has
/// read a book, but is no radiologist: what kind of picture it is, from where it was taken, what
/// stands out and on which half of the picture (not of the patient), what a term means. This is
/// what a general model brings along before it is tuned.
///
/// languages  drawn from for each question; not empty
std::vector<PhantomQuestion> AskGenerally(const Patient& patient, const Patient& twin,
                                          const std::vector<Language>& languages);

/// A picture in letters: eight rows of eight, one letter for each part of it, blanks between.
struct PhantomSketch {
  std::string brightness;  ///< the mean of each part, "a" (black) to "h" (white)
  std::string signs;       ///< which finding is in it, "." where there is none
};

/// Of a picture of the patient. A finding is in the part that has its middle and in every part of
/// which it covers three tenths.
PhantomSketch SketchOf(const Patient& patient, const PhantomImage& image);

/// Asks for both sketches. Nobody would; but sixty-four letters, each about one place, teach a
/// model that has never seen to look where few words about a whole picture do not.
///
/// languages  drawn from for each question; not empty
std::vector<PhantomQuestion> AskForSketches(const Patient& patient, const PhantomSketch& sketch,
                                            const std::vector<Language>& languages);

}  // namespace roentgen
