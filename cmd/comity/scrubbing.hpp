// Reads all evidence at rest, item after item, and compares it with what was signed: in the
// background, on one thread, no faster than the settings allow. It holds no key, opens nothing and
// mends nothing; what it finds is told to the desk.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "api/ports.hpp"
#include "store/evidence_files.hpp"

namespace comity {

class Scrubbing {
 public:
  struct Parts {
    api::Mailbox& mailbox;
    store::EvidenceFiles files;
    std::uint64_t bytes_s;  // of sealed bytes
  };
  explicit Scrubbing(Parts parts);
  Scrubbing(const Scrubbing&) = delete;
  Scrubbing& operator=(const Scrubbing&) = delete;
  ~Scrubbing() { stop(); }

  /// Breaks off; the next round begins with the next start.
  void stop();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  void run();
  void round();
  /// The answer of the heart; nothing at the end of a round, or when it stops.
  std::optional<node::ScrubOrder> next(const std::optional<ItemId>& after);
  Result<void> look_at(const node::ScrubOrder& order);
  /// True when it is to stop.
  bool wait_until(Moment moment);

  Parts parts_;
  std::stop_source stopping_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::thread thread_;
};

}  // namespace comity
