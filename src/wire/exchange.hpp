// The caller's side of one connection: writes requests, reads answers. Used by the blocking
// client on its own thread and by the peers' client on its io thread alike.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "node/call.hpp"
#include "wire/client.hpp"
#include "wire/inbox.hpp"
#include "wire/message.hpp"
#include "wire/stream.hpp"

namespace comity::wire {

/// What is asked. Views and pointers are the caller's, and live until the answer.
struct Question {
  std::string_view method;
  std::string_view target;
  const Headers* headers = nullptr;
  View body;                       // whole, or
  node::Source* source = nullptr;  // what is read until its end, blocking
  int file = -1;                   // an open file, handed over on a Unix socket
  node::Sink* sink = nullptr;      // where a good answer's body goes; else it is kept
  milliseconds stall{60'000};
  Moment deadline = k_never;
};

class Exchange {
 public:
  Exchange(const asio::any_io_executor& executor, std::string host);

  /// Fault: peer.unreachable, peer.timeout.
  asio::awaitable<Result<void>> reach_local(std::string path, Moment deadline);
  /// Tries each endpoint in turn. Fault: also peer.identity.
  asio::awaitable<Result<void>> reach_tls(std::vector<tcp::endpoint> endpoints,
                                          std::shared_ptr<TlsContext> context, Moment deadline);

  asio::awaitable<Result<Response>> ask(const Question& question);

  /// Whether another question may be asked here.
  bool is_usable() { return is_open_ && !stream_->has_unread(); }
  /// Whether anything came back since the last question was begun.
  bool is_touched() const { return is_touched_; }
  /// On the executor, from outside the coroutine that asks.
  void cut() {
    is_open_ = false;
    is_cut_ = true;
    if (stream_) stream_->cut();
  }

 private:
  asio::awaitable<Result<void>> write(const Question& question, std::string head);
  asio::awaitable<Result<void>> write_source(const Question& question);
  asio::awaitable<Result<Response>> read(const Question& question, Moment deadline);
  asio::awaitable<Result<void>> read_head(MessageReader& reader, const Question& question,
                                          Moment deadline);
  asio::awaitable<Result<void>> read_more(std::size_t capacity, const Question& question,
                                          Moment deadline);
  /// Bytes of a body straight to where the sink wants them; false where it wants them written.
  asio::awaitable<Result<bool>> read_into_sink(MessageReader& reader, const Question& question,
                                               Moment deadline);
  Moment read_until(const Question& question, Moment deadline) const;
  asio::awaitable<Result<Response>> write_and_read(const Question& question, std::string head);

  const asio::any_io_executor executor_;
  const std::string host_;  // as in the Host field
  std::unique_ptr<Stream> stream_;
  Inbox inbox_;
  bool is_open_ = false;
  bool is_cut_ = false;
  bool is_touched_ = false;
  bool is_answered_ = false;  // while a source is being sent
};

/// All addresses of a name, or the one that it spells. Blocks on the name server.
/// Fault: peer.unreachable.
Result<std::vector<tcp::endpoint>> resolve(const std::string& host, std::uint16_t port);

}  // namespace comity::wire
