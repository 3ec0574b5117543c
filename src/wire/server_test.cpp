#include "wire/server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/client.hpp"

namespace comity::wire {
namespace {

std::string socket_path() {
  return "/tmp/comity-wire-" + std::to_string(::getpid()) + ".sock";
}

Handlers echo() {
  return {[](node::Call call, const node::Reply& reply) {
            node::Answer answer;
            answer.content_type = "text/plain";
            answer.headers["X-Path"] = call.path;
            answer.body = std::move(call.body);
            reply(std::move(answer));
          },
          {}};
}

TEST(SocketDoor, CarriesACallAndItsAnswer) {
  Server server(echo());
  ASSERT_TRUE(server.open(SocketDoor{socket_path()}));
  struct stat found = {};
  ASSERT_EQ(::lstat(socket_path().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  auto client = Client::over_socket(socket_path());
  for (int i = 0; i < 3; ++i) {
    const auto response = client->ask("POST", "/v1/exchanges?a=b", {}, as_bytes("hello"), 5);
    ASSERT_TRUE(response) << response.error().detail;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers.at("x-path"), "/v1/exchanges");
    EXPECT_EQ(as_text(response->body), "hello");
  }
}

}  // namespace
}  // namespace comity::wire
