#include "roentgen/language/medical_terms.h"

#include <iterator>
#include <sstream>
#include <string>
#include <unordered_set>

#include "roentgen/language/synonyms.h"
#include "roentgen/text/normal_form.h"

namespace roentgen {
namespace {

constexpr std::string_view kChestReportTerms[] = {
    "lung",         "lungs",       "lung field",  "lung fields",  "heart",         "heart size",
    "cardiac",      "mediastinum", "mediastinal", "diaphragm",    "hemidiaphragm", "costophrenic",
    "pleural",      "pleura",      "hilum",       "hilar",        "aorta",         "aortic",
    "trachea",      "rib",         "ribs",        "clavicle",     "spine",         "lobe",
    "apex",         "apical",      "effusion",    "pneumothorax", "atelectasis",   "consolidation",
    "opacity",      "opacities",   "infiltrate",  "pneumonia",    "edema",         "cardiomegaly",
    "nodule",       "mass",        "fracture",    "emphysema",    "fibrosis",      "calcification",
    "granuloma",    "silhouette",  "vascularity", "catheter",     "radiograph",    "bilateral",
    "interstitial", "lesion",      "肺野",        "肺纹理",       "肺门",          "双肺",
    "两肺",         "心影",        "心脏",        "纵隔",         "膈面",          "横膈",
    "肋膈角",       "胸腔积液",    "气胸",        "肺不张",       "实变",          "斑片影",
    "磨玻璃影",     "肺炎",        "肺水肿",      "结节",         "肿块",          "骨折",
    "肺气肿",       "胸膜",        "主动脉",      "气管",         "肋骨",          "锁骨",
    "脊柱",         "钙化",        "密度",        "透亮度",       "病变",          "肺叶",
    "支气管"};

constexpr std::string_view kOtherWords = R"(
abdomen abdominal abduct abduction abductor abnormal acute adduct adduction adductor adenoma adipose
adrenal afferent alveolar anal aneurysm angiography angle ankle anterior antral antrum aortogram
appendix area arterial arteries arteriole arteritis artery arthritis aspiration atrial atrium
attribute auditory aural axial axilla axillary axis back band basal base basilar benign biceps bifid
bilateral biliary bladder bleed blood body bone bones bony bowel brachial brain brainstem branchial
breast bright bronchi bronchial bronchus buccal bulge bulla burn bursa caecum calcaneus calf callus
calvarium canal capitate capsule caput cardia cardiac carina carotid carpal carpus cartilage cast
category caudad caudal caudate cava caval cavity cecum celiac central cerebellar
cerebellum cerebral cerebrum cervical cervix cheek chest chin choice choroid chronic cisternal
class clavicular clear close closed closer clot coat coccyx coeliac colic colitis colon colonic
color colour condyle contrast cord core cornea coronal coronary corpora corpus cortex cortical
costal count cranial cranium crural crus cubital cuboid cuneiform cusp cyst cystic cystitis
cysts dark decubitus deep delta deltoid dense density dental dermal diagnosis diaphysis diffuse
diffusion digit disc discoid disease disk distal distant distension doppler dorsal dorsum dose duct
ductal duodenal duodenum dura dural dynamic ear ears echo edge efferent effusion ejection elbow
emboli embolus endplate enteric epiphysis erect erosion esophageal esophagus even eversion
expiration expiratory extension eyes face facet facial falx fascia fasciae fascial fast fauces
female femora femoral femur fetal fibroid fibroma fibrosis fibula fibular finding findings finger
fingers fissure fixation flank flexion fluid fluoroscopy focal fold foot foramen fossa fovea
free frontal full fundal fundus fusion gall gallbladder ganglia ganglion gastric genital gland glans
glenoid glioma gliosis globe glottis gluteal gluteus good gradient gray grey groin gums gyri gyrus
haematoma hair hallux hamate hand hands head heart heel hematoma hepatic hepatoma hernia hiatal
hiatus hila hind hippocampal hippocampus hips horn humeral humerus hyoid ileac ileal ileum
ileus iliac ilium infarct infarction infection inferior inflection infra infraction infusion
inguinal injection inner inspiration inspiratory insula insular interior intestinal intestine intima
invasion inversion iris ischial ischium jaws jejunal jejunum joint jugular jugulum kidney kidneys
kind knee knees knuckle labia labial labium labrum lacrimal lamina large laryngeal larynx lateral
left leftward legs lens lenticular lesser level ligament limb limbic limbs line lines lingual
lingula lipoma lips liver lobar lobes lobule local location long lower lumbar lumen luminal
lunate lung lymph lymphatic lymphoma macroadenoma macrocalcification macrocalcifications
macronodular macrovascular macula malar male malignant malleolar malleolus malleus mammography
mandible mandibular manubrium marrow mass masses mastoid maxilla maxillary mean medial median
mediastinum medical medulla medullary melanoma membrane meningeal meninges meniscal meniscus
mesenteric mesentery mesial metacarpal metaphysis metatarsal microadenoma microcalcification
microcalcifications micronodular microvascular midline mitral modal modality molar mouth mucosa
mucosal mucous mucus mural muscle muscles muscular myeloma myocardial myocardium myoma myxoma nail
nasal nasion navel navicular neck necrosis nerve nerves neural neuroma nodal node nodes
none normal nose nostril nuchal nuclear nuclei nucleus number obliqua oblique occipital occiput
ocular omental omentum open optic oral orbit orbital orbits organ osteitis other others otitis outer
oval ovarian ovary pain palatal palate palatine palm palmar palpable pancreas pancreatic papilla
paranasal parietal parotid pars part patella patellar pectoral pelvic pelvis penile penis perfusion
perianal perineal perineum perineural periosteum peritoneal peritoneum peroneal peroneus phalangeal
phalanges phalanx pharyngeal pharynx pineal pinna pituitary placenta plain planar plane plantar
plaque plate plexus pole polyp polyps pons pontine popliteal porta portable portal position post
posterior preputial presence present probe prone prostate prostatic prostrate proximal psoas pubic
pubis pulmonary pulp pupil pyloric pylorus quality quantity radial radical radicular radiology
radius reason rectal rectum rectus renal report resection retina retinal right root roots
rostral rotator sacral sacrum sagittal salivary scalp scaphoid scapula scapular scar scars sciatic
sclera sclerosis scrotal scrotum sella septal septum series serosa serous sesamoid shade shape sharp
shin short shoulder side sides sigmoid sinus sinuses site size skin skull slice slide small soft
sole spinal spine spines spleen splenic spondylosis squamous stem stenosis stent sternal
sternum stoma stomach stone stool stroma stromal subdural sulci sulcus superior supine sural
suture synovial talar talus tarsal tarsus teeth temple temporal tendon tension tentorial tentorium
testes testicular testis thalami thalamic thalamus thenar thigh thoracic thorax throat thumb thymic
thymus thyroid tibia tibial tissue toes tomography tomosynthesis tongue tonsil tooth torsion torso
tracheal tract transversal transverse trapezium trapezius trapezoid triceps trochlea trunk tubal
tube tumor tumour tympanic type ulcer ulna ulnar ultrasound umbilical umbilicus unilateral upper
ureter ureteral ureteric ureteritis urethra urethral urethritis urinary urine uterine uterus uvea
uvula vagal vagina vaginal vagus valgus valve varus vascular veins venous ventral ventricle
ventricular vertebra vertebrae vertebral vesical vesicle vessel vessels vestibular view viscera
visceral vitreous vocal vomer vulva wall white word wrist year zygoma zygomatic
)";

constexpr std::string_view kAbbreviations = R"(
adem aica ards birads cabg cbct cect ceus cidp copd ctac ctap ctpa ctpv ctva dcis dexa dlbcl dmsa
dota dtap dtpa ecmo ercp evar flair gist hida hrct iabp lcis ldct lirads lmlo mibg mrcp mrsa nafld
nash ncct nect nsclc nstemi pcom pica picc pirads psma ptac ptbd ptca ptcd rmlo sclc spect stemi stir
tace tavi tavr tips tirads
)";

std::unordered_set<std::string> WordsOf(std::string_view text) {
  std::istringstream words{std::string(text)};
  return {std::istream_iterator<std::string>(words), {}};
}

const std::unordered_set<std::string>& KnownForms() {
  static const std::unordered_set<std::string> kForms = [] {
    std::unordered_set<std::string> forms = WordsOf(kAbbreviations);
    for (const std::string_view term : kChestReportTerms) forms.insert(ComparisonForm(term));
    forms.merge(WordsOf(kOtherWords));
    return forms;
  }();
  return kForms;
}

}  // namespace

std::span<const std::string_view> ChestReportTerms() {
  return kChestReportTerms;
}

bool IsKnownAbbreviation(std::string_view text) {
  static const std::unordered_set<std::string> kKnown = WordsOf(kAbbreviations);
  return kKnown.contains(ComparisonForm(text));
}

bool IsKnownTerm(std::string_view text) {
  return KnownForms().contains(ComparisonForm(text)) || HasSynonyms(text);
}

}  // namespace roentgen
