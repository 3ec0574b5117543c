// The thread on which the heart beats: drains the mailbox into turns, asks after each turn what is
// to be sent and fetched, and keeps the constant works going (anchor, settling, pins).
// When a turn fails it is not known what is durable: the process stops at once, with exit code 5,
// and the next start finds out.
#pragma once

#include <thread>

#include "backups.hpp"
#include "fetching.hpp"
#include "live_items.hpp"
#include "mailbox.hpp"
#include "outbox.hpp"
#include "pins.hpp"

namespace comity {

/// What the notices of the last turns call for. Written and read on the heart's thread only.
struct Watch {
  bool items = true;      // there may be an item to fetch
  bool directory = true;  // other certificates may be pinned
  bool first = true;      // other items may go first by an officer's word
  void notice(const formats::Json& notice);
};

class HeartThread {
 public:
  struct Parts {
    node::Heart& heart;
    Clock& clock;
    HeartMailbox& mailbox;
    Outbox& outbox;
    HomeBackups& backups;
    Fetching& fetching;
    Lines& lines;
    LiveItems& live;
    Pins& pins;
    Watch& watch;
    std::function<void(const ItemId&)> remove_bytes;  // of an item that is no more; must not block
  };
  /// Begins at once, with a first look at what is to be done.
  explicit HeartThread(Parts parts);
  HeartThread(const HeartThread&) = delete;
  HeartThread& operator=(const HeartThread&) = delete;
  ~HeartThread();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  void run();
  void turn(std::vector<node::Job> jobs);
  node::Afterwards look_out(node::Desk& desk);
  /// Says in the node's log what ends soon, so that nobody learns it on the day after.
  void warn_of_ends(node::Desk& desk);

  Parts parts_;
  Moment anchor_at_, settle_at_, tick_at_, letters_at_, fetches_at_, ends_at_;
  std::thread thread_;
};

/// Prints the fault as a person needs it and ends the process with its exit code, cleaning nothing
/// up: nothing more may leave.
[[noreturn]] void stop_now(const Fault& fault);

}  // namespace comity
