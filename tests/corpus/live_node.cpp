#include "live_node.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "formats/tile.hpp"

namespace comity::corpus {

LiveNode::LiveNode(State& state, wire::ServerLimits limits)
    : pins_(state.ask([](node::Desk& desk) { return desk.pinned_peers(); })) {
  heart_ = std::thread([this, &state] {
    const auto never = std::chrono::steady_clock::now() + std::chrono::hours(1);
    while (auto jobs = mailbox_.take(never)) {
      must(state.turn(*std::move(jobs)));
      ++turns_;
    }
  });
  const auto handle = [this](node::Call call, node::Reply reply) {
    const auto caller = call.peer.value_or(StateCode());
    door_.handle(std::move(call), [this, caller, began = turns_.load(),
                                   reply = std::move(reply)](node::Answer answer) {
      {
        const std::lock_guard lock(mutex_);
        auto& most = waited_[caller];
        most = std::max(most, turns_ - began);
      }
      reply(std::move(answer));
    });
  };
  server_ = std::make_unique<wire::Server>(wire::Handlers{handle, {}},
                                           wire::ServerOptions{.limits = limits});
  port_ = must(server_->open(
      wire::PeersDoor{"127.0.0.1", 0, identity_of(state.tls()), [this](const Digest& shown) {
                        const auto found = pins_.find(shown);
                        return found == pins_.end() ? std::nullopt : std::optional(found->second);
                      }}));
}

std::uint64_t LiveNode::turns_waited_max(const StateCode& caller) const {
  const std::lock_guard lock(mutex_);
  const auto found = waited_.find(caller);
  return found == waited_.end() ? 0 : found->second;
}

LiveNode::~LiveNode() {
  mailbox_.close();
  server_->stop(1);
  mailbox_.end();
  heart_.join();
}

Result<node::SealOutcome> LiveNode::Zeroes::seal(const node::SealOrder&, node::Source&) {
  return fault(FaultCode::forbidden);
}
Result<void> LiveNode::Zeroes::open(const node::OpenOrder&, node::Sink&) {
  return fault(FaultCode::forbidden);
}
Result<Secret> LiveNode::Zeroes::part_key(const node::OpenOrder&) {
  return fault(FaultCode::evidence_unknown);
}
Result<Bytes> LiveNode::Zeroes::header_for(const node::OpenOrder&, const std::string&) {
  return fault(FaultCode::forbidden);
}
Result<node::FileBody> LiveNode::Zeroes::sealed(const ItemId&, std::uint64_t offset,
                                                std::uint64_t length) {
  const int file = ::memfd_create("sealed", MFD_CLOEXEC);
  CHECK(file >= 0 && ::ftruncate(file, off_t(offset + length)) == 0);
  return node::FileBody{file, offset, length};
}
Result<Bytes> LiveNode::Zeroes::tile(const ItemId&, std::string_view path) {
  TRY_LET(const auto tile, formats::parse_tile_path(path));
  return Bytes(tile.width * 32);
}

Result<std::uint64_t> LiveNode::NoneGrows::take(const node::LiveOrder&, const std::string&,
                                                node::Source&) {
  return fault(FaultCode::evidence_ended);
}
Result<void> LiveNode::NoneGrows::send(const ItemId&, std::uint64_t, node::Sink&) {
  return fault(FaultCode::evidence_unknown);
}
Result<void> LiveNode::NoneGrows::acknowledge(const ItemId&, View) {
  return fault(FaultCode::evidence_unknown);
}
Result<void> LiveNode::NoneGrows::read(const node::LiveOrder&, std::uint64_t, bool, node::Sink&) {
  return fault(FaultCode::evidence_ended);
}
Result<void> LiveNode::NoneGrows::tell(const ItemId&, node::Sink&) {
  return fault(FaultCode::evidence_ended);
}

}  // namespace comity::corpus
