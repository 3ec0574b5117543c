#include "lines.hpp"

#include <chrono>

namespace comity {
namespace {

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Lines::Lines(Clock& clock, const std::vector<store::LineSettings>& settings) : clock_(clock) {
  for (const auto& one : settings) rules_.emplace(one.partner, one.rules);
}

node::Line& Lines::line(const StateCode& partner, Way way) {
  const auto found = rules_.find(partner);
  const auto rules = found == rules_.end() ? node::LineRules{} : found->second;
  return lines_.try_emplace({partner, way}, rules).first->second;
}

std::shared_ptr<Lines::Passage> Lines::enter(const StateCode& partner, Way way,
                                             const node::Cargo& cargo) {
  const std::lock_guard lock(mutex_);
  return std::make_shared<Passage>(*this, line(partner, way), cargo);
}

node::Precedence Lines::rank(const node::Cargo& cargo) const {
  return node::why_first(cargo) || first_.contains(cargo.item) ? node::Precedence::first
                                                               : node::Precedence::ordinary;
}

node::Precedence Lines::precedence_of(const node::Cargo& cargo) {
  const std::lock_guard lock(mutex_);
  return rank(cargo);
}

void Lines::put_first(std::set<ItemId> items) {
  const std::lock_guard lock(mutex_);
  first_ = std::move(items);
}

std::int64_t Lines::opens_in_s(const StateCode& partner, const node::Cargo& cargo) {
  const auto now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto& its = line(partner, Way::in);
  if (its.is_open(rank(cargo), now)) return 0;
  return its.rules().hours->next(now).seconds() - now.seconds();
}

Lines::Passage::Passage(Lines& lines, node::Line& line, const node::Cargo& cargo)
    : lines_(lines), line_(line), cargo_(cargo), flow_(line.join(lines.rank(cargo))) {}

Lines::Passage::~Passage() {
  const std::lock_guard lock(lines_.mutex_);
  line_.leave(flow_);
}

Result<std::int64_t> Lines::Passage::ask(std::uint64_t bytes) {
  const auto now = lines_.clock_.now();
  const std::lock_guard lock(lines_.mutex_);
  const auto precedence = lines_.rank(cargo_);
  line_.move(flow_, precedence);
  if (!line_.is_open(precedence, now))
    return fault(FaultCode::limit_busy,
                 "evidence moves from " + node::to_text(*line_.rules().hours) + " UTC");
  return line_.ask(flow_, bytes, steady_ms());
}

Result<void> Lines::Passage::pass(std::uint64_t bytes, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  for (;;) {
    if (stop.stop_requested()) return fault(FaultCode::evidence_incomplete, "the node stops");
    TRY_LET(const auto wait_ms, ask(bytes));
    if (wait_ms == 0) return {};
    stopped.wait_for(lock, stop, std::chrono::milliseconds(wait_ms), [] { return false; });
  }
}

}  // namespace comity
