// Downloads from a server that breaks off, lies about sizes and answers ranges wrongly.

#include "roentgen/hub/download.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>

#include "hub/test_server.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/base/hash.h"
#include "roentgen/base/output.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::RangeBegin;
using test::Respond;
using test::TestServer;
using testing::HasSubstr;
using testing::SizeIs;

class DownloadTest : public testing::Test {
 protected:
  DownloadTest() {
    for (int i = 0; i < 5000; ++i) content_ += fmt::format("{:07}\n", i);
    file_ = {"model.safetensors", content_.size(), Sha256Hex(content_), ""};
  }

  void Fetch(TestServer& server, const HttpLimits& limits = {}) {
    HttpClient client({}, limits);
    DownloadFile(client, server.url() + "/file", file_, path_, {.tries = 3, .pause_seconds = 0.01});
  }
  std::string Part() const {
    const auto part = path_.string() + ".part";
    return FileExists(part) ? ReadFile(part, 1 << 20) : "none";
  }

  /// From the asked byte on, correctly.
  std::string FromRange(const std::string& request, size_t sent = std::string::npos) const {
    const size_t begin = RangeBegin(request);
    const std::string rest = content_.substr(begin);
    if (begin == 0) return Respond(200, rest.substr(0, sent), "", rest.size());
    return Respond(206, rest.substr(0, sent),
                   fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin, content_.size() - 1,
                               content_.size()),
                   rest.size());
  }

  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "model.safetensors";
  std::string content_;
  HubFile file_;
};

TEST_F(DownloadTest, AWholeFileComesAndIsNotFetchedAgain) {
  TestServer server([&](const std::string& request) { return FromRange(request); });
  Fetch(server);
  EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
  EXPECT_EQ(Part(), "none");
  Fetch(server);
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(DownloadTest, WhatBreaksOffGoesOnWhereItWas) {
  TestServer server([&](const std::string& request) { return FromRange(request, 7000); });
  Fetch(server);
  EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
  EXPECT_THAT(server.requests(), SizeIs(6));
  EXPECT_THAT(server.requests()[1], HasSubstr("Range: bytes=7000-"));
}

TEST_F(DownloadTest, APartOfAnEarlierRunIsUsed) {
  WriteFile(path_.string() + ".part", content_.substr(0, 100));
  TestServer server([&](const std::string& request) { return FromRange(request); });
  Fetch(server);
  EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
  EXPECT_EQ(RangeBegin(server.requests()[0]), 100u);
}

TEST_F(DownloadTest, AServerWithoutRangesStartsOver) {
  WriteFile(path_.string() + ".part", content_.substr(0, 100));
  TestServer server([&](const std::string&) { return Respond(200, content_); });
  Fetch(server);
  EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
}

TEST_F(DownloadTest, AConnectionThatNeverDeliversIsGivenUpAndThePartKept) {
  WriteFile(path_.string() + ".part", content_.substr(0, 100));
  TestServer server([&](const std::string& request) { return FromRange(request, 0); });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "100 of 40000 bytes came");
  EXPECT_EQ(Part(), content_.substr(0, 100));
  EXPECT_THAT(server.requests(), SizeIs(3));
}

TEST_F(DownloadTest, MoreThanAnnouncedIsRefused) {
  TestServer server([&](const std::string&) { return Respond(200, content_ + "more"); });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "more than the 40000 bytes that were announced");
  EXPECT_EQ(Part(), "none");
  EXPECT_FALSE(FileExists(path_));
}

TEST_F(DownloadTest, AnotherRangeThanAskedForIsRefused) {
  WriteFile(path_.string() + ".part", content_.substr(0, 100));
  TestServer server([&](const std::string&) {
    return Respond(206, content_.substr(0, 50), "Content-Range: bytes 0-49/40000\r\n");
  });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "asked from byte 100 of 40000, it answers from byte 0");
  EXPECT_FALSE(FileExists(path_));
}

TEST_F(DownloadTest, AnotherWholeSizeThanAnnouncedIsRefused) {
  WriteFile(path_.string() + ".part", content_.substr(0, 100));
  TestServer server([&](const std::string&) {
    return Respond(206, content_.substr(100), "Content-Range: bytes 100-49999/50000\r\n");
  });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "of 50000");
}

TEST_F(DownloadTest, ARangeThatCannotBeIsTakenFromTheBeginning) {
  WriteFile(path_.string() + ".part", content_.substr(0, 100));
  TestServer server([&](const std::string& request) {
    return RangeBegin(request) > 0 ? Respond(416, "") : Respond(200, content_);
  });
  Fetch(server);
  EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
}

TEST_F(DownloadTest, OtherBytesOfTheRightSizeAreRefused) {
  std::string other = content_;
  other[100] = 'x';
  TestServer server([&](const std::string&) { return Respond(200, other); });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "its SHA-256 is");
  EXPECT_EQ(Part(), "none");
  EXPECT_FALSE(FileExists(path_));
}

TEST_F(DownloadTest, SmallFilesAreCheckedByGitsHash) {
  content_ = "hello\n";
  file_ = {"config.json", 6, "", "ce013625030ba8dba906f756967f9e9ca394464a"};  // git hash-object
  TestServer server([&](const std::string&) { return Respond(200, content_); });
  Fetch(server);
  EXPECT_TRUE(FileExists(path_));
  file_.git_blob[0] = '0';
  ROENTGEN_EXPECT_ERROR(Fetch(server), "its git hash is");
}

TEST_F(DownloadTest, RefusalsSayWhatToDo) {
  for (const auto& [status, text] : {std::pair(404, "status 404"), {401, "status 401"}}) {
    TestServer server([&, answer = status](const std::string&) { return Respond(answer, "no"); });
    ROENTGEN_EXPECT_ERROR(Fetch(server), text);
  }
  int asked = 0;
  TestServer busy([&](const std::string& request) {
    return ++asked < 3 ? Respond(503, "later") : FromRange(request);
  });
  Fetch(busy);  // tried again
  EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
}

TEST_F(DownloadTest, AChangedFileIsNeverMixed) {
  // Without a hash only the ETag tells. It changes when some bytes have come.
  for (const bool honours_if_range : {true, false}) {
    std::filesystem::remove(path_);
    file_.sha256.clear();
    std::string other(content_.size(), 'x');
    int answers = 0;
    TestServer server([&](const std::string& request) {
      const bool first = ++answers == 1;
      const std::string& now = first ? content_ : other;
      const std::string etag = first ? "ETag: \"one\"\r\n" : "ETag: \"two\"\r\n";
      const size_t begin = RangeBegin(request);
      if (first) return Respond(200, now.substr(0, 9000), etag, now.size());
      if (begin == 0 || honours_if_range) return Respond(200, now, etag);
      return Respond(206, now.substr(begin),
                     etag + fmt::format("Content-Range: bytes {}-{}/{}\r\n", begin, now.size() - 1,
                                        now.size()));
    });
    Fetch(server);
    EXPECT_EQ(ReadFile(path_, 1 << 20), other);
    EXPECT_EQ(test::HeaderOf(server.requests()[1], "If-Range"), "\"one\"");
    EXPECT_FALSE(FileExists(path_.string() + ".part.etag"));
  }
}

TEST_F(DownloadTest, WithoutHashAndETagItBeginsAnew) {
  file_.sha256.clear();
  for (const char* etag : {"", "ETag: W/\"weak\"\r\n"}) {
    std::filesystem::remove(path_);
    WriteFile(path_.string() + ".part", std::string(100, 'y'));
    int answers = 0;
    TestServer server([&](const std::string&) {
      return Respond(200, content_.substr(0, ++answers == 1 ? 9000 : content_.size()), etag,
                     content_.size());
    });
    Fetch(server);
    EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
    for (const std::string& request : server.requests()) EXPECT_EQ(RangeBegin(request), 0u);
  }
}

TEST_F(DownloadTest, APartOfAnotherVersionIsFetchedAnewWhereTheHashTells) {
  WriteFile(path_.string() + ".part", std::string(100, 'y'));
  TestServer server([&](const std::string& request) { return FromRange(request); });
  Fetch(server);
  EXPECT_EQ(ReadFile(path_, 1 << 20), content_);
  EXPECT_THAT(server.requests(), SizeIs(2));
}

TEST_F(DownloadTest, AShorterFileThanListedNamesBothSizes) {
  // Field input 3: a Git LFS pointer instead of the file. However the server says so, it ends soon.
  const std::string pointer(130, 'p');
  const auto no_length = [](const std::string& body) {
    return "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n" + body;
  };
  TestServer plain([&](const std::string&) { return Respond(200, pointer); });
  ROENTGEN_EXPECT_ERROR(Fetch(plain), "it has 130 bytes, announced were 40000");
  EXPECT_THAT(plain.requests(), SizeIs(1));

  TestServer ranges([&](const std::string& request) {
    if (RangeBegin(request) == 0) return no_length(pointer);
    return Respond(416, "", "Content-Range: bytes */130\r\n");
  });
  ROENTGEN_EXPECT_ERROR(Fetch(ranges), "it has 130 bytes, announced were 40000");
  EXPECT_THAT(ranges.requests(), SizeIs(2));

  TestServer silent([&](const std::string& request) {
    return RangeBegin(request) == 0 ? no_length(pointer) : Respond(416, "");
  });
  ROENTGEN_EXPECT_ERROR(Fetch(silent), "of 40000 bytes came");
  EXPECT_THAT(silent.requests().size(), testing::Le(6u));
}

TEST_F(DownloadTest, ALittleAtATimeIsGivenUp) {
  for (const size_t slice : {size_t{1}, size_t{100}}) {
    TestServer server([&](const std::string& request) { return FromRange(request, slice); });
    ROENTGEN_EXPECT_ERROR(Fetch(server), "of 40000 bytes came");
    EXPECT_THAT(server.requests(), SizeIs(3)) << slice;
    std::filesystem::remove(path_.string() + ".part");
  }
  int all = 0;
  HttpClient client;
  TestServer server([&](const std::string& request) {
    ++all;
    return FromRange(request, 500);
  });
  ROENTGEN_EXPECT_ERROR(DownloadFile(client, server.url() + "/file", file_, path_,
                                     {.tries = 3, .pause_seconds = 0.01, .all_tries = 10}),
                        "5000 of 40000 bytes came");
  EXPECT_EQ(all, 10);
}

TEST_F(DownloadTest, SlowBytesAreGivenUp) {
  TestServer server([&](const std::string& request) { return FromRange(request); }, {1, 20});
  const auto begin = std::chrono::steady_clock::now();
  ROENTGEN_EXPECT_ERROR(Fetch(server, {.slow_seconds = 1}), "of 40000 bytes came, then: ");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_FALSE(FileExists(path_));
}

TEST_F(DownloadTest, RangesThatLie) {
  for (const char* range : {"bytes 0-39999/40000", "bytes 101-39999/40000", "bytes 100-39999/39999",
                            "bytes */40000", "bytes", "", "bytes -1-5/40000",
                            "bytes 99999999999999999999-1/40000", "lines 100-/40000"}) {
    WriteFile(path_.string() + ".part", content_.substr(0, 100));
    TestServer server([&](const std::string&) {
      return Respond(206, content_.substr(100), fmt::format("Content-Range: {}\r\n", range));
    });
    ROENTGEN_EXPECT_ERROR(Fetch(server), "asked from byte 100 of 40000, it answers from byte");
    EXPECT_FALSE(FileExists(path_));
    EXPECT_EQ(Part(), "none") << "the next try begins anew";
  }
  // A part of an answer that nobody asked for a part of.
  TestServer server([&](const std::string&) {
    return Respond(206, content_, "Content-Range: bytes 0-39999/40000\r\n");
  });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "status 206");
}

TEST_F(DownloadTest, LengthsThatLie) {
  for (const size_t claimed : {content_.size() + 1, size_t{1} << 62}) {
    TestServer server([&](const std::string& request) {
      const size_t begin = RangeBegin(request);
      return begin == 0 ? Respond(200, content_.substr(0, 9000), "", claimed) : Respond(416, "");
    });
    ROENTGEN_EXPECT_ERROR(Fetch(server), "of 40000 bytes came");
    EXPECT_THAT(server.requests().size(), testing::Le(6u));
    EXPECT_FALSE(FileExists(path_));
  }
  TestServer endless(
      [&](const std::string&) { return "HTTP/1.1 200 X\r\n\r\n" + std::string(1'000'000, 'x'); });
  ROENTGEN_EXPECT_ERROR(Fetch(endless), "more than the 40000 bytes that were announced");
}

TEST(ModelHubTest, ListsWhatAModelNeeds) {
  TestServer server([](const std::string& request) {
    if (request.starts_with("GET /api/models/Qwen/Tiny/tree/main?recursive=true ")) {
      return Respond(200, R"([
        {"type": "directory", "path": "onnx", "size": 0},
        {"type": "file", "path": "config.json", "size": 10, "oid": "aa"},
        {"type": "file", "path": "onnx/model.json", "size": 10, "oid": "ab"},
        {"type": "file", "path": "pytorch_model.bin", "size": 10, "oid": "ac"},
        {"type": "file", "path": "model.safetensors", "size": 12, "oid": "ad",
         "lfs": {"oid": "bb", "size": 12}}])");
    }
    return Respond(404, "no");
  });
  const ModelHub hub(server.url());
  HttpClient client;
  const std::vector<HubFile> files = hub.ListFiles(client, "Qwen/Tiny", "main");
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_EQ(files[0].path, "config.json");
  EXPECT_EQ(files[0].git_blob, "aa");
  EXPECT_EQ(files[1].sha256, "bb");
  EXPECT_EQ(files[1].git_blob, "");
  EXPECT_EQ(hub.AddressOf("Qwen/Tiny", "main", "a b.json"),
            server.url() + "/Qwen/Tiny/resolve/main/a%20b.json");
  ROENTGEN_EXPECT_ERROR(hub.ListFiles(client, "Qwen/None", "main"), "status 404");
  for (const char* wrong : {"Qwen", "../etc", "a/b/c", "a/..", "a/b?c", "/a", "a/"}) {
    ROENTGEN_EXPECT_ERROR(hub.ListFiles(client, wrong, "main"), "no name of a model");
  }
  ROENTGEN_EXPECT_ERROR(ModelHub("ftp://a"), "no hub");
}

}  // namespace
}  // namespace roentgen
