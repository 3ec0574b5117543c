#include "fetching.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "outbox.hpp"
#include "transfer/fetch.hpp"
#include "transfer/live_follower.hpp"
#include "transfer/take_again.hpp"

namespace comity {
namespace {

constexpr int k_tile_deadline_s = 60;
constexpr int k_retry_s_max = 300;
constexpr std::chrono::seconds k_look_again{60};
constexpr std::size_t k_piece_bytes = std::size_t{256} << 10;  // asked of the line at once
constexpr std::size_t k_failures_max = 10'000;  // then all are forgotten, and tried again at once

std::chrono::seconds pause_after(int failures) {
  return std::chrono::seconds(std::min(k_retry_s_max, 1 << std::min(failures, 9)));
}

/// Takes bytes when they may move: what is not taken fills the connection, and the sender waits.
class PacedSink final : public node::Sink {
 public:
  PacedSink(node::Sink& sink, Lines::Passage& passage, const std::stop_token& stop)
      : sink_(sink), passage_(passage), stop_(stop) {}
  Result<void> write(View bytes) override {
    TRY(passage_.pass(bytes.size(), stop_));
    return sink_.write(bytes);
  }
  Result<std::span<std::uint8_t>> room() override {
    TRY_LET(const auto room, sink_.room());
    if (room.empty()) return room;
    if (granted_ == 0) {
      const auto asked = std::min(room.size(), k_piece_bytes);
      TRY(passage_.pass(asked, stop_));
      granted_ = asked;
    }
    return room.first(std::min(room.size(), granted_));
  }
  void filled(std::size_t bytes) override {
    granted_ -= bytes;
    sink_.filled(bytes);
  }

 private:
  std::size_t granted_ = 0;  // bytes that may be put and were not yet
  node::Sink& sink_;
  Lines::Passage& passage_;
  const std::stop_token& stop_;
};

/// The sender's end of one item, over one connection that is opened again when it breaks.
transfer::FetchPorts ports_over(wire::Client& client, const ItemId& item, Lines::Passage& passage,
                                const std::stop_token& stop) {
  const std::string base = "/comity/v1/items/" + item.hex();
  transfer::FetchPorts ports;
  ports.range = [&client, &passage, stop, base](std::uint64_t offset, std::uint64_t length,
                                                node::Sink& whole) -> Result<void> {
    PacedSink sink(whole, passage, stop);
    const wire::Headers headers = {
        {"Range", fmt::format("bytes={}-{}", offset, offset + length - 1)}};
    TRY_LET(const auto response, client.fetch("GET", base + "/sealed", headers, sink));
    if (response.status != 206) return std::unexpected(fault_of(response));
    return {};
  };
  ports.tile = [&client, base](const formats::Tile& tile) -> Result<Bytes> {
    const auto path = formats::path_of(tile).substr(std::string_view("tile/").size());
    TRY_LET(auto response, client.ask("GET", base + "/tiles/" + path, {}, {}, k_tile_deadline_s));
    if (response.status != 200) return std::unexpected(fault_of(response));
    return std::move(response.body);
  };
  return ports;
}

}  // namespace

Fetching::Fetching(Parts parts) : parts_(std::move(parts)) {
  for (std::size_t i = 0; i < parts_.transfers_max; ++i)
    threads_.emplace_back([this] { run(Takes::any); });
  threads_.emplace_back([this] { run(Takes::first); });
  threads_.emplace_back([this] { run(Takes::small); });
}

void Fetching::start(std::vector<node::FetchOrder> orders) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    for (auto& order : orders) {
      const auto failed = failures_.find(order.manifest.item);
      const auto due = failed == failures_.end() ? now : now + pause_after(failed->second);
      waiting_.push_back({std::move(order), due});
    }
  }
  wakes_.notify_all();
}

void Fetching::look_again() {
  // Who looks just now has not seen it yet, and waits before he can be woken.
  {
    const std::lock_guard lock(mutex_);
  }
  wakes_.notify_all();
}

void Fetching::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.request_stop();
  }
  wakes_.notify_all();
  for (auto& thread : std::exchange(threads_, {})) thread.join();
}

bool Fetching::takes(Takes takes, const node::FetchOrder& order) const {
  switch (takes) {
    case Takes::any:
      return true;
    case Takes::first:
      return parts_.lines.precedence_of(order.cargo) == node::Precedence::first;
    case Takes::small:
      return node::is_small(order.cargo);
  }
  return false;
}

/// What goes first of all that is due, then what waits longest.
std::optional<node::FetchOrder> Fetching::next(Takes takes) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopping_.stop_requested()) return std::nullopt;
    const auto now = std::chrono::steady_clock::now();
    auto chosen = waiting_.end();
    Moment wake = now + k_look_again;  // the hours of a line follow a clock that may be set
    for (auto one = waiting_.begin(); one != waiting_.end(); ++one) {
      if (!this->takes(takes, one->order)) continue;
      const auto opens_in_s = parts_.lines.opens_in_s(one->order.from, one->order.cargo);
      const auto due = std::max(one->due, now + std::chrono::seconds(opens_in_s));
      if (due > now) {
        wake = std::min(wake, due);
        continue;
      }
      const auto rank = [this](const Waiting& waiting) {
        return std::pair(parts_.lines.precedence_of(waiting.order.cargo), waiting.due);
      };
      if (chosen == waiting_.end() || rank(*one) < rank(*chosen)) chosen = one;
    }
    if (chosen != waiting_.end()) {
      auto order = std::move(chosen->order);
      waiting_.erase(chosen);
      return order;
    }
    wakes_.wait_until(lock, wake);
  }
}

void Fetching::run(Takes takes) {
  while (const auto order = next(takes)) {
    const auto before = chunks_here(*order);
    const auto outcome = fetch(*order);
    tell(*order, outcome, chunks_here(*order) > before);
  }
}

std::uint64_t Fetching::chunks_here(const node::FetchOrder& order) const {
  const auto& manifest = order.manifest;
  return transfer::chunks_present(manifest.sealed, parts_.files.directory(manifest.item))
      .value_or(0);
}

Result<void> Fetching::fetch(const node::FetchOrder& order) {
  const auto& manifest = order.manifest;
  if (manifest.sealed.plaintext_size > parts_.item_bytes_max)
    return fault(FaultCode::limit_size, "limits.item_bytes_max of comity.toml");
  TRY_LET(auto client, wire::Client::over_tls({order.endpoint.host, order.endpoint.port},
                                              parts_.identity, order.tls_certificates));
  TRY(parts_.files.check_room(manifest.item, manifest.sealed.total_size()));
  TRY(parts_.files.make(manifest.item));
  if (manifest.live) {
    // It was followed while it grew: nobody writes there any more, and what came is not asked for.
    parts_.live.let_go(manifest.item);
    TRY(transfer::hand_over(parts_.files.directory(manifest.item), manifest.sealed));
  }
  if (order.again)
    TRY(transfer::take_again(parts_.files.directory(manifest.item), manifest.sealed));
  transfer::FetchOptions options;
  options.progress = [&](std::uint64_t done) { parts_.progress.set(manifest.item, done); };
  options.stop = stopping_.get_token();
  const auto passage = parts_.lines.enter(order.from, Way::in, order.cargo);
  auto done =
      transfer::fetch_item(manifest.sealed, parts_.files.directory(manifest.item),
                           ports_over(client, manifest.item, *passage, options.stop), options);
  parts_.progress.drop(manifest.item);
  return done;
}

void Fetching::tell(const node::FetchOrder& order, const Result<void>& outcome, bool gained) {
  if (stopping_.stop_requested() && !outcome) return;  // nothing failed: it goes on at the start
  const ItemId item = order.manifest.item;
  {
    const std::lock_guard lock(mutex_);
    if (outcome) {
      failures_.erase(item);
    } else {
      if (failures_.size() >= k_failures_max) failures_.clear();
      // A line that is cut again and again, and brings something each time, is not one to wait for.
      auto& failures = failures_[item];
      failures = gained ? 0 : failures + 1;
    }
  }
  if (!outcome)
    spdlog::warn("item {} from {}: {}: {}", item.hex(), order.from.text(),
                 row_of(outcome.error().code).name, outcome.error().detail);
  parts_.mailbox.finish([item, outcome](node::Desk& desk) -> node::Afterwards {
    const auto told = outcome ? desk.item_arrived(item) : desk.item_broken(item, outcome.error());
    if (!told) spdlog::error("item {}: {}", item.hex(), told.error().detail);
    return {};
  });
}

}  // namespace comity
