#include "wire/server.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <thread>

#include "wire/rig_test.hpp"

namespace comity::wire {
namespace {

const std::string k_get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

class AtSocket : public testing::Test {
 protected:
  void open(Handlers handlers, ServerOptions options = {}) {
    server.emplace(std::move(handlers), options);
    ASSERT_TRUE(server->open(SocketDoor{path}));
  }
  static ServerOptions with(const std::function<void(ServerLimits&)>& change) {
    ServerOptions options;
    change(options.limits);
    return options;
  }
  std::string say(const std::string& raw) {
    RawCaller caller(path);
    caller.send(raw);
    return caller.rest();
  }
  static std::string status_of(const std::string& answer) { return answer.substr(9, 3); }

  Folder folder;
  std::string path = folder.at("node.sock");
  std::optional<Server> server;
};

TEST_F(AtSocket, CarriesCallsOverOneConnection) {
  open(describing());
  auto client = Client::over_socket(path);
  const auto got = client->ask("GET", target("/v1/things", {{"a", "x y"}}), {}, {}, 5);
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(as_text(got->body), "GET /v1/things a=x y 0");
  EXPECT_EQ(got->headers.at("content-type"), "text/plain");
  for (int i = 0; i < 50; ++i) {
    const auto more = client->ask("POST", "/v1/things", {}, Bytes(std::size_t(i) * 1000), 5);
    ASSERT_TRUE(more) << more.error().detail;
    EXPECT_EQ(as_text(more->body), "POST /v1/things " + std::to_string(i * 1000));
  }
  const auto head = client->ask("HEAD", "/v1/things", {}, {}, 5);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.at("content-length"), "17");
  EXPECT_TRUE(head->body.empty());
  EXPECT_TRUE(client->ask("GET", "/again", {}, {}, 5));
}

TEST_F(AtSocket, IsOpenToItsOwnerAlone) {
  const auto before = ::umask(0);
  open(describing());
  ::umask(before);
  struct stat found = {};
  ASSERT_EQ(::lstat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  server->stop(1);
  EXPECT_NE(::lstat(path.c_str(), &found), 0) << "the socket stays behind";
}

TEST_F(AtSocket, ReplacesADeadSocketButNeitherALiveOneNorAFile) {
  {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(dead);
  }
  open(describing());
  Server second(describing());
  EXPECT_EQ(second.open(SocketDoor{path}).error().code, FaultCode::node_busy);
  EXPECT_EQ(status_of(say("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")), "200");
  write_file(folder.at("file"), "keep me");
  EXPECT_EQ(second.open(SocketDoor{folder.at("file")}).error().code, FaultCode::store_exists);
  EXPECT_TRUE(std::filesystem::exists(folder.at("file")));
  EXPECT_EQ(second.open(SocketDoor{std::string(108, 'x')}).error().code, FaultCode::bad_usage);
}

TEST_F(AtSocket, SaysThatNoNodeRuns) {
  auto client = Client::over_socket(path);
  EXPECT_EQ(client->ask("GET", "/a", {}, {}, 5).error().code, FaultCode::node_down);
}

TEST_F(AtSocket, AnswersBrokenFramingWithAProblemAndCloses) {
  open(describing());
  const auto answer =
      say("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
          "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
          k_get);
  EXPECT_EQ(status_of(answer), "400");
  EXPECT_NE(answer.find("Content-Type: application/problem+json"), std::string::npos);
  EXPECT_NE(answer.find("\"urn:comity:error:request.usage\""), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "a second call was answered";
  EXPECT_EQ(status_of(say("GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n")), "400");
  EXPECT_EQ(status_of(say("GET /a HTTP/1.1\r\n\r\n")), "400");
  EXPECT_EQ(status_of(say("GET /a HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n")), "400");
}

TEST_F(AtSocket, AnswersPipelinedCallsOneByOneInOrder) {
  open(describing());
  RawCaller caller(path);
  caller.send(
      "GET /first HTTP/1.1\r\nHost: h\r\n\r\n"
      "POST /second HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
      "GET /third HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto answers = caller.rest();
  const auto first = answers.find("/first 0"), second = answers.find("/second 3");
  EXPECT_LT(first, second);
  EXPECT_LT(second, answers.find("/third 0"));
  EXPECT_NE(answers.find("/third 0"), std::string::npos);
}

TEST_F(AtSocket, HoldsBodiesToTheirLimitInBothFramings) {
  open(describing());
  auto client = Client::over_socket(path);
  const auto at_limit = client->ask("POST", "/a", {}, Bytes(k_body_bytes_max), 20);
  ASSERT_TRUE(at_limit) << at_limit.error().detail;
  EXPECT_EQ(at_limit->status, 200);
  const auto past = client->ask("POST", "/a", {}, Bytes(k_body_bytes_max + 1), 20);
  ASSERT_TRUE(past) << past.error().detail;
  EXPECT_EQ(past->status, 413);

  struct Zeros final : node::Source {
    explicit Zeros(std::size_t size) : left(size) {}
    Result<std::size_t> read(std::span<std::uint8_t> into) override {
      const auto size = std::min(left, into.size());
      std::fill_n(into.begin(), size, 0);
      left -= size;
      return size;
    }
    std::size_t left;
  };
  Zeros enough(k_body_bytes_max), too_much(k_body_bytes_max + 1);
  EXPECT_EQ(client->send_bulk("POST", "/a", {}, enough)->status, 200);
  EXPECT_EQ(client->send_bulk("POST", "/a", {}, too_much)->status, 413);
}

TEST_F(AtSocket, EndsABodyWithoutEnd) {
  open(describing());
  RawCaller caller(path);
  caller.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  int sent = 0;
  while (sent < 1000 && caller.send(chunk)) ++sent;
  EXPECT_LT(sent, 1000);
}

TEST_F(AtSocket, RefusesAHeadOneByteTooLong) {
  open(describing());
  const std::string start = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX: ";
  const auto head_of = [&](std::size_t size) {
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(status_of(say(head_of(k_head_bytes_max))), "200");
  EXPECT_EQ(status_of(say(head_of(k_head_bytes_max + 1))), "413");
}

TEST_F(AtSocket, DropsAHeadThatDripsAndACallerThatIdles) {
  open(describing(), with([](ServerLimits& limits) {
         limits.header = milliseconds(200);
         limits.idle = milliseconds(300);
       }));
  RawCaller dripping(path), idle(path);
  const auto start = std::chrono::steady_clock::now();
  // A byte now and then must not renew the time: poll() paces the drops.
  bool is_open = true;
  for (int i = 0; is_open && i < 500; ++i) {
    is_open = dripping.send("G") && dripping.rest(10).ends_with("(open)");
  }
  EXPECT_FALSE(is_open);
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(4));
  EXPECT_EQ(idle.rest(), "");
}

TEST_F(AtSocket, DropsABodyThatStallsOrDrips) {
  open(describing(), with([](ServerLimits& limits) {
         limits.stall = milliseconds(200);
         limits.whole_body_bytes_per_s_min = 1000;
       }));
  const std::string head = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n";
  EXPECT_EQ(say(head + "abc"), "");
  RawCaller dripping(path);
  dripping.send(head);
  bool is_open = true;
  for (int i = 0; is_open && i < 500; ++i)
    is_open = dripping.send("x") && dripping.rest(10).ends_with("(open)");
  EXPECT_FALSE(is_open);
}

TEST_F(AtSocket, InvitesABodyThatWasAnnounced) {
  open(describing());
  RawCaller caller(path);
  caller.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(caller.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  caller.send("abc");
  EXPECT_EQ(status_of(caller.until("/a 3")), "200");
  const auto refused =
      say("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n"
          "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(status_of(refused), "413");
}

TEST_F(AtSocket, ServesOnWhileHundredsIdle) {
  open(describing());
  std::vector<std::unique_ptr<RawCaller>> idle;
  for (int i = 0; i < 300; ++i) {
    idle.push_back(std::make_unique<RawCaller>(path));
    ASSERT_TRUE(idle.back()->is_connected());
    if (i % 2) idle.back()->send("GET /half");
  }
  auto client = Client::over_socket(path);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client->ask("GET", "/a", {}, {}, 5));
}

TEST_F(AtSocket, ServesOnAfterItRanOutOfDescriptors) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the checks of virtual calls need descriptors themselves";
#endif
  open(describing());
  rlimit usual = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const int next = ::dup(0);
  ::close(next);
  rlimit low = usual;
  low.rlim_cur = rlim_t(next) + 40;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<std::unique_ptr<RawCaller>> callers;
  do {
    callers.push_back(std::make_unique<RawCaller>(path));
  } while (callers.back()->is_connected() && callers.size() < 100);
  EXPECT_LT(callers.size(), 100U);
  callers.clear();
  auto client = Client::over_socket(path);
  const auto got = client->ask("GET", "/a", {}, {}, 10);
  EXPECT_TRUE(got) << got.error().detail;
  ::setrlimit(RLIMIT_NOFILE, &usual);
}

TEST_F(AtSocket, LogsACallWithoutWhatItAsksFor) {
  testing::internal::CaptureStderr();
  ServerOptions options;
  options.access_log = true;
  open(describing(), options);
  auto client = Client::over_socket(path);
  const Headers headers = {{"Authorization", "Bearer hidden-token"}};
  ASSERT_TRUE(client->ask("POST", "/v1/things?name=hidden", headers, as_bytes("hidden-body"), 5));
  ASSERT_TRUE(client->ask("GET", "/v1/next", {}, {}, 5));
  server->stop(1);
  const auto lines = testing::internal::GetCapturedStderr();
  EXPECT_NE(lines.find("Z socket POST /v1/things 200 "), std::string::npos) << lines;
  EXPECT_EQ(lines.find("hidden"), std::string::npos) << lines;
}

TEST_F(AtSocket, TellsWhomItHasNoPlaceFor) {
  open(describing(), with([](ServerLimits& limits) { limits.connections_max = 2; }));
  auto first = Client::over_socket(path), second = Client::over_socket(path);
  ASSERT_EQ(first->ask("GET", "/a", {}, {}, 5)->status, 200);
  ASSERT_EQ(second->ask("GET", "/a", {}, {}, 5)->status, 200);
  EXPECT_EQ(status_of(say(k_get)), "503");
  {
    const Client gone = std::move(*second);
  }
  auto third = Client::over_socket(path);
  int status = 0;  // the place is free once the server has seen the close
  for (int i = 0; status != 200 && i < 1000; ++i)
    status = third->ask("GET", "/a", {}, {}, 5).value_or(Response{}).status;
  EXPECT_EQ(status, 200);
}

TEST_F(AtSocket, AnswersFromAnyThreadAndFindsABrokenPromise) {
  std::vector<std::thread> threads;
  open({[&](const node::Call& call, node::Reply reply) {
          if (call.path == "/forgotten") return;
          threads.emplace_back([reply = std::move(reply)] { reply(text_answer("later")); });
        },
        {}});
  auto client = Client::over_socket(path);
  EXPECT_EQ(as_text(client->ask("GET", "/a", {}, {}, 5)->body), "later");
  EXPECT_EQ(client->ask("POST", "/forgotten", {}, {}, 5).error().code, FaultCode::peer_unreachable);
  server->stop(1);
  for (auto& thread : threads) thread.join();
}

TEST_F(AtSocket, StopsInOrderAndLetsACallEnd) {
  Gate arrived;
  node::Reply later;
  open({[&](const node::Call&, node::Reply reply) {
          later = std::move(reply);
          arrived.open();
        },
        {}});
  RawCaller idle(path);
  std::string answer;
  std::thread calling([&] { answer = say(k_get); });
  ASSERT_TRUE(arrived.wait());
  std::thread stopping([&] { server->stop(20); });
  EXPECT_EQ(idle.rest(), "");  // dismissed at once, so the stop has begun
  EXPECT_FALSE(RawCaller(path).is_connected());
  later(text_answer("done"));
  stopping.join();
  calling.join();
  EXPECT_EQ(status_of(answer), "200");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST_F(AtSocket, CutsACallThatOutlastsTheStop) {
  Gate arrived;
  node::Reply never;
  open({[&](const node::Call&, node::Reply reply) {
          never = std::move(reply);
          arrived.open();
        },
        {}});
  std::string answer = "none";
  std::thread calling([&] { answer = say(k_get); });
  ASSERT_TRUE(arrived.wait());
  server->stop(0);
  calling.join();
  EXPECT_EQ(answer, "");
  server.reset();
  never(text_answer("too late"));  // harmless
}

TEST(ConsoleDoor, IsOnLoopbackOnlyAndAnswersItsOwnPagesOnly) {
  Server server(describing());
  EXPECT_EQ(server.open(ConsoleDoor{"0.0.0.0", 0}).error().code, FaultCode::bad_usage);
  EXPECT_EQ(server.open(ConsoleDoor{"192.0.2.1", 0}).error().code, FaultCode::bad_usage);
  EXPECT_EQ(server.open(ConsoleDoor{"localhost", 0}).error().code, FaultCode::bad_usage);
  const auto port = server.open(ConsoleDoor{});
  ASSERT_TRUE(port);
  const auto curl = [&](const std::string& more) {
    const std::string command = "curl -s -o /dev/null -w '%{http_code}' " + more +
                                " http://127.0.0.1:" + std::to_string(*port) + "/a";
    FILE* pipe = ::popen(command.c_str(), "r");
    char text[16] = {};
    const auto size = std::fread(text, 1, sizeof text - 1, pipe);
    ::pclose(pipe);
    return std::string(text, size);
  };
  EXPECT_EQ(curl(""), "200");
  EXPECT_EQ(curl("-H 'Host: rebound.example'"), "403");
  EXPECT_EQ(curl("-H 'Origin: http://elsewhere.example'"), "403");
  EXPECT_EQ(curl("-H 'Sec-Fetch-Site: cross-site'"), "403");
  Server second(describing());
  EXPECT_EQ(second.open(ConsoleDoor{"127.0.0.1", *port}).error().code, FaultCode::node_busy);
}

}  // namespace
}  // namespace comity::wire
