#include "wire/connection.hpp"

#include <algorithm>

#include "wire/access_log.hpp"
#include "wire/problem.hpp"

namespace comity::wire {
namespace {

constexpr std::size_t k_head_inbox_bytes = k_head_bytes_max + 4096;

Fault broke_off() {
  return {FaultCode::peer_protocol, "the other end broke off inside a body"};
}

/// Whether the caller can still be told: it is there, and keeps or kept time.
bool can_be_told(const Fault& fault) {
  return fault.code != FaultCode::peer_timeout && fault.code != FaultCode::peer_unreachable;
}

}  // namespace

Connection::Connection(House& house, std::shared_ptr<Doorway> door, Socket socket)
    : house_(house),
      door_(std::move(door)),
      strand_(socket.get_executor()),
      stream_(std::move(socket)),
      pumped_(std::make_shared<Signal>(strand_)) {}

void Connection::start() {
  house_.enter(shared_from_this());
  auto life = [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->run(); };
  asio::co_spawn(strand_, std::move(life), asio::detached);
}

void Connection::end_when_idle() {
  asio::post(strand_, [self = shared_from_this()] {
    self->is_ending_ = true;
    if (self->is_idle_) self->stream_.cut();
  });
}

void Connection::cut() {
  asio::post(strand_, [self = shared_from_this()] {
    const Fault stopping{FaultCode::node_stopping, "the connection was cut"};
    self->is_ending_ = true;
    self->stream_.cut();
    if (self->pending_) self->pending_->cancel();
    if (self->inward_) self->inward_->cut(stopping);
    if (self->outward_) self->outward_->cut(stopping);
  });
}

asio::awaitable<void> Connection::run() {
  const auto greeted = co_await greet();
  if (greeted) {
    bool goes_on = true;
    while (goes_on && !is_ending_) goes_on = co_await serve_one();
  } else if (greeted.error().code == FaultCode::limit_busy) {
    co_await refuse(greeted.error());
  }
  if (is_parting_) {
    const auto linger = house_.options.limits.linger;
    co_await stream_.part(linger);
  }
  stream_.cut();
  pumped_->detach();
  if (is_admitted_) house_.dismiss(*door_, peer_);
  house_.leave(shared_from_this());
}

Connection::Awaited<void> Connection::greet() {
  if (door_->kind == node::Door::peer) {
    const auto self = shared_from_this();
    house_.wait_outside(self);
    auto context = door_->tls();
    const auto deadline = in(house_.options.limits.handshake);
    const auto done =
        co_await stream_.handshake(std::move(context), TlsContext::Side::server, deadline);
    house_.come_in(this);
    // So that an alert is not lost in a reset.
    is_parting_ = done || done.error().code != FaultCode::peer_timeout;
    if (!done) co_return std::unexpected(done.error());
    peer_ = door_->pinned(stream_.certificate());
    if (!peer_) co_return fault(FaultCode::peer_identity);
    is_parting_ = false;
  }
  is_admitted_ = house_.admit(*door_, peer_);
  if (!is_admitted_) co_return fault(FaultCode::limit_busy, "too many connections");
  co_return Result<void>();
}

/// False when the connection ends here.
asio::awaitable<bool> Connection::serve_one() {
  const auto now = std::chrono::steady_clock::now;
  MessageReader reader(MessageReader::Kind::request);
  const auto is_there = co_await take_head(reader);
  is_idle_ = false;
  if (!is_there) {
    if (can_be_told(is_there.error())) co_await refuse(is_there.error());
    co_return false;
  }
  if (!*is_there) co_return false;

  const auto start = now();
  const Head& head = reader.head();
  auto call = judge(head);
  if (!call) {
    co_await refuse(call.error());
    co_return false;
  }
  CallLine line{call->door, call->method, call->path, call->peer};
  const auto log = [&](int status) {
    if (!house_.options.access_log) return;
    const auto took = now() - start;
    log_call(line, status, std::chrono::duration_cast<milliseconds>(took).count());
  };

  const bool is_bulk = house_.handlers.takes_bulk && house_.handlers.takes_bulk(*call);
  Result<void> ready;
  if (!is_bulk && head.length.value_or(0) > door_->body_bytes_max)
    ready = fault(FaultCode::limit_size, "the body");
  if (ready) ready = co_await make_ready(head, *call);
  if (ready) ready = take_file(head, *call);
  if (ready && !is_bulk) ready = co_await take_whole_body(reader, call->body);
  if (!ready) {
    log(can_be_told(ready.error()) ? row_of(ready.error().code).http_status : 0);
    if (can_be_told(ready.error())) co_await refuse(ready.error());
    co_return false;
  }
  is_patient_ = is_bulk && house_.handlers.is_patient && house_.handlers.is_patient(*call);
  const bool is_pumped = is_bulk && !call->source;
  if (is_pumped) start_pump(reader, *call);

  auto answer = co_await ask(std::move(*call));
  const bool keep_alive =
      answer && head.keep_alive && !is_ending_ && !is_pumping_ && !is_body_broken_;
  Result<void> sent;
  if (answer) {
    const bool is_head_only = head.method == "HEAD";
    sent = co_await send(*answer, is_head_only, keep_alive);
  }
  if (is_pumped) co_await end_pump();
  log(answer && sent ? (*answer)->status : 0);
  is_parting_ = answer && sent && (is_parting_ || !keep_alive);
  is_idle_ = true;
  inbox_.rest();
  stream_.rest();
  co_return sent&& keep_alive;
}

/// False when the caller has closed, as it may between calls.
Connection::Awaited<bool> Connection::take_head(MessageReader& reader) {
  const auto& limits = house_.options.limits;
  Moment deadline = in(inbox_.empty() ? limits.idle : limits.header);
  for (;;) {
    const auto taken = reader.take_head(inbox_.view());
    if (!taken) co_return std::unexpected(taken.error());
    if (*taken > 0) {
      inbox_.consume(*taken);
      co_return true;
    }
    const bool is_first = inbox_.empty();
    const auto room = inbox_.room(k_head_inbox_bytes);
    Result<std::size_t> size = 0;
    if (door_->kind == node::Door::socket)
      size = co_await stream_.read_some(room, passed_, deadline);
    else
      size = co_await stream_.read_some(room, deadline);
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0 && is_first) co_return false;
    if (*size == 0) co_return fault(FaultCode::peer_unreachable, "closed inside a head");
    inbox_.filled(*size);
    if (is_first) deadline = in(limits.header);  // for the whole head, however slowly it drips
    is_idle_ = false;
  }
}

Result<node::Call> Connection::judge(const Head& head) {
  if (is_ending_ || house_.is_stopping()) return fault(FaultCode::node_stopping);
  TRY_LET(node::Call call, call_of(head, door_->kind));
  if (door_->kind == node::Door::console) TRY(check_same_site(call, door_->host, door_->port));
  if (door_->kind == node::Door::peer) {
    // Asked again at each call: a State that was revoked loses the connections it has.
    call.peer = door_->pinned(stream_.certificate());
    if (call.peer != peer_) return fault(FaultCode::peer_identity, "no longer accepted");
  }
  return call;
}

Result<void> Connection::take_file(const Head& head, node::Call& call) {
  auto passed = std::exchange(passed_, OpenFile());
  const auto said = call.headers.find("comity-content");
  if (said == call.headers.end() && !passed) return {};
  if (said == call.headers.end() || said->second != "file")
    return fault(FaultCode::bad_usage, "Comity-Content says \"file\", and a file comes with it");
  // A file that was lost on the way must not look like an empty one.
  if (!passed) return fault(FaultCode::bad_usage, "the head speaks of a file, and none came");
  if (head.has_body()) return fault(FaultCode::bad_usage, "both a file and a body");
  const auto& handlers = house_.handlers;
  if (!handlers.source_of_file || !handlers.takes_bulk || !handlers.takes_bulk(call))
    return fault(FaultCode::bad_usage, "no file is taken here");
  call.source = handlers.source_of_file(passed.release());
  return {};
}

/// Answers "Expect: 100-continue" (RFC 9110 §10.1.1) once the head has been found good.
Connection::Awaited<void> Connection::make_ready(const Head& head, const node::Call& call) {
  const auto expect = call.headers.find("expect");
  if (expect == call.headers.end()) co_return Result<void>();
  if (expect->second != "100-continue") co_return fault(FaultCode::bad_usage, "unknown Expect");
  if (!head.has_body() || !inbox_.empty()) co_return Result<void>();
  const auto go_on = as_bytes("HTTP/1.1 100 Continue\r\n\r\n");
  const auto stall = house_.options.limits.stall;
  co_return co_await stream_.write(go_on, View(), stall);
}

Connection::Awaited<void> Connection::take_whole_body(MessageReader& reader, Bytes& body) {
  const auto& limits = house_.options.limits;
  const Moment start = std::chrono::steady_clock::now();
  while (!reader.done()) {
    const auto piece = reader.take_body(inbox_.view());
    if (!piece) co_return std::unexpected(piece.error());
    // Also what is only announced: nobody waits for bytes that will be refused.
    if (piece->body.size() + reader.announced() > door_->body_bytes_max - body.size())
      co_return fault(FaultCode::limit_size, "the body");
    append(body, piece->body);
    inbox_.consume(piece->consumed);
    if (piece->consumed > 0) continue;
    const auto room = inbox_.room(4 * k_head_bytes_max);
    if (room.empty()) co_return fault(FaultCode::peer_protocol, "an endless chunk header");
    const seconds earned{body.size() / limits.whole_body_bytes_per_s_min};
    const Moment deadline = std::min(in(limits.stall), start + limits.stall + earned);
    const auto size = co_await stream_.read_some(room, deadline);
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0) co_return fault(FaultCode::peer_unreachable, "closed inside a body");
    inbox_.filled(*size);
  }
  co_return Result<void>();
}

void Connection::start_pump(MessageReader& reader, node::Call& call) {
  inward_ = std::make_shared<Pipe>(k_pipe_bytes, strand_);
  call.source = std::make_shared<PipeSource>(inward_);
  is_pumping_ = true;
  // `reader` outlives the pump: serve_one waits for its end.
  auto life = [self = shared_from_this(), &reader, pipe = inward_]() -> asio::awaitable<void> {
    co_await self->pump(reader, pipe);
  };
  asio::co_spawn(strand_, std::move(life), asio::detached);
}

asio::awaitable<void> Connection::pump(MessageReader& reader, std::shared_ptr<Pipe> pipe) {
  auto fault = co_await pump_into(reader, *pipe);
  is_body_broken_ = fault.has_value();
  pipe->close(std::move(fault));
  is_pumping_ = false;
  pumped_->notify();
}

asio::awaitable<std::optional<Fault>> Connection::pump_into(MessageReader& reader, Pipe& pipe) {
  const auto& limits = house_.options.limits;
  const auto stall = is_patient_ ? limits.patience : limits.stall;
  bool is_wanted = true;
  while (!reader.done()) {
    const auto piece = reader.take_body(inbox_.view());
    if (!piece) co_return piece.error();
    for (View rest = piece->body; is_wanted && !rest.empty();) {
      const auto room = co_await pipe.room();
      const std::size_t step = std::min(room.size(), rest.size());
      std::copy_n(rest.begin(), step, room.begin());
      pipe.filled(step);
      rest = rest.subspan(step);
      is_wanted = !room.empty();
    }
    inbox_.consume(piece->consumed);
    if (piece->consumed > 0) continue;
    const auto space = inbox_.room(k_slab_bytes);
    if (space.empty()) co_return Fault{FaultCode::peer_protocol, "an endless chunk header"};
    const auto size = co_await stream_.read_some(space, in(stall));
    if (!size) co_return size.error();
    if (*size == 0) co_return broke_off();
    inbox_.filled(*size);
  }
  co_return std::nullopt;
}

asio::awaitable<void> Connection::end_pump() {
  const Moment deadline = in(house_.options.limits.linger);
  inward_->abandon();  // answered: whoever still holds the source reads what came, no more
  while (is_pumping_) {
    co_await pumped_->wait(deadline);
    if (is_pumping_ && std::chrono::steady_clock::now() >= deadline) stream_.cut();
  }
  inward_ = nullptr;
}

asio::awaitable<std::optional<OwnedAnswer>> Connection::ask(node::Call call) {
  pending_ = std::make_shared<Pending>(strand_);
  house_.handlers.handle(std::move(call), pending_->reply());
  auto answer = co_await pending_->take();
  pending_->detach();
  pending_ = nullptr;
  co_return answer;
}

Connection::Awaited<void> Connection::refuse(const Fault& fault) {
  is_parting_ = is_ending_ = true;
  // To us, framing is the peer's fault; to the caller, it is its own.
  const bool is_framing = fault.code == FaultCode::peer_protocol;
  OwnedAnswer answer(problem(is_framing ? Fault{FaultCode::bad_usage, fault.detail} : fault));
  co_return co_await send(answer, false, false);
}

}  // namespace comity::wire
