#include "roentgen/data/csv_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "roentgen/base/error.h"
#include "roentgen/data/blanks.h"
#include "roentgen/data/name_list.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

/// Folded, without blanks, hyphens and underscores.
std::string Joined(std::string_view written) {
  std::string joined = FoldText(WithoutBlanksAtEdges(written));
  std::erase_if(joined, [](char c) { return c == ' ' || c == '-' || c == '_' || c == '\n'; });
  return joined;
}

/// Whether the name is the column's own, but for case, width and what is between its words.
bool IsOwnName(std::string_view written, std::string_view column) {
  return Joined(written) == Joined(column);
}

/// Of two columns that may be meant by it, neither can be passed over.
bool DecidesRow(std::string_view column) {
  return column == "image" || column == "question" || column == "answer" || column == "split";
}

}  // namespace

std::optional<std::string_view> ColumnNamed(std::string_view written) {
  static const std::map<std::string, std::string_view, std::less<>> kNames = {
      {"image", "image"},
      {"images", "image"},
      {"imagepath", "image"},
      {"imagefile", "image"},
      {"imagename", "image"},
      {"图像", "image"},
      {"图象", "image"},
      {"图片", "image"},
      {"影像", "image"},
      {"图像路径", "image"},
      {"图片路径", "image"},
      {"影像路径", "image"},
      {"图像文件", "image"},
      {"图片文件", "image"},
      {"影像文件", "image"},
      {"question", "question"},
      {"问题", "question"},
      {"提问", "question"},
      {"answer", "answer"},
      {"答案", "answer"},
      {"回答", "answer"},
      {"id", "id"},
      {"编号", "id"},
      {"序号", "id"},
      {"language", "language"},
      {"语言", "language"},
      {"语种", "language"},
      {"modality", "modality"},
      {"模态", "modality"},
      {"影像模态", "modality"},
      {"成像模态", "modality"},
      {"检查方式", "modality"},
      {"成像方式", "modality"},
      {"organ", "organ"},
      {"bodypart", "organ"},
      {"部位", "organ"},
      {"器官", "organ"},
      {"检查部位", "organ"},
      {"解剖部位", "organ"},
      {"身体部位", "organ"},
      {"questiontype", "question_type"},
      {"问题类型", "question_type"},
      {"问题类别", "question_type"},
      {"提问类型", "question_type"},
      {"题型", "question_type"},
      {"answertype", "answer_type"},
      {"答案类型", "answer_type"},
      {"答案类别", "answer_type"},
      {"回答类型", "answer_type"},
      {"split", "split"},
      {"datasplit", "split"},
      {"划分", "split"},
      {"数据划分", "split"},
      {"数据集划分", "split"},
      {"拆分", "split"},
      {"systemprompt", "system_prompt"},
      {"promptsystem", "system_prompt"},
      {"系统提示", "system_prompt"},
      {"系统提示词", "system_prompt"}};
  const auto known = kNames.find(Joined(written));
  return known == kNames.end() ? std::nullopt : std::optional(known->second);
}

std::vector<std::string> ReadColumnNames(const std::vector<std::string>& written,
                                         const std::string& file) {
  std::vector<std::string> names;
  std::unordered_map<std::string, size_t> first;  // column of a name
  std::unordered_set<std::string> own_names;
  for (const std::string& each : written) own_names.insert(Joined(each));
  for (const std::string& each : written) {
    std::string plain(WithoutBlanksAtEdges(each));
    if (plain.empty()) plain = fmt::format("column {}", names.size() + 1);
    const std::string name(ColumnNamed(each).value_or(plain));
    const bool own = IsOwnName(each, name);
    const bool leaves_it =
        !own && (own_names.contains(Joined(name)) || (first.contains(name) && !DecidesRow(name)));
    names.push_back(leaves_it ? plain : name);
    const auto [known, added] = first.try_emplace(names.back(), names.size() - 1);
    if (added) continue;
    throw Error(own ? fmt::format("{}: two columns are called {}", file, QuotedName(names.back()))
                    : fmt::format("{}: the columns {} and {} are both the {}", file,
                                  QuotedName(written[known->second]), QuotedName(each),
                                  ShortName(names.back())),
                "Rename or remove one of them.");
  }
  return names;
}

}  // namespace roentgen
