#include "node/clocks.hpp"

#include <algorithm>
#include <array>

namespace comity::node {
namespace {

using exchange::DeliveryState;
using exchange::NoticeKind;
using exchange::Phase;

constexpr std::array<std::string_view, k_clocks> k_names{"acknowledgement",
                                                         "decision",
                                                         "answer",
                                                         "reply",
                                                         "completion",
                                                         "postponement",
                                                         "preservation",
                                                         "secrecy",
                                                         "authorisation",
                                                         "notification",
                                                         "retention",
                                                         "destruction",
                                                         "emergency-review",
                                                         "duty-review",
                                                         "emergency-authorisation",
                                                         "execution"};
constexpr std::array<std::string_view, 5> k_nearness{"later", "three-weeks", "two-weeks", "week",
                                                     "overdue"};

class Reading {
 public:
  Reading(const CaseFile& file, const Practice& practice, Instant now)
      : file_(file), practice_(practice), now_(now) {}

  std::vector<Due> all() {
    request();
    questions();
    waiting();
    dates();
    use();
    reviews();
    authorised_afterwards();
    execution();
    std::ranges::sort(dues_, {}, [](const Due& one) { return std::pair(one.at, one.clock); });
    return std::move(dues_);
  }

 private:
  const exchange::Situation& situation() const { return file_.situation; }

  void add(Clock clock, Instant at, Side from, const Digest& act, bool held = false) {
    dues_.push_back({clock, at, nearness_of(at, now_), from, act, held});
  }
  const StandingAct* act(const Digest& id) const {
    const auto found = std::ranges::find_if(
        file_.acts, [&](const StandingAct& one) { return one.record.id == id; });
    return found == file_.acts.end() ? nullptr : &*found;
  }
  const StandingAct* latest_of(NoticeKind kind) const { return latest_notice(file_.acts, kind); }
  static const exchange::NoticeBody& notice(const StandingAct& act) {
    return std::get<exchange::NoticeBody>(act.body);
  }

  /// From asked to decided.
  void request() {
    if (!exchange::is_undecided(situation().phase)) return;
    const auto* asked = latest<exchange::RequestBody>(file_.acts, [](const auto&) { return true; });
    if (asked == nullptr) return;
    if (situation().phase == Phase::returned) {
      if (const auto* back = act(situation().returned))
        add(Clock::completion, back->record.logged_at.plus_s(practice_.complete_s), Side::requester,
            back->record.id);
      return;
    }
    const bool has_answer = std::ranges::any_of(
        file_.acts, [](const StandingAct& one) { return one.record.side == Side::requested; });
    if (!has_answer)
      add(Clock::acknowledgement, asked->record.logged_at.plus_s(practice_.acknowledge_s),
          Side::requested, asked->record.id);
    if (situation().phase == Phase::postponed) return;  // its own date counts
    // Counted from the last time it was the requested State's turn, or as that State told.
    auto since = asked;
    for (const auto& one : file_.acts)
      if (const auto* more = std::get_if<exchange::SupplementBody>(&one.body))
        if (one.record.side == Side::requester && more->answers)
          if (const auto* back = act(*more->answers); back && is_return(*back)) since = &one;
    auto at = since->record.logged_at.plus_s(decide_s());
    for (const auto kind : {NoticeKind::acknowledgement, NoticeKind::delay})
      if (const auto* told = latest_of(kind))
        if (notice(*told).until && told->record.logged_at >= since->record.logged_at) {
          at = *notice(*told).until;
          since = told;
        }
    add(Clock::decision, at, Side::requested, since->record.id);
  }
  /// Hours for what must be secured or is urgent, days for the rest.
  std::int64_t decide_s() const {
    if (file_.is_emergency) return practice_.emergency_s;
    return file_.asks_to_preserve ? practice_.preserve_s : practice_.decide_s;
  }
  static bool is_return(const StandingAct& act) {
    return std::holds_alternative<exchange::ReturnBody>(act.body);
  }

  void questions() {
    for (const auto& query : situation().open_queries)
      if (const auto* asked = act(query.act))
        add(Clock::answer, asked->record.logged_at.plus_s(practice_.answer_s),
            exchange::other(query.by), asked->record.id);
    for (const auto& proposal : situation().proposals)
      if (proposal.state == exchange::ProposalState::pending)
        if (const auto* asked = act(proposal.act))
          add(Clock::reply, asked->record.logged_at.plus_s(practice_.answer_s),
              exchange::other(proposal.by), asked->record.id);
    if (situation().conditions_pending)
      if (const auto* accepted = act(situation().acceptance))
        add(Clock::reply, accepted->record.logged_at.plus_s(practice_.answer_s), Side::requester,
            accepted->record.id);
  }

  void waiting() {
    if (situation().phase != Phase::postponed && !situation().suspended) return;
    const auto* put_off =
        latest<exchange::PostponementBody>(file_.acts, [](const auto&) { return true; });
    if (put_off != nullptr)
      add(Clock::postponement, std::get<exchange::PostponementBody>(put_off->body).until,
          Side::requested, put_off->record.id);
  }

  void dates() {
    preservation();
    secrecy();
    if (exchange::is_in_work(situation().phase))
      for (const auto& id : situation().authorisations)
        if (const auto* allowed = act(id))
          add(Clock::authorisation, std::get<exchange::AuthorisationBody>(allowed->body).valid_to,
              Side::requested, id);
    const auto* deferred = latest_of(NoticeKind::notification_deferred);
    const auto* told = latest_of(NoticeKind::person_notified);
    if (deferred != nullptr && (told == nullptr || deferred > told))
      add(Clock::notification, *notice(*deferred).until, Side::requested, deferred->record.id);
  }
  /// The latest of what the acceptance, renewals since and extensions (42(9)) say.
  void preservation() {
    if (!situation().preserves) return;
    const auto until = preserved_until(file_.acts);
    if (!until) return;
    const auto& extended = file_.extended;
    const bool is_extended = extended && extended->until > *until;
    add(Clock::preservation, is_extended ? extended->until : *until, Side::requested,
        is_extended ? extended->act : set_preservation(), file_.held);
  }
  Digest set_preservation() const {
    if (const auto* renewed = latest_of(NoticeKind::preservation_renewed))
      return renewed->record.id;
    return situation().acceptance;
  }
  void secrecy() {
    const auto* renewed = latest_of(NoticeKind::secrecy_renewed);
    const auto* ending = latest_of(NoticeKind::secrecy_ending);
    const bool is_open = situation().phase != Phase::closed || renewed != nullptr;
    if (!is_open || (ending != nullptr && (renewed == nullptr || ending > renewed))) return;
    if (renewed != nullptr)
      add(Clock::secrecy, *notice(*renewed).until, Side::requester, renewed->record.id);
    else if (file_.secret_until && !file_.acts.empty())
      add(Clock::secrecy, *file_.secret_until, Side::requester, file_.acts.front().record.id);
  }

  /// What became of what was delivered. Of the other State's items we know by its statements.
  void use() {
    const bool ours_to_know = file_.our_side == Side::requester;
    const bool is_held = ours_to_know ? !file_.items_held.empty() : situation().holds_items();
    const bool all_deleted = std::ranges::all_of(situation().deliveries, [](const auto& one) {
      return one.state == exchange::DeliveryState::deleted ||
             one.state == exchange::DeliveryState::void_;
    });
    if (file_.retention && is_held && !all_deleted)
      add(Clock::retention, *file_.retention, Side::requester, situation().acceptance);
    for (const auto& one : file_.acts) {
      const auto* fell = std::get_if<exchange::AnnulmentBody>(&one.body);
      if (fell == nullptr) continue;
      const bool is_left = std::ranges::any_of(situation().deliveries, [&](const auto& standing) {
        return standing.state == exchange::DeliveryState::annulled &&
               std::ranges::find(fell->items, standing.item) != fell->items.end();
      });
      if (is_left)
        add(Clock::destruction, one.record.logged_at.plus_s(practice_.destroy_s), Side::requester,
            one.record.id);
    }
  }

  /// What one officer gave away is authorised within the same hours, or annulled and destroyed.
  void authorised_afterwards() {
    if (!file_.needs_authorisation || file_.our_side != Side::requested) return;
    for (auto one = file_.acts.begin(); one != file_.acts.end(); ++one) {
      const auto* given = std::get_if<exchange::DeliveryBody>(&one->body);
      if (given == nullptr || !given->emergency || given->authorisation) continue;
      const auto* standing = situation().delivery(one->record.id);
      const bool is_given = standing != nullptr && (standing->state == DeliveryState::under_way ||
                                                    standing->state == DeliveryState::arrived);
      const bool is_allowed = std::ranges::any_of(situation().authorisations, [&](const auto& id) {
        const auto* allowed = act(id);
        return allowed != nullptr && allowed > &*one;
      });
      if (is_given && !is_allowed)
        add(Clock::emergency_authorisation,
            one->record.logged_at.plus_s(practice_.emergency_review_s), Side::requested,
            one->record.id);
    }
  }

  void execution() {
    const bool waits = situation().phase == Phase::accepted && !situation().conditions_pending;
    if (waits && file_.execute_by)
      add(Clock::execution, *file_.execute_by, Side::requested, situation().acceptance);
  }

  void reviews() {
    for (const auto& id : file_.to_review) {
      const auto* alone = act(id);
      if (alone == nullptr) continue;
      const bool in_emergency = std::holds_alternative<exchange::DeliveryBody>(alone->body);
      const auto since = alone->record.logged_at;
      add(in_emergency ? Clock::emergency_review : Clock::duty_review,
          in_emergency ? since.plus_s(practice_.emergency_review_s)
                       : end_of_next_working_day(since, practice_.rest_days),
          file_.our_side, id);
    }
  }

  const CaseFile& file_;
  const Practice& practice_;
  Instant now_;
  std::vector<Due> dues_;
};

}  // namespace

std::string_view name_of(Clock clock) {
  return k_names[static_cast<std::size_t>(clock)];
}

std::string_view name_of(Nearness nearness) {
  return k_nearness[static_cast<std::size_t>(nearness)];
}

Nearness nearness_of(Instant at, Instant now) {
  if (at <= now) return Nearness::overdue;
  if (at <= now.plus_s(7 * k_day_s)) return Nearness::week;
  if (at <= now.plus_s(14 * k_day_s)) return Nearness::two_weeks;
  if (at <= now.plus_s(21 * k_day_s)) return Nearness::three_weeks;
  return Nearness::later;
}

Instant end_of_next_working_day(Instant at, const std::vector<int>& rest_days) {
  constexpr std::int64_t k_day_ms = k_day_s * 1000;
  auto day = at.ms / k_day_ms;
  // A week without a working day is no calendar: the next day then.
  for (int tried = 0; tried < 7; ++tried) {
    ++day;
    const int weekday = static_cast<int>((day + 4) % 7);  // 1970-01-01 was a Thursday
    if (std::ranges::find(rest_days, weekday) == rest_days.end()) break;
  }
  return Instant{(day + 1) * k_day_ms};
}

std::vector<Due> dues_of(const CaseFile& file, const Practice& practice, Instant now) {
  return Reading(file, practice, now).all();
}

}  // namespace comity::node
