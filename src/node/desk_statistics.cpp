// Statistics at the desk: counted from what was signed, for officers and the auditor; never with a
// name or a text. That they were made is logged.
#include "node/statistics.hpp"

#include "node/footing.hpp"

namespace comity::node {
namespace {

constexpr std::size_t k_no_limit = 1'000'000;

Result<std::vector<Counted>> counted(Turn& turn, Instant from, Instant to) {
  TRY_LET(const auto records, turn.store().exchanges({.limit = k_no_limit}));
  std::vector<Counted> all;
  for (const auto& record : records) {
    if (record.opened_at < from || to <= record.opened_at) continue;
    Counted one{.incoming = record.our_side == Side::requested,
                .partner = record.partner,
                .measure = record.measure};
    if (const auto* measure = measure_of(turn.charter(), record.instrument, record.measure))
      one.article = measure->clause;
    TRY_LET(one.acts, history_of(turn, record.id));
    if (!one.acts.empty()) all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

Result<Json> Desk::statistics(const Officer& who, bool is_published, Instant from, Instant to) {
  TRY(require_role(who, {"approver", "auditor"}));
  TRY_LET(const auto exchanges, counted(turn_, from, to));
  auto statistics = statistics_of(exchanges);
  if (is_published) statistics = published(std::move(statistics));
  TRY(note(turn_, k_internal_log, custody::EntryKind::statistics_read,
           Json::object({{"officer", who.fingerprint.hex()}, {"published", is_published}})));
  auto json = to_json(statistics);
  json.set("exercise", turn_.charter().exercise);
  json.set("from", to_text(from));
  json.set("published", is_published);
  json.set("to", to_text(to));
  return json;
}

}  // namespace comity::node
