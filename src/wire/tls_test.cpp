#include <netinet/in.h>

#include <atomic>
#include <set>
#include <thread>

#include "wire/rig_test.hpp"

namespace comity::wire {
namespace {

const StateCode k_kgz = *StateCode::from_text("KGZ");

int run(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class PeersDoorTest : public testing::Test {
 protected:
  void open(Handlers handlers, const ServerOptions& options = {}) {
    server.emplace(std::move(handlers), options);
    PeersDoor door{"127.0.0.1", 0, here.identity.clone(), [this](const Digest& shown) {
                     return shown == peer.certificate && is_trusted ? std::optional(k_kgz)
                                                                    : std::nullopt;
                   }};
    const auto bound = server->open(std::move(door));
    ASSERT_TRUE(bound) << bound.error().detail;
    port = *bound;
  }
  Client client_as(const Party& who) {
    return std::move(*Client::over_tls({"127.0.0.1", port}, who.identity, here.certificate));
  }
  /// curl as a foreign program with a certificate; its exit code.
  int curl(const Party& who, const std::string& more) {
    write_file(folder.at("cert.pem"), who.identity.certificate_pem);
    write_file(folder.at("key.pem"), as_text(who.identity.private_key_pem.view()));
    return run("curl -s -k -o " + folder.at("out") + " --cert " + folder.at("cert.pem") +
               " --key " + folder.at("key.pem") + " " + more +
               " https://127.0.0.1:" + std::to_string(port) + "/a");
  }
  const Party here = make_party("BFA node"), peer = make_party("KGZ node"),
              stranger = make_party("stranger");
  std::atomic<bool> is_trusted = true;
  std::uint16_t port = 0;
  Folder folder;
  std::optional<Server> server;
};

Handlers naming_the_peer() {
  return {[](const node::Call& call, const node::Reply& reply) {
            reply(text_answer(call.door == node::Door::peer && call.peer ? call.peer->text()
                                                                         : "nobody"));
          },
          {}};
}

TEST_F(PeersDoorTest, KnowsAPeerByItsCertificate) {
  open(naming_the_peer());
  auto client = client_as(peer);
  for (int i = 0; i < 3; ++i) {
    const auto got = client.ask("POST", "/acts", {}, Bytes(1000), 5);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(as_text(got->body), "KGZ");
  }
}

TEST_F(PeersDoorTest, LetsNoStrangerIn) {
  open(naming_the_peer());
  auto client = client_as(stranger);
  const auto got = client.ask("GET", "/acts", {}, {}, 5);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, FaultCode::peer_identity) << got.error().detail;
}

TEST_F(PeersDoorTest, GivesNothingToAServerWithAnotherCertificate) {
  std::atomic<int> calls = 0;
  open({[&](const node::Call&, const node::Reply& reply) {
          ++calls;
          reply(text_answer(""));
        },
        {}});
  auto client = *Client::over_tls({"127.0.0.1", port}, peer.identity, stranger.certificate);
  EXPECT_EQ(client.ask("GET", "/a", {}, {}, 5).error().code, FaultCode::peer_identity);
  EXPECT_EQ(calls, 0);
}

TEST_F(PeersDoorTest, ForgetsAPeerThatLosesItsTrustWithinAConnection) {
  open(naming_the_peer());
  auto client = client_as(peer);
  ASSERT_EQ(client.ask("GET", "/a", {}, {}, 5)->status, 200);
  is_trusted = false;
  EXPECT_EQ(client.ask("GET", "/a", {}, {}, 5)->status, 403);
  EXPECT_EQ(client.ask("GET", "/a", {}, {}, 5).error().code, FaultCode::peer_identity);
}

TEST_F(PeersDoorTest, SpeaksTls13AndNothingOlder) {
  open(naming_the_peer());
  EXPECT_EQ(curl(peer, ""), 0);
  std::string body;
  std::ifstream(folder.at("out")) >> body;
  EXPECT_EQ(body, "KGZ");
  EXPECT_NE(curl(peer, "--tls-max 1.2"), 0);
  EXPECT_NE(curl(stranger, ""), 0);
  EXPECT_NE(run("curl -s -k -o /dev/null https://127.0.0.1:" + std::to_string(port) + "/a"), 0);
  EXPECT_NE(run("curl -s -o /dev/null http://127.0.0.1:" + std::to_string(port) + "/a"), 0);
}

TEST_F(PeersDoorTest, GivesNoTicketToResumeWith) {
  open(naming_the_peer());
  curl(peer, "");  // writes the files
  const std::string session = folder.at("session");
  run("printf 'GET /a HTTP/1.1\\r\\nHost: h\\r\\nConnection: close\\r\\n\\r\\n' | timeout 10 "
      "openssl "
      "s_client -quiet -connect 127.0.0.1:" +
      std::to_string(port) + " -cert " + folder.at("cert.pem") + " -key " + folder.at("key.pem") +
      " -sess_out " + session + " > " + folder.at("said") + " 2>/dev/null");
  EXPECT_FALSE(std::filesystem::exists(session));
  std::string said;
  std::getline(std::ifstream(folder.at("said")), said);
  EXPECT_EQ(said, "HTTP/1.1 200 OK\r");
}

TEST_F(PeersDoorTest, TakesActsOfUpToEightMebibytes) {
  open(describing());
  auto client = client_as(peer);
  EXPECT_EQ(client.ask("POST", "/a", {}, Bytes(k_act_bytes_max), 30)->status, 200);
  const auto past = client.ask("POST", "/a", {}, Bytes(k_act_bytes_max + 1), 30);
  ASSERT_TRUE(past) << past.error().detail;
  EXPECT_EQ(past->status, 413);
}

TEST_F(PeersDoorTest, ShowsANewCertificateToNewConnections) {
  open(naming_the_peer());
  auto old = client_as(peer);
  ASSERT_TRUE(old.ask("GET", "/a", {}, {}, 5));
  const Party renewed = make_party("BFA node, renewed");
  ASSERT_TRUE(server->renew(renewed.identity.clone()));
  EXPECT_TRUE(old.ask("GET", "/a", {}, {}, 5)) << "a connection that stands goes on";
  auto fresh = *Client::over_tls({"127.0.0.1", port}, peer.identity, renewed.certificate);
  EXPECT_TRUE(fresh.ask("GET", "/a", {}, {}, 5));
  auto late = client_as(peer);
  EXPECT_EQ(late.ask("GET", "/a", {}, {}, 5).error().code, FaultCode::peer_identity);
}

TEST_F(PeersDoorTest, RefusesKeysThatDoNotFit) {
  const TlsIdentity mixed{peer.identity.certificate_pem, stranger.identity.private_key_pem.clone()};
  EXPECT_EQ(Client::over_tls({"127.0.0.1", 1}, mixed, here.certificate).error().code,
            FaultCode::crypto_key);
  const TlsIdentity none{"", {}};
  EXPECT_EQ(Client::over_tls({"127.0.0.1", 1}, none, here.certificate).error().code,
            FaultCode::crypto_key);
  Server nobody(describing());
  const auto nobody_known = [](const Digest&) { return std::optional<StateCode>(); };
  EXPECT_EQ(nobody.open(PeersDoor{"127.0.0.1", 0, mixed.clone(), nobody_known}).error().code,
            FaultCode::crypto_key);
}

TEST_F(PeersDoorTest, BoundsTheConnectionsOfOnePeer) {
  ServerOptions options;
  options.limits.peer_connections_max = 2;
  open(naming_the_peer(), options);
  auto first = client_as(peer), second = client_as(peer), third = client_as(peer);
  ASSERT_EQ(first.ask("GET", "/a", {}, {}, 5)->status, 200);
  ASSERT_EQ(second.ask("GET", "/a", {}, {}, 5)->status, 200);
  const auto refused = third.ask("GET", "/a", {}, {}, 5);
  ASSERT_TRUE(refused) << refused.error().detail;
  EXPECT_EQ(refused->status, 503);
}

TEST_F(PeersDoorTest, IsNotBarredByCallersWhoNeverFinishTheirHandshake) {
  ServerOptions options;
  options.limits.antechamber_max = 16;
  open(naming_the_peer(), options);
  std::vector<int> silent;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 200; ++i) {
    silent.push_back(::socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(silent.back(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  auto client = client_as(peer);
  const auto got = client.ask("GET", "/a", {}, {}, 5);
  EXPECT_TRUE(got) << got.error().detail;
  for (const int fd : silent) ::close(fd);
}

TEST(ClientOverTls, SaysWhenNobodyIsThere) {
  const Party who = make_party("KGZ node");
  auto client = *Client::over_tls({"127.0.0.1", 1}, who.identity, who.certificate);
  EXPECT_EQ(client.ask("GET", "/a", {}, {}, 5).error().code, FaultCode::peer_unreachable);
  auto lost = *Client::over_tls({"no.such.host.example", 1}, who.identity, who.certificate);
  EXPECT_EQ(lost.ask("GET", "/a", {}, {}, 5).error().code, FaultCode::peer_unreachable);
}

}  // namespace
}  // namespace comity::wire
