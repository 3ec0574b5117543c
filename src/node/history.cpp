#include "node/history.hpp"

namespace comity::node {

Result<std::vector<StandingAct>> history_of(Turn& turn, const ExchangeId& exchange) {
  TRY_LET(const auto records, turn.store().acts(exchange));
  std::vector<StandingAct> acts;
  for (const auto& record : records) {
    if (record.standing == Standing::rejected) continue;
    TRY_LET(const auto opened, turn.office.ports.opener.open(record.p7m));
    TRY_LET(auto act, exchange::read_act(opened.content));
    TRY_LET(auto body, exchange::read_body(act.substance));
    acts.push_back({record, std::move(act), std::move(body)});
  }
  return acts;
}

const StandingAct* latest_notice(const std::vector<StandingAct>& acts, exchange::NoticeKind kind) {
  return latest<exchange::NoticeBody>(acts, [&](const auto& body) { return body.kind == kind; });
}

std::optional<Instant> preserved_until(const std::vector<StandingAct>& acts) {
  std::optional<Instant> until;
  for (const auto& act : acts) {
    if (const auto* acceptance = std::get_if<exchange::AcceptanceBody>(&act.body))
      if (acceptance->preserve_until) until = acceptance->preserve_until;
    if (const auto* notice = std::get_if<exchange::NoticeBody>(&act.body))
      if (notice->kind == exchange::NoticeKind::preservation_renewed) until = notice->until;
  }
  return until;
}

}  // namespace comity::node
