#include "cli/patience.hpp"

#include <algorithm>
#include <chrono>

#include "cli/json_view.hpp"

namespace comity::cli {
namespace {
constexpr int k_settled_tries_max = 200;
}

void Pause::wait(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  over_changed_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return over_; });
}

void Pause::end() {
  const std::lock_guard lock(mutex_);
  over_ = true;
  over_changed_.notify_all();
}

bool is_passing(FaultCode code) {
  return code == FaultCode::node_down || code == FaultCode::node_stopping ||
         code == FaultCode::peer_unreachable || code == FaultCode::peer_timeout ||
         code == FaultCode::limit_busy || code == FaultCode::peer_protocol ||
         code == FaultCode::conflict;
}

bool Patience::bears(const Fault& fault, std::uint64_t done) {
  if (!is_passing(fault.code)) return false;
  const Instant now = clock_.now();
  const bool is_first = !last_ || done > done_ || now > last_->plus_s(k_reconnect_within_s);
  if (is_first) first_ = now;
  last_ = now;
  done_ = std::max(done_, done);
  return now <= first_->plus_s(k_reconnect_within_s);
}

Result<std::uint64_t> taken_at(Node& node, const std::string& item, Pause& between) {
  for (int tries = 0; tries < k_settled_tries_max; ++tries) {
    TRY_LET(const Json told, node.get("/v1/items/" + item));
    if (!is_true_at(told, "is_open"))
      return fault(FaultCode::evidence_ended, "it is no live item, or is closed");
    const auto* live = told.find("live");
    if (live && live->find("taken") && !is_true_at(*live, "has_source"))
      return static_cast<std::uint64_t>(number_at(*live, "taken"));
    if (text_at(told, "state") != "released") return fault(FaultCode::evidence_unreleased, item);
    between.wait(k_again_ms);
  }
  return fault(FaultCode::limit_busy, "another source is connected to " + item);
}

Result<std::uint64_t> taken_again(Node& node, const std::string& item, Fault broken,
                                  std::uint64_t done, Patience& patience, Pause& between) {
  while (patience.bears(broken, done)) {
    between.wait(k_again_ms);
    auto taken = taken_at(node, item, between);
    if (taken || !is_passing(taken.error().code)) return taken;
    broken = taken.error();
  }
  return std::unexpected(std::move(broken));
}

}  // namespace comity::cli
