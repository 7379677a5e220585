#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace roentgen::test {

/// How fast a server sends: so many bytes, then a pause.
struct Pace {
  size_t bytes = static_cast<size_t>(-1);
  int milliseconds = 0;
};

/// A web server on this machine that answers as a test wants, well or badly, byte for byte.
class TestServer {
 public:
  /// request: its head, as it came. Returns all that is sent back before the connection is closed.
  using Answer = std::function<std::string(const std::string& request)>;

  explicit TestServer(Answer answer, Pace pace = {}) : answer_(std::move(answer)), pace_(pace) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    socklen_t length = sizeof(address);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    ::listen(socket_, 8);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TestServer() {
    ending_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void Serve() {
    while (true) {
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      std::string request;
      char bytes[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = ::recv(connection, bytes, sizeof(bytes), 0);
        if (count <= 0) break;
        request.append(bytes, static_cast<size_t>(count));
      }
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string answer = answer_(request);
      for (size_t sent = 0; sent < answer.size() && !ending_;) {
        const ssize_t count = ::send(connection, answer.data() + sent,
                                     std::min(answer.size() - sent, pace_.bytes), MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<size_t>(count);
        if (pace_.milliseconds > 0) {
          std::this_thread::sleep_for(std::chrono::milliseconds(pace_.milliseconds));
        }
      }
      ::close(connection);
    }
  }

  Answer answer_;
  Pace pace_;
  std::atomic<bool> ending_ = false;
  int socket_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

inline std::string Respond(int status, const std::string& body, const std::string& headers = "",
                           size_t claimed = std::string::npos) {
  const size_t length = claimed == std::string::npos ? body.size() : claimed;
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(length) +
         "\r\nConnection: close\r\n" + headers + "\r\n" + body;
}

/// The path and query of a request.
inline std::string PathOf(const std::string& request) {
  return request.substr(4, request.find(' ', 4) - 4);
}

/// The value of a request's header; empty where it has none.
inline std::string HeaderOf(const std::string& request, const std::string& name) {
  const size_t at = request.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

/// The first byte that a request asks for; 0 when it asks for all.
inline size_t RangeBegin(const std::string& request) {
  const size_t at = request.find("Range: bytes=");
  return at == std::string::npos ? 0 : std::stoull(request.substr(at + 13));
}

}  // namespace roentgen::test
