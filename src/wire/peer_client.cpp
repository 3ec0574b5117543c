#include "wire/peer_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <thread>

#include "wire/exchange.hpp"
#include "wire/signal.hpp"
#include "wire/workers.hpp"

namespace comity::wire {
namespace {

constexpr milliseconds k_connect{10'000};
constexpr milliseconds k_kept{45'000};  // idle; shorter than a server waits, so that we close first
constexpr std::size_t k_resolvers_max = 4;

/// A request and whom to tell. Whatever becomes of it, `done` is called once.
struct Job {
  Job(asio::io_context& io, PeerRequest its_request, PeerClients::Done its_done)
      : request(std::move(its_request)),
        deadline(in(seconds(request.deadline_s))),
        done(std::move(its_done)),
        timer(io, deadline) {}
  ~Job() { settle(fault(FaultCode::node_stopping)); }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  void settle(Result<PeerResponse> result) {
    timer.cancel();
    if (const auto told = std::exchange(done, nullptr)) told(std::move(result));
  }

  const PeerRequest request;
  const Moment deadline;
  PeerClients::Done done;
  asio::steady_timer timer;  // ends the job while it waits in the queue
};

/// One connection to a peer and the coroutine that serves jobs over it.
struct Carrier {
  explicit Carrier(asio::io_context& io)
      : signal(std::make_shared<Signal>(asio::any_io_executor(io.get_executor()))) {}
  std::shared_ptr<Signal> signal;
  std::unique_ptr<Exchange> exchange;
  std::uint64_t generation = 0;  // of the identity that the connection was made with
  bool is_idle = false;
};

/// All that concerns one peer. Lives while it has a carrier.
struct Line {
  PeerAddress to;
  std::deque<std::shared_ptr<Job>> queue;
  std::list<std::shared_ptr<Carrier>> carriers;
  std::shared_ptr<TlsContext> context;
  std::uint64_t generation = 0;
};

std::string authority(const PeerAddress& to) {
  return to.host.find(':') == std::string::npos ? fmt::format("{}:{}", to.host, to.port)
                                                : fmt::format("[{}]:{}", to.host, to.port);
}

}  // namespace

/// Everything but the ends of `send` happens on the one io thread.
struct PeerClients::Parts {
  Parts() : work(io.get_executor()), thread([this] { io.run(); }) {}

  void take(const PeerAddress& to, const std::shared_ptr<Job>& job);
  void end();
  asio::awaitable<void> carry(std::shared_ptr<Line> line, std::shared_ptr<Carrier> carrier);
  asio::awaitable<std::shared_ptr<Job>> next_job(Line& line, Carrier& carrier);
  asio::awaitable<Result<PeerResponse>> perform(Line& line, Carrier& carrier, const Job& job);
  asio::awaitable<Result<void>> reach(Line& line, Carrier& carrier, Moment deadline);
  asio::awaitable<Result<std::vector<tcp::endpoint>>> find(const PeerAddress& to, Moment deadline);

  asio::io_context io{1};
  Workers resolvers{k_resolvers_max, k_outbound_queue_max};
  std::map<PeerAddress, std::shared_ptr<Line>> lines;
  TlsIdentity identity;
  std::uint64_t generation = 0;
  bool is_ending = false;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::thread thread;
};

void PeerClients::Parts::take(const PeerAddress& to, const std::shared_ptr<Job>& job) {
  if (is_ending) return job->settle(fault(FaultCode::node_stopping));
  auto& line = lines[to];
  if (!line) line = std::make_shared<Line>(Line{to});
  if (line->queue.size() >= k_outbound_queue_max)
    return job->settle(fault(FaultCode::limit_rate, "too many calls wait for " + to.state.text()));
  line->queue.push_back(job);
  job->timer.async_wait(
      [weak = std::weak_ptr(job), waiting = std::weak_ptr(line)](const error_code& error) {
        const auto late = weak.lock();
        const auto its_line = waiting.lock();
        if (error || !late || !its_line || std::erase(its_line->queue, late) == 0) return;
        late->settle(fault(FaultCode::peer_timeout, "it waited too long for its turn"));
      });
  for (const auto& carrier : line->carriers) {
    if (!std::exchange(carrier->is_idle, false)) continue;
    return carrier->signal->notify();
  }
  if (line->carriers.size() >= k_outbound_connections_max) return;
  const auto carrier = std::make_shared<Carrier>(io);
  line->carriers.push_back(carrier);
  auto life = [this, line, carrier]() -> asio::awaitable<void> { co_await carry(line, carrier); };
  asio::co_spawn(io, std::move(life), asio::detached);
}

asio::awaitable<void> PeerClients::Parts::carry(std::shared_ptr<Line> line,
                                                std::shared_ptr<Carrier> carrier) {
  while (const auto job = co_await next_job(*line, *carrier)) {
    auto result = co_await perform(*line, *carrier, *job);
    if (is_ending && !result) result = fault(FaultCode::node_stopping);
    job->settle(std::move(result));
  }
  carrier->exchange = nullptr;
  carrier->signal->detach();
  line->carriers.remove(carrier);
  if (line->carriers.empty() && lines[line->to] == line) lines.erase(line->to);
}

/// The next of the queue; nothing when none came for a while, and the connection is to end.
asio::awaitable<std::shared_ptr<Job>> PeerClients::Parts::next_job(Line& line, Carrier& carrier) {
  const Moment until = in(k_kept);
  while (line.queue.empty() && !is_ending) {
    if (std::chrono::steady_clock::now() >= until) co_return nullptr;
    carrier.is_idle = true;
    co_await carrier.signal->wait(until);
    carrier.is_idle = false;
    if (carrier.generation != generation) carrier.exchange = nullptr;
  }
  if (line.queue.empty()) co_return nullptr;
  auto job = std::move(line.queue.front());
  line.queue.pop_front();
  job->timer.cancel();  // from here on, the exchange keeps the deadline
  co_return job;
}

asio::awaitable<Result<PeerResponse>> PeerClients::Parts::perform(Line& line, Carrier& carrier,
                                                                  const Job& job) {
  Headers headers;
  if (!job.request.content_type.empty()) headers["Content-Type"] = job.request.content_type;
  Question question{job.request.method, job.request.target, &headers, job.request.body};
  question.deadline = job.deadline;
  for (;;) {
    const bool is_kept =
        carrier.exchange && carrier.generation == generation && carrier.exchange->is_usable();
    if (!is_kept) {
      const auto reached = co_await reach(line, carrier, job.deadline);
      if (!reached) {
        // It would meet the others just so; the outbox knows when to try again.
        for (auto waiting = std::exchange(line.queue, {}); const auto& other : waiting)
          other->settle(std::unexpected(reached.error()));
        co_return std::unexpected(reached.error());
      }
    }
    auto response = co_await carrier.exchange->ask(question);
    const bool is_stale = is_kept && !response && !carrier.exchange->is_touched() &&
                          response.error().code == FaultCode::peer_unreachable && !is_ending;
    if (!is_stale) co_return response;
  }
}

asio::awaitable<Result<void>> PeerClients::Parts::reach(Line& line, Carrier& carrier,
                                                        Moment deadline) {
  const Moment by = std::min(deadline, in(k_connect));
  if (!line.context || line.generation != generation) {
    const auto accept = [pins = line.to.certificates](const Digest& shown) {
      return std::ranges::find(pins, shown) != pins.end();
    };
    auto context = TlsContext::make(TlsContext::Side::client, identity, accept);
    if (!context) co_return std::unexpected(context.error());
    line.context = std::move(*context);
    line.generation = generation;
  }
  carrier.generation = generation;
  const asio::any_io_executor executor = io.get_executor();
  carrier.exchange = std::make_unique<Exchange>(executor, authority(line.to));
  auto endpoints = co_await find(line.to, by);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  if (is_ending) co_return fault(FaultCode::node_stopping);
  auto context = line.context;
  co_return co_await carrier.exchange->reach_tls(std::move(*endpoints), std::move(context), by);
}

/// Asks the name server on another thread, so that a slow one delays this peer only.
asio::awaitable<Result<std::vector<tcp::endpoint>>> PeerClients::Parts::find(const PeerAddress& to,
                                                                             Moment deadline) {
  struct Outcome {
    std::mutex mutex;
    std::optional<Result<std::vector<tcp::endpoint>>> found;
  };
  const auto outcome = std::make_shared<Outcome>();
  const auto signal = std::make_shared<Signal>(asio::any_io_executor(io.get_executor()));
  const auto look_up = [outcome, signal, host = to.host, port = to.port] {
    auto found = resolve(host, port);
    const std::lock_guard lock(outcome->mutex);
    outcome->found = std::move(found);
    signal->notify();
  };
  error_code is_name;
  asio::ip::make_address(to.host, is_name);
  const bool is_asked = !is_name || resolvers.run(look_up);
  if (!is_name) look_up();  // spelled out: nobody to wait for
  const auto answer = [&] {
    const std::lock_guard lock(outcome->mutex);
    return std::exchange(outcome->found, std::nullopt);
  };
  auto found = answer();
  while (is_asked && !found && !is_ending && std::chrono::steady_clock::now() < deadline) {
    co_await signal->wait(std::min(deadline, in(seconds(1))));
    found = answer();
  }
  signal->detach();
  if (!found) co_return fault(FaultCode::peer_timeout, "the name server did not answer");
  co_return std::move(*found);
}

void PeerClients::Parts::end() {
  is_ending = true;
  for (const auto& [to, line] : lines) {
    for (auto waiting = std::exchange(line->queue, {}); const auto& job : waiting)
      job->settle(fault(FaultCode::node_stopping));
    for (const auto& carrier : line->carriers) {
      if (carrier->exchange) carrier->exchange->cut();
      carrier->signal->notify();
    }
  }
  work.reset();
}

PeerClients::PeerClients() : parts_(std::make_unique<Parts>()) {}

PeerClients::~PeerClients() {
  asio::post(parts_->io, [this] { parts_->end(); });
  parts_->thread.join();
}

Result<void> PeerClients::set_identity(const TlsIdentity& identity) {
  // Read once here, so that the caller learns of an unusable key at once.
  const auto nobody = [](const Digest&) { return false; };
  TRY(TlsContext::make(TlsContext::Side::client, identity, nobody));
  asio::post(parts_->io, [this, next = std::make_shared<TlsIdentity>(identity.clone())] {
    parts_->identity = std::move(*next);
    ++parts_->generation;
    for (const auto& [to, line] : parts_->lines)
      for (const auto& carrier : line->carriers)
        if (carrier->is_idle) carrier->signal->notify();
  });
  return {};
}

void PeerClients::send(PeerAddress to, PeerRequest request, Done done) {
  auto job = std::make_shared<Job>(parts_->io, std::move(request), std::move(done));
  asio::post(parts_->io, [parts = parts_.get(), to = std::move(to), job = std::move(job)] {
    parts->take(to, job);
  });
}

}  // namespace comity::wire
