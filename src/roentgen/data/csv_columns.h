#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace roentgen {

/// The column that a name names in English or Chinese, as this program spells it ("question_type"):
/// "Question Type", "answer-type", 图像, 問題, 划分. In any case and width, with blanks, hyphens or
/// underscores between words or not. Nothing for other names.
std::optional<std::string_view> ColumnNamed(std::string_view written);

/// The names of a table's columns, those that ColumnNamed knows as it has them, others as written
/// without blanks around them, "column 3" where there is none. Of two with one meaning ("organ" and
/// 部位, 编号 and 序号) the one under its own name or else the first has it, and the other stays as
/// written.
///
/// file  for messages
/// Throws Error when two columns have one name, or when it is not clear which of two (图像, 图片)
/// is the image, question, answer or split.
std::vector<std::string> ReadColumnNames(const std::vector<std::string>& written,
                                         const std::string& file);

}  // namespace roentgen
