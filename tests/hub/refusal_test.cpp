// Hubs that say no, are busy, or are not who the token is for.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstdlib>

#include "hub/test_server.h"
#include "roentgen/base/error.h"
#include "roentgen/base/files.h"
#include "roentgen/hub/download.h"
#include "roentgen/hub/model_hub.h"
#include "support/paths.h"

namespace roentgen {
namespace {

using test::Respond;
using test::TestServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const RetryOptions kQuick{.tries = 3, .pause_seconds = 0.01};
constexpr const char* kList = R"([{"type": "file", "path": "config.json", "size": 2, "oid": ""}])";

/// Sets an environment variable for the duration of a test.
class EnvironmentVariable {
 public:
  EnvironmentVariable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~EnvironmentVariable() { ::unsetenv(name_); }
  EnvironmentVariable(const EnvironmentVariable&) = delete;
  EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

 private:
  const char* name_;
};

std::vector<HubFile> List(TestServer& server) {
  const ModelHub hub(server.url());
  HttpClient client(hub.Access());
  return hub.ListFiles(client, "A/b", "main", kQuick);
}

void Fetch(TestServer& server, const std::filesystem::path& folder) {
  const ModelHub hub(server.url());
  HttpClient client(hub.Access());
  DownloadFile(client, server.url() + "/file", {"config.json", 2, "", ""}, folder / "config.json",
               kQuick);
}

/// The message and the hint of the error that it throws.
template <class Work>
std::string ErrorOf(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "none";
}

TEST(Refusal, EachStatusSaysWhatToDo) {
  const test::TemporaryFolder folder;
  for (const auto& [status, advice] :
       {std::pair(401, "There is no such {}, or it is not open to everybody"),
        {403, "its terms must be accepted first"},
        {404, "There is no such {}, or no such revision"},
        {418, "This is not the answer of a hub"}}) {
    TestServer server([&, answer = status](const std::string&) { return Respond(answer, "no"); });
    const std::string text = fmt::format("status {}", status);
    for (const char* what : {"model", "file"}) {
      const std::string error = ErrorOf([&, list = std::string_view(what) == "model"] {
        list ? static_cast<void>(List(server)) : Fetch(server, folder.path());
      });
      EXPECT_THAT(error,
                  AllOf(HasSubstr(text), HasSubstr(fmt::format(fmt::runtime(advice), what))));
    }
    EXPECT_THAT(server.requests(), SizeIs(2)) << "not tried again";
  }
}

TEST(Refusal, TheHubsOwnWordsAreShownWithoutControlCharacters) {
  TestServer server([](const std::string&) {
    return Respond(403, "", "X-Error-Message: Access to \x1b[31mA/b is restricted\r\n");
  });
  EXPECT_THAT(ErrorOf([&] { List(server); }),
              HasSubstr("status 403: Access to [31mA/b is restricted"));
}

TEST(Refusal, WhatMayPassIsTriedAgain) {
  const test::TemporaryFolder folder;
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    int asked = 0;
    TestServer server([&](const std::string& request) {
      if (++asked % 2 == 1) return Respond(status, "later");
      return Respond(200, request.find("/api/") != std::string::npos ? kList : "{}");
    });
    EXPECT_THAT(List(server), SizeIs(1)) << status;
    Fetch(server, folder.path());
    EXPECT_THAT(server.requests(), SizeIs(4)) << status;
    std::filesystem::remove(folder.path() / "config.json");
  }
}

TEST(Refusal, ItIsGivenUpInTheEnd) {
  const test::TemporaryFolder folder;
  TestServer server([](const std::string&) { return Respond(429, "later"); });
  EXPECT_THAT(ErrorOf([&] { List(server); }),
              AllOf(HasSubstr("status 429 (too many requests)"), HasSubstr("try again later")));
  EXPECT_THAT(server.requests(), SizeIs(3));
  EXPECT_THAT(ErrorOf([&] { Fetch(server, folder.path()); }),
              HasSubstr("0 of 2 bytes came, then: status 429 (too many requests)"));
  EXPECT_THAT(server.requests(), SizeIs(6));
}

TEST(Refusal, ALoopOfRedirectionsIsNotTriedAgain) {
  TestServer server([](const std::string&) { return Respond(302, "", "Location: /again\r\n"); });
  EXPECT_THAT(ErrorOf([&] { List(server); }),
              AllOf(HasSubstr("redirects again and again"), HasSubstr("not the answer of a hub")));
  EXPECT_THAT(server.requests(), SizeIs(11));
}

TEST(Refusal, ARedirectionToWhatIsNoHttpIsNotTriedAgain) {
  for (const char* target :
       {"file:///etc/passwd", "ftp://localhost/a", "http://[", "gopher://a/1"}) {
    TestServer server([&](const std::string&) {
      return Respond(302, "", fmt::format("Location: {}\r\n", target));
    });
    EXPECT_THAT(ErrorOf([&] { List(server); }),
                AllOf(HasSubstr("redirects to what is not fetched"), HasSubstr("not the answer")));
    EXPECT_THAT(server.requests(), SizeIs(1));
  }
}

TEST(Refusal, TheServerSaysHowLongToWait) {
  std::vector<double> pauses;
  RetryOptions retry = kQuick;
  retry.on_pause = [&](const std::string& reason, double seconds) {
    EXPECT_THAT(reason, HasSubstr("status 503"));
    pauses.push_back(seconds);
  };
  int asked = 0;
  TestServer server([&](const std::string&) {
    return ++asked == 1 ? Respond(503, "", "Retry-After: 1\r\n") : Respond(200, kList);
  });
  const ModelHub hub(server.url());
  HttpClient client;
  EXPECT_THAT(hub.ListFiles(client, "A/b", "main", retry), SizeIs(1));
  EXPECT_THAT(pauses, testing::ElementsAre(1.0));

  TestServer slow([](const std::string&) { return Respond(429, "", "Retry-After: 3600\r\n"); });
  EXPECT_THAT(ErrorOf([&] { List(slow); }), HasSubstr("asks to wait for 60 minutes"));
  EXPECT_THAT(slow.requests(), SizeIs(1));
}

TEST(Refusal, AWebPageIsNoList) {
  const test::TemporaryFolder folder;
  for (const char* type : {"Content-Type: text/html; charset=utf-8\r\n", ""}) {
    TestServer server([&](const std::string&) {
      return Respond(200, "\n<!DOCTYPE html><title>Login</title>", type);
    });
    EXPECT_THAT(ErrorOf([&] { List(server); }),
                AllOf(HasSubstr("the answer is a web page"), HasSubstr("wants a login")));
  }
  TestServer server([&](const std::string&) {
    return Respond(200, "<html>登录</html>", "Content-Type: text/html\r\n");
  });
  EXPECT_THAT(ErrorOf([&] { Fetch(server, folder.path()); }), HasSubstr("is a web page"));
}

TEST(Refusal, AShorterFileThanListedEndsAtOnce) {
  const test::TemporaryFolder folder;
  TestServer server([](const std::string&) { return Respond(200, "{"); });
  EXPECT_THAT(ErrorOf([&] { Fetch(server, folder.path()); }),
              HasSubstr("it has 1 bytes, announced were 2"));
  EXPECT_THAT(server.requests(), SizeIs(1));
  // Without a length it is seen by its end, which comes at the same place again and again.
  TestServer silent([](const std::string&) {
    return std::string("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{");
  });
  EXPECT_THAT(ErrorOf([&] { Fetch(silent, folder.path()); }), HasSubstr("1 of 2 bytes came"));
  EXPECT_THAT(silent.requests(), SizeIs(4));
}

TEST(Token, GoesToItsOwnHubAlone) {
  const EnvironmentVariable token("HF_TOKEN", "hf_made_up");
  const auto sent = [](const std::string& from) { return ModelHub(from).Access().token.value; };
  const auto withheld = [](const std::string& from) { return ModelHub(from).Access().withheld; };
  EXPECT_EQ(sent("huggingface"), "hf_made_up");
  EXPECT_EQ(sent("https://HuggingFace.co/"), "hf_made_up");
  for (const char* other :
       {"modelscope", "https://hf-mirror.com", "https://huggingface.co.example.org",
        "https://huggingface.co@example.org", "https://huggingface.co:8443",
        "http://huggingface.co", "http://127.0.0.1:8000"}) {
    EXPECT_EQ(sent(other), "") << other;
  }
  EXPECT_THAT(withheld("https://hf-mirror.com"), HasSubstr("nor what HF_ENDPOINT names"));
  EXPECT_EQ(withheld("huggingface"), "");

  const EnvironmentVariable endpoint("HF_ENDPOINT", "https://hub.example.org/hf/");
  EXPECT_EQ(sent("huggingface"), "hf_made_up");
  EXPECT_EQ(sent("https://hub.example.org"), "hf_made_up");
  EXPECT_EQ(sent("https://huggingface.co"), "hf_made_up");
  EXPECT_EQ(sent("https://other.example.org"), "");
}

TEST(Token, NeverGoesOverPlainHttp) {
  TestServer server([](const std::string&) { return Respond(401, "no"); });
  const EnvironmentVariable token("HF_TOKEN", "hf_made_up");
  const EnvironmentVariable endpoint("HF_ENDPOINT", server.url());
  const ModelHub hub("huggingface");
  HttpClient client(hub.Access());
  EXPECT_THAT(ErrorOf([&] { hub.ListFiles(client, "A/b", "main", kQuick); }),
              HasSubstr("HF_TOKEN was not sent: it goes over https:// alone"));
  EXPECT_THAT(server.requests()[0], Not(HasSubstr("hf_made_up")));
  // The client itself keeps to the rule, whatever it was given.
  HttpClient careless({{"hf_made_up", *OriginOf(server.url())}, "", false});
  ErrorOf([&] { hub.ListFiles(careless, "A/b", "main", kQuick); });
  EXPECT_THAT(server.requests()[1], Not(HasSubstr("hf_made_up")));
}

TEST(Token, AnotherHubThatRefusesSaysThatItWasHeldBack) {
  TestServer server([](const std::string&) { return Respond(401, "no"); });
  const EnvironmentVariable token("HF_TOKEN", "hf_made_up");
  EXPECT_THAT(ErrorOf([&] { List(server); }),
              HasSubstr("HF_TOKEN was not sent: this is neither huggingface.co nor"));
  EXPECT_THAT(server.requests()[0], Not(HasSubstr("uthorization")));
}

TEST(Token, AnEndpointWithoutASchemeIsRefused) {
  for (const char* endpoint : {"127.0.0.1:18451", "hf-mirror.com", "ftp://a"}) {
    const EnvironmentVariable variable("HF_ENDPOINT", endpoint);
    ROENTGEN_EXPECT_ERROR(ModelHub("huggingface"), "does not begin with https:// or http://");
  }
}

TEST(Token, MayGoTo) {
  const AccessToken token{"t", "https://huggingface.co:443"};
  EXPECT_TRUE(token.MayGoTo("https://huggingface.co/api/models/A/b"));
  EXPECT_TRUE(token.MayGoTo("HTTPS://HUGGINGFACE.CO:443/a"));
  for (const char* other :
       {"http://huggingface.co/a", "https://huggingface.co:444/a", "https://cdn.huggingface.co/a",
        "https://a@b.org/huggingface.co", "huggingface.co/a", "", "file:///huggingface.co"}) {
    EXPECT_FALSE(token.MayGoTo(other)) << other;
  }
  EXPECT_FALSE((AccessToken{"", "https://huggingface.co:443"}.MayGoTo("https://huggingface.co/")));
  EXPECT_FALSE((AccessToken{"t", "http://a:80"}.MayGoTo("http://a/")));
}

}  // namespace
}  // namespace roentgen
