#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// What the caller says of a file's columns; empty: they are found by their names.
struct ColumnChoice {
  std::string prediction;
  std::string reference;
};

/// Which columns of a file of predictions hold what; empty where none does. Decided once for the
/// file, never row by row.
struct PredictionColumns {
  std::string answer;                   ///< of the model
  std::vector<std::string> references;  ///< what any of them says, the others must not deny
  std::string prompt;
  std::string question;
  std::string id;
};

/// The columns of a file, and whether all their values are texts, numbers, true, false or null.
using ColumnsOfFile = std::map<std::string, bool>;

/// Whether a column's name says that it holds a model's answers and nothing else: words like
/// "predict", "prediction", "pred", "generated", "completion", "hypothesis", "response", "model
/// output", 预测, 模型回答, alone or with words for an answer ("predicted_answer").
bool NamesPrediction(std::string_view column);

/// Whether it says that it holds the right answers: "label", "reference", "gold", "ground_truth",
/// "target", "correct answer", 参考答案, 标准答案.
bool NamesReference(std::string_view column);

/// Whether it is "answer" or 答案: the right one beside a column that NamesPrediction; alone it may
/// be either.
bool NamesAnswer(std::string_view column);

/// The columns of a file. Throws Error that names the candidates and the options that choose one
/// when it cannot be told which column holds the model's answers: none NamesPrediction, or several
/// do; and when a chosen one is not in the file.
PredictionColumns ChooseColumns(const std::string& file, const ColumnsOfFile& columns,
                                const ColumnChoice& choice);

}  // namespace roentgen
