// How a connection sends an answer: whole, from a file, or while it is produced.
#include <sys/uio.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/page_buffer.hpp"
#include "wire/connection.hpp"
#include "wire/problem.hpp"

namespace comity::wire {

Connection::Awaited<void> Connection::send(const OwnedAnswer& answer, bool is_head_only,
                                           bool keep_alive) {
  const auto stall = house_.options.limits.stall;
  if (const auto* file = std::get_if<node::FileBody>(&answer->body))
    co_return co_await send_file(*answer, *file, is_head_only, keep_alive);
  if (const auto* producer = std::get_if<node::Producer>(&answer->body))
    co_return co_await send_produced(*answer, *producer, is_head_only, keep_alive);
  const auto& body = std::get<Bytes>(answer->body);
  const std::string head = answer_head(*answer, body.size(), keep_alive);
  const bool is_bodiless = is_head_only || answer->status == 204 || answer->status == 304;
  co_return co_await stream_.write(as_bytes(head), is_bodiless ? View() : View(body), stall);
}

Connection::Awaited<void> Connection::send_file(const node::Answer& answer,
                                                const node::FileBody& file, bool is_head_only,
                                                bool keep_alive) {
  const auto stall = house_.options.limits.stall;
  const auto slab_bytes = std::size_t(std::min<std::uint64_t>(k_slab_bytes, file.length));
  const auto& pace_of = house_.handlers.pace_of;
  const Pace pace = peer_ && pace_of && !is_head_only ? pace_of(*peer_, file.cargo) : Pace();
  if (const auto turn = co_await wait_turn(pace, slab_bytes); !turn) {
    const OwnedAnswer no(problem(turn.error()));  // while it can still be said
    co_return co_await send(no, is_head_only, keep_alive);
  }
  const std::string head = answer_head(answer, file.length, keep_alive);
  auto sent = co_await stream_.write(as_bytes(head), View(), stall);
  const std::uint64_t end = file.offset + (is_head_only ? 0 : file.length);
  PageBuffer slab(slab_bytes);
  for (std::uint64_t at = file.offset; sent && at < end;) {
    const auto want = std::size_t(std::min<std::uint64_t>(slab_bytes, end - at));
    const auto read = co_await read_file(file, at, slab.span().first(want));
    if (!read) co_return std::unexpected(read.error());
    at += *read;
    sent = co_await stream_.write(slab.view().first(*read), View(), stall);
    if (sent && at < end)
      sent = co_await wait_turn(pace, std::min<std::uint64_t>(slab_bytes, end - at));
  }
  co_return sent;
}

Connection::Awaited<void> Connection::wait_turn(const Pace& pace, std::uint64_t bytes) {
  if (!pace) co_return Result<void>();
  const auto signal = std::make_shared<Signal>(strand_);
  Result<std::int64_t> wait_ms = pace(bytes);
  while (wait_ms && *wait_ms > 0) {
    co_await signal->wait(in(milliseconds(*wait_ms)));
    wait_ms = pace(bytes);
  }
  signal->detach();
  if (!wait_ms) co_return std::unexpected(wait_ms.error());
  co_return Result<void>();
}

/// Reads on the io thread what the page cache holds, and leaves the rest to the disk's threads.
Connection::Awaited<std::size_t> Connection::read_file(const node::FileBody& file, std::uint64_t at,
                                                       std::span<std::uint8_t> into) {
  const auto attempt = [fd = file.descriptor, at, into](int flags) {
    const iovec place{into.data(), into.size()};
    return ::preadv2(fd, &place, 1, off_t(at), flags);
  };
  ssize_t size = attempt(RWF_NOWAIT);
  if (size < 0) {
    // Shared with the disk's thread: a cut may end this coroutine's wait, never its buffer,
    // so it waits on in any case.
    struct Outcome {
      std::atomic<bool> is_there = false;
      ssize_t size = -1;
    };
    const auto outcome = std::make_shared<Outcome>();
    const auto signal = std::make_shared<Signal>(strand_);
    const bool is_taken = house_.disk.run([=] {
      outcome->size = attempt(0);
      outcome->is_there = true;
      signal->notify();
    });
    while (is_taken && !outcome->is_there) co_await signal->wait();
    signal->detach();
    size = outcome->size;
  }
  if (size < 0) co_return fault(FaultCode::store_io, "a file of an answer can not be read");
  if (size == 0) co_return fault(FaultCode::store_io, "a file of an answer is shorter than said");
  co_return std::size_t(size);
}

Connection::Awaited<void> Connection::send_produced(const node::Answer& answer,
                                                    const node::Producer& producer,
                                                    bool is_head_only, bool keep_alive) {
  const auto stall = house_.options.limits.stall;
  const std::string head = answer_head(answer, std::nullopt, keep_alive);
  if (is_head_only) co_return co_await stream_.write(as_bytes(head), View(), stall);

  outward_ = std::make_shared<Pipe>(k_slab_bytes, strand_);
  const bool is_taken = house_.producers.run([pipe = outward_, producer] {
    PipeSink sink(*pipe);
    const auto made = producer(sink);
    pipe->finish(made ? std::optional<Fault>() : made.error());
  });
  Result<void> sent;
  if (!is_taken) {
    outward_->close(std::nullopt);
    outward_ = nullptr;
    co_return co_await refuse(Fault{FaultCode::limit_busy, "too many answers are being produced"});
  }
  sent = co_await stream_.write(as_bytes(head), View(), stall);
  while (sent) {
    const auto bytes = co_await outward_->bytes();
    if (!bytes) {
      // The body will never be right: cut, so that it can not look whole (RFC 9112 §7.1).
      sent = std::unexpected(bytes.error());
    } else if (bytes->empty()) {
      sent = co_await stream_.write(as_bytes("0\r\n\r\n"), View(), stall);
      break;
    } else {
      const std::string size = fmt::format("{:x}\r\n", bytes->size());
      sent = co_await stream_.write(as_bytes(size), *bytes, stall);
      if (sent) sent = co_await stream_.write(as_bytes("\r\n"), View(), stall);
      outward_->taken(bytes->size());
    }
  }
  outward_->close(sent ? std::nullopt : std::optional(sent.error()));
  outward_ = nullptr;
  co_return sent;
}

}  // namespace comity::wire
