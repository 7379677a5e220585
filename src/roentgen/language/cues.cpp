#include "roentgen/language/cues.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "roentgen/text/simplified.h"
#include "roentgen/text/utf8.h"

namespace roentgen {
namespace {

struct CueRow {
  CueKind kind;
  std::vector<std::string_view> texts;
};

using enum CueKind;

const std::vector<CueRow>& ChineseRows() {
  static const std::vector<CueRow> kRows = {
      {kYes, {"是的", "是啊", "是呀", "没错", "不错", "不假", "有的", "会的", "能的"}},
      {kYesAlone,
       {"对", "对的", "是", "能", "能够", "可以", "会", "正确", "阳性", "当然", "肯定", "确实",
        "的确", "一定", "嗯", "无误", "真", "真的"}},
      {kNo, {"否", "不是的", "不对", "否定", "否定的"}},
      {kNoAlone, {"错", "错误", "阴性", "错的", "假", "假的", "不对", "不", "(-)"}},
      {kPresence,
       {"有",     "具有",     "含有",     "含",     "伴有",   "存在",   "见",     "可见",
        "见到",   "看见",     "看到",     "看得到", "看得见", "看得出", "看出",   "发现",
        "检出",   "查见",     "观察到",   "探及",   "显示",   "显示出", "显示了", "呈现",
        "提示",   "包含",     "包括",     "符合",   "属于",   "出现",   "在图中", "在图像",
        "在影像", "在图像中", "在影像中", "找到",   "检测到", "识别到"}},
      {kContains, {"包含", "包括", "属于", "符合"}},
      {kReport, {"显示", "显示出", "显示了", "提示", "看到", "看见", "见到", "发现"}},
      {kModal, {"是", "为", "能", "能够", "可以", "可", "会", "敢", "宜", "予"}},
      {kDenial, {"不", "未", "非", "欠", "而非", "并非", "绝非", "未能", "并未", "从未", "尚未"}},
      {kAbsence, {"没",     "没有",   "无",       "毫无",   "未见",   "未见到", "不见",
                  "否认",   "缺乏",   "看不到",   "看不见", "看不出", "见不到", "找不到",
                  "查不到", "不存在", "观察不到", "没能",   "缺少",   "缺如",   "不成立"}},
      {kNoDenial,
       {"不仅",     "不仅仅",   "不只",     "不但",     "不光",     "不单",     "不止",
        "无疑",     "毫无疑问", "毫无疑义", "无疑问",   "没有疑问", "无可置疑", "无可否认",
        "不可否认", "不容置疑", "不无",     "无非",     "不难",     "不少",     "无数",
        "不难看出", "不难发现", "不外乎",   "不得不",   "不能否认", "无法否认", "不能不",
        "不可不",   "不会不",   "无一例外", "不出所料", "不用说",   "无庸置疑", "毋庸置疑",
        "无需怀疑", "无须怀疑", "不幸的是", "不是别的", "没有别的", "没想到",   "不料"}},
      {kInability,
       {"无法", "没法", "没办法", "没有办法", "无从", "难以", "难于", "很难", "较难", "不易",
        "不好", "不足以", "不便", "没法子", "不太好", "不大好", "不甚好"}},
      {kJudge,
       {"确定",   "确切", "提供",     "判断",     "判定",     "判别", "评估",   "评价", "识别",
        "辨认",   "辨别", "分辨",     "区分",     "鉴别",     "看清", "看清楚", "清楚", "清",
        "得知",   "知道", "知",       "知晓",     "确认",     "明确", "明",     "肯定", "确诊",
        "诊断",   "回答", "说明",     "得出结论", "下结论",   "定论", "定性",   "定位", "把握",
        "详",     "晓得", "了解",     "推断",     "断定",     "断言", "作答",   "解读", "说清",
        "说清楚", "辨清", "作出判断", "做出判断", "给出答案", "证实", "估计",   "测量", "清晰"}},
      {kExclusion, {"排除", "除外"}},
      {kExcept, {"除", "除了", "除去", "以外", "之外"}},
      {kDoubt, {"可能",   "可能性",   "需要", "需",   "应",       "建议",     "以排除",   "以除外",
                "也许",   "或许",     "大概", "似乎", "好像",     "疑似",     "可疑",     "疑",
                "怀疑",   "考虑",     "待排", "待查", "应该",     "应当",     "或许是",   "不一定",
                "不见得", "未必",     "没准", "恐怕", "不太可能", "不大可能", "不无可能", "说不定",
                "不能说", "不好断言", "多半", "估计", "貌似",     "待除外",   "有点像",   "像是",
                "风险",   "机会",     "嫌疑"}},
      {kAdvice, {"需要", "需", "应", "建议"}},
      {kUnknown,
       {"看不清",   "看不清楚",     "看不太清", "看不大清", "辨不清",   "分不清",   "说不清",
        "说不准",   "拿不准",       "吃不准",   "弄不清",   "不得而知", "不好说",   "很难说",
        "难说",     "说不好",       "信息不足", "资料不足", "证据不足", "依据不足", "信息不够",
        "没有足够", "无足够",       "缺乏足够", "缺少足够", "不足够",   "有待",     "待定",
        "尚待",     "模棱两可",     "一无所知", "不太好说", "判断不了", "确定不了", "无定论",
        "没有定论", "尚无定论",     "看不明白", "看不懂",   "不确定性", "没有把握", "无把握",
        "没把握",   "超出我的能力", "未定",     "不敢说",   "无可奉告", "不了"}},
      {kMeans, {"证据", "依据", "根据", "信息", "资料", "经验", "病史", "结论", "定论", "细节"}},
      {kObjection, {"异议", "争议", "疑问", "疑义", "例外", "出入"}},
      {kAlternative, {"或", "或者", "或是", "还是", "抑或"}},
      {kQuestion, {"与否",     "有没有", "有无",     "是否",   "是不是", "能否", "能不能", "可否",
                   "可不可以", "会不会", "存不存在", "对不对", "要不要", "什么", "哪",     "哪里",
                   "哪个",     "何处",   "何种",     "几",     "多少",   "如何", "怎样",   "怎么样",
                   "为何",     "为什么", "谁",       "吗",     "么"}},
      {kFiller, {"明显", "显著",   "明确",   "确切",   "完全", "基本",   "基本上", "任何", "并",
                 "都",   "均",     "也",     "还",     "仍",   "仍然",   "尚",     "暂",   "暂时",
                 "目前", "此处",   "这里",   "该处",   "太",   "很",     "是很",   "十分", "非常",
                 "特别", "确实",   "的确",   "当然",   "肯定", "一定",   "绝对",   "已",   "已经",
                 "准确", "准确地", "清晰地", "直接",   "单独", "进一步", "到",     "出",   "地",
                 "得",   "再",     "就",     "真的",   "其实", "实际上", "能够",   "看来", "来看",
                 "上看", "而言",   "这",     "那",     "它",   "我",     "我们",   "他",   "她",
                 "患者", "病人",   "该患者", "不过",   "但",   "但是",   "所以",   "因此", "其",
                 "这个", "这张",   "那么",   "全",     "皆",   "一点",   "一个",   "一处", "丝毫",
                 "几乎", "认为",   "觉得",   "可以说", "相关", "这样的", "上述",   "作出", "做出",
                 "给出", "轻易",   "简单",   "据此",   "仅",   "根本",   "充分",   "足够", "可靠",
                 "更多", "甚",     "看起来", "看上去"}},
      {kParticle, {"的", "了",   "来",   "啊",     "呀",       "哦",     "呃",       "嗯",
                   "吧", "呢",   "哈",   "您好",   "你好",     "好的",   "没有问题", "没问题",
                   "亲", "医生", "抱歉", "很抱歉", "非常抱歉", "对不起", "不好意思"}},
      {kBoth, {"两侧", "双侧", "两边", "两者", "二者"}},
      {kSource,
       {"如图",   "如图所示", "图",       "图中",   "图上",   "图里",   "图像",   "图像中",
        "图像上", "影像",     "影像中",   "影像上", "图片",   "图片中", "图片上", "片中",
        "片子",   "片上",     "片",       "照片",   "照片中", "画面",   "画面中", "本图",
        "该图",   "此图",     "本片",     "该片",   "该图像", "该影像", "这张图", "这张图片",
        "这幅图", "这张图像", "这张片子", "图示",   "答案",   "答案是", "答案为", "答",
        "回答",   "回答是",   "结论",     "结论是", "结果",   "检查",   "检查中", "扫描",
        "所示",   "胸片",     "平片",     "x光",    "x光片",  "x线",    "磁共振", "超声",
        "内",     "中",       "里",       "上",     "所见"}},
      {kBasis, {"根据", "基于", "依据", "从", "由", "按照", "结合", "通过", "凭", "仅凭", "单凭"}},
      {kRest,
       {"余", "其余", "其他", "其它", "余下", "剩余", "别的", "另", "另外", "此外", "其他的"}},
      {kNormal,
       {"正常", "清晰", "良好", "对称", "完整", "光整", "光滑", "通畅", "健康", "锐利", "居中",
        "无殊", "自然", "匀称", "连续", "如常"}},
      {kMargin,
       {"边界", "边缘", "界限", "界线", "分界", "轮廓", "境界", "纹理", "结构", "间隙", "壁"}},
      {kAttributive,
       {"无移位", "无明显移位", "无回声", "无肺纹理", "无症状", "无痛", "无痛性", "无名", "错位",
        "无论", "无菌", "无菌性", "无功能", "无定形", "非特异性", "非小细胞", "非典型", "不论",
        "不管", "不张", "不全", "不同程度", "不等", "不断", "未来", "未成年", "非常", "会厌",
        "会阴", "能量", "能力", "能谱", "有丝分裂", "有限", "有时", "有关", "有助", "有效", "见解",
        "见于", "含气", "由于",
        // where 上, 中, 内 and 里 name a place of the body and not the image
        "上肺", "上叶", "上方", "上部", "上腹", "上侧", "上下", "上肢", "中部", "中间", "中心",
        "中央", "中叶", "中肺", "中度", "中等", "中枢", "里面", "内侧", "内部", "内脏"}},
  };
  return kRows;
}

const std::vector<CueRow>& EnglishRows() {
  static const std::vector<CueRow> kRows = {
      {kYes, {"yes", "yeah", "yep", "yup", "affirmative"}},
      {kYesAlone,
       {"correct", "it is", "it does", "positive", "true", "indeed", "certainly", "definitely",
        "sure", "absolutely", "of course"}},
      {kNo, {"nope", "nah"}},
      {kNoAlone, {"incorrect", "negative", "false"}},
      {kPresence,
       {"there is",
        "there are",
        "there was",
        "there were",
        "there appears to be",
        "there seems to be",
        "there does appear to be",
        "shows",
        "show",
        "shown",
        "contains",
        "contain",
        "contained",
        "demonstrates",
        "demonstrate",
        "demonstrated",
        "reveals",
        "reveal",
        "revealed",
        "see",
        "seen",
        "visible",
        "present",
        "identified",
        "appreciated",
        "found",
        "detected",
        "observed",
        "evident",
        "exists",
        "exist",
        "noted",
        "apparent",
        "visualized",
        "visualised",
        "i see",
        "we see",
        "i can see",
        "we can see",
        "includes",
        "include",
        "depicted",
        "depicts",
        "displayed",
        "has",
        "have",
        "in image",
        "in the image",
        "in this image",
        "in the picture",
        "on the image",
        "on this image",
        "appear in",
        "discernible",
        "observe",
        "detect",
        "find",
        "appreciate",
        "notice"}},
      {kReport,
       {"there is", "there are", "there was", "there were", "shows", "demonstrates", "reveals",
        "i see", "we see", "i can see", "we can see", "has", "have", "contains"}},
      {kContains, {"contains", "contain", "includes", "include"}},
      {kDenial, {"not", "never", "neither", "rather than", "instead of"}},
      {kAbsence,
       {"no", "without", "none", "nothing", "cannot see", "can not see", "absent", "absence of",
        "free of", "negative for", "lacks", "lack of", "lacking", "devoid of"}},
      {kNoDenial,
       {"not only",         "not just",           "no doubt",           "without doubt",
        "without a doubt",  "no question",        "without question",   "undoubtedly",
        "beyond doubt",     "beyond a doubt",     "not difficult to",   "not hard to",
        "no wonder",        "nothing but",        "nothing other than", "none other than",
        "no way to miss",   "no way to overlook", "impossible to miss", "hard to miss",
        "difficult to miss"}},
      {kInability,
       {"cannot", "can not", "could not", "unable to", "not able to", "impossible to",
        "not possible to", "difficult to", "hard to", "am unable", "are unable", "not possible"}},
      {kJudge, {"determine",   "determined",    "determinable",
                "tell",        "assess",        "assessed",
                "say",         "know",          "known",
                "judge",       "judged",        "evaluate",
                "evaluated",   "identify",      "ascertain",
                "ascertained", "conclude",      "concluded",
                "confirm",     "confirmed",     "discern",
                "distinguish", "distinguished", "answer",
                "answered",    "sure",          "certain",
                "diagnose",    "diagnosed",     "establish",
                "established", "differentiate", "visualize",
                "interpret",   "clear",         "conclusive",
                "definite",    "definitive",    "assessable",
                "evaluable",   "specified",     "stated",
                "mentioned",   "given",         "provided",
                "supplied",    "available",     "applicable",
                "necessarily", "diagnostic",    "of diagnostic quality",
                "decide",      "decided",       "comment"}},
      {kExclusion, {"exclude", "excluded", "rule out", "ruled out", "excludes", "rules out"}},
      {kExcept, {"except", "except for", "apart from", "aside from", "other than"}},
      {kDoubt,
       {"possible",   "possibly",     "probable",   "probably",  "maybe",       "perhaps",
        "likely",     "unlikely",     "may",        "might",     "could be",    "suspected",
        "suspicious", "questionable", "suggestive", "equivocal", "possibility", "suspicion",
        "concern",    "chance",       "risk",       "doubt",     "doubtful",    "uncertainty"}},
      {kUnknown,
       {"unclear", "unknown", "uncertain",

        "not enough", "insufficient", "inconclusive", "no idea", "no way to", "no way of",
        "cannot be seen", "can not be seen", "not sufficient", "indeterminable",
        "beyond my ability"}},
      {kMeans,
       {"conclusion", "conclusions", "information", "certainty", "determination", "comment",
        "answer", "detail", "details", "data"}},
      {kAlternative, {"or"}},
      {kQuestion,
       {"whether", "what", "which", "where", "how", "why", "who", "is there", "are there"}},
      {kFiller, {"a",           "an",          "the",        "any",         "there",
                 "it is",       "it does",     "be",         "been",        "is",
                 "are",         "was",         "were",       "to",          "fully",
                 "completely",  "entirely",    "definitely", "definite",    "clearly",
                 "clear",       "obvious",     "obviously",  "significant", "significantly",
                 "apparent",    "readily",     "currently",  "also",        "does",
                 "do",          "did",         "i",          "we",          "it",
                 "this",        "that",        "you",        "really",      "actually",
                 "reliably",    "accurately",  "easily",     "for",         "with",
                 "certainty",   "confidently", "able",       "quite",       "very",
                 "evidence of", "evidence",    "sign of",    "signs of",    "but",
                 "and",         "so",          "would",      "should",      "will",
                 "possible to", "exactly",     "can",        "enough",      "sufficient",
                 "more",        "such",        "some",       "me",          "allow",
                 "permit",      "provide",     "too"}},
      {kParticle,
       {"well", "oh", "okay", "ok", "hi", "hello", "sorry", "please", "sir", "apologize",
        "apologies", "unfortunately"}},
      {kSource,
       {"the image",
        "this image",
        "image",
        "the picture",
        "this picture",
        "the scan",
        "this scan",
        "the x ray",
        "this x ray",
        "the radiograph",
        "this radiograph",
        "the answer is",
        "answer",
        "x ray",
        "radiograph",
        "scan",
        "ct",
        "mri",
        "film",
        "picture",
        "ultrasound",
        "the answer",
        "final answer",
        "the final answer is",
        "the ct",
        "the mri",
        "the film"}},
      {kBasis,
       {"based on", "according to", "judging from", "judging by", "in the image", "in this image",
        "on the image", "on this image", "from the image", "from this image", "as an ai",
        "given the image"}},
      {kRest,
       {"other", "others", "otherwise", "additional", "remaining", "rest", "remainder", "else",
        "further", "elsewhere"}},
      {kNormal, {"normal", "unremarkable", "intact", "clear", "healthy", "within normal limits"}},
      {kMargin, {"margin", "margins", "border", "borders", "outline", "contour", "contours"}},
      {kAttributive, {"pet ct"}},
  };
  return kRows;
}

using Buckets = std::unordered_map<char32_t, std::vector<const Cue*>>;

/// Cues by their first character, the longest first. Of two kinds the first in the table counts.
const Buckets& CueBuckets() {
  static const Buckets kBuckets = [] {
    Buckets buckets;
    for (const Cue& cue : Cues()) buckets[ReadUtf8(cue.text, 0).code_point].push_back(&cue);
    for (auto& [first, cues] : buckets) {
      std::stable_sort(cues.begin(), cues.end(),
                       [](const Cue* a, const Cue* b) { return a->text.size() > b->text.size(); });
    }
    return buckets;
  }();
  return kBuckets;
}

/// How each character of a cue may be written: as it is, and as the characters that fold to it.
const std::unordered_map<char32_t, std::vector<std::string>>& WrittenForms() {
  static const auto kForms = [] {
    std::unordered_map<char32_t, std::vector<std::string>> forms;
    for (const Cue& cue : Cues()) {
      for (size_t at = 0; at < cue.text.size();) {
        const Utf8Step step = ReadUtf8(cue.text, at);
        forms[step.code_point] = {std::string(cue.text.substr(at, step.length))};
        at += step.length;
      }
    }
    for (char32_t c = 0x4e00; c < 0xa000; ++c) {
      const auto form = forms.find(SimplifiedOf(c));
      if (form == forms.end() || form->first == c) continue;
      AppendUtf8(c, form->second.emplace_back());
    }
    return forms;
  }();
  return kForms;
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

}  // namespace

std::span<const Cue> Cues() {
  static const std::vector<Cue> kCues = [] {
    std::map<std::string_view, Cue> cues;
    const auto add = [&](const std::vector<CueRow>& rows, CueLanguage language) {
      for (const CueRow& row : rows) {
        for (const std::string_view text : row.texts) {
          Cue& cue = cues.try_emplace(text, Cue{text, language}).first->second;
          cue.kinds |= 1U << static_cast<unsigned>(row.kind);
        }
      }
    };
    add(ChineseRows(), CueLanguage::kChinese);
    add(EnglishRows(), CueLanguage::kEnglish);
    std::vector<Cue> all;
    for (const auto& [text, cue] : cues) all.push_back(cue);
    return all;
  }();
  return kCues;
}

const Cue* CueAt(std::string_view folded, size_t at) {
  const bool in_word = IsWordCharacter(folded[at]);
  if (in_word && at > 0 && IsWordCharacter(folded[at - 1])) return nullptr;
  const auto bucket = CueBuckets().find(ReadUtf8(folded, at).code_point);
  if (bucket == CueBuckets().end()) return nullptr;
  const std::string_view rest = folded.substr(at);
  const auto matches = [&](const Cue* cue) {
    if (!rest.starts_with(cue->text)) return false;
    return !in_word || rest.size() == cue->text.size() || !IsWordCharacter(rest[cue->text.size()]);
  };
  const auto found = std::find_if(bucket->second.begin(), bucket->second.end(), matches);
  return found == bucket->second.end() ? nullptr : *found;
}

bool BeginsCue(std::string_view folded, std::string_view bytes) {
  return std::any_of(Cues().begin(), Cues().end(), [&](const Cue& cue) {
    if (cue.text.size() <= folded.size() || !cue.text.starts_with(folded)) return false;
    if (bytes.empty()) return true;
    const std::vector<std::string>& written =
        WrittenForms().at(ReadUtf8(cue.text, folded.size()).code_point);
    return std::any_of(written.begin(), written.end(),
                       [&](const std::string& form) { return form.starts_with(bytes); });
  });
}

}  // namespace roentgen
