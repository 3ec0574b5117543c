#include "treaty/status.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace comity::treaty {
namespace {

std::string day_text(Instant day) {
  return to_text(day).substr(0, 10);
}

}  // namespace

StatusRegister::StatusRegister(const Instrument& instrument, bool fictional, bool exercise,
                               Instant as_of, std::optional<Instant> declared_in_force_on,
                               std::vector<Standing> standings, std::vector<Agreement> agreements)
    : instrument_(instrument.code),
      title_(in_language(instrument.short_title)),
      rule_(instrument.entry_into_force),
      fictional_(fictional),
      exercise_(exercise),
      as_of_(as_of),
      standings_(std::move(standings)),
      agreements_(std::move(agreements)),
      completed_on_(declared_in_force_on),
      in_force_on_(declared_in_force_on) {
  CHECK(!declared_in_force_on || (fictional && exercise));
  std::ranges::sort(standings_, {}, &Standing::state);
  if (in_force_on_) return;
  std::vector<Instant> deposits;
  for (const auto& standing : standings_)
    if (standing.counts && standing.deposited_on) deposits.push_back(*standing.deposited_on);
  const auto needed = static_cast<std::size_t>(rule_.instruments);
  if (deposits.size() < needed) return;
  std::ranges::sort(deposits);
  completed_on_ = deposits[needed - 1];
  in_force_on_ = rule_.after_last.after(*completed_on_);
}

const Standing* StatusRegister::standing(const StateCode& state) const {
  const auto found = std::ranges::lower_bound(standings_, state, {}, &Standing::state);
  return found == standings_.end() || found->state != state ? nullptr : &*found;
}

std::int64_t StatusRegister::counted() const {
  return std::ranges::count_if(standings_, [](const Standing& standing) {
    return standing.counts && standing.deposited_on.has_value();
  });
}

std::optional<Instant> StatusRegister::binds_from(const StateCode& state) const {
  const auto* found = standing(state);
  if (found == nullptr || !found->deposited_on || !in_force_on_) return std::nullopt;
  if (*found->deposited_on <= *completed_on_) return in_force_on_;
  return std::max(*in_force_on_, rule_.after_own.after(*found->deposited_on));
}

std::optional<Instant> StatusRegister::denounced_from(const Standing& standing) const {
  if (!standing.denounced_on) return std::nullopt;
  return rule_.denunciation.after(*standing.denounced_on);
}

bool StatusRegister::in_force(const StateCode& state, Instant at) const {
  const auto from = binds_from(state);
  if (!from || at < *from) return false;
  const auto until = denounced_from(*standing(state));
  return !until || at < *until;
}

LegalBasis StatusRegister::legal_basis(const StateCode& a, const StateCode& b, Instant at) const {
  const auto day = " on " + day_text(at);
  const auto whose = title_ + (fictional_ ? " (fictional register)" : "");
  if (!in_force_on_)
    return {false, whose + " is not in force: " + std::to_string(counted()) + " of " +
                       std::to_string(rule_.instruments) + " instruments have a known day."};
  if (at < *in_force_on_)
    return {false, whose + " enters into force only on " + day_text(*in_force_on_) + "."};
  for (const auto& state : {a, b})
    if (!in_force(state, at)) return {false, whose + " does not bind " + state.text() + day + "."};
  return {true, whose + " binds " + a.text() + " and " + b.text() + day + "."};
}

bool StatusRegister::has_declared(const StateCode& state, std::string_view declaration) const {
  const auto* found = standing(state);
  return found != nullptr &&
         std::ranges::find(found->declarations, declaration) != found->declarations.end();
}

bool StatusRegister::have_agreed(const StateCode& a, const StateCode& b,
                                 std::string_view instrument, Instant at) const {
  return std::ranges::any_of(agreements_, [&](const Agreement& one) {
    const bool theirs = (one.a == a && one.b == b) || (one.a == b && one.b == a);
    return theirs && one.instrument == instrument && at >= one.since &&
           (!one.until || at < *one.until);
  });
}

}  // namespace comity::treaty
