// What people paste, drop and type, and what is to be made of it.

#include "roentgen/assistant/pasted_text.h"

#include <gmock/gmock.h>

#include <set>

#include "roentgen/base/files.h"
#include "support/paths.h"

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
  };
  return kPictures;
}

/// Files that are there but are no pictures.
const std::set<std::string>& Others() {
  static const std::set<std::string> kOthers = {"/data/notes.txt", "/data/broken.png", "/", "/data",
                                                "/dev/zero"};
  return kOthers;
}

PathKind Look(const std::filesystem::path& path) {
  if (Pictures().contains(path.string())) return PathKind::kPicture;
  return Others().contains(path.string()) ? PathKind::kOther : PathKind::kAbsent;
}

/// "[path]" for pictures, "!word!" for unreadable ones, words as they are.
std::string Show(std::string_view line) {
  const PastedText split = SplitPastedText(line, Look);
  std::string shown;
  for (const PastedPart& part : split.parts) {
    shown += part.kind == PastedPart::Kind::kPicture ? "[" + part.path.string() + "]" : part.text;
  }
  for (const std::string& word : split.unreadable) shown += "!" + word + "!";
  return shown;
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
    {"IM0001 is a name", "IM0001 is a name"},
    {"8.5 cm, e.g. near the hilum", "8.5 cm, e.g. near the hilum"},
    {"ratio: 1:2; time 10:30", "ratio: 1:2; time 10:30"},
    {"https and file are words", "https and file are words"},
    {"\\alpha is LaTeX", "\\alpha is LaTeX"},
    {"~", "~"},
    {"& then", "& then"},
    {"a unit of mm/s", "a unit of mm/s"},
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
    {"file:///data/a.png what is this", "[/data/a.png]what is this"},
    {"& '/data/a.png' what is this", "[/data/a.png]what is this"},
    {"/data/a.png /data/b.jpg compare", "[/data/a.png][/data/b.jpg]compare"},
    {"'/data/a.png' '/data/b.jpg'", "[/data/a.png][/data/b.jpg]"},
    {"compare /data/a.png with /data/b.jpg", "[/data/b.jpg]compare [/data/a.png] with"},
    {"<image>/data/a.png</image><image>/data/b.jpg</image>compare",
     "[/data/a.png][/data/b.jpg]compare"},
    {"It's /data/a.png, isn't it?", "It's [/data/a.png], isn't it?"},
};
INSTANTIATE_TEST_SUITE_P(Asked, PastedForms, testing::ValuesIn(kAsked));

// What is no picture, or leads nowhere.
constexpr Form kHostile[] = {
    {"/data/missing.png", "!/data/missing.png!"},
    {"/data/missing.png what is this", "what is this!/data/missing.png!"},
    {"missing.png是什么", "是什么!missing.png!"},
    {"is missing.png normal?", "is  normal?!missing.png!"},
    {"'/data/no such.png' what", "what!/data/no such.png!"},
    {"/data/broken.png", "!/data/broken.png!"},
    {"/data/no such/a b.png what", "what!/data/no such/a b.png!"},
    {"file:///data/missing.png", "!file:///data/missing.png!"},
    {"file:///data/a.png%00", "!file:///data/a.png%00!"},
    {"https://example.org/a.png", "!https://example.org/a.png!"},
    {"C:\\missing.png 这是什么", "这是什么!C:\\missing.png!"},
    {"\\\\server\\share\\a.png", "!\\\\server\\share\\a.png!"},
    {"/dev/zero", "!/dev/zero!"},
    {"/mnt/scans/001 what is this", "what is this!/mnt/scans/001!"},
    {"<image>/data/missing.png</image>what", "what!/data/missing.png!"},
    {"missing.png</image>what", "what!missing.png!"},
    {"/data/a.png and missing.jpg", "[/data/a.png]and!missing.jpg!"},
    {"/data/notes.txt summarise", "summarise!/data/notes.txt!"},
    {"'/data/a.png", "[/data/a.png]"},
    {"../../../../etc/passwd.png", "!../../../../etc/passwd.png!"},
    {"\x01\x02.png", "!\x01\x02.png!"},
    {"\xff\xfe.png what", "what!\xff\xfe.png!"},
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
  EXPECT_LE(looks, 4096u);
}

TEST(PastedText, NamesOfPicturesInTheConversationAreNotTold) {
  const PastedText split = SplitPastedText("is a.png darker than b.png?", [](const auto& path) {
    return path == "a.png" ? PathKind::kKnown : PathKind::kAbsent;
  });
  EXPECT_EQ(split.Words(), "is the image darker than ?");
  EXPECT_THAT(split.unreadable, testing::ElementsAre("b.png"));
}

TEST(PastedText, LooksAtWhatIsThere) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(LookAtPath(folder.path() / "none"), PathKind::kAbsent);
  EXPECT_EQ(LookAtPath(folder.path()), PathKind::kOther);
  EXPECT_EQ(LookAtPath("/dev/zero"), PathKind::kOther);
  WriteFileAtomically(folder.path() / "a", "GIF89a…");
  WriteFileAtomically(folder.path() / "b.png", "no picture");
  EXPECT_EQ(LookAtPath(folder.path() / "a"), PathKind::kPicture);
  EXPECT_EQ(LookAtPath(folder.path() / "b.png"), PathKind::kOther);
  WriteFileAtomically(folder.path() / "slice", std::string(128, '\0') + "DICM");
  EXPECT_EQ(LookAtPath(folder.path()), PathKind::kPicture);
}

}  // namespace
}  // namespace roentgen
