#include "node/line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"

namespace comity::node {
namespace {

constexpr int k_minutes_a_day = 24 * 60;
constexpr std::int64_t k_live_ms = 500;   // who has not asked for so long holds nobody back
constexpr std::int64_t k_again_ms = 10;   // to ask again when it is another's turn
constexpr std::int64_t k_burst_ms = 100;  // how far ahead of the ceiling's rate bytes may run
constexpr std::uint64_t k_ration_share = 8;
constexpr std::uint64_t k_lead_share = 20;  // of what the ceiling lets pass in a second
constexpr std::uint64_t k_ration_kept = std::uint64_t{4} << 20;  // bytes

int minute_of(Instant at) {
  return static_cast<int>(at.seconds() / 60 % k_minutes_a_day);
}

/// "20:00". Nothing for what is no time of day.
std::optional<int> read_minute(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
    return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

}  // namespace

bool Hours::contain(Instant at) const {
  const int minute = minute_of(at);
  if (from_min < until_min) return minute >= from_min && minute < until_min;
  return minute >= from_min || minute < until_min;
}

Instant Hours::next(Instant at) const {
  if (contain(at)) return at;
  const std::int64_t minutes = (from_min - minute_of(at) + k_minutes_a_day) % k_minutes_a_day;
  return Instant{at.ms / 60'000 * 60'000}.plus_s(minutes * 60);
}

Result<Hours> read_hours(std::string_view text) {
  const auto dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto from = read_minute(text.substr(0, dash)), until = read_minute(text.substr(dash + 1));
    if (from && until && *from != *until) return Hours{*from, *until};
  }
  return fault(FaultCode::format_field, "must be hours in UTC, like \"20:00-06:30\"");
}

std::string to_text(const Hours& hours) {
  return fmt::format("{:02}:{:02}-{:02}:{:02}", hours.from_min / 60, hours.from_min % 60,
                     hours.until_min / 60, hours.until_min % 60);
}

std::string_view name_of(WhyFirst why) {
  switch (why) {
    case WhyFirst::small:
      return "small";
    case WhyFirst::emergency:
      return "emergency";
    case WhyFirst::officer:
      return "officer";
  }
  return {};
}

std::optional<WhyFirst> why_first(const Cargo& cargo) {
  if (cargo.in_emergency) return WhyFirst::emergency;
  if (is_small(cargo)) return WhyFirst::small;
  return std::nullopt;
}

Line::Flow Line::join(Precedence precedence) {
  flows_[next_].precedence = precedence;
  return next_++;
}

/// Among its new like it begins where they are, as who comes does.
void Line::move(Flow flow, Precedence precedence) {
  const auto found = flows_.find(flow);
  CHECK(found != flows_.end());
  if (found->second.precedence != precedence) found->second = {.precedence = precedence};
}

bool Line::is_live(const State& state, std::int64_t now_ms) const {
  return state.asked_ms != 0 && now_ms - state.asked_ms <= k_live_ms;
}

/// Who comes, or comes back, begins where the others are: nobody saves up what he did not use.
void Line::catch_up(State& state, std::int64_t now_ms) const {
  std::optional<std::uint64_t> least;
  for (const auto& [flow, other] : flows_)
    if (&other != &state && is_live(other, now_ms) && other.precedence == state.precedence)
      least = std::min(least.value_or(other.taken), other.taken);
  state.taken = std::max(state.taken, least.value_or(0));
}

std::int64_t Line::ask(Flow flow, std::uint64_t bytes, std::int64_t now_ms) {
  const auto found = flows_.find(flow);
  CHECK(found != flows_.end());
  auto& state = found->second;
  if (!is_live(state, now_ms)) catch_up(state, now_ms);
  state.asked_ms = now_ms;
  // An eighth of what goes first, while it moves. Who goes first but stands still holds nobody
  // back.
  const bool is_rationed = state.precedence != Precedence::first && is_one_first(now_ms);
  if (is_rationed && ration_ < bytes) return k_again_ms;
  if (rules_.bytes_per_s_max) {
    const std::int64_t now_ns = now_ms * 1'000'000;
    const auto wait_ms = (free_ns_ - now_ns) / 1'000'000 - k_burst_ms;
    state.is_waiting = wait_ms > 0 || is_anothers_turn(flow, state, bytes, now_ms);
    if (state.is_waiting) return std::clamp(wait_ms, k_again_ms, k_ask_again_ms);
    const auto rate = static_cast<double>(*rules_.bytes_per_s_max);
    free_ns_ = std::max(free_ns_, now_ns) +
               static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 / rate);
  }
  state.taken += bytes;
  if (is_rationed) ration_ -= bytes;
  if (state.precedence == Precedence::first)
    ration_ = std::min(ration_ + bytes / k_ration_share, k_ration_kept);
  return 0;
}

bool Line::is_one_first(std::int64_t now_ms) const {
  return std::ranges::any_of(flows_, [&](const auto& one) {
    return one.second.precedence == Precedence::first && is_live(one.second, now_ms);
  });
}

/// Of those that wait for the ceiling: what goes first, then who has taken less. A lead of a moment
/// does not count, or the line would stand idle until the other one asks again.
bool Line::is_anothers_turn(Flow flow, const State& state, std::uint64_t bytes,
                            std::int64_t now_ms) const {
  const auto lead = std::max(bytes, *rules_.bytes_per_s_max / k_lead_share);
  return std::ranges::any_of(flows_, [&](const auto& one) {
    const auto& other = one.second;
    if (one.first == flow || !other.is_waiting || !is_live(other, now_ms)) return false;
    if (other.precedence != state.precedence) return other.precedence == Precedence::first;
    return state.taken > other.taken + lead;
  });
}

}  // namespace comity::node
