// A partner's node that answers our own calls with lies: framings, lengths, endless heads and
// bodies, redirects, another certificate. Whatever it says is a fault or a plain answer, in time
// and in bounded memory, and never read as the answer to another call.
#include <fmt/format.h>

#include "forged_test.hpp"
#include "live_node.hpp"
#include "raw_tls.hpp"
#include "wire/client.hpp"

namespace comity::corpus {
namespace {

using enum FaultCode;

struct Lie {
  const char* name;
  std::optional<FaultCode> code;  // none: an answer of that status, and no more
  int status;
  LyingServer::Say say;
};
void PrintTo(const Lie& lie, std::ostream* out) {
  *out << lie.name;
}

bool put(SSL* tls, std::string_view bytes) {
  return SSL_write(tls, bytes.data(), int(bytes.size())) > 0;
}
LyingServer::Say say(std::string bytes) {
  return [=](SSL* tls) { put(tls, bytes); };
}
LyingServer::Say endless(std::string first, std::string again) {
  return [=](SSL* tls) {
    put(tls, first);
    for (int i = 0; i < 1'000'000 && put(tls, again); ++i) continue;
  };
}
std::string ok(std::string_view fields, std::string_view body = "") {
  return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n" + std::string(body);
}
std::string fields(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += fmt::format("X{}: y\r\n", i);
  return all;
}
/// Nothing, for longer than the caller waits.
void silent(SSL* tls) {
  char byte = 0;
  SSL_read(tls, &byte, 1);
}

// clang-format off
std::vector<Lie> lies() {
  return {
      {"no-http", peer_protocol, 0, say("220 ready\r\n\r\n")},
      {"http-1-0", peer_protocol, 0, say("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}")},
      {"http-2", peer_protocol, 0, say("HTTP/2 200\r\nContent-Length: 2\r\n\r\n{}")},
      {"status-of-no-number", peer_protocol, 0, say("HTTP/1.1 xyz OK\r\nContent-Length: 2\r\n\r\n{}")},
      {"no-length", peer_protocol, 0, say(ok("", "{}"))},
      {"two-lengths", peer_protocol, 0, say(ok("Content-Length: 2\r\nContent-Length: 3\r\n", "{}x"))},
      {"length-and-chunks", peer_protocol, 0, say(ok("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "0\r\n\r\n"))},
      {"length-negative", peer_protocol, 0, say(ok("Content-Length: -1\r\n"))},
      {"encoding-unknown", peer_protocol, 0, say(ok("Transfer-Encoding: gzip\r\n", "x"))},
      {"chunk-of-no-number", peer_protocol, 0, say(ok("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"))},
      {"field-folded", peer_protocol, 0, say(ok("Content-Length: 2\r\nX: a\r\n b\r\n", "{}"))},
      {"lines-that-end-bare", peer_unreachable, 0, say("HTTP/1.1 200 OK\nContent-Length: 2\n\n{}")},
      {"head-past-its-limit", limit_size, 0, say(ok("X: " + std::string(17'000, 'a') + "\r\n"))},
      {"65-fields", limit_count, 0, say(ok(fields(65)))},
      {"fields-without-end", limit_size, 0, endless("HTTP/1.1 200 OK\r\n", "X: y\r\n")},
      {"patience-asked-without-end", peer_protocol, 0, endless("", "HTTP/1.1 100 Continue\r\n\r\n")},
      {"body-announced-past-its-limit", limit_size, 0, say(ok("Content-Length: 8388609\r\n"))},
      {"body-in-chunks-without-end", limit_size, 0, endless(ok("Transfer-Encoding: chunked\r\n"),
        "4000\r\n" + std::string(0x4000, ' ') + "\r\n")},
      {"body-cut", peer_unreachable, 0, say(ok("Content-Length: 20\r\n", "{"))},
      {"chunks-cut", peer_unreachable, 0, say(ok("Transfer-Encoding: chunked\r\n", "14\r\n{"))},
      {"nothing", peer_unreachable, 0, say("")},
      {"silence", peer_timeout, 0, silent},
      {"redirect", std::nullopt, 302,
        say("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")},
      {"a-second-answer-behind", std::nullopt, 200, say(ok("Content-Length: 2\r\n",
        "{}") + ok("Content-Length: 9\r\n", "not asked"))},
  };
}
// clang-format on

Result<wire::Client> caller(std::uint16_t port) {
  return wire::Client::over_tls({"127.0.0.1", port}, identity_of(world().bfa.tls()),
                                world().kgz.tls().certificate.fingerprint());
}

}  // namespace

class Call : public testing::TestWithParam<Lie> {};
TEST_P(Call, IsNotLedAstray) {
  LyingServer server(world().kgz.tls(), TLS1_3_VERSION, GetParam().say);
  auto client = must(caller(server.port()));
  const auto answer = client.ask("GET", "/comity/v1/entry", {}, {}, 2);
  if (GetParam().code) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(row_of(answer.error().code).name, row_of(*GetParam().code).name)
        << answer.error().detail;
    return;
  }
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->status, GetParam().status);
  EXPECT_LE(answer->body.size(), 2U);
  const auto again = client.ask("GET", "/comity/v1/entry", {}, {}, 2);
  EXPECT_TRUE(!again || as_text(again->body) != "not asked") << "an answer to no question";
}
INSTANTIATE_TEST_SUITE_P(Lies, Call, testing::ValuesIn(lies()), test_name<Lie>);

TEST(Call, GoesToNobodyElseAndSpeaksNothingOlder) {
  const auto good = say(ok("Content-Length: 2\r\n", "{}"));
  LyingServer other(world().cub.tls(), TLS1_3_VERSION, good);
  EXPECT_EQ(must(caller(other.port())).ask("GET", "/a", {}, {}, 2).error().code, peer_identity);
  LyingServer authority(world().kgz.authority(), TLS1_3_VERSION, good);
  EXPECT_EQ(must(caller(authority.port())).ask("GET", "/a", {}, {}, 2).error().code, peer_identity);
  LyingServer old(world().kgz.tls(), TLS1_2_VERSION, good);
  EXPECT_FALSE(must(caller(old.port())).ask("GET", "/a", {}, {}, 2));
}

}  // namespace comity::corpus
