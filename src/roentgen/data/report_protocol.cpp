#include "roentgen/data/report_protocol.h"

namespace roentgen {
namespace {

constexpr ReportStep kTechnique{
    "technique",
    {"Examination", "检查"},
    {"Which examination is this? Name the modality, the body part and the view.",
     "这是什么检查？请说明成像方式、部位和体位。"}};
constexpr ReportStep kBones{"bones", {"Bones", "骨骼"}, {"Describe the bones.", "请描述骨骼。"}};
constexpr ReportStep kImpression{
    "impression", {"Impression", "诊断意见"}, {"What is your impression?", "诊断意见是什么？"}};

constexpr std::array kChest = {
    kTechnique,
    ReportStep{"lungs", {"Lung fields", "肺野"}, {"Describe the lung fields.", "请描述双肺野。"}},
    ReportStep{"heart",
               {"Heart and mediastinum", "心影和纵隔"},
               {"Describe the heart and the mediastinum.", "请描述心影和纵隔。"}},
    ReportStep{"diaphragm",
               {"Diaphragm and costophrenic angles", "膈肌和肋膈角"},
               {"Describe the diaphragm and the costophrenic angles.", "请描述膈肌和肋膈角。"}},
    kBones,
    kImpression,
};

constexpr std::array kHead = {
    kTechnique,
    ReportStep{"brain", {"Brain", "脑实质"}, {"Describe the brain.", "请描述脑实质。"}},
    ReportStep{"midline",
               {"Midline and ventricles", "中线和脑室"},
               {"Describe the midline and the ventricles.", "请描述中线和脑室。"}},
    ReportStep{"bones", {"Skull", "颅骨"}, {"Describe the skull.", "请描述颅骨。"}},
    kImpression,
};

constexpr std::array kAbdomen = {
    kTechnique,
    ReportStep{"liver", {"Liver", "肝脏"}, {"Describe the liver.", "请描述肝脏。"}},
    ReportStep{"kidneys", {"Kidneys", "肾脏"}, {"Describe the kidneys.", "请描述肾脏。"}},
    ReportStep{"spleen", {"Spleen", "脾脏"}, {"Describe the spleen.", "请描述脾脏。"}},
    kImpression,
};

constexpr std::array kOther = {
    kTechnique,
    ReportStep{"organs",
               {"Organs", "器官"},
               {"Which organs and structures are shown, and how do they look?",
                "图像显示了哪些器官和结构？表现如何？"}},
    ReportStep{"abnormal",
               {"Abnormal findings", "异常表现"},
               {"Describe what is abnormal, if anything.", "请描述图像中的异常表现。"}},
    kBones,
    kImpression,
};

}  // namespace

std::span<const ReportStep> ReportProtocol(ReportSubject subject) {
  switch (subject) {
    case ReportSubject::kChest:
      return kChest;
    case ReportSubject::kHead:
      return kHead;
    case ReportSubject::kAbdomen:
      return kAbdomen;
    default:
      return kOther;
  }
}

}  // namespace roentgen
