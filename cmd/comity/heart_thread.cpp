#include "heart_thread.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "cli/findings.hpp"

namespace comity {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds k_anchor_every{60};
constexpr seconds k_settle_every{3};
constexpr seconds k_tick_every{5};  // pins and items to fetch, whatever was said
// Looking for items reads them all, so many turns share one look.
constexpr std::chrono::milliseconds k_fetches_every{200};
constexpr std::int64_t k_letters_wait_ms_min = 200;
constexpr std::chrono::hours k_ends_every{24};
constexpr int k_exit_storage = 5;

}  // namespace

void stop_now(const Fault& fault) {
  const auto& row = row_of(fault.code);
  spdlog::shutdown();
  const bool for_good =
      fault.code == FaultCode::log_rolled_back || fault.code == FaultCode::log_inconsistent;
  const auto said =
      for_good ? fmt::format("comity: stopped for good: {}\n  {}\n  {}\n  ({})\n", row.happened,
                             fault.detail, row.next, row.name)
               : fmt::format(
                     "comity: stopped: {} {} ({}). It is not known what of the last step is "
                     "stored; the next start finds out. {}\n",
                     row.happened, fault.detail, row.name, row.next);
  // Not fmt::print, which throws: these words may go to the very disk that is full.
  std::fputs(said.c_str(), stderr);
  std::fflush(stderr);
  std::_Exit(k_exit_storage);
}

void Watch::notice(const formats::Json& notice) {
  const auto* kind = notice.find("kind");
  if (!kind || !kind->is_text()) return;
  items |= kind->text() == "act" || kind->text() == "item";
  directory |= kind->text() == "directory";
  first |= kind->text() == "item" && notice.find("goes_first") != nullptr;
}

HeartThread::HeartThread(Parts parts) : parts_(std::move(parts)) {
  const auto now = steady_clock::now();
  anchor_at_ = now + k_anchor_every;
  settle_at_ = now + k_settle_every;
  tick_at_ = letters_at_ = fetches_at_ = ends_at_ = now;
  thread_ = std::thread([this] { run(); });
}

HeartThread::~HeartThread() {
  parts_.mailbox.end();
  thread_.join();
}

void HeartThread::run() {
  for (;;) {
    auto until = std::min({anchor_at_, settle_at_, tick_at_, letters_at_, ends_at_});
    if (parts_.watch.items) until = std::min(until, fetches_at_);
    if (parts_.watch.directory || parts_.watch.first || parts_.backups.is_copying())
      until = steady_clock::now();
    auto jobs = parts_.mailbox.take(until);
    if (!jobs) break;
    turn(*std::move(jobs));
    parts_.backups.copy_some();
    if (steady_clock::now() < settle_at_) continue;
    settle_at_ = steady_clock::now() + k_settle_every;
    if (const auto done = parts_.heart.settle(parts_.clock.now()); !done) stop_now(done.error());
  }
  if (const auto done = parts_.heart.stop(parts_.clock.now()); !done) stop_now(done.error());
}

void HeartThread::turn(std::vector<node::Job> jobs) {
  const auto now = steady_clock::now();
  if (now >= anchor_at_) {
    anchor_at_ = now + k_anchor_every;
    jobs.emplace_back([](node::Desk& desk) -> node::Afterwards {
      if (const auto done = desk.anchor(); !done)
        spdlog::error("anchor: {}: {}", row_of(done.error().code).name, done.error().detail);
      if (const auto done = desk.keep_house(); !done)
        spdlog::error("house: {}: {}", row_of(done.error().code).name, done.error().detail);
      return {};
    });
  }
  if (now >= ends_at_) {
    ends_at_ = now + k_ends_every;
    jobs.emplace_back([this](node::Desk& desk) -> node::Afterwards {
      warn_of_ends(desk);
      if (const auto done = desk.watch_clocks(); !done)
        spdlog::error("clocks: {}: {}", row_of(done.error().code).name, done.error().detail);
      return {};
    });
  }
  if (now >= tick_at_) {
    tick_at_ = now + k_tick_every;
    parts_.watch = {};
  }
  const bool looks_for_items = parts_.watch.items && now >= fetches_at_;
  if (jobs.empty() && !looks_for_items && !parts_.watch.directory && !parts_.watch.first &&
      now < letters_at_)
    return;
  jobs.emplace_back([this](node::Desk& desk) { return look_out(desk); });
  if (const auto done = parts_.heart.turn(std::move(jobs), parts_.clock.now()); !done)
    stop_now(done.error());
}

void HeartThread::warn_of_ends(node::Desk& desk) {
  const auto health = desk.health();
  if (!health) return spdlog::error("health: {}", health.error().detail);
  for (const auto& one : cli::judge_health(*health, parts_.clock.now())) {
    if (one.subject != "certificates" || one.severity == cli::Severity::ok) continue;
    const auto level =
        one.severity == cli::Severity::note ? spdlog::level::warn : spdlog::level::err;
    spdlog::log(level, "{}. {} See docs/runbooks/expiry.md.", one.words, one.next);
  }
}

/// The turn's last job: what the jobs before it left to be sent leaves with this very turn.
node::Afterwards HeartThread::look_out(node::Desk& desk) {
  const auto complain = [](const Fault& why) {
    spdlog::error("outbox: {}: {}", row_of(why.code).name, why.detail);
  };
  const auto now = steady_clock::now();
  std::vector<node::Letter> letters;
  if (auto found = desk.letters())
    letters = *std::move(found);
  else
    complain(found.error());

  letters_at_ = now + seconds(k_hour_s);
  if (const auto due = desk.next_due(); !due) {
    complain(due.error());
  } else if (*due) {
    // What is due and was not sent just now waits for a letter under way, whose answer is a turn.
    const auto wait_ms = (**due).ms - parts_.clock.now().ms;
    letters_at_ = now + std::chrono::milliseconds(
                            std::clamp(wait_ms, k_letters_wait_ms_min, k_hour_s * 1000));
  }

  std::vector<node::FetchOrder> fetches;
  std::optional<std::vector<node::LiveOrder>> live;
  if (parts_.watch.items && now >= fetches_at_) {
    parts_.watch.items = false;
    fetches_at_ = now + k_fetches_every;
    if (auto found = desk.fetches())
      fetches = *std::move(found);
    else
      complain(found.error());
    if (auto found = desk.live_orders())
      live = *std::move(found);
    else
      complain(found.error());
  }
  if (std::exchange(parts_.watch.directory, false)) parts_.pins.set(desk.pinned_peers());

  std::optional<std::set<ItemId>> first;
  if (std::exchange(parts_.watch.first, false)) first = desk.first_items();

  auto ended = desk.ended_items();

  return [this, letters = std::move(letters), fetches = std::move(fetches), live = std::move(live),
          ended = std::move(ended), first = std::move(first)]() mutable {
    if (first) {
      parts_.lines.put_first(*std::move(first));
      parts_.fetching.look_again();
    }
    for (const auto& item : ended) parts_.remove_bytes(item);
    if (!letters.empty()) parts_.outbox.send(std::move(letters));
    if (live) parts_.live.order(*std::move(live));
    if (!fetches.empty()) parts_.fetching.start(std::move(fetches));
  };
}

}  // namespace comity
