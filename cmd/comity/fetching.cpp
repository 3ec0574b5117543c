#include "fetching.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "outbox.hpp"
#include "transfer/fetch.hpp"
#include "transfer/take_again.hpp"

namespace comity {
namespace {

constexpr int k_tile_deadline_s = 60;
constexpr int k_retry_s_max = 300;
constexpr std::size_t k_failures_max = 10'000;  // then all are forgotten, and tried again at once

std::chrono::seconds pause_after(int failures) {
  return std::chrono::seconds(std::min(k_retry_s_max, 1 << std::min(failures, 9)));
}

/// The sender's end of one item, over one connection that is opened again when it breaks.
transfer::FetchPorts ports_over(wire::Client& client, const ItemId& item) {
  const std::string base = "/comity/v1/items/" + item.hex();
  transfer::FetchPorts ports;
  ports.range = [&client, base](std::uint64_t offset, std::uint64_t length,
                                node::Sink& sink) -> Result<void> {
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
  for (std::size_t i = 0; i < parts_.transfers_max; ++i) threads_.emplace_back([this] { run(); });
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

void Fetching::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.request_stop();
  }
  wakes_.notify_all();
  for (auto& thread : std::exchange(threads_, {})) thread.join();
}

std::optional<node::FetchOrder> Fetching::next() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopping_.stop_requested()) return std::nullopt;
    const auto first = std::ranges::min_element(waiting_, {}, &Waiting::due);
    if (first == waiting_.end()) {
      wakes_.wait(lock);
    } else if (const auto due = first->due; due > std::chrono::steady_clock::now()) {
      wakes_.wait_until(lock, due);
    } else {
      auto order = std::move(first->order);
      waiting_.erase(first);
      return order;
    }
  }
}

void Fetching::run() {
  while (const auto order = next()) {
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
  if (order.again)
    TRY(transfer::take_again(parts_.files.directory(manifest.item), manifest.sealed));
  transfer::FetchOptions options;
  options.progress = [&](std::uint64_t done) { parts_.progress.set(manifest.item, done); };
  options.stop = stopping_.get_token();
  auto done = transfer::fetch_item(manifest.sealed, parts_.files.directory(manifest.item),
                                   ports_over(client, manifest.item), options);
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
