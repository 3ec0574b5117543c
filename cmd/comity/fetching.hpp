// Fetches what partners have released to us: a few items at a time, each on a thread of its own,
// taken up where it stood. What goes first has a thread beside those, and small items one that no
// large one ever takes. An item that fails is tried again, later each time.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>

#include "api/ports.hpp"
#include "lines.hpp"
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
    Lines& lines;
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
  /// Others may go first now, or at this hour.
  void look_again();
  /// Breaks off what runs (it resumes at the next start) and ends the threads.
  void stop();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Waiting {
    node::FetchOrder order;
    Moment due;
  };
  enum class Takes { any, first, small };
  bool takes(Takes takes, const node::FetchOrder& order) const;
  void run(Takes takes);
  std::optional<node::FetchOrder> next(Takes takes);
  Result<void> fetch(const node::FetchOrder& order);
  void tell(const node::FetchOrder& order, const Result<void>& outcome, bool gained);
  std::uint64_t chunks_here(const node::FetchOrder& order) const;

  Parts parts_;
  std::stop_source stopping_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wakes_;
  std::vector<Waiting> waiting_;
  std::map<ItemId, int> failures_;  // since it last went well
  std::vector<std::thread> threads_;
};

}  // namespace comity
