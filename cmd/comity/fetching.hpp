// Fetches what partners have released to us: a few items at a time, each on a thread of its own,
// taken up where it stood. An item that fails is tried again, later each time.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

#include "api/ports.hpp"
#include "live_items.hpp"
#include "node/desk.hpp"
#include "progress.hpp"
#include "store/evidence_files.hpp"
#include "wire/client.hpp"

namespace comity {

class Fetching {
 public:
  struct Parts {
    api::Mailbox& mailbox;
    store::EvidenceFiles files;
    wire::TlsIdentity identity;
    Progress& progress;
    LiveItems& live;
    std::uint64_t item_bytes_max;
    std::size_t transfers_max;
  };
  explicit Fetching(Parts parts);
  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;
  ~Fetching() { stop(); }

  /// Items to fetch. From the heart's thread; does not block.
  void start(std::vector<node::FetchOrder> orders);
  /// Breaks off what runs (it resumes at the next start) and ends the threads.
  void stop();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Waiting {
    node::FetchOrder order;
    Moment due;
  };
  void run();
  std::optional<node::FetchOrder> next();
  Result<void> fetch(const node::FetchOrder& order);
  void tell(const node::FetchOrder& order, const Result<void>& outcome);

  Parts parts_;
  std::stop_source stopping_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wakes_;
  std::vector<Waiting> waiting_;
  std::map<ItemId, int> failures_;  // since it last went well
  std::vector<std::thread> threads_;
};

}  // namespace comity
