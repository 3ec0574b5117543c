#include "cli/wait.hpp"

#include <algorithm>

namespace comity::cli {
namespace {

constexpr std::size_t k_event_bytes_max = std::size_t{64} << 10;
/// A change between the first look and the subscription would be missed; and a node may be silent
/// for long. So the condition is looked at again after this long without a word.
constexpr std::int64_t k_silence_s = 10;

/// Looks at the condition when a notice concerns it; ends the stream by a fault of its own.
class Watch final : public node::Sink {
 public:
  Watch(const std::function<Result<bool>()>& is_so,
        const std::function<bool(const Json&)>& concerns, Clock& clock, Instant until)
      : is_so_(is_so), concerns_(concerns), clock_(clock), until_(until) {}

  Result<void> write(View bytes) override {
    TRY_LET(const auto events, reader_.take(bytes));
    // The first words say that we are subscribed: what happened before is seen now.
    bool looks = !std::exchange(is_subscribed_, true);
    for (const auto& event : events) {
      const auto notice = formats::parse_json(as_bytes(event));
      looks = looks || !notice || !concerns_ || concerns_(*notice);
    }
    if (looks) {
      outcome_ = is_so_();
      if (!outcome_ || *outcome_) return stop();
    }
    return clock_.now() < until_ ? Result<void>() : stop();
  }

  /// That this watch ended the stream, and not the node.
  bool ended() const { return ended_; }
  const Result<bool>& outcome() const { return outcome_; }

 private:
  std::unexpected<Fault> stop() {
    ended_ = true;
    return fault(FaultCode::node_stopping, "no more is listened to");
  }

  const std::function<Result<bool>()>& is_so_;
  const std::function<bool(const Json&)>& concerns_;
  Clock& clock_;
  Instant until_;
  EventReader reader_;
  Result<bool> outcome_ = false;
  bool is_subscribed_ = false, ended_ = false;
};

}  // namespace

Result<std::vector<std::string>> EventReader::take(View bytes) {
  std::vector<std::string> events;
  for (const char c : as_text(bytes)) {
    if (c == '\r') continue;
    if (c != '\n') {
      if (line_.size() + data_.size() >= k_event_bytes_max)
        return fault(FaultCode::limit_size, "an event of the node is too large");
      line_ += c;
      continue;
    }
    constexpr std::string_view k_data = "data:";
    if (line_.empty()) {
      if (!data_.empty()) events.push_back(std::exchange(data_, {}));
    } else if (line_.starts_with(k_data)) {
      std::string_view value = std::string_view(line_).substr(k_data.size());
      if (value.starts_with(' ')) value.remove_prefix(1);
      if (!data_.empty()) data_ += '\n';
      data_ += value;
    }
    line_.clear();
  }
  return events;
}

Result<void> wait_until(Node& node, std::int64_t deadline_s,
                        const std::function<Result<bool>()>& is_so,
                        const std::function<bool(const Json&)>& concerns) {
  Clock& clock = node.context().clock;
  const Instant until = clock.now().plus_s(deadline_s);
  while (true) {
    TRY_LET(const bool holds, is_so());
    if (holds) return {};
    const std::int64_t left_ms = until.ms - clock.now().ms;
    if (left_ms <= 0)
      return fault(FaultCode::peer_timeout,
                   "what was waited for did not come within " + std::to_string(deadline_s) + " s");
    Watch watch(is_so, concerns, clock, until);
    const auto heard = node.listen(
        "/v1/events", watch,
        static_cast<int>(std::clamp<std::int64_t>((left_ms + 999) / 1000, 1, k_silence_s)));
    if (watch.ended()) {
      TRY_LET(const bool now_holds, Result<bool>(watch.outcome()));
      if (now_holds) return {};
    } else if (!heard && heard.error().code != FaultCode::peer_timeout) {
      return std::unexpected(heard.error());
    }
  }
}

}  // namespace comity::cli
