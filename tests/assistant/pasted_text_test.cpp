// What people paste, drop and type, and what is to be made of it.

#include "roentgen/assistant/pasted_text.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <set>

#include "roentgen/assistant/path_forms.h"
#include "roentgen/base/output.h"
#include "roentgen/evaluation/words.h"
#include "support/paths.h"
#include "support/processor_time.h"

namespace roentgen {
namespace {

/// The picture files of the table below; nothing else exists.
const std::set<std::string>& Pictures() {
  static const std::set<std::string> kPictures = {
      "/data/a.png",
      "/data/b.jpg",
      "/data/c.JPEG",
      "/data/scan",
      "/data/IM000001",
      "/data/my scans/a b.png",
      "/data/my scans/IM 1",
      "/data/肺部X光片.png",
      "/data/胸片 (1).png",
      "/data/it's.png",
      "/data/say \"ah\".png",
      "/data/a.png.png",
      "/data/100%.png",
      "/data/a,b.png",
      "/data/a&b.png",
      "/data/$HOME.png",
      "/data/a\\b.png",
      "/data/série.dcm",
      "/data/study/IM1.dcm",
      "/data/CT",
      "/mnt/c/Users/张三/Desktop/肺部X光片.png",
      "/mnt/c/Users/me/a b.png",
      "/mnt/d/ct.dcm",
      "a.png",
      "sub/a.png",
      "./a.png",
      "../a.png",
      "肺部X光片.png",
      "chest film.jpeg",
      "scan.tif",
      "scan.tiff",
      "scan.webp",
      "scan.bmp",
      "scan.gif",
      "scan.dicom",
      "IM0001",
      "/home/me/a.png",
      "chest.jfif",
      "chest.jpg",
      "scan.xyz",
      "EXPORT",
      "EXPORT/",
      "EXPORT/PAT0001",
      "study",
      "T1",
      "a+b",
  };
  return kPictures;
}

/// Files and folders that are there but are no images.
const std::set<std::string>& Others() {
  static const std::set<std::string> kOthers = {"/data/notes.txt",
                                                "/data/broken.png",
                                                "/",
                                                ".",
                                                "..",
                                                "/data",
                                                "/dev/zero",
                                                "IMG_1.heic",
                                                "report.pdf",
                                                "./IMG_1.heic",
                                                "brain.nii.gz",
                                                "/home/me/IMG_1.heic",
                                                "test",
                                                "models",
                                                "my report.pdf",
                                                "notes",
                                                "EMPTY"};
  return kOthers;
}

/// No folder can be read: files with names that look alike have tests of their own.
std::vector<std::string> NoNames(const std::filesystem::path&) {
  return {};
}

PathKind Look(const std::filesystem::path& path) {
  if (Pictures().contains(path.string())) return PathKind::kPicture;
  return Others().contains(path.string()) ? PathKind::kOther : PathKind::kAbsent;
}

/// "[path]" for images, "!name!" for unreadable ones, words as they are.
std::string Show(const PastedText& split) {
  std::string shown;
  for (const PastedPart& part : split.parts) {
    const bool image = part.kind == PastedPart::Kind::kPicture;
    shown += image ? "[" + part.image.path.string() + "]" : part.text;
  }
  for (const UnreadableName& name : split.unreadable) shown += "!" + name.text + "!";
  return shown;
}
std::string Show(std::string_view line) {
  return Show(SplitPastedText(line, Look, NoNames));
}

struct Form {
  const char* line;
  const char* shown;
};

class PastedForms : public testing::TestWithParam<Form> {
 protected:
  void SetUp() override { ::setenv("HOME", "/home/me", 1); }
};

TEST_P(PastedForms, AreUnderstood) {
  EXPECT_EQ(Show(GetParam().line), GetParam().shown) << GetParam().line;
}

// Nothing but words.
constexpr Form kWords[] = {
    {"", ""},
    {"Is there a fracture?", "Is there a fracture?"},
    {"这张图里有什么？", "这张图里有什么？"},
    {"Is .png or .jpg better?", "Is .png or .jpg better?"},
    {"and/or", "and/or"},
    {"L4/L5 and 1/2", "L4/L5 and 1/2"},
    {"what / where", "what / where"},
    {"What's wrong? It's the patient's film", "What's wrong? It's the patient's film"},
    {"the 'silhouette sign' is what?", "the 'silhouette sign' is what?"},
    {"a \"ground-glass\" opacity", "a \"ground-glass\" opacity"},
    {"“磨玻璃影”是什么", "“磨玻璃影”是什么"},
    {"a.pngx is no extension", "a.pngx is no extension"},
    {"b1000 is a value", "b1000 is a value"},
    {"8.5 cm, e.g. near the hilum", "8.5 cm, e.g. near the hilum"},
    {"ratio: 1:2; time 10:30", "ratio: 1:2; time 10:30"},
    {"https and file are words", "https and file are words"},
    {"\\alpha is LaTeX", "\\alpha is LaTeX"},
    {"~", "~"},
    {"& then", "& then"},
    {"a unit of mm/s", "a unit of mm/s"},
    // Written nearly as paths, names and addresses are.
    {"he/she, w/o contrast, 120/80 mmHg", "he/she, w/o contrast, 120/80 mmHg"},
    {"T1/T2 at 1.5/3.0T, TE 1:2", "T1/T2 at 1.5/3.0T, TE 1:2"},
    {"CT/MR/US on 2024/03/10 and 10.03.2024", "CT/MR/US on 2024/03/10 and 10.03.2024"},
    {"肝/脾/肾有异常吗？", "肝/脾/肾有异常吗？"},
    {"左/右肺是否对称", "左/右肺是否对称"},
    {"a 5.5cm mass, v1.2, e.g. in the U.S., see Dr.Smith.",
     "a 5.5cm mass, v1.2, e.g. in the U.S., see Dr.Smith."},
    {"No fracture on CT.Is it normal?", "No fracture on CT.Is it normal?"},
    {"mL/min/1.73m2, 5 mg /kg/day, 30 /min", "mL/min/1.73m2, 5 mg /kg/day, 30 /min"},
    {"SpO2/FiO2, BRCA1/BRCA2, CA125/CA199, COVID19/flu",
     "SpO2/FiO2, BRCA1/BRCA2, CA125/CA199, COVID19/flu"},
    {"e.g./i.e. and film.and/or", "e.g./i.e. and film.and/or"},
    {"grade:12/15, ratio 3:4/5", "grade:12/15, ratio 3:4/5"},
    {"what about www or data: nothing", "what about www or data: nothing"},
    {"Is JPEG (or .png, *.dcm) lossless?", "Is JPEG (or .png, *.dcm) lossless?"},
    {"... and then .", "... and then ."},
    {"Is the T1 signal high, 1.2.3.4/5?", "Is the T1 signal high, 1.2.3.4/5?"},
    {"?", "?"},
    // Plain words that are also names of files here.
    {"Is the test positive in these models or not", "Is the test positive in these models or not"},
    {"test results are what?", "test results are what?"},
    {"my notes", "my notes"},
    {"What does a study show", "What does a study show"},
    {"What is in study?", "What is in study?"},
    {"which 'test' was done", "which 'test' was done"},
};
INSTANTIATE_TEST_SUITE_P(Words, PastedForms, testing::ValuesIn(kWords));

// One picture, in the ways terminals and file managers write it.
constexpr Form kDropped[] = {
    {"/data/a.png", "[/data/a.png]"},
    {"/data/a.png ", "[/data/a.png]"},
    {"  /data/a.png", "[/data/a.png]"},
    {"'/data/a.png'", "[/data/a.png]"},
    {"'/data/a.png' ", "[/data/a.png]"},
    {"\"/data/a.png\"", "[/data/a.png]"},
    {"“/data/a.png”", "[/data/a.png]"},
    {"「/data/a.png」", "[/data/a.png]"},
    {"‘/data/a.png’", "[/data/a.png]"},
    {"/data/my\\ scans/a\\ b.png", "[/data/my scans/a b.png]"},
    {"'/data/my scans/a b.png'", "[/data/my scans/a b.png]"},
    {"\"/data/my scans/a b.png\"", "[/data/my scans/a b.png]"},
    {"/data/my scans/a b.png", "[/data/my scans/a b.png]"},
    {"/data/my\\ scans/IM\\ 1", "[/data/my scans/IM 1]"},
    {"'/data/my scans/IM 1'", "[/data/my scans/IM 1]"},
    {"'/data/it'\\''s.png'", "[/data/it's.png]"},
    {"/data/it\\'s.png", "[/data/it's.png]"},
    {"\"/data/it's.png\"", "[/data/it's.png]"},
    {"/data/it's.png", "[/data/it's.png]"},
    {"/data/say\\ \\\"ah\\\".png", "[/data/say \"ah\".png]"},
    {"'/data/say \"ah\".png'", "[/data/say \"ah\".png]"},
    {"file:///data/a.png", "[/data/a.png]"},
    {"file://localhost/data/a.png", "[/data/a.png]"},
    {"file:/data/a.png", "[/data/a.png]"},
    {"FILE:///data/a.png", "[/data/a.png]"},
    {"file:///data/my%20scans/a%20b.png", "[/data/my scans/a b.png]"},
    {"file:///data/%E8%82%BA%E9%83%A8X%E5%85%89%E7%89%87.png", "[/data/肺部X光片.png]"},
    {"file:///data/100%25.png", "[/data/100%.png]"},
    {"file:///C:/Users/me/a%20b.png", "[/mnt/c/Users/me/a b.png]"},
    {"/data/100%.png", "[/data/100%.png]"},
    {"/data/胸片 (1).png", "[/data/胸片 (1).png]"},
    {"/data/胸片\\ \\(1\\).png", "[/data/胸片 (1).png]"},
    {"/data/a\\&b.png", "[/data/a&b.png]"},
    {"/data/\\$HOME.png", "[/data/$HOME.png]"},
    {"/data/a\\b.png", "[/data/a\\b.png]"},
    {"/data/a,b.png", "[/data/a,b.png]"},
    {"/data/a.png.png", "[/data/a.png.png]"},
    {"& '/data/a.png'", "[/data/a.png]"},
    {"& 'C:\\Users\\me\\a b.png'", "[/mnt/c/Users/me/a b.png]"},
    {"& \"C:\\Users\\me\\a b.png\"", "[/mnt/c/Users/me/a b.png]"},
    {"C:\\Users\\张三\\Desktop\\肺部X光片.png", "[/mnt/c/Users/张三/Desktop/肺部X光片.png]"},
    {"c:/Users/张三/Desktop/肺部X光片.png", "[/mnt/c/Users/张三/Desktop/肺部X光片.png]"},
    {"\"C:\\Users\\me\\a b.png\"", "[/mnt/c/Users/me/a b.png]"},
    {"C:\\Users\\me\\a b.png", "[/mnt/c/Users/me/a b.png]"},
    {"D:\\ct.dcm", "[/mnt/d/ct.dcm]"},
    {"~/a.png", "[/home/me/a.png]"},
    {"a.png", "[a.png]"},
    {"./a.png", "[./a.png]"},
    {"../a.png", "[../a.png]"},
    {"sub/a.png", "[sub/a.png]"},
    {"sub\\a.png", "[sub/a.png]"},
    {"肺部X光片.png", "[肺部X光片.png]"},
    {"chest film.jpeg", "[chest film.jpeg]"},
    {"/data/c.JPEG", "[/data/c.JPEG]"},
    {"/data/scan", "[/data/scan]"},
    {"/data/IM000001", "[/data/IM000001]"},
    {"/data/CT", "[/data/CT]"},
    {"IM0001", "[IM0001]"},
    {"/data/série.dcm", "[/data/série.dcm]"},
    {"scan.tif", "[scan.tif]"},
    {"scan.tiff", "[scan.tiff]"},
    {"scan.webp", "[scan.webp]"},
    {"scan.bmp", "[scan.bmp]"},
    {"scan.gif", "[scan.gif]"},
    {"scan.dicom", "[scan.dicom]"},
    {"<image>/data/a.png</image>", "[/data/a.png]"},
    {"<image> /data/my scans/a b.png </image>", "[/data/my scans/a b.png]"},
    {"<image>'/data/a.png'</image>", "[/data/a.png]"},
    {"/data/a.png</image>", "[/data/a.png]"},
    {"<img src=\"/data/a.png\" alt='x'>", "[/data/a.png]"},
    {"![a chest](/data/a.png)", "[/data/a.png]"},
    {"\u202aC:\\Users\\me\\a b.png", "[/mnt/c/Users/me/a b.png]"},
    {"chest.jfif", "[chest.jfif]"},
    {"EXPORT", "[EXPORT]"},
    {"EXPORT/PAT0001", "[EXPORT/PAT0001]"},
    {"study", "[study]"},
};
INSTANTIATE_TEST_SUITE_P(Dropped, PastedForms, testing::ValuesIn(kDropped));

// A picture and a question.
constexpr Form kAsked[] = {
    {"/data/a.png Is it normal?", "[/data/a.png]Is it normal?"},
    {"/data/a.png, is it normal?", "[/data/a.png]is it normal?"},
    {"Is it normal? /data/a.png", "[/data/a.png]Is it normal?"},
    {"Is /data/a.png normal?", "Is [/data/a.png] normal?"},
    {"/data/a.png这张图里有什么？", "[/data/a.png]这张图里有什么？"},
    {"/data/a.png，这张图里有什么？", "[/data/a.png]这张图里有什么？"},
    {"这张图里有什么？/data/a.png", "[/data/a.png]这张图里有什么？"},
    {"请看/data/a.png", "[/data/a.png]请看"},
    {"请看肺部X光片.png正常吗", "请看[肺部X光片.png]正常吗"},
    {"'/data/a.png'这张图里有什么？", "[/data/a.png]这张图里有什么？"},
    {"“/data/a.png”这张图里有什么？", "[/data/a.png]这张图里有什么？"},
    {"C:\\Users\\张三\\Desktop\\肺部X光片.png 这张图里有什么？",
     "[/mnt/c/Users/张三/Desktop/肺部X光片.png]这张图里有什么？"},
    {"C:\\Users\\张三\\Desktop\\肺部X光片.png</image> 这张图里有什么？",
     "[/mnt/c/Users/张三/Desktop/肺部X光片.png]这张图里有什么？"},
    {"/data/a.png</image>What is this?", "[/data/a.png]What is this?"},
    {"<image>/data/a.png</image>What is this?", "[/data/a.png]What is this?"},
    {"请看 /data/my scans/a b.png</image> 正常吗", "请看 [/data/my scans/a b.png] 正常吗"},
    {"/data/scan what is this", "[/data/scan]what is this"},
    {"what is in chest film.jpeg", "[chest film.jpeg]what is in"},
    {"／data／a.png正常吗", "[/data/a.png]正常吗"},
    {"请看 ／ｄａｔａ／ａ．ｐｎｇ，正常吗", "请看 [/data/a.png]，正常吗"},
    {"～／a.png 正常吗", "[/home/me/a.png]正常吗"},
    {"请看／data／a.png正常吗", "请看[/data/a.png]正常吗"},
    {"左图／a.png哪张正常", "左图／[a.png]哪张正常"},
    {"Ｄ：＼ct.dcm 正常吗", "[/mnt/d/ct.dcm]正常吗"},
    {"file:///data/a.png what is this", "[/data/a.png]what is this"},
    {"& '/data/a.png' what is this", "[/data/a.png]what is this"},
    {"/data/a.png /data/b.jpg compare", "[/data/a.png][/data/b.jpg]compare"},
    {"'/data/a.png' '/data/b.jpg'", "[/data/a.png][/data/b.jpg]"},
    {"compare /data/a.png with /data/b.jpg", "compare [/data/a.png] with [/data/b.jpg]"},
    {"<image>/data/a.png</image><image>/data/b.jpg</image>compare",
     "[/data/a.png][/data/b.jpg]compare"},
    {"It's /data/a.png, isn't it?", "It's [/data/a.png], isn't it?"},
    // Whatever exists.
    {"chest.jfif what is this?", "[chest.jfif]what is this?"},
    {"chest.jfif这是什么", "[chest.jfif]这是什么"},
    {"what is in chest.jfif?", "what is in [chest.jfif]?"},
    {"Compare chest.jpg and chest.jfif", "Compare [chest.jpg] and [chest.jfif]"},
    {"chest.jpg+chest.jfif compare", "[chest.jpg][chest.jfif]compare"},
    {"chest.jpg.What is this?", "[chest.jpg].What is this?"},
    {"scan.xyz这是什么", "[scan.xyz]这是什么"},
    {"EXPORT what is this?", "[EXPORT]what is this?"},
    {"EXPORT这是什么？", "[EXPORT]这是什么？"},
    {"请看EXPORT", "[EXPORT]请看"},
    {"What does EXPORT show?", "What does [EXPORT] show?"},
    {"IM0001 is normal?", "[IM0001]is normal?"},
    {"T1 is darker?", "[T1]is darker?"},
    {"chest.jpg、chest.jfif 对比", "[chest.jpg][chest.jfif]对比"},
    {"chest.jpg?", "[chest.jpg]"},
    {"study what is this?", "[study]what is this?"},
    {"EXPORT/PAT0001 what is this?", "[EXPORT/PAT0001]what is this?"},
    {"EXPORT/PAT0001这是什么", "[EXPORT/PAT0001]这是什么"},
    // What is there and is no image: opening it tells why.
    {"IMG_1.heic what is this?", "[IMG_1.heic]what is this?"},
    {"./IMG_1.heic what is this?", "[./IMG_1.heic]what is this?"},
    {"~/IMG_1.heic what is this?", "[/home/me/IMG_1.heic]what is this?"},
    {"IMG_1.heic", "[IMG_1.heic]"},
    {"report.pdf", "[report.pdf]"},
    {"brain.nii.gz what is this?", "[brain.nii.gz]what is this?"},
    {"see my report.pdf now", "see [my report.pdf] now"},
    {"my report.pdf says what", "[my report.pdf]says what"},
    {"test", "[test]"},
    {"EMPTY what is this?", "[EMPTY]what is this?"},
    {"/data/notes.txt summarise", "[/data/notes.txt]summarise"},
    {"/data/broken.png", "[/data/broken.png]"},
    {"/dev/zero", "[/dev/zero]"},
};
INSTANTIATE_TEST_SUITE_P(Asked, PastedForms, testing::ValuesIn(kAsked));

// What is no picture, or leads nowhere.
constexpr Form kHostile[] = {
    {"/data/missing.png", "!/data/missing.png!"},
    {"/data/missing.png what is this", "what is this!/data/missing.png!"},
    {"missing.png是什么", "是什么!missing.png!"},
    {"is missing.png normal?", "is  normal?!missing.png!"},
    {"'/data/no such.png' what", "what!/data/no such.png!"},
    {"/data/no such/a b.png what", "what!/data/no such/a b.png!"},
    {"file:///data/missing.png", "!file:///data/missing.png!"},
    {"file:///data/a.png%00", "!file:///data/a.png%00!"},
    {"https://example.org/a.png", "!https://example.org/a.png!"},
    {"C:\\missing.png 这是什么", "这是什么!C:\\missing.png!"},
    {"／none／a.png 正常吗", "正常吗!/none/a.png!"},
    {"Ｃ：＼a.png 正常吗", "正常吗!C:\\a.png!"},
    {"\\\\server\\share\\a.png", "!\\\\server\\share\\a.png!"},
    {"/mnt/scans/001 what is this", "what is this!/mnt/scans/001!"},
    {"<image>/data/missing.png</image>what", "what!/data/missing.png!"},
    {"missing.png</image>what", "what!missing.png!"},
    {"/data/a.png and missing.jpg", "[/data/a.png]and!missing.jpg!"},
    {"'/data/a.png", "[/data/a.png]"},
    {"../../../../etc/passwd.png", "!../../../../etc/passwd.png!"},
    {"\x01\x02.png", "!\x01\x02.png!"},
    {"\xff\xfe.png what", "what!\xff\xfe.png!"},
    // Nothing is attached in part, or in place of what was named.
    {"chest.jpg.1 what is this?", "what is this?!chest.jpg.1!"},
    {"chest.jpg-old what", "what!chest.jpg-old!"},
    {"chest.jpg_2 what", "what!chest.jpg_2!"},
    {"chest.jpg/b.jpg what", "what!chest.jpg/b.jpg!"},
    {"Compare chest.jpg and chest2.jfif", "Compare [chest.jpg] and!chest2.jfif!"},
    {"EXPORT/PAT0002 what is this?", "what is this?!EXPORT/PAT0002!"},
    {"EXPORT/胸片.jpg 这是什么", "这是什么!EXPORT/胸片.jpg!"},
    // Written as a path, a file or an address.
    {"none.heic what is this?", "what is this?!none.heic!"},
    {"none.pdf", "!none.pdf!"},
    {"none.nii.gz是什么", "是什么!none.nii.gz!"},
    {"./none what", "what!./none!"},
    {"~/none 这是什么", "这是什么!~/none!"},
    {"./没有 这是什么", "这是什么!./没有!"},
    {"/none what", "what!/none!"},
    {"请看/data/none/x正常吗", "请看!/data/none/x正常吗!"},
    {"IM000009", "!IM000009!"},
    {"scan_01.abc is what", "is what!scan_01.abc!"},
    {"PAT0001/STU0001 what", "what!PAT0001/STU0001!"},
    {"Export/PAT0001 what", "what!Export/PAT0001!"},
    {"https://example.org/img/123 what is this?", "what is this?!https://example.org/img/123!"},
    {"看https://example.org/a.png这是什么？", "看这是什么？!https://example.org/a.png!"},
    {"what (see https://example.org/x_(1)).", "what (see ).!https://example.org/x_(1)!"},
    {"<img src=\"https://example.org/img/123\"> what?", "what?!https://example.org/img/123!"},
    {"![x](http://a.b/c) what", "what!http://a.b/c!"},
    {"www.example.org/img/123 what", "what!www.example.org/img/123!"},
    {"example.org/img/123 what", "what!example.org/img/123!"},
    {"localhost:8042/instances/1 what", "what!localhost:8042/instances/1!"},
    {"s3://bucket/key what", "what!s3://bucket/key!"},
    {"data:text/plain,hello what", "what!data:text/plain!"},
};
INSTANTIATE_TEST_SUITE_P(Hostile, PastedForms, testing::ValuesIn(kHostile));

TEST(PastedText, HasThe120FormsOfTheTable) {
  EXPECT_GE(std::size(kWords) + std::size(kDropped) + std::size(kAsked) + std::size(kHostile),
            120u);
}

TEST(PastedText, ABookIsNotSearchedForPathsFromEveryWord) {
  std::string book;
  while (book.size() < 1'000'000) book += "word.png and/or </image '\" C:\\x ";
  size_t looks = 0;
  SplitPastedText(book, [&](const std::filesystem::path&) {
    ++looks;
    return PathKind::kAbsent;
  });
  EXPECT_LE(looks, 20'000u);
}

/// Lines that nobody has written by hand, within what is read of one.
TEST(PastedText, LongLinesTakeTimeInProportion) {
  for (const std::string_view piece :
       {"(影像", "![](", "<image>", "a\\ ", "影像1和", "(", "x(1)", "左/右", "影像，", "“", "'",
        "[a](", "<img ", "![](() ", "C:\\", "１２、", "image 1 and ", "a.b，"}) {
    std::string line;
    while (line.size() < 100'000) line += piece;
    const test::ProcessorTime time;
    const PastedText text = SplitPastedText(line, Look, NoNames);
    EXPECT_LT(time.Seconds(), 5) << piece;
    if (!text.unreadable.empty()) continue;
    EXPECT_EQ(text.Words().substr(0, 100), std::string(Strip(line)).substr(0, 100));
  }
  const std::string address = "http://a/" + std::string(1'000'000, ')');
  EXPECT_EQ(AddressLength(address), 9u);
}

TEST(PastedText, NamesAreFoundBehindLongWords) {
  std::string line;
  for (int i = 0; i < 1'000; ++i) line += "影像显示";
  const PastedText text = SplitPastedText(line + "/data/a.png", Look, NoNames);
  ASSERT_EQ(text.Images().size(), 1u);
  EXPECT_EQ(text.Images()[0].path, "/data/a.png");
  EXPECT_TRUE(text.unreadable.empty());
  const PastedText missing = SplitPastedText(line + "：/data/none.png", Look, NoNames);
  EXPECT_EQ(missing.unreadable.size(), 1u);
}

TEST(PastedText, EndingsWithoutEndAreFollowedForAFewSteps) {
  std::string line = "看 a";
  for (int i = 0; i < 200'000; ++i) line += ".png";
  EXPECT_NO_THROW(SplitPastedText(line, Look, NoNames));
}

TEST(PastedText, NamesOfPicturesInTheConversationAreNotTold) {
  const PastedText split = SplitPastedText("is a.png darker than b.png?", [](const auto& path) {
    return path == "a.png" ? PathKind::kKnown : PathKind::kAbsent;
  });
  EXPECT_EQ(split.Words(), "is the image darker than ?");
  ASSERT_EQ(split.unreadable.size(), 1u);
  EXPECT_EQ(split.unreadable[0].text, "b.png");
}

TEST(PastedText, NamesOfPicturesInTheConversationAreNotToldInChinese) {
  const auto look = [](const auto& path) {
    return path == "a.jpg" ? PathKind::kKnown : PathKind::kAbsent;
  };
  for (const auto& [line, shown] : std::initializer_list<std::pair<const char*, const char*>>{
           {"看图a.jpg，有骨折吗？", "看图该图像，有骨折吗？"},
           {"a.jpg是X光/CT/MRI中的哪一种？", "该图像是X光/CT/MRI中的哪一种？"},
           {"這張a.jpg正常嗎", "這張该图像正常嗎"},
           {"请看 a.jpg", "请看 该图像"},
           {"对比a.jpg和b.jpg", "对比该图像和!b.jpg!"},
           {"Is a.jpg normal/abnormal?", "Is the image normal/abnormal?"}}) {
    EXPECT_EQ(Show(SplitPastedText(line, look, NoNames)), shown);
  }
}

TEST(PastedText, SeveralPicturesInTheConversationAreNumbered) {
  const auto look = [](const std::filesystem::path& path) {
    const bool known = path == "a.png" || path == "b.jpg" || path == "IM1001";
    return known ? PathKind::kKnown : PathKind::kAbsent;
  };
  const auto numbers = [](const std::filesystem::path& path) -> std::vector<size_t> {
    if (path == "IM1001") return {1, 3};
    return {path == "a.png" ? 1u : 2u};
  };
  for (const auto& [line, shown] : std::initializer_list<std::pair<const char*, const char*>>{
           {"b.jpg有骨折吗？", "第2张图像有骨折吗？"},
           {"a.png和b.jpg哪个有骨折？", "第1张图像和第2张图像哪个有骨折？"},
           {"b.jpg與a.png相比有變化嗎", "第2张图像與第1张图像相比有變化嗎"},
           {"看ｂ．ｊｐｇ，正常吗", "看第2张图像，正常吗"},
           {"Is there a fracture in b.jpg?", "Is there a fracture in image 2?"},
           {"Is a.png darker than b.jpg?", "Is image 1 darker than image 2?"},
           {"请看IM1001", "请看第1或3张图像"},
           {"Is IM1001 normal?", "Is image 1 or 3 normal?"}}) {
    EXPECT_EQ(Show(SplitPastedText(line, look, NoNames, numbers)), shown);
  }
}

TEST(PastedText, AnImageInADataAddressIsDecodedAndNotShown) {
  for (const char* line : {"data:image/gif;base64,R0lGODlh what is this?",
                           "<img src='data:image/gif;base64,R0lGODlh'> what is this?",
                           "\"data:image/gif;base64,R0lGODlh\" what is this?",
                           "![](data:image/gif;base64,R0lGODlh) what is this?"}) {
    const PastedText split = SplitPastedText(line, Look, NoNames);
    ASSERT_EQ(split.Images().size(), 1u) << line;
    EXPECT_EQ(split.Images()[0].bytes, "GIF89a");
    EXPECT_EQ(split.Images()[0].path, "data address");
    EXPECT_THAT(split.Words(), testing::EndsWith("what is this?"));
    EXPECT_THAT(split.unreadable, testing::IsEmpty());
  }
  const std::string damaged = "data:image/png;base64," + std::string(200'001, 'A') + " what?";
  const PastedText split = SplitPastedText(damaged, Look, NoNames);
  ASSERT_EQ(split.unreadable.size(), 1u);
  EXPECT_EQ(split.unreadable[0].reason, UnreadableName::Reason::kDataAddress);
  EXPECT_EQ(split.unreadable[0].text, "data:image/png;base64");
}

/// A folder in which only these names are.
class LookalikeNames : public testing::Test {
 protected:
  PastedText Split(std::string_view line) {
    return SplitPastedText(
        line,
        [this](const std::filesystem::path& path) {
          const bool here = path.parent_path().empty() || path.parent_path() == ".";
          return here && names_.contains(path.filename().string()) ? PathKind::kPicture
                                                                   : PathKind::kAbsent;
        },
        [this](const std::filesystem::path& folder) {
          if (folder != ".") return std::vector<std::string>();
          return std::vector<std::string>(names_.begin(), names_.end());
        });
  }
  std::set<std::string> names_;
};

TEST_F(LookalikeNames, AreFoundWhereThereIsOne) {
  names_ = {"Screenshot at 9.41.00\u202fAM.jpg", "Mu\u0308ller.png", "CT\u00a0Thorax 1.png",
            "Jane\u2019s.png", "胸片（1）.png"};
  EXPECT_EQ(Show(Split("Screenshot at 9.41.00 AM.jpg what is this?")),
            "[Screenshot at 9.41.00\u202fAM.jpg]what is this?");
  EXPECT_EQ(Show(Split("What is 'Screenshot at 9.41.00 AM.jpg'?")),
            "What is [Screenshot at 9.41.00\u202fAM.jpg]?");
  EXPECT_EQ(Show(Split("M\u00fcller.png what is this?")), "[Mu\u0308ller.png]what is this?");
  EXPECT_EQ(Show(Split("请看M\u00fcller.png")), "[Mu\u0308ller.png]请看");
  EXPECT_EQ(Show(Split("./M\u00fcller.png what is this?")), "[./Mu\u0308ller.png]what is this?");
  EXPECT_EQ(Show(Split("CT Thorax 1.png")), "[CT\u00a0Thorax 1.png]");
  EXPECT_EQ(Show(Split("\"Jane's.png\" normal?")), "[Jane\u2019s.png]normal?");
  EXPECT_EQ(Show(Split("胸片(1).png这是什么")), "[胸片（1）.png]这是什么");
}

TEST_F(LookalikeNames, AreNamedWhereThereAreSeveralOrTheirCaseDiffers) {
  names_ = {"a\u00a0b.png", "a\u202fb.png", "Chest.JPG"};
  const PastedText several = Split("'a b.png' what?");
  ASSERT_EQ(several.unreadable.size(), 1u);
  EXPECT_THAT(several.unreadable[0].near, testing::ElementsAre("a\u00a0b.png", "a\u202fb.png"));
  const PastedText other_case = Split("chest.jpg what?");
  ASSERT_EQ(other_case.unreadable.size(), 1u);
  EXPECT_THAT(other_case.unreadable[0].near, testing::ElementsAre("Chest.JPG"));
}

struct InFolder {
  std::set<std::string> names;
  const char* line;
  const char* shown;
};

class NamesOfAFolder : public LookalikeNames, public testing::WithParamInterface<InFolder> {};

TEST_P(NamesOfAFolder, AreFoundInLines) {
  names_ = GetParam().names;
  EXPECT_EQ(Show(Split(GetParam().line)), GetParam().shown) << GetParam().line;
}

// The longest name that is there is the one that is meant.
const InFolder kLongest[] = {
    {{"a.png", "a.png副本"}, "a.png副本 what is this?", "[a.png副本]what is this?"},
    {{"a.png", "a.png副本"}, "看a.png副本里有什么？", "看[a.png副本]里有什么？"},
    {{"a.png", "a.png副本"}, "a.png这张图里有什么", "[a.png]这张图里有什么"},
    {{"a.png", "a.png(1)"}, "a.png(1) what is this?", "[a.png(1)]what is this?"},
    {{"a.png", "a.png(1)"}, "看a.png(1)有什么", "看[a.png(1)]有什么"},
    {{"a.png", "a.png(1)"}, "./a.png(1) what?", "[./a.png(1)]what?"},
    {{"a.png", "a.png(1)"}, "a.png\\(1\\) what?", "[a.png(1)]what?"},
    {{"a.png", "a.png(1)"}, "a.png(2) what is this?", "what is this?!a.png(2)!"},
    {{"a.png"}, "a.png（2）这是什么", "!a.png（2）这是什么!"},
    {{"a.png"}, "Is it (a.png)?", "Is it ([a.png])?"},
    {{"a.png"}, "a.png(left lung): normal?", "[a.png](left lung): normal?"},
    {{"b.png", "b.png - Copy"}, "b.png - Copy what?", "[b.png - Copy]what?"},
    {{"b.png", "b.png - Copy"}, "b.png - is it normal?", "[b.png]- is it normal?"},
    {{"b.png", "b.png copy"}, "What is in b.png copy?", "What is in [b.png copy]?"},
    {{"IMG 1 .png"}, "IMG 1 .png what is this?", "[IMG 1 .png]what is this?"},
    {{"IMG 1 .png"}, "这是IMG 1 .png，正常吗", "这是[IMG 1 .png]，正常吗"},
};
INSTANTIATE_TEST_SUITE_P(Longest, NamesOfAFolder, testing::ValuesIn(kLongest));

// Chinese has no blanks before and behind a name.
const InFolder kWithoutBlanks[] = {
    {{"1.2.840.113619.2.55.3"},
     "1.2.840.113619.2.55.3里有什么？",
     "[1.2.840.113619.2.55.3]里有什么？"},
    {{"1.2.840.113619.2.55.3"}, "看1.2.840.113619.2.55.3里", "看[1.2.840.113619.2.55.3]里"},
    {{"CT.1.2.840.113"}, "CT.1.2.840.113里有什么？", "[CT.1.2.840.113]里有什么？"},
    {{"img.001"}, "看img.001有什么", "看[img.001]有什么"},
    {{"2023.10.05"}, "2023.10.05检查有什么异常？", "[2023.10.05]检查有什么异常？"},
    {{"影像001"}, "影像001有什么异常？", "[影像001]有什么异常？"},
    {{"影像001"}, "请看影像001有什么异常？", "请看[影像001]有什么异常？"},
    {{"患者A"}, "患者A有什么异常？", "[患者A]有什么异常？"},
    {{"张三CT"}, "张三CT有什么异常？", "[张三CT]有什么异常？"},
    {{"影像001", "影像002"}, "影像001和影像002有何不同", "[影像001]和[影像002]有何不同"},
};
INSTANTIATE_TEST_SUITE_P(WithoutBlanks, NamesOfAFolder, testing::ValuesIn(kWithoutBlanks));

// Names that a program gave, and nothing is there.
const InFolder kMissing[] = {
    {{"IM000001", "a.png"}, "Compare IM000001 and IM000002", "Compare [IM000001] and!IM000002!"},
    {{"IM000001"}, "IM000001和IM000002有什么区别？", "[IM000001]和有什么区别？!IM000002!"},
    {{"a.png"}, "Compare a.png with study_02", "Compare [a.png] with!study_02!"},
    {{"IM1001"}, "Compare IM1001 and IM1002", "Compare [IM1001] and IM1002!IM1002!"},
    {{"影像1"}, "影像1和影像2有什么区别？", "[影像1]和影像2有什么区别？!影像2!"},
    {{"chest1.png"}, "Compare chest1.png with chest2", "Compare [chest1.png] with chest2!chest2!"},
    {{}, "IM000002?", "?!IM000002!"},
    {{}, "IM000002.", ".!IM000002!"},
    {{}, "IM1234?", "?!IM1234!"},
    {{}, "\"IM000002\" what is this?", "what is this?!IM000002!"},
    {{}, "“IM000002”这是什么", "这是什么!IM000002!"},
    {{}, "IM000002：这是什么", "这是什么!IM000002!"},
    {{}, "IM000002 what is this?", "what is this?!IM000002!"},
    {{}, "看IM000002有什么", "看有什么!IM000002!"},
    {{}, "1.2.840.113619.2.55.9", "!1.2.840.113619.2.55.9!"},
    {{}, "'1.2.840.113619.2.55.9' what?", "what?!1.2.840.113619.2.55.9!"},
    {{"a.png"}, "a.png and 1.2.840.113619.2.55.9?", "[a.png]and ?!1.2.840.113619.2.55.9!"},
    {{}, "\"scan.xyz\" what?", "what?!scan.xyz!"},
};
INSTANTIATE_TEST_SUITE_P(Missing, NamesOfAFolder, testing::ValuesIn(kMissing));

/// Lines that are words, with images in the folder that are called as words of theirs are.
class WordsBesideImages : public LookalikeNames, public testing::WithParamInterface<const char*> {};

TEST_P(WordsBesideImages, AreWords) {
  names_ = {"3.0T", "1.5T", "No.3", "e.g",  "1.5", "CT",    "report", "image", "图像", "a",
            "T1",   "左",   "left", "test", "X光", "study", "肺",     "PA",    "A"};
  EXPECT_EQ(Show(Split(GetParam())), GetParam());
}

constexpr const char* kProse[] = {
    "Was this taken on a 3.0T scanner?",
    "Is it 1.5T or 3.0T?",
    "这是3.0T还是1.5T的磁共振？",
    "Is finding No.3 benign?",
    "Is it large, e.g. 1.5 cm?",
    "What modality is this CT",
    "这张CT正常吗",
    "write a report",
    "Describe this image",
    "请描述图像",
    "What is a",
    "Is the lesion on which side (left/right)?",
    "What does test/retest mean?",
    "Is the study/test reliable?",
    "左肺有结节吗",
    "这张图是X光/CT/MRI中的哪一种？",
    "肺/心/膈有无异常？",
    "How many mg ~/kg?",
    "~/kg?",
    "ICD10 J189, COVID19, T1W2, case 000123, A0001?",
    "RTOG-0617, KEYNOTE-024, G0202, b1000, ISO9001 and T2_FLAIR",
    "什么是.dcm文件？",
    "怎么打开.nii.gz文件？",
    "把它保存为.jpg",
    "支持.jpg、.png格式吗？",
    "What is a .nii.gz file?",
    "'i.e' and \"U.S\" are what?",
    // Alternatives, in every script and width, also where the line begins with a name.
    "T1/T2加权？",
    "是左/右？",
    "左/右？",
    "左／右/双侧？",
    "PA/AP view?",
    "PA/AP？",
    "是PA/AP位？",
    "PA/lateral chest X-ray?",
    "CT/MRI？",
    "CT\\MRI?",
    "CT+MRI/PET哪个更好？",
    "3/4",
    "第3/4肋骨骨折？",
    "有/无骨折？",
    "有无骨折/脱位/积液？",
    "请回答是/否/不确定",
    "良性/恶性？",
    "benign/malignant?",
    "yes/no?",
    "Answer yes/no: is there a fracture?",
    "normal/abnormal?",
    "lung/heart/diaphragm normal?",
    "MRI/CT/US/PET which one?",
    "請選擇：A/B/C/D",
    "A/B/C/D?",
    "這張圖是X光/CT/MRI中的哪一種？",
    "肺/心/膈有無異常？",
    "肺／心／膈有无异常？",
    "肺\\心\\膈有无异常？",
    "Ｔ１／Ｔ２加权？",
    "T1WI/T2WI/DWI/FLAIR信号如何？",
    "L4/L5、C5/6椎间盘突出？",
    "血压120/80mmHg，心影大吗",
    "2024/03/10的片子",
    "增强/平扫？",
    "with/without contrast",
    "正位/側位？",
    "胸腔积液（左/右）？",
    "“左/右”哪一侧？",
    "是.jpg/.png/.dcm？",
    "DICOM/JPEG格式？",
    "I/II/III级？",
    "R/L标记在哪？",
    "R/O肺炎，S/P手术，N/A",
    "阳性(+)/阴性(-)",
    "图a/图b有何不同？",
    "What does 24/7, 2D/3D or w/o mean?",
    "什麼是.dcm文件？",
    "怎麼打開.nii.gz文件？",
    "轉成.jpg可以嗎",
    "「.jpg」和「.png」有何不同",
    "结节约3．5cm，肺野清晰．心影不大",
};
INSTANTIATE_TEST_SUITE_P(Prose, WordsBesideImages, testing::ValuesIn(kProse));

// The same names where a name stands.
const InFolder kPlain[] = {
    {{"CT"}, "CT what is this?", "[CT]what is this?"},
    {{"CT"}, "CT", "[CT]"},
    {{"CT"}, "What is in \"CT\"?", "What is in [CT]?"},
    {{"CT"}, "What is in ./CT?", "What is in [./CT]?"},
    {{"3.0T"}, "3.0T what is this?", "[3.0T]what is this?"},
    {{"3.0T"}, "看“3.0T”里有什么", "看[3.0T]里有什么"},
    {{"No.3"}, "No.3", "[No.3]"},
    {{"图像"}, "图像里有什么", "[图像]里有什么"},
    {{"图像"}, "“图像”里有什么", "[图像]里有什么"},
    {{"20240310"}, "What is in 20240310?", "What is in [20240310]?"},
    // Names in quotes and Markdown.
    {{"res.PNG.bak"}, "看\"res.PNG.bak\"有什么异常", "看[res.PNG.bak]有什么异常"},
    {{"a.png"}, "![](a.png \"title\") what?", "[a.png]what?"},
    {{"a.png"}, "![](<a.png>) what?", "[a.png]what?"},
    {{"name(1).png"}, "![x](name(1).png) what?", "[name(1).png]what?"},
    {{"chest.jpg"}, "看图chest.jpg，有骨折吗？", "看图[chest.jpg]，有骨折吗？"},
    {{"chest.jpg"}, "看圖chest.jpg，有骨折嗎？", "看圖[chest.jpg]，有骨折嗎？"},
    {{"chest.jpg"}, "（chest.jpg）是X光/CT？", "（[chest.jpg]）是X光/CT？"},
    {{"左侧"}, "左侧里有什么？", "[左侧]里有什么？"},
    // Nothing lies inside a file.
    {{"a.jpg", "b.jpg"}, "a.jpg/b.jpg哪张正常？", "[a.jpg][b.jpg]哪张正常？"},
    {{"a.jpg", "b.jpg"}, "a.jpg／b.jpg哪张正常？", "[a.jpg][b.jpg]哪张正常？"},
    {{"a.jpg", "b.jpg"}, "对比a.jpg/b.jpg", "[a.jpg][b.jpg]对比"},
    {{"a.jpg", "b.jpg"}, "Which is normal, a.jpg/b.jpg?", "Which is normal, [a.jpg][b.jpg]?"},
    {{"a.jpg", "b.jpg"}, "a.jpg/b.jpg/c.jpg?", "?!a.jpg/b.jpg/c.jpg!"},
    {{"a.jpg"}, "a.jpg/c.jpg哪张正常？", "哪张正常？!a.jpg/c.jpg!"},
    // As a Chinese keyboard writes it.
    {{"a.jpg"}, "看图a．jpg，有骨折吗？", "看图[a.jpg]，有骨折吗？"},
    {{"a.jpg"}, "看图ａ．ｊｐｇ，有骨折吗？", "看图[a.jpg]，有骨折吗？"},
    {{}, "看图a．jpg，有骨折吗？", "有骨折吗？!看图a．jpg!"},
    {{}, "（a.jpg）有骨折吗？", "（）有骨折吗？!a.jpg!"},
    {{}, "看图：a.jpg，有骨折吗？", "看图：，有骨折吗？!a.jpg!"},
    {{}, "看图a.jpg，有骨折吗？", "有骨折吗？!看图a.jpg!"},
    {{}, "胸片（1）.png有骨折？", "有骨折？!胸片（1）.png!"},
    {{}, "胸片.jpg有什么异常", "有什么异常!胸片.jpg!"},
    {{}, "打开胸片.jpg", "!打开胸片.jpg!"},
};
INSTANTIATE_TEST_SUITE_P(Plain, NamesOfAFolder, testing::ValuesIn(kPlain));

TEST_F(LookalikeNames, AreFoundAndMissedInFullWidth) {
  names_ = {"IM000001", "影像001", "scan_02", "CT", "影像００９"};
  for (const auto& [line, shown] : std::initializer_list<std::pair<const char*, const char*>>{
           {"看ＩＭ０００００１有无骨折", "看[IM000001]有无骨折"},
           {"看影像００１有什么", "看[影像001]有什么"},
           {"影像００１有什麼異常？", "[影像001]有什麼異常？"},
           {"Is ＩＭ０００００１ normal?", "Is [IM000001] normal?"},
           {"看ｓｃａｎ＿０２有无骨折", "看[scan_02]有无骨折"},
           {"看“影像００１”有什么", "看[影像001]有什么"},
           {"看影像００９有什么", "看[影像００９]有什么"},
           {"看影像009有什么", "看[影像００９]有什么"},
           {"看ＩＭ０００００２有无骨折", "看有无骨折!ＩＭ０００００２!"},
           {"Is ＩＭ０００００２ normal?", "Is  normal?!ＩＭ０００００２!"},
           {"比较影像００１和影像００２", "比较[影像001]和影像００２!影像００２!"},
           {"请看ＣＴ有什么", "请看ＣＴ有什么"},
           {"第１２肋骨折？", "第１２肋骨折？"},
           {"大于５ｍｍ的结节有几个？", "大于５ｍｍ的结节有几个？"}}) {
    EXPECT_EQ(Show(Split(line)), shown);
  }
}

/// Every way of putting a name into a sentence, with every way of writing it.
rc::Gen<std::string> Sentence(const std::string& written) {
  const auto before = rc::gen::element<std::string>(
      "", "Is ", "请看", "Compare it, e.g. with: ", "and/or (", "What's in ", "T1/T2 ", "肝/脾 ");
  const auto after =
      rc::gen::element<std::string>("", " what is this?", "这是什么？", ", normal?", "，正常吗",
                                    "?", " is v1.2 of 3.5cm", ") or\nnot");
  return rc::gen::map(rc::gen::pair(before, after), [written](const auto& around) {
    return around.first + written + around.second;
  });
}

TEST(PastedText, NoLineThatNamesAnImageIsAskedWithoutIt) {
  const std::vector<std::string> names = {
      "chest.jfif",      "a b.png",     "胸 片.heic", "IM000001", "x.y.z.webp",
      "sub dir/a,b.tif", "it's.jpeg",   "(1).png",    "scan.v2",  "sub/IM 1",
      "série/IM_1",      "100% of.png", "a&b;c.bmp"};
  EXPECT_TRUE(rc::check([&] {
    const auto name = *rc::gen::elementOf(names);
    const auto quote = [](const std::string& text) {
      std::string escaped;
      for (const char c : text) {
        if (c == ' ' || c == '\'' || c == '(' || c == ')' || c == '&' || c == ';') escaped += '\\';
        escaped += c;
      }
      return escaped;
    };
    std::vector<std::string> forms = {"\"" + name + "\"", quote(name), "./" + quote(name),
                                      "<image>" + name + "</image>"};
    // Without quotes only what has no blank, or ends as files do.
    if (name.find(' ') == std::string::npos || FileEndings(name + " ").size() == 1) {
      forms.push_back(name);
    }
    const std::string line = *Sentence(*rc::gen::elementOf(forms));
    const PastedText split = SplitPastedText(
        line,
        [&](const std::filesystem::path& path) {
          return path == name || path == "./" + name ? PathKind::kPicture : PathKind::kAbsent;
        },
        NoNames);
    RC_ASSERT(split.Images().size() + split.unreadable.size() > 0u);
  }));
}

TEST(PastedText, WordsOfSentencesAreNeverTakenForNames) {
  EXPECT_TRUE(rc::check([] {
    const auto word = rc::gen::element<std::string>(
        "and/or", "T1/T2", "1.5/2.0", "5.5cm", "e.g.", "v1.2", "肝/脾", "CT.", "Dr.Smith",
        "10.03.2024", "L4/L5", "w/o", "120/80", "3.0T", "U.S.", "1:2", "(see", "below)", "it's",
        "\"quoted\"", "什么？", "，右侧", "2/3", "left-sided", "A/P", "95%", "~3", "#2", "p<0.05",
        "node.js", "i.e.,", "COVID-19", "SARS-CoV-2/flu", "Fig.2", "+/-", "±2", "km/h", "/", "&");
    const auto words = *rc::gen::container<std::vector<std::string>>(word);
    std::string line;
    for (const std::string& each : words) line += (line.empty() ? "" : " ") + each;
    const PastedText split = SplitPastedText(
        line, [](const auto&) { return PathKind::kAbsent; }, NoNames);
    RC_ASSERT(split.unreadable.empty());
    RC_ASSERT(split.Images().empty());
  }));
}

TEST(PastedText, LooksAtWhatIsThere) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(LookAtPath(folder.path() / "none"), PathKind::kAbsent);
  EXPECT_EQ(LookAtPath(folder.path()), PathKind::kOther);
  EXPECT_EQ(LookAtPath("/dev/zero"), PathKind::kOther);
  WriteFile(folder.path() / "a", "GIF89a…");
  WriteFile(folder.path() / "b.png", "no picture");
  EXPECT_EQ(LookAtPath(folder.path() / "a"), PathKind::kPicture);
  EXPECT_EQ(LookAtPath(folder.path() / "b.png"), PathKind::kOther);
  EXPECT_EQ(LookAtPath(folder.path()), PathKind::kImageFolder);
  const std::filesystem::path deep = folder.path() / "PAT1/STU1/SER1";
  std::filesystem::create_directories(deep);
  WriteFile(deep / "IM1", std::string(128, '\0') + "DICM");
  EXPECT_EQ(LookAtPath(folder.path()), PathKind::kPicture);
  EXPECT_EQ(LookAtPath(folder.path() / "PAT1"), PathKind::kPicture);
}

}  // namespace
}  // namespace roentgen
