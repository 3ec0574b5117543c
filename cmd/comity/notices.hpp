// Who listens to the node's notices, each with a bounded queue: a slow listener loses notices and
// is told so, and never delays the heart.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "api/ports.hpp"

namespace comity {

inline constexpr std::size_t k_listeners_max = 16;         // each takes a thread
inline constexpr std::size_t k_notices_waiting_max = 256;  // for one listener

class Notices final : public api::Feed {
 public:
  Result<std::shared_ptr<api::Subscription>> subscribe() override;
  /// From any thread; never blocks for long.
  void publish(const formats::Json& notice);
  /// Every listener comes to its end.
  void close();

 private:
  class Listener;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Listener>> listeners_;
  bool is_closed_ = false;
};

}  // namespace comity
