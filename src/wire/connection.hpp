// One caller's connection, from its first byte to its last: reads a call, asks the handler, sends
// the answer, one at a time. A coroutine on its own strand; it never blocks an io thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "wire/head.hpp"
#include "wire/house.hpp"
#include "wire/inbox.hpp"
#include "wire/message.hpp"
#include "wire/pending.hpp"
#include "wire/pipe.hpp"
#include "wire/stream.hpp"

namespace comity::wire {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(House& house, std::shared_ptr<Doorway> door, Socket socket);

  /// Runs until either side closes; keeps itself alive meanwhile.
  void start();
  // From any thread.
  void end_when_idle();
  void cut();

 private:
  template <typename T>
  using Awaited = asio::awaitable<Result<T>>;

  asio::awaitable<void> run();
  Awaited<void> greet();
  asio::awaitable<bool> serve_one();

  Awaited<bool> take_head(MessageReader& reader);
  /// The file that the head says is its content: handed over, and with no body beside it.
  Result<void> take_file(const Head& head, node::Call& call);
  Result<node::Call> judge(const Head& head);
  Awaited<void> make_ready(const Head& head, const node::Call& call);
  Awaited<void> take_whole_body(MessageReader& reader, Bytes& body);
  /// Moves a bulk body from the stream into the pipe; drops it once nobody reads it.
  asio::awaitable<void> pump(MessageReader& reader, std::shared_ptr<Pipe> pipe);
  asio::awaitable<std::optional<Fault>> pump_into(MessageReader& reader, Pipe& pipe);
  /// Starts the pump and gives the call its source.
  void start_pump(MessageReader& reader, node::Call& call);
  /// Waits until the pump has ended, or cuts the connection after the linger time.
  asio::awaitable<void> end_pump();
  asio::awaitable<std::optional<OwnedAnswer>> ask(node::Call call);

  Awaited<void> send(const OwnedAnswer& answer, bool is_head_only, bool keep_alive);
  Awaited<void> send_file(const node::Answer& answer, const node::FileBody& file, bool is_head_only,
                          bool keep_alive);
  /// Until so many bytes may leave.
  Awaited<void> wait_turn(const Pace& pace, std::uint64_t bytes);
  Awaited<void> send_produced(const node::Answer& answer, const node::Producer& producer,
                              bool is_head_only, bool keep_alive);
  Awaited<void> refuse(const Fault& fault);
  Awaited<std::size_t> read_file(const node::FileBody& file, std::uint64_t at,
                                 std::span<std::uint8_t> into);

  House& house_;
  const std::shared_ptr<Doorway> door_;
  const asio::any_io_executor strand_;
  Stream stream_;
  Inbox inbox_;
  std::optional<StateCode> peer_;
  OpenFile passed_;  // with the head under way
  bool is_admitted_ = false;
  bool is_idle_ = true;      // between calls
  bool is_ending_ = false;   // no further call is taken
  bool is_parting_ = false;  // something was said last: linger until it is taken
  bool is_patient_ = false;
  bool is_pumping_ = false;
  bool is_body_broken_ = false;  // the pump ended with a fault
  std::shared_ptr<Signal> pumped_;
  std::shared_ptr<Pending> pending_;
  std::shared_ptr<Pipe> inward_;   // of the body under way
  std::shared_ptr<Pipe> outward_;  // of the answer under way
};

}  // namespace comity::wire
