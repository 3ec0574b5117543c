#include "scrubbing.hpp"

#include <spdlog/spdlog.h>

#include "transfer/verify_sealed.hpp"

namespace comity {
namespace {
// All is looked at once a day, or as often as the rate allows.
constexpr std::chrono::hours k_round{24};
}  // namespace

Scrubbing::Scrubbing(Parts parts) : parts_(std::move(parts)), thread_([this] { run(); }) {}

void Scrubbing::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_.request_stop();
  }
  wakes_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Scrubbing::wait_until(Moment moment) {
  std::unique_lock lock(mutex_);
  return wakes_.wait_until(lock, moment, [&] { return stopping_.stop_requested(); });
}

void Scrubbing::run() {
  for (;;) {
    const auto begun = std::chrono::steady_clock::now();
    round();
    if (wait_until(begun + k_round)) return;
  }
}

void Scrubbing::round() {
  std::optional<ItemId> after;
  while (const auto order = next(after)) {
    after = order->item;
    if (!order->shape) continue;
    auto outcome = look_at(*order);
    if (stopping_.stop_requested()) return;
    if (!outcome)
      spdlog::error("item {}: what is stored is not what was signed: {}: {}", order->item.hex(),
                    row_of(outcome.error().code).name, outcome.error().detail);
    parts_.mailbox.finish(
        [item = order->item, outcome = std::move(outcome)](node::Desk& desk) -> node::Afterwards {
          if (const auto told = desk.item_scrubbed(item, outcome); !told)
            spdlog::error("item {}: {}", item.hex(), told.error().detail);
          return {};
        });
  }
}

std::optional<node::ScrubOrder> Scrubbing::next(const std::optional<ItemId>& after) {
  // Outlives this call where the node stops before the heart answers.
  struct Answer {
    bool is_there = false;
    std::optional<node::ScrubOrder> order;
  };
  const auto answer = std::make_shared<Answer>();
  parts_.mailbox.finish([this, answer, after](node::Desk& desk) -> node::Afterwards {
    auto order = desk.scrub_next(after);
    if (!order) spdlog::error("the scrub: {}", order.error().detail);
    const std::lock_guard lock(mutex_);
    answer->is_there = true;
    if (order) answer->order = *std::move(order);
    wakes_.notify_all();
    return {};
  });
  std::unique_lock lock(mutex_);
  wakes_.wait(lock, [&] { return answer->is_there || stopping_.stop_requested(); });
  return stopping_.stop_requested() ? std::nullopt : answer->order;
}

Result<void> Scrubbing::look_at(const node::ScrubOrder& order) {
  const auto begun = std::chrono::steady_clock::now();
  transfer::WorkOptions options;
  options.workers = 1;
  options.stop = stopping_.get_token();
  options.progress = [&](std::uint64_t done) {
    const double due_s = static_cast<double>(done) / static_cast<double>(parts_.bytes_s);
    wait_until(begun + std::chrono::duration_cast<std::chrono::nanoseconds>(
                           std::chrono::duration<double>(due_s)));
  };
  return transfer::verify_sealed(parts_.files.directory(order.item), *order.shape, options);
}

}  // namespace comity
