#include "wire/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/check.hpp"
#include "base/page_buffer.hpp"
#include "wire/head.hpp"
#include "wire/signal.hpp"

namespace comity::wire {
namespace {

constexpr milliseconds k_last_word{2'000};  // for an answer that came before we were done sending

Result<std::string> request_head(const Question& question, std::string_view host) {
  if (!is_token(question.method) || !question.target.starts_with('/') ||
      !std::all_of(question.target.begin(), question.target.end(),
                   [](char c) { return c > 0x20 && c < 0x7f; }))
    return fault(FaultCode::bad_usage, "a method or target that can not be sent");
  std::string head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", question.method, question.target, host);
  if (question.headers) {
    for (const auto& [name, value] : *question.headers) {
      const bool is_ours =
          is_framing_field(name) && name != "content-type" && name != "Content-Type";
      if (!is_token(name) || !is_field_value(value) || is_ours)
        return fault(FaultCode::bad_usage, "a header that can not be sent: " + name);
      head.append(name).append(": ").append(value).append("\r\n");
    }
  }
  if (question.file >= 0) head += "Comity-Content: file\r\n";
  if (question.source)
    head += "Transfer-Encoding: chunked\r\n";
  else if (!question.body.empty() || (question.method != "GET" && question.method != "HEAD"))
    head += fmt::format("Content-Length: {}\r\n", question.body.size());
  head += "\r\n";
  if (head.size() > k_head_bytes_max) return fault(FaultCode::limit_size, "the request's head");
  return head;
}

}  // namespace

Exchange::Exchange(const asio::any_io_executor& executor, std::string host)
    : executor_(executor), host_(std::move(host)) {}

asio::awaitable<Result<void>> Exchange::reach_local(std::string path, Moment deadline) {
  if (path.empty() || path.size() > k_socket_path_bytes_max)
    co_return fault(FaultCode::bad_usage, "a socket's path has 1 to 107 bytes: " + path);
  stream_ = std::make_unique<Stream>(Socket(executor_));
  const local::endpoint endpoint(path);
  const auto done = co_await stream_->connect(endpoint, deadline);
  is_open_ = done.has_value();
  co_return done;
}

asio::awaitable<Result<void>> Exchange::reach_tls(std::vector<tcp::endpoint> endpoints,
                                                  std::shared_ptr<TlsContext> context,
                                                  Moment deadline) {
  Result<void> done = fault(FaultCode::peer_unreachable, "the name has no address");
  for (std::size_t i = 0; i < endpoints.size() && !is_cut_; ++i) {
    // Each address gets an equal share of the time that is left.
    const auto now = std::chrono::steady_clock::now();
    const auto share = (deadline - now) / std::int64_t(endpoints.size() - i);
    const Moment its_deadline = deadline == k_never ? k_never : now + share;
    stream_ = std::make_unique<Stream>(Socket(executor_));
    const asio::generic::stream_protocol::endpoint endpoint(endpoints[i]);
    done = co_await stream_->connect(endpoint, its_deadline);
    if (done) done = co_await stream_->handshake(context, TlsContext::Side::client, its_deadline);
    is_open_ = done.has_value();
    if (done || done.error().code == FaultCode::peer_identity) break;
  }
  co_return done;
}

asio::awaitable<Result<Response>> Exchange::ask(const Question& question) {
  is_touched_ = is_answered_ = false;
  auto head = request_head(question, host_);
  if (!head) co_return std::unexpected(head.error());
  auto response = co_await write_and_read(question, std::move(*head));
  if (!response) cut();
  co_return response;
}

/// Reads while it writes: an answer may come before all is sent, and then the rest is not wanted.
asio::awaitable<Result<Response>> Exchange::write_and_read(const Question& question,
                                                           std::string head) {
  if (!question.source && head.size() + question.body.size() <= k_slab_bytes) {
    // Small enough for the sockets' buffers: no need for two coroutines.
    Result<void> written;
    if (question.file >= 0)
      written = co_await stream_->write(as_bytes(head), question.file, question.stall);
    else
      written =
          co_await stream_->write(as_bytes(head), question.body, question.stall, question.deadline);
    const Moment deadline =
        written ? question.deadline : std::min(question.deadline, in(k_last_word));
    auto response = co_await read(question, deadline);
    if (!response && !written) co_return std::unexpected(written.error());
    co_return response;
  }
  std::optional<Result<Response>> response;
  const auto answered = std::make_shared<Signal>(executor_);
  auto reading = [&]() -> asio::awaitable<void> {
    response = co_await read(question, k_never);
    answered->notify();
  };
  asio::co_spawn(executor_, reading, asio::detached);  // ends before this frame does
  const auto written = co_await write(question, std::move(head));
  const bool is_source_fault = !written && question.source && is_open_;
  if (is_source_fault) cut();
  const Moment deadline = std::min(question.deadline, in(written ? question.stall : k_last_word));
  bool is_late = false;
  while (!response) {
    co_await answered->wait(is_late ? k_never : deadline);
    if (response || std::chrono::steady_clock::now() < deadline) continue;
    is_late = true;
    cut();
  }
  answered->detach();
  if (is_source_fault) co_return std::unexpected(written.error());
  if (is_late) co_return fault(FaultCode::peer_timeout, "no answer");
  if (!*response && !written && !is_touched_) co_return std::unexpected(written.error());
  if (!written || is_answered_) is_open_ = false;  // what was sent is not a whole message
  co_return std::move(*response);
}

asio::awaitable<Result<void>> Exchange::write(const Question& question, std::string head) {
  auto done =
      co_await stream_->write(as_bytes(head), question.body, question.stall, question.deadline);
  if (done && question.source) done = co_await write_source(question);
  co_return done;
}

/// Chunks until the source ends or the answer is there. Leaves is_open_ true when it is the
/// source that failed.
asio::awaitable<Result<void>> Exchange::write_source(const Question& question) {
  PageBuffer slab(k_slab_bytes);
  while (!is_touched_) {
    const auto size = question.source->read(slab.span());
    if (!size) co_return std::unexpected(size.error());
    const bool is_last = *size == 0;
    const std::string before = is_last ? "0\r\n\r\n" : fmt::format("{:x}\r\n", *size);
    const View chunk = slab.view().first(*size);
    auto done = co_await stream_->write(as_bytes(before), chunk, question.stall);
    if (done && !is_last) done = co_await stream_->write(as_bytes("\r\n"), View(), question.stall);
    if (!done) is_open_ = false;
    if (!done || is_last) co_return done;
  }
  is_answered_ = true;
  co_return Result<void>();
}

asio::awaitable<Result<void>> Exchange::read_more(std::size_t capacity, const Question& question,
                                                  Moment deadline) {
  const auto room = inbox_.room(capacity);
  if (room.empty()) co_return fault(FaultCode::peer_protocol, "an endless chunk header");
  const auto size = co_await stream_->read_some(room, read_until(question, deadline));
  if (!size) co_return std::unexpected(size.error());
  if (*size == 0) co_return fault(FaultCode::peer_unreachable, "the other end broke off");
  is_touched_ = true;
  inbox_.filled(*size);
  co_return Result<void>();
}

/// Where there is a deadline for the whole, a stall within it is the other end's affair.
Moment Exchange::read_until(const Question& question, Moment deadline) const {
  if (question.deadline != k_never || deadline != k_never)
    return std::min(question.deadline, deadline);
  const bool is_waiting_for_us = (question.source || question.file >= 0) && !is_touched_;
  return is_waiting_for_us ? k_never : in(question.stall);
}

asio::awaitable<Result<bool>> Exchange::read_into_sink(MessageReader& reader,
                                                       const Question& question, Moment deadline) {
  if (!inbox_.empty() || reader.announced() == 0) co_return false;
  const auto room = question.sink->room();
  if (!room) co_return std::unexpected(room.error());
  if (room->empty()) co_return false;
  const auto into =
      room->first(std::size_t(std::min<std::uint64_t>(room->size(), reader.announced())));
  const auto size = co_await stream_->read_some(into, read_until(question, deadline));
  if (!size) co_return std::unexpected(size.error());
  if (*size == 0) co_return fault(FaultCode::peer_unreachable, "the other end broke off");
  is_touched_ = true;
  const auto piece = reader.take_body(View(into).first(*size));
  if (!piece) co_return std::unexpected(piece.error());
  CHECK(piece->consumed == *size);
  question.sink->filled(*size);
  co_return true;
}

asio::awaitable<Result<void>> Exchange::read_head(MessageReader& reader, const Question& question,
                                                  Moment deadline) {
  for (;;) {
    const auto taken = reader.take_head(inbox_.view());
    if (!taken) co_return std::unexpected(taken.error());
    inbox_.consume(*taken);
    if (*taken > 0) co_return Result<void>();
    const auto more = co_await read_more(k_head_bytes_max + 4096, question, deadline);
    if (!more) co_return more;
  }
}

asio::awaitable<Result<Response>> Exchange::read(const Question& question, Moment deadline) {
  const auto kind = question.method == "HEAD" ? MessageReader::Kind::answer_without_body
                                              : MessageReader::Kind::answer;
  std::optional<MessageReader> reader;
  // RFC 9110 §15.2: interim answers may be ignored; not without end, for they come in no time.
  for (std::size_t interim = 0; !reader || reader->head().status < 200; ++interim) {
    if (interim > k_interim_answers_max)
      co_return fault(FaultCode::peer_protocol, "too many interim answers");
    reader.emplace(kind);
    const auto done = co_await read_head(*reader, question, deadline);
    if (!done) co_return std::unexpected(done.error());
  }

  const Head& head = reader->head();
  Response response;
  response.status = head.status;
  for (const auto& [name, value] : head.fields) {
    const auto [at, is_new] = response.headers.emplace(name, value);
    if (!is_new) at->second += ", " + value;
  }
  // Who asked for a part takes nothing else for it (RFC 9110 §15.3.7): a 200 is said to be the
  // whole.
  const bool is_what_was_asked = question.headers && question.headers->contains("Range")
                                     ? head.status == 206
                                     : head.status / 100 == 2;
  const bool goes_to_sink = question.sink && is_what_was_asked;
  while (!reader->done()) {
    const auto piece = reader->take_body(inbox_.view());
    if (!piece) co_return std::unexpected(piece.error());
    if (goes_to_sink && !piece->body.empty()) {
      const auto kept = question.sink->write(piece->body);
      if (!kept) co_return std::unexpected(kept.error());
    } else if (!goes_to_sink) {
      if (piece->body.size() + reader->announced() > k_answer_bytes_max - response.body.size())
        co_return fault(FaultCode::limit_size, "the answer");
      append(response.body, piece->body);
    }
    inbox_.consume(piece->consumed);
    if (piece->consumed > 0) continue;
    if (goes_to_sink) {
      const auto is_put = co_await read_into_sink(*reader, question, deadline);
      if (!is_put) co_return std::unexpected(is_put.error());
      if (*is_put) continue;
    }
    const auto more = co_await read_more(k_slab_bytes, question, deadline);
    if (!more) co_return std::unexpected(more.error());
  }
  if (!head.keep_alive || !inbox_.empty()) is_open_ = false;
  co_return response;
}

Result<std::vector<tcp::endpoint>> resolve(const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return std::vector{tcp::endpoint(address, port)};
  asio::io_context unused;
  tcp::resolver resolver(unused);
  const auto found =
      resolver.resolve(host, std::to_string(port), tcp::resolver::numeric_service, error);
  if (error) return fault(FaultCode::peer_unreachable, host + ": " + error.message());
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  return endpoints;
}

}  // namespace comity::wire
