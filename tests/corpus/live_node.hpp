// A State of the world behind a real door: TLS on loopback, the real peers' door, the real mailbox
// and a heart that beats on a thread of its own. While it stands, nobody else may ask its desk.
#pragma once

#include <atomic>
#include <thread>

#include "../../cmd/comity/mailbox.hpp"
#include "api/live.hpp"
#include "api/peer_door.hpp"
#include "state.hpp"
#include "wire/server.hpp"

namespace comity::corpus {

inline wire::TlsIdentity identity_of(const Signer& tls) {
  return {tls.certificate.pem(), tls.key.to_pem()};
}

class LiveNode {
 public:
  explicit LiveNode(State& state, wire::ServerLimits limits = {});
  ~LiveNode();
  LiveNode(const LiveNode&) = delete;
  LiveNode& operator=(const LiveNode&) = delete;

  std::uint16_t port() const { return port_; }
  std::uint64_t turns() const { return turns_; }
  /// The most turns that ended while a call of this State waited for its answer.
  std::uint64_t turns_waited_max(const StateCode& caller) const;

 private:
  /// What was sealed lies in memory, all of it zeroes: doors do not look at it.
  class Zeroes final : public api::Vault {
   public:
    Result<node::SealOutcome> seal(const node::SealOrder&, node::Source&) override;
    Result<void> open(const node::OpenOrder&, node::Sink&) override;
    Result<Secret> part_key(const node::OpenOrder&) override;
    Result<Bytes> header_for(const node::OpenOrder&, const std::string&) override;
    Result<node::FileBody> sealed(const ItemId&, std::uint64_t offset,
                                  std::uint64_t length) override;
    Result<Bytes> tile(const ItemId&, std::string_view path) override;
    Result<void> remove(const ItemId&) override { return {}; }
    Result<void> has_room() override { return {}; }
    std::optional<std::uint64_t> bytes_done(const ItemId&) override { return std::nullopt; }
  };
  /// No item grows here: whoever asks for one is told so.
  class NoneGrows final : public api::Live {
   public:
    Result<std::uint64_t> take(const node::LiveOrder&, const std::string&, node::Source&) override;
    Result<void> send(const ItemId&, std::uint64_t, node::Sink&) override;
    Result<void> acknowledge(const ItemId&, View) override;
    Result<void> read(const node::LiveOrder&, std::uint64_t, bool, node::Sink&) override;
    Result<void> tell(const ItemId&, node::Sink&) override;
    bool is_open(const ItemId&) override { return false; }
    std::optional<formats::Json> status(const ItemId&) override { return std::nullopt; }
  };
  class AtOnce final : public api::Background {
   public:
    bool run(std::function<void()> task) override { return task(), true; }
  };

  std::map<Digest, StateCode> pins_;
  Zeroes vault_;
  NoneGrows live_;
  AtOnce background_;
  HeartMailbox mailbox_;
  api::PeerDoor door_{mailbox_, background_, vault_, live_};
  std::atomic<std::uint64_t> turns_ = 0;
  mutable std::mutex mutex_;
  std::map<StateCode, std::uint64_t> waited_;
  std::thread heart_;
  std::unique_ptr<wire::Server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace comity::corpus
