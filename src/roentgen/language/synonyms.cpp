#include "roentgen/language/synonyms.h"

#include <cstddef>
#include <map>
#include <vector>

#include "roentgen/language/answer.h"
#include "roentgen/language/word_edges.h"
#include "roentgen/text/normal_form.h"
#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

using Names = std::vector<std::string_view>;

/// One thing and its names, the usual one of each language first. Names are compared in
/// ComparisonForm, so traditional characters, width, case and hyphens need no names of their own.
struct Concept {
  Names english;
  Names chinese;
};

/// Things of one kind, and the words that may stand behind any of their names without changing
/// what is meant.
struct Kind {
  Names english_endings;
  Names chinese_endings;
  bool any_is_usual = false;  // no name is more usual than another
  bool of_imaging = true;     // as opposed to what is imaged
  bool plane = false;
  std::vector<Concept> concepts;
};

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kKinds = {
      // Modalities
      {.english_endings = {" scan", " image", " imaging", " film", " study"},
       .chinese_endings = {"图", "图像", "影像", "扫描", "检查", "成像", "摄影", "显像", "片"},
       .concepts = {{{"X-ray", "xray", "x rays", "xrays", "xr", "cxr", "plain film", "radiograph",
                      "radiography", "plain film x ray", "x ray plain film", "plain radiograph"},
                     {"X光", "X线", "X射线", "X光平片", "X线平片", "X-ray"}},
                    {{"CT", "cat scan", "computed tomography", "computerized tomography"},
                     {"CT", "电脑断层", "计算机断层", "电子计算机断层", "计算机体层"}},
                    {{"MRI", "mr", "magnetic resonance", "nuclear magnetic resonance"},
                     {"磁共振", "核磁共振", "核磁", "磁振造影", "磁力共振", "MRI", "MR"}},
                    {{"Ultrasound", "us", "ultrasonography", "sonography", "sonogram"},
                     {"超声", "超音波", "超声波", "B超", "B型超声"}},
                    {{"PET", "positron emission tomography"},
                     {"PET", "正电子发射断层", "正电子发射计算机断层", "正子造影", "正子断层"}},
                    {{"Angiography", "angiogram"}, {"血管造影", "血管摄影"}},
                    {{"Mammography", "mammogram"},
                     {"乳腺X线", "乳腺X光", "乳房X光", "乳腺钼靶", "钼靶"}}}},
      // Weightings of MRI
      {.english_endings = {" weighted", " weighted image", " weighted imaging", " weighted mri",
                           " weighted sequence", " sequence"},
       .chinese_endings = {"像", "图像", "成像", "影像", "序列"},
       .any_is_usual = true,
       .concepts = {{{"T1", "t1w", "t1wi"}, {"T1加权像", "T1加权", "T1"}},
                    {{"T2", "t2w", "t2wi"}, {"T2加权像", "T2加权", "T2"}},
                    {{"T2*", "t2*w", "t2*wi", "t2 star"}, {"T2*加权像", "T2*加权", "T2*"}}}},
      // Planes
      {.english_endings = {" plane", " view", " section", " slice", " image"},
       .chinese_endings = {"面", "位", "切面", "断面", "平面", "像", "图像"},
       .plane = true,
       .concepts = {{{"Axial", "transverse", "transaxial"},
                     {"横断面", "横断", "横断位", "横轴", "横切", "轴", "轴位", "轴状", "轴状面",
                      "轴向", "水平面"}},
                    {{"Coronal"}, {"冠状面", "冠状", "冠状位", "额状"}},
                    {{"Sagittal"}, {"矢状面", "矢状", "矢状位"}}}},
      // Views
      {.english_endings = {" view", " projection", " film"},
       .chinese_endings = {"片", "投照", "投影"},
       .concepts = {{{"PA", "posteroanterior", "posterior anterior", "postero anterior"},
                     {"后前位", "PA位"}},
                    {{"AP", "anteroposterior", "anterior posterior", "antero posterior"},
                     {"前后位", "AP位"}},
                    {{"Lateral"}, {"侧位"}}}},
      // Sides
      {.english_endings = {" side", " hand side", " sided"},
       .chinese_endings = {"侧", "边", "面", "方"},
       .any_is_usual = true,
       .of_imaging = false,
       .concepts = {{{"Left"}, {"左侧", "左"}}, {{"Right"}, {"右侧", "右"}}}},
      {.english_endings = {},
       .chinese_endings = {},
       .any_is_usual = true,
       .of_imaging = false,
       .concepts = {{{"Bilateral", "bilaterally", "both sides"},
                     {"双侧", "两侧", "双边", "两边", "左右两侧", "左右双侧"}}}},
      // Organs, where the short name says as much
      {.english_endings = {},
       .chinese_endings = {},
       .any_is_usual = true,
       .of_imaging = false,
       .concepts = {{{"Lung"}, {"肺", "肺部", "肺脏"}},
                    {{"Heart"}, {"心脏", "心"}},
                    {{"Liver"}, {"肝脏", "肝"}},
                    {{"Spleen"}, {"脾脏", "脾"}},
                    {{"Kidney"}, {"肾脏", "肾"}},
                    {{"Pancreas"}, {"胰腺", "胰脏", "胰"}},
                    {{"Gallbladder"}, {"胆囊"}},
                    {{"Bladder"}, {"膀胱"}},
                    {{"Stomach"}, {"胃", "胃部"}},
                    {{"Brain"}, {"脑", "脑部"}},
                    {{"Head"}, {"头部", "头"}},
                    {{"Neck"}, {"颈部", "颈", "脖子"}},
                    {{"Chest"}, {"胸部", "胸"}},
                    {{"Abdomen"}, {"腹部", "腹"}}}}};
  return kKinds;
}

struct Meaning {
  std::string_view usual;  // in the name's language; empty where any is
  std::string form;        // in which answers of either language are compared
  bool of_imaging;
  bool bare_plane = false;  // a plane's English name with no word behind it
};

using Meanings = std::map<std::string, Meaning, std::less<>>;

void AddNames(const Names& names, const Names& endings, const Meaning& meaning,
              Meanings& meanings) {
  for (const std::string_view name : names) {
    meanings.try_emplace(ComparisonForm(name), meaning);
    for (const std::string_view ending : endings) {
      Meaning with_ending = meaning;
      with_ending.bare_plane = false;
      meanings.try_emplace(ComparisonForm(std::string(name) += ending), with_ending);
    }
  }
}

void AddConcept(const Concept& added, const Kind& kind, Meanings& meanings) {
  const std::string form = ComparisonForm(added.english[0]);
  const auto usual = [&](const Names& names) { return kind.any_is_usual ? "" : names[0]; };
  AddNames(added.english, kind.english_endings,
           {usual(added.english), form, kind.of_imaging, kind.plane}, meanings);
  AddNames(added.chinese, kind.chinese_endings, {usual(added.chinese), form, kind.of_imaging},
           meanings);
}

/// By name in ComparisonForm.
const Meanings& AllMeanings() {
  static const Meanings kMeanings = [] {
    Meanings meanings;
    for (const Kind& kind : Kinds()) {
      for (const Concept& each : kind.concepts) AddConcept(each, kind, meanings);
    }
    return meanings;
  }();
  return kMeanings;
}

bool HasTraditionalCharacters(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Utf8Step step = ReadUtf8(text, at);
    if (SimplifiedOf(step.code_point) != step.code_point) return true;
    at += step.length;
  }
  return false;
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
}

/// A ComparisonForm with blanks between two letters and between two digits only: "< 5 mm" is
/// "<5mm".
std::string WithMeasuresJoined(std::string_view form) {
  std::string joined;
  for (size_t at = 0; at < form.size(); ++at) {
    const bool blank = form[at] == ' ';
    const bool letters = blank && IsLetter(form[at - 1]) && IsLetter(form[at + 1]);
    const bool digits = blank && IsDigit(form[at - 1]) && IsDigit(form[at + 1]);
    if (!blank || letters || digits) joined += form[at];
  }
  return joined;
}

}  // namespace

std::optional<std::string> UsualName(std::string_view answer) {
  const auto known = AllMeanings().find(ComparisonForm(answer));
  if (known == AllMeanings().end()) return std::nullopt;
  const std::string_view usual = known->second.usual;
  if (usual.empty() || usual == answer || HasTraditionalCharacters(answer)) return std::nullopt;
  return std::string(usual);
}

std::string AnswerForm(std::string_view answer) {
  const std::string form = ComparisonForm(answer);
  const auto known = AllMeanings().find(form);
  if (known != AllMeanings().end()) return known->second.form;
  if (const std::optional<bool> yes = YesOrNo(answer)) return *yes ? "yes" : "no";
  return WithMeasuresJoined(form);
}

std::optional<NamePart> NameAt(std::string_view form, size_t at) {
  if (!IsBoundary(form, at)) return std::nullopt;
  const std::string_view rest = form.substr(at);
  std::optional<NamePart> longest;
  for (size_t end = 0; end < rest.size();) {
    end += ReadUtf8(rest, end).length;
    while (end < rest.size() && IsLatin(rest[end - 1]) && IsLatin(rest[end])) ++end;
    const std::string_view name = rest.substr(0, end);
    const auto next = AllMeanings().lower_bound(name);
    if (next == AllMeanings().end() || !next->first.starts_with(name)) break;
    const bool whole = next->first == name && next->second.of_imaging && name != "cxr" &&
                       IsBoundary(form, at + end) &&
                       !(StartsWithIdeograph(name) && end == ReadUtf8(name, 0).length);
    if (whole) longest = NamePart{end, next->second.form, next->second.bare_plane};
  }
  return longest;
}

bool HasSynonyms(std::string_view text) {
  return AllMeanings().contains(ComparisonForm(text));
}

}  // namespace roentgen
