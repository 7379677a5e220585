#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "roentgen/data/phantom_terms.h"

namespace roentgen {

/// A question about a phantom and its true answer.
struct PhantomQuestion {
  /// What is asked, in which words: "presence/nodule/en/1". The twin's question with the same key
  /// differs in nothing but, perhaps, its answer.
  std::string key;
  std::string type;  ///< VQA-RAD's: MODALITY, PLANE, ORGAN, ABN, PRES, POS, SIZE, COUNT; or REPORT
  bool closed = false;
  Language language = Language::kEnglish;
  std::string question;
  std::string answer;
};

/// Questions about the patient in the manner of VQA-RAD, closed and open, each in one of several
/// wordings, and the report in every language. What is asked, and how, follows from the pair: both
/// twins are asked the same, but for where and how large a finding is, which only makes sense where
/// there is one.
///
/// languages  drawn from for each question; not empty
std::vector<PhantomQuestion> AskAboutPhantom(const Patient& patient, const Patient& twin,
                                             const std::vector<Language>& languages);

}  // namespace roentgen
