#include "cli/patience.hpp"

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

}  // namespace comity::cli
