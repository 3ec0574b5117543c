// The officers' moves between a request and its decision, and after delivery.
#include <algorithm>

#include "exchange/body.hpp"
#include "exchange/life.hpp"
#include "sim/officers.hpp"
#include "treaty/sample_test.hpp"

namespace comity::sim {
namespace {

using exchange::Situation;

constexpr std::string_view k_words = "For the reasons on file (exercise)";

Result<Situation> situation_of(const node::ExchangeRecord& exchange) {
  TRY_LET(const auto life, exchange::Life::from_text(exchange.life));
  return life.now();
}

}  // namespace

Json Officers::some_items(const Situation& situation) {
  auto items = Json::array();
  for (const auto& delivery : situation.deliveries)
    if (chance_.happens(600) && items.size() < exchange::k_act_items_max)
      items.push_back(delivery.item.hex());
  return items;
}

Result<Json> Officers::put_off(Member& at, const node::ExchangeRecord& exchange) {
  auto input = about(exchange, "postponement")
                   .set("ground", chance_.happens(500) ? "ongoing-case" : "remedy")
                   .set("until", to_text(stage_.now.plus_s(30 * k_day_s)))
                   .set("reasons", k_words);
  if (chance_.happens(600)) input.set("consultation_impossible", "The court ordered it (exercise)");
  return decide(at, as_caller(anyone(at)), input);
}

Result<Json> Officers::authorise(Member& at, const node::ExchangeRecord& exchange) {
  auto categories = Json::array();
  categories.push_back("subscriber");
  auto input = about(exchange, "authorisation")
                   .set("authority_type", "court")
                   .set("authority", "Example Court (exercise)")
                   .set("reference", "12/2026")
                   .set("issued_at", to_text(stage_.now))
                   .set("valid_from", to_text(stage_.now.plus_s(-k_day_s)))
                   .set("valid_to", to_text(stage_.now.plus_s(30 * k_day_s)))
                   .set("data_categories", std::move(categories));
  for (const auto* reasoned : {"legal_basis", "grounds", "necessity", "proportionality", "scope",
                               "third_parties", "remedy"})
    if (!errs()) input.set(reasoned, k_words);
  return decide(at, as_caller(anyone(at)), input);
}

Result<Json> Officers::propose(Member& at, const node::ExchangeRecord& exchange) {
  TRY_LET(const auto situation, situation_of(exchange));
  const bool asks = exchange.our_side == node::Side::requester;
  const auto kind =
      errs() ? chance_.below(exchange::k_proposal_kinds) : chance_.below(3) + (asks ? 3 : 0);
  const auto proposed = static_cast<exchange::ProposalKind>(kind);
  auto input = about(exchange, "proposal").set("kind", name_of(proposed)).set("text", k_words);
  const auto& row = exchange::row_of(proposed);
  if (row.proceeding == exchange::Need::must) input.set("proceeding", "Case 9/2026 (exercise)");
  if (row.state == exchange::Need::must) input.set("state", "LAO");
  if (row.until == exchange::Need::must)
    input.set("until", to_text(stage_.now.plus_s(800 * k_day_s)));
  if (row.items != exchange::Need::never) input.set("items", some_items(situation));
  return decide(at, as_caller(anyone(at)), input);
}

Result<Json> Officers::reply(Member& at, const node::ExchangeRecord& exchange) {
  auto input = about(exchange, "reply").set("text", k_words).set("agrees", chance_.happens(750));
  return decide(at, as_caller(anyone(at)), input);
}

Result<Json> Officers::tell(Member& at, const node::ExchangeRecord& exchange) {
  TRY_LET(const auto situation, situation_of(exchange));
  auto kind = static_cast<exchange::NoticeKind>(chance_.below(exchange::k_notice_kinds));
  // What does not fit its author would be refused; some officers try it nevertheless.
  while (!errs() && exchange::row_of(kind).by.value_or(exchange.our_side) != exchange.our_side)
    kind = static_cast<exchange::NoticeKind>(chance_.below(exchange::k_notice_kinds));
  const auto& row = exchange::row_of(kind);
  auto input = about(exchange, "notice").set("kind", name_of(kind)).set("text", k_words);
  if (row.until == exchange::Need::must)
    input.set("until", to_text(stage_.now.plus_s((100 + chance_.below(300)) * k_day_s)));
  if (row.authority == exchange::Need::must) input.set("authority", "central-authority");
  if (row.items != exchange::Need::never) input.set("items", some_items(situation));
  return decide(at, as_caller(anyone(at)), input);
}

Result<Json> Officers::annul(Member& at, const node::ExchangeRecord& exchange) {
  TRY_LET(const auto situation, situation_of(exchange));
  auto input = about(exchange, "annulment").set("reasons", k_words);
  if (!situation.authorisations.empty() && chance_.happens(300))
    input.set("authorisation", situation.authorisations.back().hex());
  input.set("items", some_items(situation));
  return decide(at, as_caller(anyone(at)), input);
}

bool Officers::has_answer(const node::ExchangeRecord& exchange) {
  const auto* instrument = treaty::sample::treaties().instrument(exchange.instrument);
  const auto* measure = instrument ? instrument->measure(exchange.measure) : nullptr;
  return measure != nullptr && !measure->answer.empty();
}

/// In the measure's own form of an answer; some give what is not theirs to give, or too early.
Result<Json> Officers::answer(Member& at, const node::ExchangeRecord& exchange) {
  if (!has_answer(exchange)) return fault(FaultCode::act_measure);
  auto given = treaty::Measure{};
  given.fields =
      treaty::sample::treaties().instrument(exchange.instrument)->measure(exchange.measure)->answer;
  return decide(at, as_caller(anyone(at)),
                about(exchange, "supplement").set("answer", form(given)));
}

/// A second officer looks at what one let go alone; some look at what nobody did.
Result<Json> Officers::review(Member& at, const node::ExchangeRecord& exchange) {
  TRY_LET(const auto acts, at.rows().acts(exchange.id));
  std::vector<Digest> alone;
  for (const auto& act : acts)
    if (act.side == exchange.our_side && (act.type == node::ActType::delivery || errs()))
      alone.push_back(act.id);
  if (alone.empty()) return fault(FaultCode::not_found);
  const auto input = Json::object({{"type", "statement"},
                                   {"kind", "act.review"},
                                   {"act", chance_.one_of(alone).hex()},
                                   {"agrees", chance_.happens(800)},
                                   {"reason", k_words}});
  const auto who = as_caller(anyone(at));
  TRY_LET(const Json made, ask(at, [=](node::Desk& desk) { return desk.make_draft(who, input); }));
  // Mostly not by the approver who is asked first for everything else.
  const auto& first = *at.officers()[errs() ? 1 : 0];
  return finish(at, {made.at("draft").text(), *from_base64(made.at("content").text()),
                     made.at("duties"), first.certificate.fingerprint().hex()});
}

/// Dates and numbers are asked for at any time, and change nothing but the log.
Result<Json> Officers::look_up(Member& at) {
  const auto who = as_caller(*at.officers()[0]);
  const bool is_published = chance_.happens(500);
  TRY(ask(at, [=](node::Desk& desk) { return desk.due(who); }));
  return ask(at, [=](node::Desk& desk) {
    return desk.statistics(who, is_published, Instant{0}, Instant{1'000'000'000'000'000});
  });
}

Result<Json> Officers::of_the_whole_life(Member& at, const node::ExchangeRecord& exchange,
                                         const std::string& choice) {
  const auto who = as_caller(anyone(at));
  if (choice == "return") {
    auto missing = Json::array();
    missing.push_back("offences");
    return decide(
        at, who, about(exchange, "return").set("missing", std::move(missing)).set("text", k_words));
  }
  if (choice == "postponement") return put_off(at, exchange);
  if (choice == "resumption") return decide(at, who, about(exchange, "resumption"));
  if (choice == "authorisation") return authorise(at, exchange);
  if (choice == "proposal") return propose(at, exchange);
  if (choice == "reply") return reply(at, exchange);
  if (choice == "notice") return tell(at, exchange);
  if (choice == "annulment") return annul(at, exchange);
  if (choice == "answer") return answer(at, exchange);
  if (choice == "review") return review(at, exchange);
  return look_up(at);
}

}  // namespace comity::sim
