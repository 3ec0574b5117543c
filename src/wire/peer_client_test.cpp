#include "wire/peer_client.hpp"

#include <atomic>
#include <future>
#include <thread>

#include "wire/rig_test.hpp"

namespace comity::wire {
namespace {

const StateCode k_bfa = *StateCode::from_text("BFA");
const StateCode k_kgz = *StateCode::from_text("KGZ");

class PeerClientsTest : public testing::Test {
 protected:
  PeerClientsTest() { EXPECT_TRUE(clients.emplace().set_identity(here.identity)); }

  std::uint16_t open(Server& server, const Party& as) {
    PeersDoor door{"127.0.0.1", 0, as.identity.clone(), [this](const Digest& shown) {
                     return shown == here.certificate ? std::optional(k_bfa) : std::nullopt;
                   }};
    return *server.open(std::move(door));
  }
  PeerAddress address(std::uint16_t port, const Party& who, StateCode state = k_kgz) {
    return {state, "127.0.0.1", port, {who.certificate}};
  }
  std::future<Result<PeerResponse>> send(const PeerAddress& to, std::string_view body,
                                         int deadline_s = 20) {
    const auto promise = std::make_shared<std::promise<Result<PeerResponse>>>();
    PeerRequest request{"POST", "/acts", "application/pkcs7-mime", to_bytes(body), deadline_s};
    clients->send(to, std::move(request),
                  [promise](Result<PeerResponse> got) { promise->set_value(std::move(got)); });
    return promise->get_future();
  }
  static FaultCode code_of(std::future<Result<PeerResponse>> got) {
    const auto result = got.get();
    return result ? FaultCode::conflict : result.error().code;
  }

  const Party here = make_party("BFA node"), there = make_party("KGZ node");
  std::optional<PeerClients> clients;
};

TEST_F(PeerClientsTest, CarriesManyCallsOverFewConnections) {
  std::atomic<int> calls = 0;
  Server server({[&](node::Call call, const node::Reply& reply) {
                   ++calls;
                   EXPECT_EQ(call.headers.at("content-type"), "application/pkcs7-mime");
                   reply(text_answer(as_text(call.body)));
                 },
                 {}});
  const auto to = address(open(server, there), there);
  std::vector<std::future<Result<PeerResponse>>> all;
  for (int i = 0; i < 500; ++i) all.push_back(send(to, "act " + std::to_string(i)));
  for (int i = 0; i < 500; ++i) {
    const auto got = all[std::size_t(i)].get();
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(as_text(got->body), "act " + std::to_string(i));
  }
  EXPECT_EQ(calls, 500);
}

TEST_F(PeerClientsTest, LetsNoSlowPeerDelayAnother) {
  const Party slow_party = make_party("slow");
  std::mutex mutex;
  std::vector<node::Reply> held;
  Server slow({[&](const node::Call&, node::Reply reply) {
                 const std::lock_guard lock(mutex);
                 held.push_back(std::move(reply));
               },
               {}});
  Server quick(describing());
  const auto to_slow = address(open(slow, slow_party), slow_party, k_bfa);
  const auto to_quick = address(open(quick, there), there);
  std::vector<std::future<Result<PeerResponse>>> waiting;
  for (int i = 0; i < 20; ++i) waiting.push_back(send(to_slow, "x", 2));
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(send(to_quick, "x").get());
  for (auto& one : waiting) EXPECT_EQ(code_of(std::move(one)), FaultCode::peer_timeout);
  slow.stop(0);
}

TEST_F(PeerClientsTest, GivesNothingToAnotherCertificateAndSaysWhenNobodyIsThere) {
  Server server(describing());
  const auto port = open(server, there);
  EXPECT_EQ(code_of(send(address(port, here), "x")), FaultCode::peer_identity);
  server.stop(0);
  EXPECT_EQ(code_of(send(address(port, there), "x")), FaultCode::peer_unreachable);
}

TEST_F(PeerClientsTest, IsToldWhenThePeerDoesNotKnowIt) {
  Server server(describing());
  const auto to = address(open(server, there), there);
  ASSERT_TRUE(clients->set_identity(make_party("somebody else").identity));
  EXPECT_EQ(code_of(send(to, "x")), FaultCode::peer_identity);
  ASSERT_TRUE(clients->set_identity(here.identity));
  EXPECT_TRUE(send(to, "x").get());
  EXPECT_EQ(clients->set_identity(TlsIdentity{}).error().code, FaultCode::crypto_key);
  EXPECT_TRUE(send(to, "x").get()) << "an unusable identity replaced the one in use";
}

TEST_F(PeerClientsTest, ReconnectsAfterThePeerRestarted) {
  auto server = std::make_unique<Server>(describing());
  const auto port = open(*server, there);
  const auto to = address(port, there);
  ASSERT_TRUE(send(to, "x").get());
  server = std::make_unique<Server>(describing());
  PeersDoor door{"127.0.0.1", port, there.identity.clone(),
                 [](const Digest&) { return std::optional(k_bfa); }};
  ASSERT_TRUE(server->open(std::move(door)));
  for (int i = 0; i < 8; ++i) {
    const auto got = send(to, "x").get();
    EXPECT_TRUE(got) << got.error().detail;
  }
}

TEST_F(PeerClientsTest, BoundsWhatWaitsForOnePeer) {
  std::mutex mutex;
  std::vector<node::Reply> held;
  Server server({[&](const node::Call&, node::Reply reply) {
                   const std::lock_guard lock(mutex);
                   held.push_back(std::move(reply));
                 },
                 {}});
  const auto to = address(open(server, there), there);
  constexpr std::size_t sent = k_outbound_queue_max + k_outbound_connections_max + 10;
  std::vector<std::future<Result<PeerResponse>>> all;
  for (std::size_t i = 0; i < sent; ++i) all.push_back(send(to, "x", 60));
  std::size_t refused = 0;
  clients.reset();  // everything ends, each exactly once
  for (auto& one : all) {
    const auto code = code_of(std::move(one));
    EXPECT_TRUE(code == FaultCode::limit_rate || code == FaultCode::node_stopping)
        << row_of(code).name;
    refused += code == FaultCode::limit_rate;
  }
  EXPECT_GE(refused, 10U);
  server.stop(0);
}

}  // namespace
}  // namespace comity::wire
