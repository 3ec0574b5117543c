// The live items of a node: writers for its own, followers of its partners'. It does what the
// heart's last orders say, no more and no longer, and tells the heart what ended.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "api/live.hpp"
#include "api/ports.hpp"
#include "store/evidence_files.hpp"
#include "transfer/live_follower.hpp"
#include "transfer/live_writer.hpp"
#include "wire/client.hpp"

namespace comity {

class LiveItems final : public api::Live {
 public:
  struct Parts {
    api::Mailbox& mailbox;
    store::EvidenceFiles files;
    node::EvidenceKeys& keys;
    node::LogSigner& signer;  // its keys sign from many threads
    Clock& clock;
    wire::TlsIdentity identity;
  };
  explicit LiveItems(Parts parts);
  LiveItems(const LiveItems&) = delete;
  LiveItems& operator=(const LiveItems&) = delete;
  ~LiveItems() override { stop(); }

  /// What may happen from now on; what is not named ends. From the heart's thread; does not block.
  void order(std::vector<node::LiveOrder> orders);
  /// Nobody follows this item any more once this returns: its files are another's now.
  void let_go(const ItemId& item);
  /// Ends all threads. Waiting records are dropped: nobody was told that they were taken.
  void stop();

  Result<std::uint64_t> take(const node::LiveOrder& order, const std::string& framing,
                             node::Source& source) override;
  Result<void> send(const ItemId& item, std::uint64_t from, node::Sink& sink) override;
  Result<void> acknowledge(const ItemId& item, View note) override;
  Result<void> read(const node::LiveOrder& order, std::uint64_t from, bool as_events,
                    node::Sink& sink) override;
  Result<void> tell(const ItemId& item, node::Sink& sink) override;
  bool is_open(const ItemId& item) override { return find(item) != nullptr; }
  std::optional<formats::Json> status(const ItemId& item) override;

 private:
  /// One item, shared by those who work on it; the newest order is the one that holds.
  struct Item {
    std::mutex mutex;  // guards what follows
    node::LiveOrder order;
    std::unique_ptr<transfer::LiveWriter> writer;      // ours
    std::unique_ptr<transfer::LiveFollower> follower;  // theirs
    bool has_begun = false;
    bool is_taking = false;  // one source at a time
    std::atomic<bool> is_served = false, is_over = false, is_forked = false;
    std::atomic<bool> is_new = false;  // a source came before the first order that names it
    std::thread following, acknowledging;
  };
  using ItemPtr = std::shared_ptr<Item>;

  void run();
  void carry_out(std::vector<node::LiveOrder> orders);
  void end(const ItemPtr& item, const std::string& why);
  void follow(const ItemPtr& item);
  void acknowledge_all(const ItemPtr& item);
  void close(const ItemPtr& item);
  ItemPtr find(const ItemId& item);
  Result<transfer::LiveWriter*> writer_of(Item& item);
  Result<transfer::LiveFollower*> follower_of(Item& item);
  Result<Secret> payload_key(const node::LiveOrder& order);
  transfer::SignHead signer_of(const node::LiveOrder& order);
  bool goes_on(const Item& item) const { return !is_stopping_ && !item.is_over; }
  /// False when it was woken to stop.
  bool rest(std::int64_t ms, const Item& item);
  Result<void> begin(const ItemPtr& item);

  Parts parts_;
  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wakes_;
  std::map<ItemId, ItemPtr> items_;
  std::set<ItemId> let_go_;                             // closed: never followed again
  std::optional<std::vector<node::LiveOrder>> orders_;  // the newest, not carried out yet
  std::thread thread_;
};

}  // namespace comity
