#pragma once

#include <string>
#include <string_view>

namespace roentgen {

/// A form that an English word has in common with its plural and its British or American spelling:
/// lungs and lung, metastases and metastasis, vertebrae and vertebra, oedema and edema, tumour and
/// tumor, localised and localized, fibre and fiber, labelled and labeled. It is no word itself.
///
/// word  in small letters
std::string WordForm(std::string_view word);

}  // namespace roentgen
