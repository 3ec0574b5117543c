#include "wire/server.hpp"

#include <thread>
#include <vector>

#include "base/check.hpp"
#include "wire/connection.hpp"
#include "wire/house.hpp"
#include "wire/listen.hpp"

namespace comity::wire {
namespace {

constexpr milliseconds k_accept_pause{100};  // when no file descriptor is left

/// What hangs in a door: accepts connections until closed.
class Porter {
 public:
  virtual ~Porter() = default;
  virtual void close() = 0;
};

template <typename Protocol>
class PorterOf final : public Porter, public std::enable_shared_from_this<PorterOf<Protocol>> {
 public:
  using Acceptor = typename Protocol::acceptor;

  PorterOf(House& house, std::shared_ptr<Doorway> door, Acceptor acceptor)
      : house_(house),
        door_(std::move(door)),
        strand_(asio::make_strand(house.io)),
        acceptor_(std::move(acceptor)),
        pause_(strand_) {}

  void start() {
    auto life = [self = this->shared_from_this()]() -> asio::awaitable<void> {
      co_await self->run();
    };
    asio::co_spawn(strand_, std::move(life), asio::detached);
  }

  void close() override {
    asio::post(strand_, [self = this->shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
      self->pause_.cancel();
    });
  }

 private:
  asio::awaitable<void> run() {
    while (acceptor_.is_open()) {
      error_code error;
      const asio::any_io_executor strand = asio::make_strand(house_.io);
      auto socket =
          co_await acceptor_.async_accept(strand, asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        if constexpr (std::is_same_v<Protocol, tcp>) socket.set_option(tcp::no_delay(true), error);
        std::make_shared<Connection>(house_, door_, Socket(std::move(socket)))->start();
      } else if (acceptor_.is_open()) {
        // Out of descriptors or memory: whoever is inside goes on; who waits is taken later.
        pause_.expires_after(k_accept_pause);
        co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, error));
      }
    }
  }

  House& house_;
  const std::shared_ptr<Doorway> door_;
  const asio::any_io_executor strand_;
  Acceptor acceptor_;
  asio::steady_timer pause_;
};

}  // namespace

struct Server::Parts {
  Parts(Handlers handlers, const ServerOptions& options)
      : house(std::move(handlers), options), work(house.io.get_executor()) {
    for (int i = 0; i < std::max(1, options.io_threads); ++i)
      threads.emplace_back([this] { house.io.run(); });
  }

  template <typename Protocol>
  void serve(const std::shared_ptr<Doorway>& door, typename Protocol::acceptor acceptor) {
    const auto porter = std::make_shared<PorterOf<Protocol>>(house, door, std::move(acceptor));
    doors.push_back(door);
    porters.push_back(porter);
    porter->start();
  }

  House house;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<Doorway>> doors;
  std::vector<std::shared_ptr<Porter>> porters;
  std::vector<std::pair<std::string, std::uint64_t>> socket_files;  // path, inode
};

Server::Server(Handlers handlers, ServerOptions options)
    : parts_(std::make_unique<Parts>(std::move(handlers), options)) {}

Server::~Server() {
  stop(0);
}

Result<std::uint16_t> Server::open(PeersDoor door) {
  CHECK(door.pinned);
  const auto doorway = std::make_shared<Doorway>();
  doorway->kind = node::Door::peer;
  doorway->pinned = std::move(door.pinned);
  doorway->body_bytes_max = parts_->house.options.limits.act_bytes_max;
  const auto accept = [pinned = doorway->pinned](const Digest& shown) {
    return pinned(shown).has_value();
  };
  TRY_LET(doorway->context, TlsContext::make(TlsContext::Side::server, door.identity, accept));
  TRY_LET(auto acceptor, listen_tcp(parts_->house.io, door.host, door.port, false));
  const std::uint16_t port = acceptor.local_endpoint().port();
  doorway->host = door.host;
  doorway->port = port;
  parts_->serve<tcp>(doorway, std::move(acceptor));
  return port;
}

Result<void> Server::open(const SocketDoor& door) {
  const auto doorway = std::make_shared<Doorway>();
  doorway->kind = node::Door::socket;
  doorway->body_bytes_max = parts_->house.options.limits.body_bytes_max;
  TRY_LET(auto acceptor, listen_local(parts_->house.io, door.path));
  parts_->socket_files.emplace_back(door.path, inode_of(door.path));
  parts_->serve<local>(doorway, std::move(acceptor));
  return {};
}

Result<std::uint16_t> Server::open(const ConsoleDoor& door) {
  const auto doorway = std::make_shared<Doorway>();
  doorway->kind = node::Door::console;
  doorway->body_bytes_max = parts_->house.options.limits.body_bytes_max;
  TRY_LET(auto acceptor, listen_tcp(parts_->house.io, door.host, door.port, true));
  const std::uint16_t port = acceptor.local_endpoint().port();
  doorway->host = door.host;
  doorway->port = port;
  parts_->serve<tcp>(doorway, std::move(acceptor));
  return port;
}

Result<void> Server::renew(TlsIdentity identity) {
  for (const auto& door : parts_->doors) {
    if (door->kind != node::Door::peer) continue;
    const auto accept = [pinned = door->pinned](const Digest& shown) {
      return pinned(shown).has_value();
    };
    TRY_LET(auto context, TlsContext::make(TlsContext::Side::server, identity, accept));
    const std::lock_guard lock(door->mutex);
    door->context = std::move(context);
  }
  return {};
}

void Server::stop(int deadline_s) {
  if (parts_->threads.empty()) return;
  for (const auto& porter : parts_->porters) porter->close();
  for (const auto& [path, inode] : parts_->socket_files) remove_local(path, inode);
  if (!parts_->house.empty_by(in(seconds(deadline_s)))) parts_->house.cut_all();
  parts_->house.producers.join();
  parts_->house.disk.join();
  parts_->work.reset();
  for (auto& thread : parts_->threads) thread.join();
  parts_->threads.clear();
}

}  // namespace comity::wire
