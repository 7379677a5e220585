#include "roentgen/evaluation/english_report_words.h"

namespace roentgen {
namespace {

using enum PhraseRole;

// The observations and the words for denial and doubt follow CheXpert's labeler (Irvin et al. 2019)
// and NegBio (Peng et al. 2018).

constexpr ReportPhrase kEnglish[] = {
    // Enlarged cardiomediastinum
    {"mediastinum", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"cardiomediastinum", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"mediastinal contour", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"mediastinal contours", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"mediastinal silhouette", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"mediastinal configuration", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"cardiomediastinal silhouette", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"cardiomediastinal contour", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"cardiomediastinal contours", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"pericardial silhouette", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"superior mediastinum", kStructure, ReportLabel::kEnlargedCardiomediastinum},
    {"mediastinal widening", kFinding, ReportLabel::kEnlargedCardiomediastinum},
    {"mediastinal enlargement", kFinding, ReportLabel::kEnlargedCardiomediastinum},
    {"enlarged cardiomediastinum", kFinding, ReportLabel::kEnlargedCardiomediastinum},
    // Cardiomegaly
    {"cardiomegaly", kFinding, ReportLabel::kCardiomegaly},
    {"cardiac enlargement", kFinding, ReportLabel::kCardiomegaly},
    {"heart", kStructure, ReportLabel::kCardiomegaly},
    {"heart size", kStructure, ReportLabel::kCardiomegaly},
    {"ctr", kStructure, ReportLabel::kCardiomegaly},
    {"cardiothoracic ratio is increased", kFinding, ReportLabel::kCardiomegaly},
    {"increased cardiothoracic ratio", kFinding, ReportLabel::kCardiomegaly},
    {"cardiothoracic ratio", kStructure, ReportLabel::kCardiomegaly},
    {"borderline cardiomegaly", kWeakFinding, ReportLabel::kCardiomegaly},
    {"borderline cardiac enlargement", kWeakFinding, ReportLabel::kCardiomegaly},
    {"cardiac size", kStructure, ReportLabel::kCardiomegaly},
    {"cardiac shadow", kStructure, ReportLabel::kCardiomegaly},
    {"cardiac contour", kStructure, ReportLabel::kCardiomegaly},
    {"cardiac contours", kStructure, ReportLabel::kCardiomegaly},
    {"cardiac silhouette", kStructure, ReportLabel::kCardiomegaly},
    {"heart shadow", kStructure, ReportLabel::kCardiomegaly},
    // Lung lesion
    {"mass", kFinding, ReportLabel::kLungLesion},
    {"masses", kFinding, ReportLabel::kLungLesion},
    {"nodule*", kFinding, ReportLabel::kLungLesion},
    {"nodular density", kFinding, ReportLabel::kLungLesion},
    {"nodular densities", kFinding, ReportLabel::kLungLesion},
    {"nodular opacit*", kFinding, ReportLabel::kLungLesion},
    {"nodular opacification", kFinding, ReportLabel::kLungLesion},
    {"lump", kFinding, ReportLabel::kLungLesion},
    {"cavitary lesion*", kFinding, ReportLabel::kLungLesion},
    {"carcinoma*", kFinding, ReportLabel::kLungLesion},
    {"lung cancer*", kFinding, ReportLabel::kLungLesion},
    {"lung lesion*", kFinding, ReportLabel::kLungLesion},
    {"pulmonary lesion*", kFinding, ReportLabel::kLungLesion},
    {"lung metastas*", kFinding, ReportLabel::kLungLesion},
    {"pulmonary metastas*", kFinding, ReportLabel::kLungLesion},
    {"neoplasm*", kFinding, ReportLabel::kLungLesion},
    {"tumor*", kFinding, ReportLabel::kLungLesion},
    {"tumour*", kFinding, ReportLabel::kLungLesion},
    {"calcified nodul*", kNothing},
    {"massive*", kNothing},
    // Lung opacity
    {"opaci*", kFinding, ReportLabel::kLungOpacity},
    {"decreased translucency", kFinding, ReportLabel::kLungOpacity},
    {"increased density", kFinding, ReportLabel::kLungOpacity},
    {"airspace disease", kFinding, ReportLabel::kLungOpacity},
    {"air-space disease", kFinding, ReportLabel::kLungOpacity},
    {"air space disease", kFinding, ReportLabel::kLungOpacity},
    {"infiltrat*", kFinding, ReportLabel::kLungOpacity},
    {"interstitial marking*", kFinding, ReportLabel::kLungOpacity},
    {"interstitial pattern", kFinding, ReportLabel::kLungOpacity},
    {"interstitial lung", kFinding, ReportLabel::kLungOpacity},
    {"reticular pattern", kFinding, ReportLabel::kLungOpacity},
    {"reticular marking*", kFinding, ReportLabel::kLungOpacity},
    {"reticulation*", kFinding, ReportLabel::kLungOpacity},
    {"parenchymal scarring", kFinding, ReportLabel::kLungOpacity},
    {"peribronchial thickening", kFinding, ReportLabel::kLungOpacity},
    {"wall thickening", kFinding, ReportLabel::kLungOpacity},
    {"scar*", kFinding, ReportLabel::kLungOpacity},
    // Edema
    {"edema", kFinding, ReportLabel::kEdema},
    {"oedema", kFinding, ReportLabel::kEdema},
    {"heart failure", kFinding, ReportLabel::kEdema},
    {"chf", kFinding, ReportLabel::kEdema},
    {"vascular congestion", kWeakFinding, ReportLabel::kEdema},
    {"pulmonary congestion", kWeakFinding, ReportLabel::kEdema},
    {"pulmonary vascular congestion", kWeakFinding, ReportLabel::kEdema},
    {"indistinctness", kWeakFinding, ReportLabel::kEdema},
    {"vascular prominence", kWeakFinding, ReportLabel::kEdema},
    // Consolidation
    {"consolidat*", kFinding, ReportLabel::kConsolidation},
    // Pneumonia
    {"pneumonia*", kFinding, ReportLabel::kPneumonia},
    {"infection*", kFinding, ReportLabel::kPneumonia},
    {"pna", kFinding, ReportLabel::kPneumonia},
    {"infectious process", kFinding, ReportLabel::kPneumonia},
    {"infectious", kFinding, ReportLabel::kPneumonia},
    // Atelectasis
    {"atelecta*", kFinding, ReportLabel::kAtelectasis},
    {"collapse*", kFinding, ReportLabel::kAtelectasis},
    // Pneumothorax
    {"pneumothorax", kFinding, ReportLabel::kPneumothorax},
    {"pneumothoraces", kFinding, ReportLabel::kPneumothorax},
    {"hydropneumothorax", kFinding, ReportLabel::kPneumothorax},
    {"ptx", kFinding, ReportLabel::kPneumothorax},
    // Pleural effusion
    {"effusion*", kFinding, ReportLabel::kPleuralEffusion},
    {"pleural fluid", kFinding, ReportLabel::kPleuralEffusion},
    // Pleural other
    {"pleural thickening", kFinding, ReportLabel::kPleuralOther},
    {"fibrosis", kFinding, ReportLabel::kPleuralOther},
    {"fibrothorax", kFinding, ReportLabel::kPleuralOther},
    {"pleural scar*", kFinding, ReportLabel::kPleuralOther},
    {"pleural parenchymal scar*", kFinding, ReportLabel::kPleuralOther},
    {"pleuro-parenchymal scar*", kFinding, ReportLabel::kPleuralOther},
    {"pleuro-pericardial scar*", kFinding, ReportLabel::kPleuralOther},
    // Fracture
    {"fracture*", kFinding, ReportLabel::kFracture},
    {"fx", kFinding, ReportLabel::kFracture},
    // Support devices
    {"pacer*", kFinding, ReportLabel::kSupportDevices},
    {"kerley b line*", kOther},
    {"pleural line*", kOther},
    {"fracture line*", kFinding, ReportLabel::kFracture},
    {"midclavicular line", kNothing},
    {"joint line*", kNothing},
    {"mass effect", kOther},
    {"pleural plaque*", kFinding, ReportLabel::kPleuralOther},
    {"line", kFinding, ReportLabel::kSupportDevices},
    {"lines", kFinding, ReportLabel::kSupportDevices},
    {"picc", kFinding, ReportLabel::kSupportDevices},
    {"tube", kFinding, ReportLabel::kSupportDevices},
    {"tubes", kFinding, ReportLabel::kSupportDevices},
    {"valve*", kFinding, ReportLabel::kSupportDevices},
    {"catheter*", kFinding, ReportLabel::kSupportDevices},
    {"pacemaker*", kFinding, ReportLabel::kSupportDevices},
    {"hardware", kFinding, ReportLabel::kSupportDevices},
    {"arthroplast*", kFinding, ReportLabel::kSupportDevices},
    {"marker*", kFinding, ReportLabel::kSupportDevices},
    {"icd", kFinding, ReportLabel::kSupportDevices},
    {"defib*", kFinding, ReportLabel::kSupportDevices},
    {"device*", kFinding, ReportLabel::kSupportDevices},
    {"drain", kFinding, ReportLabel::kSupportDevices},
    {"drains", kFinding, ReportLabel::kSupportDevices},
    {"plate", kFinding, ReportLabel::kSupportDevices},
    {"plates", kFinding, ReportLabel::kSupportDevices},
    {"screw*", kFinding, ReportLabel::kSupportDevices},
    {"cannula*", kFinding, ReportLabel::kSupportDevices},
    {"coil*", kFinding, ReportLabel::kSupportDevices},
    {"support apparatus", kFinding, ReportLabel::kSupportDevices},
    {"equipment", kFinding, ReportLabel::kSupportDevices},
    {"mediport", kFinding, ReportLabel::kSupportDevices},
    {"port-a-cath", kFinding, ReportLabel::kSupportDevices},
    // Abnormal, without a label
    {"emphysema*", kOther},
    {"blunt*", kOther},
    {"eventration", kOther},
    {"scoliosis", kOther},
    {"degenera*", kOther},
    {"calcifi*", kOther},
    {"hyperinflat*", kOther},
    {"hyperexpan*", kOther},
    {"bronchospasm", kOther},
    {"asthma", kOther},
    {"hernia*", kOther},
    {"copd", kOther},
    {"plaque*", kOther},
    {"osteophyt*", kOther},
    {"cephalization", kOther},
    {"bullae", kOther},
    {"contusion*", kOther},
    {"atherosclero*", kOther},
    {"osteopenia", kOther},
    {"metastas*", kOther},
    {"granuloma*", kOther},
    {"pneumomediastinum", kOther},
    {"pneumoperitoneum", kOther},
    {"cuffing", kOther},
    {"kyphosis", kOther},
    {"bronchiectasis", kOther},
    {"bronchitis", kOther},
    {"volume loss", kOther},
    {"deformity", kOther},
    {"hemorrhage", kOther},
    {"hematoma", kOther},
    {"arthropathy", kOther},
    {"tortuous", kOther},
    {"tubercul*", kOther},
    {"tb", kOther},
    {"lymphadenopathy", kOther},
    {"adenopathy", kOther},
    {"ascites", kOther},
    {"empyema*", kFinding, ReportLabel::kPleuralEffusion},
    {"hemothorax", kFinding, ReportLabel::kPleuralEffusion},
    {"haemothorax", kFinding, ReportLabel::kPleuralEffusion},
    {"pleural effusion*", kFinding, ReportLabel::kPleuralEffusion},
    {"pulmonary edema", kFinding, ReportLabel::kEdema},
    {"pulmonary oedema", kFinding, ReportLabel::kEdema},
    {"pulmonary nodule*", kFinding, ReportLabel::kLungLesion},
    {"pulmonary mass*", kFinding, ReportLabel::kLungLesion},
    {"surrounding edema", kOther},
    {"perilesional edema", kOther},
    {"vasogenic edema", kOther},
    {"lesion*", kOther},
    {"stone*", kOther},
    {"calcul*", kOther},
    {"haemorrhage*", kOther},
    {"hemorrhage*", kOther},
    {"haematoma*", kOther},
    {"infarct*", kOther},
    {"ischemi*", kOther},
    {"aneurysm*", kOther},
    {"dissection", kOther},
    {"embol*", kOther},
    {"thromb*", kOther},
    {"stenosis", kOther},
    {"narrowing", kOther},
    {"dislocat*", kOther},
    {"subluxation", kOther},
    {"spondyl*", kOther},
    {"arthrosis", kOther},
    {"osteoarthritis", kOther},
    {"arthritis", kOther},
    {"sclero*", kOther},
    {"erosion*", kOther},
    {"lytic", kOther},
    {"shift*", kOther},
    {"displace*", kOther},
    {"deviat*", kOther},
    {"dilat*", kOther},
    {"distended", kOther},
    {"distension", kOther},
    {"obstruct*", kOther},
    {"hydronephrosis", kOther},
    {"cyst*", kOther},
    {"ectasia", kOther},
    {"ectatic", kOther},
    {"elevat*", kOther},
    {"flatten*", kOther},
    {"thickening", kOther},
    {"thickened", kOther},
    {"swelling", kOther},
    {"atrophy", kOther},
    {"encephalomalacia", kOther},
    {"hydrocephalus", kOther},
    {"abnormalit*", kOther},
    {"not clear", kOther},
    {"air in the pleural space", kFinding, ReportLabel::kPneumothorax},
    {"air under", kOther},
    {"air beneath", kOther},
    {"cavity", kOther},
    {"cavities", kOther},
    {"white-out", kOther},
    {"whiteout", kOther},
    {"opacified", kOther},
    {"free air", kOther},
    {"free intraperitoneal air", kOther},
    {"pneumatocele*", kOther},
    {"bulla", kOther},
    {"bronchial wall thickening", kOther},
    {"silicosis", kOther},
    {"sarcoid*", kOther},
    {"pneumoconiosis", kOther},
    {"foreign body", kOther},
    {"foreign bodies", kOther},
    {"disease", kOther},
    {"injury", kOther},
    {"scoliotic", kOther},
    {"kyphotic", kOther},
    {"congestion", kOther},
    {"air-fluid level*", kOther},
    {"fluid", kOther},
    {"hypodens*", kOther},
    {"hyperdens*", kOther},
    {"process", kOther},
    {"processes", kOther},
    // Places outside the chest
    {"pericardi*", kElsewhere},
    {"peritone*", kElsewhere},
    {"abdom*", kElsewhere},
    {"knee", kElsewhere},
    {"hip", kElsewhere},
    {"joint", kElsewhere},
    {"ankle", kElsewhere},
    {"elbow", kElsewhere},
    {"shoulder", kElsewhere},
    {"thyroid", kElsewhere},
    {"brain", kElsewhere},
    {"cerebr*", kElsewhere},
    {"cerebell*", kElsewhere},
    {"intracerebral", kElsewhere},
    {"intracranial", kElsewhere},
    {"subdural", kElsewhere},
    {"liver", kElsewhere},
    {"hepatic", kElsewhere},
    {"kidney*", kElsewhere},
    {"renal", kElsewhere},
    {"spleen", kElsewhere},
    {"splenic", kElsewhere},
    {"pancrea*", kElsewhere},
    {"adrenal", kElsewhere},
    {"breast", kElsewhere},
    {"soft tissue*", kElsewhere},
    {"soft-tissue*", kElsewhere},
    {"subcutaneous", kElsewhere},
    {"bone marrow", kElsewhere},
    {"pelvi*", kElsewhere},
    {"mastoid*", kElsewhere},
    {"middle ear", kElsewhere},
    {"sinus", kElsewhere},
    {"sinuses", kElsewhere},
    {"maxillary", kElsewhere},
    {"bowel", kElsewhere},
    {"colon", kElsewhere},
    {"gastric", kElsewhere},
    {"uter*", kElsewhere},
    {"ovar*", kElsewhere},
    {"prostate", kElsewhere},
    {"bladder", kElsewhere},
    {"skull", kElsewhere},
    {"scalp", kElsewhere},
    {"suprapatellar", kElsewhere},
    // States of structures
    {"normal", kNormal},
    {"unremarkable", kNormal},
    {"nl", kNormal},
    {"wnl", kNormal},
    {"within limits", kNormal},
    {"not enlarged", kNormal},
    {"not widened", kNormal},
    {"no enlargement", kNormal},
    {"no widening", kNormal},
    {"without enlargement", kNormal},
    {"top normal", kNormal},
    {"enlarged", kAbnormal},
    {"enlargement", kAbnormal},
    {"large", kAbnormal},
    {"larger", kAbnormal},
    {"widened", kAbnormal},
    {"widening", kAbnormal},
    {"abnormal", kAbnormal},
    {"not normal", kAbnormal},
    {"prominent", kAbnormal},
    {"stable", kUnsure},
    {"unchanged", kUnsure},
    {"not changed", kUnsure},
    {"no change", kUnsure},
    {"without change", kUnsure},
    {"borderline", kUnsure},
    {"similar to prior", kUnsure},
    {"similar to the prior", kUnsure},
    {"upper limits of normal", kUnsure},
    // Denial
    {"no", kNotBefore},
    {"not", kNotBefore},
    {"without", kNotBefore},
    {"nothing to suggest", kNotBefore},
    {"nothing suggesting", kNotBefore},
    {"negative for", kNotBefore},
    {"free of", kNotBefore},
    {"free from", kNotBefore},
    {"clear of", kNotBefore},
    {"neither", kNotBefore},
    {"nor", kNotBefore},
    {"lack", kNotBefore},
    {"lacks", kNotBefore},
    {"absence of", kNotBefore},
    {"resolution of", kNotBefore},
    {"disappearance of", kNotBefore},
    {"clearing of", kNotBefore},
    {"removal of", kNotBefore},
    {"drainage of", kNotBefore},
    {"rather than", kNotBefore},
    {"failed to demonstrate", kNotBefore},
    {"ruled out for", kNotBefore},
    {"rules out", kNotBefore},
    {"is absent", kNotAfter},
    {"are absent", kNotAfter},
    {"ruled out", kNotAfter},
    {"is unlikely", kNotAfter},
    {"are unlikely", kNotAfter},
    {"is not seen", kNotAfter},
    {"unlikely to be", kNotBefore},
    {"unlikely to represent", kNotBefore},
    {"excluded", kNotAfter},
    {"resolved", kNotAfter},
    {"cleared", kNotAfter},
    {"not seen", kNotAfter},
    {"not identified", kNotAfter},
    {"not present", kNotAfter},
    {"not visualized", kNotAfter},
    {"not evident", kNotAfter},
    {"not demonstrated", kNotAfter},
    {"not detected", kNotAfter},
    {"no longer", kNotAfter},
    {"no longer seen", kNotAfter},
    {"no longer visualized", kNotAfter},
    {"no longer present", kNotAfter},
    {"removed", kNotAfter},
    {"been removed", kNotAfter},
    {"was removed", kNotAfter},
    {"were removed", kNotAfter},
    {"has disappeared", kNotAfter},
    {"history of", kPastBefore},
    {"prior study showed", kPastBefore},
    {"prior study showing", kPastBefore},
    {"previous study showed", kPastBefore},
    {"previous study showing", kPastBefore},
    {"prior study demonstrated", kPastBefore},
    {"previous study demonstrated", kPastBefore},
    // Doubt
    {"cannot exclude", kMaybeBefore},
    {"cannot rule out", kMaybeBefore},
    {"not exclude", kMaybeBefore},
    {"not rule out", kMaybeBefore},
    {"difficult to exclude a", kMaybeBefore},
    {"no new", kMaybeBefore},
    {"without new", kMaybeBefore},
    {"possibility of", kMaybeBefore},
    {"possible", kMaybeEither},
    {"possibly", kMaybeBefore},
    {"probable", kMaybeEither},
    {"probably", kMaybeBefore},
    {"presumably", kMaybeBefore},
    {"presumed", kMaybeBefore},
    {"questionable", kMaybeBefore},
    {"question of", kMaybeBefore},
    {"question", kMaybeBefore},
    {"suspected", kMaybeBefore},
    {"suspect", kMaybeBefore},
    {"suspicious for", kMaybeBefore},
    {"suspicion for", kMaybeBefore},
    {"suspicion of", kMaybeBefore},
    {"concern for", kMaybeBefore},
    {"concerning for", kMaybeBefore},
    {"concern of", kMaybeBefore},
    {"worrisome for", kMaybeBefore},
    {"suggestion of", kMaybeBefore},
    {"suggestive of", kMaybeBefore},
    {"suggesting", kMaybeBefore},
    {"may", kMaybeBefore},
    {"might", kMaybeBefore},
    {"could", kMaybeBefore},
    {"may represent", kMaybeBefore},
    {"may reflect", kMaybeBefore},
    {"favor", kMaybeBefore},
    {"consider", kMaybeBefore},
    {"differential diagnosis includes", kMaybeBefore},
    {"differential includes", kMaybeBefore},
    {"to exclude", kMaybeBefore},
    {"to rule out", kMaybeBefore},
    {"symptoms of", kMaybeBefore},
    {"cannot be excluded", kMaybeAfter},
    {"cannot be ruled out", kMaybeAfter},
    {"cannot be assessed", kMaybeAfter},
    {"cannot be evaluated", kMaybeAfter},
    {"not excluded", kMaybeAfter},
    {"not be excluded", kMaybeAfter},
    {"not ruled out", kMaybeAfter},
    {"difficult to exclude", kMaybeAfter},
    {"is suspected", kMaybeAfter},
    {"are suspected", kMaybeAfter},
    {"is possible", kMaybeAfter},
    {"are possible", kMaybeAfter},
    {"is questioned", kMaybeAfter},
    {"may be present", kMaybeAfter},
    {"could be present", kMaybeAfter},
    {"might be present", kMaybeAfter},
    {"less likely", kMaybeAfter},
    {"not well evaluated", kMaybeAfter},
    {"not well visualized", kMaybeAfter},
    {"poorly evaluated", kMaybeAfter},
    {"incompletely evaluated", kMaybeAfter},
    {"obscured", kMaybeAfter},
    {"?", kMaybeAfter},
    // Links and ends
    {"present", kAffirmAfter},
    {"is present", kAffirmAfter},
    {"are present", kAffirmAfter},
    {"is seen", kAffirmAfter},
    {"are seen", kAffirmAfter},
    {"is noted", kAffirmAfter},
    {"are noted", kAffirmAfter},
    {"is identified", kAffirmAfter},
    {"are identified", kAffirmAfter},
    {"persists", kAffirmAfter},
    {"persist", kAffirmAfter},
    {"or", kOr},
    {"versus", kOr},
    {"vs", kOr},
    {"and", kAnd},
    {",", kComma},
    {"but", kStop},
    {"however", kStop},
    {"although", kStop},
    {"though", kStop},
    {"except", kStop},
    {"except for", kStop},
    {"apart from", kStop},
    {"aside from", kStop},
    {"other than", kStop},
    {"there is", kStop},
    {"there are", kStop},
    {"while", kStop},
    {"whereas", kStop},
    {"despite", kStop},
    {";", kStop},
    {"|", kStop},
    {"- ", kStop},
    // Denial of denial, and of change
    {"not without", kNothing},
    {"not free of", kNothing},
    {"not clear of", kNothing},
    {"not negative for", kNothing},
    {"no doubt", kNothing},
    {"not only", kNothing},
    {"no absence of", kNothing},
    {"not resolved", kNothing},
    {"not cleared", kNothing},
    {"no resolution of", kNothing},
    {"no clearing of", kNothing},
    {"no increase", kNothing},
    {"no decrease", kNothing},
    {"no worsening", kNothing},
    {"no improvement", kNothing},
    {"not improved", kNothing},
    {"not increased", kNothing},
    {"not decreased", kNothing},
    {"not removed", kNothing},
    {"not been removed", kNothing},
    {"increase in size", kNothing},
    {"not just", kNothing},
};

constexpr std::string_view kFillers[] = {"completely", "entirely", "definitively", "definitely",
                                         "fully",      "yet",      "significant",  "significantly",
                                         "interval",   "definite", "mildly"};

constexpr std::string_view kNeutral =
    // Function words
    "a an the this that these those it its of in on at to for from with within into over under "
    "above "
    "below between behind beyond near along across through throughout by as is are was were be "
    "been "
    "being has have had having do does did can will would should must and or nor both either all "
    "any "
    "some each every other others another same such which who whose what where when than then "
    "there "
    "here also only even well very more most much many few several less least else again still now "
    "after before since until during prior because due so if about around approximately roughly up "
    "down out off per via upon against toward towards together otherwise rather quite too just one "
    "two three four five six seven eight nine ten first second third fourth fifth sixth seventh "
    "eighth ninth tenth eleventh twelfth single double he she his her we our they their you your i "
    // Study and technique
    "radiograph* x-ray* xray* ray rays film* image* imaging exam* study studies view* pa ap "
    "lateral "
    "frontal portable upright supine erect semi-upright sitting oblique single-view two-view scan* "
    "ct "
    "mri mr cxr tomograph* contrast enhanc* unenhanced noncontrast non-contrast without axial "
    "coronal "
    "sagittal slice* section* sequence* weighted series protocol technique obtained performed "
    "acquired "
    "acquisition reconstruct* compar* comparison* prior previous* preceding earlier interval "
    "current* "
    "today date* dated report* finding* impression conclusion* indication* history clinical "
    "patient* "
    "male female year* old month* day* week* hour* limited limit* rotat* inspir* expir* penetrat* "
    "exposure position* motion artifact* artefact* quality adequate* suboptimal* satisfactor* "
    "technical* diagnostic acceptable low-dose high-resolution multi* plan* project* "
    // Anatomy
    "chest thora* lung* lobe* lobar lobul* segment* subsegment* zone* base* basal basilar "
    "bibasilar "
    "apex apices apical field* hemithora* hila hilum hilar perihilar pulmonary airway* airspace "
    "trachea* carina* bronch* peribronch* parenchym* interstiti* vasc* vessel* vein* arter* aort* "
    "arch "
    "knob descending ascending svc vena cava atri* ventric* cardiac heart* pericard* mediastin* "
    "cardiomediastin* silhouette* contour* border* margin* outline* shadow* pleura* costophrenic "
    "cardiophrenic angle* sulc* fissure* diaphragm* hemidiaphragm* dome* subdiaphragm* rib rib* "
    "clavic* "
    "scapula* sternum sternal spine spinal vertebra* thoracolumbar lumbar cervical disc disk bone* "
    "bony "
    "osseous skelet* musculoskeletal humer* shoulder* joint* soft tissue* tissues skin wall* node* "
    "lymph "
    "nodal axilla* neck esophag* oesophag* stomach gastric bubble bowel colon liver spleen "
    "gallbladder "
    "biliary duct* kidney* ureter* pancrea* adrenal* bladder brain head skull calvari* ventricle* "
    "cistern* gray grey white matter midline basal ganglia thalam* hemisphere* orbit* sinus* "
    "mastoid* "
    "organ* region* area* level* aspect* portion* part* side* space* structure* structures volume* "
    "abdomen abdominal upper lower middle mid left right bilateral* unilateral* anterior posterior "
    "inferior superior medial central* peripheral* proximal distal deep superficial retrocardiac "
    "retrosternal suprahilar infrahilar paratracheal lingula* femur femoral tibia* fibula* radius "
    "ulna* "
    "wrist hand foot pelvis pelvic sacrum sacral hip knee ankle elbow cortex cortical trabecul* "
    "physes "
    "growth plate* meniscus ligament* tendon* spaces foramina canal cord pulmonic wires sternotomy "
    // Description
    "normal* unremarkable clear* well-aerated aerat* expand* expansion inflat* sharp* smooth "
    "intact "
    "preserved maintain* symmetric* homogen* uniform* regular patent visuali* seen see identif* "
    "note* "
    "noted noting show* shown demonstrat* reveal* appear* appearance* present presence evident "
    "evidence "
    "visible apparent detect* observ* evaluat* assess* consist* compatible suggest* indicat* "
    "represent* "
    "reflect* relat* associat* secondary likely unlikely definite* clear-cut obvious gross* "
    "grossly "
    "overt frank acute* chronic* subacute active* old new* recent* age age-related expected usual "
    "typical* within limits limit normal-sized sized size* shape* caliber calibre configur* width "
    "widths thickness density densities attenuation signal intensity pattern* distribut* course "
    "aligned "
    "alignment articulat* focal* diffuse* patchy scattered multifocal multiple numerous solitary "
    "small "
    "tiny minimal* mild* moderate* severe* marked* slight* subtle trace large* big subsegmental "
    "linear "
    "band* streaky hazy vague faint dense dens* ill-defined well-defined well defined defin* "
    "round* oval "
    "spiculat* irregular* confluent layering loculated free measuring measur* mm cm ml x degree* "
    "extent "
    "extend* extension involv* overlying underlying adjacent surround* project* unchanged stable "
    "stab* "
    "remain* persist* improv* wors* increas* decreas* progress* regress* chang* interval resol* "
    "develop* "
    "mark* markings loss suspicious concerning significan* insignificant nonspecific non-specific "
    "benign "
    "malignan* primary bulky convincing nondisplaced non-displaced displaced healed healing remote "
    "compression compressive passive dependent bibasal plate-like platelike discoid rounded "
    "cavitary "
    "calcified hypo* hyper* soft-tissue air gas lucency lucent "
    // Recommendations and the rest
    "recommend* follow* follow-up followup correlat* consider* advis* suggest further additional "
    "need* "
    "require* repeat continu* please discuss* physician* doctor* dr clinician* treatment* therapy "
    "antibiotic* post status s/p surgery surgical postoperative operat* procedure* place* "
    "placement "
    "placed tip terminat* insert* remov* withdraw* advanc* unit* ward room emergency department "
    "trauma "
    "fall cough fever pain dyspnea shortness breath screening routine preoperative pre-operative "
    "follow-up assessment information available reference* described describ* mention* detail* "
    "above "
    "aforementioned overall general* good fair satisfactory no not none nothing never "
    "cardiopulmonary "
    "intrathoracic extrathoracic intracranial intraabdominal intra-abdominal intraperitoneal "
    "retroperitoneal mesenter* degenerative-free osseous skeleton visualized visualised imaged "
    "included "
    "remainder rest incidental* note healthy adult child pediatric body habitus developmental "
    "variant "
    "et ng ij subclavian jugular cavoatrial junction cp nl wnl ok dz b/l bl appropriate residual "
    "ground "
    "glass effect paranasal differentiation carpal tarsal metacarp* metatars* phalan* beneath "
    "appendi* "
    "malalign* prevertebral paraspinal cta hrct pet rll rul rml lll lul lml subcentimet* number* "
    "cancer "
    "recurren* treated treat* radiat* irradiat* tension complete* leftward rightward pigtail situ "
    "ill early "
    "late wks wk mth document* nodularity kerley hiatal hiatus mesh like metallic metal coronary "
    "stent* "
    "unit similar identical slight* subsegment* excursion opacified pneumatiz* pneumatis* "
    "well-pneumatized "
    "paraseptal centrilobular apically laterally medially posteriorly anteriorly inferiorly "
    "superiorly "
    "centrally peripherally diffusely throughout scatter* isolated singular lone discrete distinct "
    "corresponding respectively approximately estimated exact* maximum minimum average longest "
    "shortest "
    "transverse craniocaudal dimension* diameter* greatest largest smallest length* height* "
    "heights depth "
    "area areas thick* thin* subpleural pleural parahilar mediastin* perivascular peripher* "
    "vertebrae "
    "vertebral bodies body end plates endplates facet* pedicle* lamina* process-free odontoid "
    "atlant* "
    "occipit* frontal parietal temporal mandib* maxilla* nasal septum turbinate* larynx pharynx "
    "epiglottis "
    "airways tonsil* adenoid* parotid submandibular orbit* globe* optic sella* pituitary cerebell* "
    "brainstem "
    "pons medulla falx tentori* corpus callosum insula* sulci sulcus gyri gyral parenchyma "
    "myocard* valve-free "
    "coil-free unobstruct* nonobstruct* gaseous stool fecal loop* jejun* ileum ileal duoden* cecum "
    "caecum "
    "rectum rectal sigmoid uterus ovar* prostate testi* scrot* seminal hepatobiliary portal vein "
    "confluence "
    "spleno* suprarenal psoas muscle* muscular fat fatty plane* fascia* subcutan* cutaneous dermal "
    "epicondyle* olecranon scaphoid lunate capitate calcaneus talus navicular cuneiform malleol* "
    "patella* "
    "acetabul* ischi* pubi* ilium iliac symphysis coccyx sacroiliac carina* hyoid thyroid "
    "cartilage* "
    "mineraliz* mineralis* ossif* osteo-normal marrow trabec* intramedullary periosteal apophys* "
    "epiphys* "
    "metaphys* diaphys* juxta* intact* fully partially entire* complete incomplete whole generally "
    "largely "
    "mostly mainly predominant* principal essential* basically virtually nearly almost quite "
    "fairly "
    "relatively somewhat slightly minimally mildly moderately severely markedly grossly definitely "
    "probably "
    "possibly potentially presumably certainly clearly apparently reportedly newly recently "
    "previously "
    "formerly currently presently today's patient's bedside intensive care icu er ed nicu preop "
    "postop "
    "admission discharge annual employment immigration visa clearance check checkup physical "
    "low negative greater exceeds sure whether surface* port dual lead leads filling defect* sign "
    "signs congestive dose rads mortise "
    "congruent cells "
    "cell extra intra collection* able allow* permit* raise* raising possibility alveol* "
    "dual-chamber chamber* "
    "dual-lead biventricular loop recorder monitor* electrode* sensor* cuff* balloon pump sheath* "
    "swan ganz "
    "tracheostomy endotracheal nasogastric orogastric enteric feeding dobhoff gastrostomy "
    "introducer reservoir "
    "hardware-free clip* staple* suture* button* jewelry clothing artifact-free external internal "
    "expected "
    "course coursing courses looped kink* coiled intact tortuosity-free uncoiled uncoil* sized "
    "enlarge* "
    "vasculature vascularity interlobular intralobular septa septal lines-free reticul* nodul* "
    "micronod* "
    "cavit* consolidative alveolar bronchovascular peribronchovascular bronchiolar air-filled "
    "airless "
    "bronchogram* silhouett* obscur* effac* blur* crisp distinct indistinct loss visible demarcat* "
    "delineat* "
    "outlined traced followed seen-free again redemonstrat* re-demonstrat* relatively grossly "
    "interval-free "
    "compared relative relation related versus regarding given considering despite-free setting "
    "context "
    "clinic* correlat* symptom* asymptomatic complaint* presentation presenting present* "
    "evaluation question* "
    "reason order* request* test* lab* laborator* culture* sputum biops* bronchoscop* endoscop* "
    "ultrasound* "
    "sonograph* echocardiograph* angiograph* fluoroscop* mammograph* scintigraph* spirometr* "
    "nuclear "
    "ventilation perfusion pulmonology cardiology oncology surgeon radiolog* nurse team provider "
    "notified "
    "communicat* call* phone* telephone* email verbal* inform* aware acknowledged time* am pm date "
    "minutes "
    "minute second seconds hours sign* signed electronically dictat* transcri* approv* final "
    "preliminar* "
    "addend* attest* resident attending staff fellow read* review* interpret* agree* discrep* wet "
    "optimal optimum ideal best better worse worst same similar* equal equally even evenly uneven "
    "slightly "
    "gently gradual* rapid* sudden* steady constant continuous* intermittent* occasional* "
    "frequent* rare* "
    "common* usual* unusual* atypical typical classic* characteristic* specific* nonspecif* "
    "general "
    "particular* certain* uncertain* indeterminate undetermined unknown known confirm* establish* "
    "prove* "
    "proven exclude* includ* consist* contain* compris* compos* form* make* made give* gives gave "
    "take* took "
    "taken get* got come* came go* went gone lie* lies lying stand* standing sit* rest* resting "
    "hold* held "
    "keep* kept let* lead-in need* use* used using utiliz* apply* applied appli* result* cause* "
    "caus* effect "
    "affect* influenc* alter* vary* vari* differ* distinguish* separat* divid* combin* add* "
    "additional* "
    "remov* replac* exchang* reposition* adjust* retract* retrac* pull* push* inject* administ* "
    "infus* drain* "
    "aspirat* thoracentes* thoracotom* thoracoscop* lobectom* pneumonectom* wedge resection* "
    "resect* "
    "mastectom* laparotom* cholecystectom* hysterectom* nephrectom* splenectom* cabg bypass graft* "
    "transplant* "
    "prosthe* implant* reconstruct* repair* fixation fusion fuse* plating screws-free rod* nail* "
    "pin* cerclage "
    "bone-free graft tavr tavi aortic mitral tricuspid pulmonic annul* leaflet* root sinotubular "
    "isthmus "
    "brachiocephalic innominate carotid vertebral-free coeliac celiac superior-free mesenteric "
    "iliac popliteal "
    "great vessels trunk* lobe-free lingular azygos hemiazygos thymus thymic esophageal "
    "oesophageal gastro* "
    "hepat* splen* nephr* cortic* medull* collecting pelvicalyceal calyces calyx ureteral urethra* "
    "vesic* "
    "perirenal perinephric retroperit* paraaortic para-aortic aortocaval inguinal obturator "
    "presacral mesorectal "
    "perirectal pericolic paracolic gutter* subphrenic subhepatic morison pouch omentum omental "
    "serosa* mucosa* "
    "mural transmural lumen* luminal intraluminal wall-free peristal* transit column* barium "
    "swallow enema "
    "oral intravenous iv iodinated gadolinium dynamic delayed arterial venous portal phase* "
    "nonspecific "
    "t1 t2 flair dwi adc stir gradient echo swi susceptib* diffusion restrict* isointense isodense "
    "hypointens* "
    "hyperintens* homogeneous* heterogeneous-free fluid-free cerebrospinal csf subarachnoid "
    "extra-axial "
    "extraaxial intraaxial epidural periventricular supratentorial infratentorial posterior-fossa "
    "fossa* "
    "foramen foramina magnum cerebellopontine internal-auditory auditory canals cochlea* vestibul* "
    "semicircular "
    "ossicles tympan* petrous clivus sphenoid ethmoid frontal-sinus concha* ostiomeatal olfactory "
    "lacrimal "
    "extraocular retrobulbar intraconal extraconal lens lenses vitreous zygoma* alveolar-ridge "
    "dental tooth "
    "teeth root* pulp cervic* lordosis lordotic curvature straight* disc-space interspace* "
    "intervertebral "
    "neural neuroforamina* uncovertebral costovertebral costochondral sternoclavicular "
    "acromioclavicular "
    "acromion* coracoid glenohumeral glenoid tuberos* tubercle* trochanter* intertrochanteric "
    "subtrochanteric "
    "subcapital supracondylar condyl* epicondyl* diaphyseal metaphyseal epiphyseal styloid* radial "
    "ulnar "
    "tibiofibular talar tibial calcaneal plantar dorsal dorsum volar palmar ankle* foot-free feet "
    "toe* finger* "
    "thumb* digit* interphalangeal metatarsophalangeal metacarpophalangeal carpometacarpal "
    "radiocarpal "
    "tarsometatarsal subtalar talonavicular compartment* cruciate collateral menisci retinacul* "
    "bursa* "
    "quadricep* hamstring* gluteal gluteus iliopsoas achilles rotator supraspinatus infraspinatus "
    "subscapularis biceps triceps deltoid weight-bearing weight bearing nonweight stress valgus "
    "varus flexion "
    "extension flexed extended internal-rotation neutral mortis* sunrise skyline odontoid-view "
    "swimmer* "
    "congruity congruen* concentric* eccentric* located location* locat* situat* orient* aligned "
    "collinear "
    "parallel perpendicular horizontal* vertical* diagonal* transvers* longitud* circumferen* "
    "annular ring* "
    "rim* crescent* curvilinear arcuate angular triangular rectang* square geometr* tubular nodes "
    "bead* "
    "foci focus spot* dot* patch* streak* strand* band-like bandlike reticular* honeycomb-free "
    "mosaic "
    "nondilated nondistended nonobstructive nonobstructing nonenlarged non-enlarged nonaneurysmal "
    "nonpathologic* non-pathologic* noncontributory non-contributory uncomplicated uneventful* "
    "uninvolved "
    "unaffected undisturbed undisplaced unfused unossified incidental* coincident* developmental* "
    "congenital "
    "variant* variation* hypoplas* accessory duplicate* azygous lobe bifid cervical-rib "
    "transitional "
    "symmetr* asymmetr* bilater* ipsilateral contralateral opposite bottom top end ends beginning "
    "start* stop* "
    "here* there* today* yesterday now* later sooner soon ago last next following forthcoming "
    "recent "
    "anatom* physiolog* nipple* skin-fold fold folds overlap* superimposed superimposition "
    "summation";

}  // namespace

std::string_view EnglishNeutralWords() {
  return kNeutral;
}
std::span<const ReportPhrase> EnglishReportPhrases() {
  return kEnglish;
}
std::span<const std::string_view> EnglishReportFillers() {
  return kFillers;
}

}  // namespace roentgen
