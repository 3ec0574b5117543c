// What all connections of a server share: its handlers, limits and threads, and the register of
// who is inside. Private to the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "wire/net.hpp"
#include "wire/server.hpp"
#include "wire/tls_context.hpp"
#include "wire/workers.hpp"

namespace comity::wire {

class Connection;

/// One open door. `host` and `port` are those bound.
struct Doorway {
  node::Door kind = node::Door::socket;
  std::string host;
  std::uint16_t port = 0;
  PinnedPeers pinned;
  std::size_t body_bytes_max = 0;

  std::shared_ptr<TlsContext> tls() {
    const std::lock_guard lock(mutex);
    return context;
  }
  std::mutex mutex;
  std::shared_ptr<TlsContext> context;  // of the peers' door; guarded by mutex
  std::size_t connections = 0;          // guarded by House's mutex
};

class House {
 public:
  House(Handlers its_handlers, const ServerOptions& its_options)
      : handlers(std::move(its_handlers)),
        options(its_options),
        producers(its_options.limits.producers_max, 0),
        disk(2, std::size_t(-1)) {}

  // The register. From any thread.
  void enter(const std::shared_ptr<Connection>& connection);
  void leave(const std::shared_ptr<Connection>& connection);
  /// A TLS client that is not known yet; the one that waits longest gives way when all places
  /// are taken, so that unknown callers can not keep a State out.
  void wait_outside(const std::shared_ptr<Connection>& connection);
  void come_in(const Connection* connection);
  /// Counts a connection at its door, and of its peer; false when all places are taken.
  bool admit(Doorway& door, const std::optional<StateCode>& peer);
  void dismiss(Doorway& door, const std::optional<StateCode>& peer);

  bool is_stopping() const { return is_stopping_; }
  /// Asks all to end; true when none is left at the deadline.
  bool empty_by(Moment deadline);
  void cut_all();

  asio::io_context io;
  const Handlers handlers;
  const ServerOptions options;
  Workers producers;  // bodies being produced; one thread each
  Workers disk;       // reads that the page cache could not serve

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable left_;
  std::set<std::shared_ptr<Connection>> inside_;
  std::deque<std::weak_ptr<Connection>> outside_;  // who waits longest first
  std::map<StateCode, std::size_t> of_peer_;
  std::atomic<bool> is_stopping_ = false;
};

}  // namespace comity::wire
