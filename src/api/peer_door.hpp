// The peers' door: what a partner, known by its pinned certificate, may ask. Acts come in and are
// answered once their turn is durable; what was released to it can be fetched; our directory entry
// can be read. Nothing else is there, whoever asks.
#pragma once

#include "api/live.hpp"
#include "api/route.hpp"
#include "api/vault.hpp"

namespace comity::api {

class PeerDoor {
 public:
  PeerDoor(Mailbox& mailbox, Background& background, Vault& vault, Live& live)
      : mailbox_(mailbox), background_(background), vault_(vault), live_(live) {}
  PeerDoor(const PeerDoor&) = delete;
  PeerDoor& operator=(const PeerDoor&) = delete;

  /// From any thread; does not block.
  void handle(node::Call call, node::Reply reply);

 private:
  void run(const VisitPtr& visit,
           std::function<Result<node::Afterwards>(node::Desk&, const StateCode&)> step);
  void send_live(const VisitPtr& visit);
  void take_acknowledgement(const VisitPtr& visit);

  Mailbox& mailbox_;
  Background& background_;
  Vault& vault_;
  Live& live_;
};

}  // namespace comity::api
