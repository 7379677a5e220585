#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace roentgen {

/// The part of a question set that a name names, kTrain, kValidation or kTest. It is read word by
/// word, in any case and width and with any separators, in English and in simplified or traditional
/// Chinese: "Training", "dev", "TEST", "test_public", "testset1", "hold-out", 验证集, 内部測試集.
/// An external validation set is a validation set.
///
/// Nothing where it names several ("trainval", "train/test") or has a word that may change what it
/// says ("train_old", "untested", 旧训练): such a name has to be asked about.
std::optional<std::string_view> PartNamed(std::string_view name);

/// The part by its usual name; any other name as it is, but for blanks around it.
std::string PartOrName(std::string_view name);

/// Whether a name is that of a fold, not of a part: "fold-1", "Fold 2", 第3折.
bool IsFold(std::string_view name);

/// Whether a column's name says that its values are folds: "fold", "cv_fold", "Fold ID", 折号. Not
/// "skin fold" or 骨折.
bool NamesFolds(std::string_view column);

/// The fold that a value of such a column names: "2" as "fold-2", "Fold 2" and 第2折 as they are.
/// Nothing for other values.
std::optional<std::string> FoldNamed(std::string_view value);

/// Whether a value says only yes or no, as a column "is_test" has it: 0, 1, true, "No", 是.
bool IsFlag(std::string_view value);

/// The part that the name of a dataset or file ends in, begins with or has inside ("slake_test",
/// "dev-images"): PartNamed but that other words mean nothing. Where it names several, the words
/// from the first to the last of them ("train_test"), which are no part. Empty where it names none.
std::string PartInName(std::string_view name);

}  // namespace roentgen
