// Listings in pages, and listings that lie or never end.

#include "roentgen/hub/listing.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "hub/test_server.h"
#include "roentgen/base/error.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::PathOf;
using test::Respond;
using test::TestServer;
using testing::HasSubstr;
using testing::SizeIs;

std::string Entry(const std::string& path, const std::string& size = "2") {
  return fmt::format(R"({{"type": "file", "path": "{}", "size": {}, "oid": "aa"}})", path, size);
}

std::vector<HubFile> Fetch(TestServer& server, const ListingLimits& limits = {},
                           ListingFormat format = ListingFormat::kHuggingFace) {
  HttpClient client({}, {.text_seconds = 5});
  return FetchListing(client, server.url() + "/list?page=0", format,
                      {.tries = 2, .pause_seconds = 0.01}, {}, limits);
}

int PageOf(const std::string& request) {
  const std::string path = PathOf(request);
  return std::stoi(path.substr(path.find("page=") + 5));
}

TEST(Listing, PagesAreFollowed) {
  for (const char* link : {"<{}/list?page={}>; rel=\"next\"", "</list?page={1}>; rel=next",
                           "<{0}/list?page=0>; rel=\"first\", <{0}/list?page={1}>; rel=\"next\""}) {
    std::string url;
    TestServer server([&](const std::string& request) {
      const int page = PageOf(request);
      const std::string next =
          page == 2 ? "" : "Link: " + fmt::format(fmt::runtime(link), url, page + 1) + "\r\n";
      return Respond(200, "[" + Entry(fmt::format("{}.json", page)) + "]", next);
    });
    url = server.url();
    const std::vector<HubFile> files = Fetch(server);
    ASSERT_THAT(files, SizeIs(3)) << link;
    EXPECT_EQ(files[2].path, "2.json");
  }
}

TEST(Listing, EndlessPagesAndCirclesEnd) {
  TestServer endless([](const std::string& request) {
    const int page = PageOf(request);
    return Respond(200, "[" + Entry(fmt::format("{}.json", page)) + "]",
                   fmt::format("Link: </list?page={}>; rel=\"next\"\r\n", page + 1));
  });
  ROENTGEN_EXPECT_ERROR(Fetch(endless), "more than 50 pages");
  EXPECT_THAT(endless.requests(), SizeIs(50));

  TestServer circle([](const std::string& request) {
    const int page = PageOf(request);
    return Respond(200, "[" + Entry(fmt::format("{}.json", page)) + "]",
                   fmt::format("Link: </list?page={}>; rel=\"next\"\r\n", (page + 1) % 3));
  });
  ROENTGEN_EXPECT_ERROR(Fetch(circle), "lead in a circle");
  EXPECT_THAT(circle.requests(), SizeIs(3));

  TestServer slow([](const std::string& request) {
    return Respond(200, "[]",
                   fmt::format("Link: </list?page={}>; rel=\"next\"\r\n", PageOf(request) + 1));
  });
  ROENTGEN_EXPECT_ERROR(Fetch(slow, {.seconds = -1}), "does not end within -1 seconds");
}

TEST(Listing, ANextPageElsewhereIsRefused) {
  TestServer other([](const std::string&) { return Respond(200, "[]"); });
  for (const std::string& link : {other.url() + "/list", std::string("file:///etc/passwd"),
                                  std::string("https://127.0.0.1/list")}) {
    TestServer server([&](const std::string&) {
      return Respond(200, "[" + Entry("config.json") + "]",
                     "Link: <" + link + ">; rel=\"next\"\r\n");
    });
    ROENTGEN_EXPECT_ERROR(Fetch(server), "the next page of the listing is elsewhere");
  }
  EXPECT_THAT(other.requests(), SizeIs(0));
}

TEST(Listing, ItsSizeIsLimited) {
  std::string many = "[" + Entry("0.json");
  for (int i = 1; i < 30; ++i) many += "," + Entry(fmt::format("{}.json", i));
  many += "]";
  TestServer server([&](const std::string&) { return Respond(200, many); });
  EXPECT_THAT(Fetch(server), SizeIs(30));
  ROENTGEN_EXPECT_ERROR(Fetch(server, {.entries = 29}), "more than 29 entries");
  ROENTGEN_EXPECT_ERROR(Fetch(server, {.files = 29}), "more than 29 files");
  ROENTGEN_EXPECT_ERROR(Fetch(server, {.total_bytes = 59}), "more than 59 bytes");
  ROENTGEN_EXPECT_ERROR(Fetch(server, {.page_bytes = 100}), "more than 100 bytes");
}

TEST(Listing, WhatIsNoListing) {
  for (const auto& [body, problem] : std::vector<std::pair<std::string, std::string>>{
           {"{}", "expected a list of files"},
           {"[1]", "expected"},
           {"[", ""},
           {"[]", "no files of a model"},
           {"[" + Entry("a.json") + "," + Entry("a.json") + "]", "a.json is listed twice"},
           {"[" + Entry("a.json", "-1") + "]", "size"},
           {"[" + Entry("a.json", "1e30") + "]", "size"},
           {"[" + Entry("a.json", "18446744073709551616") + "]", "size"},
           {"[" + Entry("a.json", "9000000000000000000") + "," +
                Entry("b.json", "9000000000000000000") + "]",
            "bytes"},
           {"[" + Entry("../a.json") + "," + Entry("/etc/a.json") + "," + Entry("a/b.json") + "," +
                Entry(".hidden.json") + "," + Entry("roentgen-pull.json") + "]",
            "no files of a model"}}) {
    TestServer server([&](const std::string&) { return Respond(200, body); });
    ROENTGEN_EXPECT_ERROR(Fetch(server), problem);
  }
  for (const size_t depth : {size_t{1000}, size_t{1'000'000}}) {
    TestServer server([&](const std::string&) { return Respond(200, std::string(depth, '[')); });
    ROENTGEN_EXPECT_ERROR(Fetch(server), server.url());
  }
}

TEST(Listing, OfModelScope) {
  TestServer server([](const std::string&) {
    return Respond(200, R"({"Code": 200, "Data": {"Files": [
        {"Type": "tree", "Path": "onnx", "Size": 0},
        {"Type": "blob", "Path": "config.json", "Size": 2, "Sha256": "ABCDEF"}]}})");
  });
  const std::vector<HubFile> files = Fetch(server, {}, ListingFormat::kModelScope);
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].sha256, "abcdef");
  for (const char* body : {"[]", "{}", R"({"Data": []})", R"({"Data": {}})",
                           R"({"Data": {"Files": {}}})", R"({"Data": {"Files": [1]}})"}) {
    TestServer wrong([&](const std::string&) { return Respond(200, body); });
    ROENTGEN_EXPECT_ERROR(Fetch(wrong, {}, ListingFormat::kModelScope), wrong.url());
  }
}

TEST(Listing, HeadsWithoutEndAreRefused) {
  TestServer server([](const std::string&) {
    std::string head = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 20000; ++i) head += fmt::format("X-{}: {}\r\n", i, std::string(50, 'x'));
    return head + "\r\n[]";
  });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "the head of its answer has more than 262144 bytes");
}

TEST(Listing, ALineWithoutEndInAHeadIsRefusedAtOnce) {
  TestServer server([](const std::string&) {
    return Respond(404, "no", "X-Error-Message: " + std::string(200'000, 'x') + "\r\n");
  });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "a line of the head of its answer is too long");
  EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST(Listing, AHashThatIsEmptyIsRefused) {
  TestServer server([](const std::string&) {
    return Respond(200, R"([{"type": "file", "path": "model.safetensors", "size": 2, "oid": "aa",
                             "lfs": {"oid": "", "size": 2}}])");
  });
  ROENTGEN_EXPECT_ERROR(Fetch(server), "lfs: oid: empty");
}

TEST(Listing, TheCommitIsTakenWhereItIsTold) {
  const std::string commit(40, 'a');
  for (const auto& [answer, told] : std::vector<std::pair<std::string, std::string>>{
           {Respond(200, R"({"sha": ")" + commit + R"("})"), commit},
           {Respond(200, R"({"sha": "../../etc"})"), ""},
           {Respond(200, R"({"sha": 1})"), ""},
           {Respond(200, R"({})"), ""},
           {Respond(200, "[]"), ""},
           {Respond(200, std::string(1'000'000, '[')), ""},
           {Respond(200, "<html>", "Content-Type: text/html\r\n"), ""},
           {Respond(404, "no"), ""},
           {Respond(401, "no"), ""}}) {
    TestServer server([&, sent = answer](const std::string&) { return sent; });
    HttpClient client;
    EXPECT_EQ(FetchCommit(client, server.url() + "/c", {.tries = 1}, {}).value_or(""), told);
  }
  TestServer busy([](const std::string&) { return Respond(503, "later"); });
  HttpClient client;
  ROENTGEN_EXPECT_ERROR(
      FetchCommit(client, busy.url() + "/c", {.tries = 2, .pause_seconds = 0.01}, {}),
      "the server fails");
  EXPECT_THAT(busy.requests(), SizeIs(2));
}

}  // namespace
}  // namespace roentgen
