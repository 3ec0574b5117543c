// A bounded set of threads for what blocks.
#pragma once

#include "api/ports.hpp"
#include "wire/workers.hpp"

namespace comity {

class BackgroundWorkers final : public api::Background {
 public:
  BackgroundWorkers(std::size_t threads_max, std::size_t queue_max)
      : workers_(threads_max, queue_max) {}
  bool run(std::function<void()> task) override { return workers_.run(std::move(task)); }
  /// Runs what was taken to its end.
  void join() { workers_.join(); }

 private:
  wire::Workers workers_;
};

}  // namespace comity
