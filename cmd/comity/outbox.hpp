// Carries letters to other States' nodes and their answers back to the heart. It decides nothing:
// what is due, and when to try again, the heart knows.
#pragma once

#include "api/ports.hpp"
#include "node/desk.hpp"
#include "wire/peer_client.hpp"

namespace comity {

class Outbox {
 public:
  /// Fault: crypto.key for an identity that can not be shown.
  static Result<std::unique_ptr<Outbox>> make(api::Mailbox& mailbox,
                                              const wire::TlsIdentity& identity);
  /// From any thread; does not block. Each letter's answer comes to the heart as a job.
  void send(std::vector<node::Letter> letters);

 private:
  explicit Outbox(api::Mailbox& mailbox) : mailbox_(mailbox) {}

  api::Mailbox& mailbox_;
  wire::PeerClients peers_;
};

/// The fault that an answer of another node tells: its problem's code, if it is one of ours.
Fault fault_of(const wire::Response& response);

}  // namespace comity
