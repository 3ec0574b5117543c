#include "sim/officers.hpp"

#include <algorithm>

#include "crypto/cms.hpp"
#include "evidence/live.hpp"
#include "exchange/life.hpp"
#include "formats/age_keys.hpp"
#include "treaty/sample_test.hpp"

namespace comity::sim {
namespace {

constexpr std::size_t k_first_approver = 0, k_executor = 3;

/// Carried out in officers_life.cpp.
bool is_of_the_whole_life(std::string_view choice) {
  constexpr std::array<std::string_view, 11> k_choices{
      "return", "postponement", "resumption", "authorisation", "proposal", "reply",
      "notice", "annulment",    "look up",    "answer",        "review"};
  return std::ranges::find(k_choices, choice) != k_choices.end();
}

Json statement(std::string_view kind) {
  return Json::object({{"type", "statement"}, {"kind", kind}});
}

}  // namespace

Result<Json> Officers::ask(Member& at, const Question& question) {
  if (!at.is_alive()) return fault(FaultCode::node_down);
  const auto answer = std::make_shared<std::optional<Result<Json>>>();
  at.push([=](node::Desk& desk) -> node::Afterwards {
    auto found = question(desk);
    return [answer, found = std::move(found)] { *answer = found; };
  });
  stage_.turn(at);
  if (!*answer) return fault(FaultCode::node_down);
  if (!**answer) stage_.count_fault(row_of((*answer)->error().code).name);
  if (!**answer && is_own_failure((*answer)->error().code))
    stage_.report_fault(at, "answers an officer", (*answer)->error());
  return **answer;
}

const KeyPair* Officers::signer_for(Member& at, const Unfinished& draft, const Json& duty,
                                    const std::vector<const KeyPair*>& taken) {
  if (errs()) return &anyone(at);  // perhaps without the role, perhaps the second time
  std::vector<const KeyPair*> fit;
  for (const auto* officer : at.officers()) {
    if (std::ranges::find(taken, officer) != taken.end()) continue;
    if (officer->certificate.fingerprint().hex() == draft.not_by) continue;
    if (std::ranges::any_of(duty.at("roles").items(),
                            [&](const Json& role) { return has_role(*officer, role.text()); }))
      fit.push_back(officer);
  }
  // Who holds fewer roles goes first, so that the others are left for the next duty.
  const auto least = std::ranges::min_element(
      fit, {}, [](const auto* one) { return one->certificate.subject().roles.size(); });
  return least == fit.end() ? nullptr : *least;
}

Result<Json> Officers::finish(Member& at, const Unfinished& draft) {
  const auto id = *DraftId::from_hex(draft.draft);
  std::vector<const KeyPair*> taken;
  for (const auto& duty : draft.duties.items()) {
    const auto* officer = signer_for(at, draft, duty, taken);
    if (!officer) continue;
    taken.push_back(officer);
    const auto signature = stage_.signatures.sign(draft.content, *officer, at.clock(stage_.now),
                                                  crypto::CmsForm::detached);
    const auto input =
        Json::object({{"duty", duty.at("name").text()}, {"signature", base64(signature)}});
    const auto signed_now =
        ask(at, [=](node::Desk& desk) { return desk.sign(as_caller(*officer), id, input); });
    if (!signed_now && signed_now.error().code == FaultCode::node_down) return signed_now;
  }
  const auto who = as_caller(*at.officers()[k_first_approver]);
  return ask(at, [=, this, &at](node::Desk& desk) {
    auto sent = desk.send(who, id);
    if (sent && after_send) after_send(at, desk);
    return sent;
  });
}

Result<Json> Officers::decide(Member& at, const node::Officer& who, const Json& input) {
  auto made = ask(at, [=](node::Desk& desk) { return desk.make_draft(who, input); });
  if (!made) return made;
  const Unfinished draft{made->at("draft").text(), *from_base64(made->at("content").text()),
                         made->at("duties"), made->find("not_by") ? made->at("not_by").text() : ""};
  if (happens(stage_.options.late_moves)) {
    unfinished_[at.state()].push_back(draft);  // left lying: comes back when the world moved on
    return fault(FaultCode::officer_two, "left for later");
  }
  auto sent = finish(at, draft);
  // After a death nobody knows whether it was sent; and some ask twice anyway.
  if ((!sent && sent.error().code == FaultCode::node_down) || happens(50))
    unfinished_[at.state()].push_back(draft);
  return sent;
}

void Officers::settle_in() {
  for (auto& member : stage_.members) {
    CHECK(member->start(stage_.now));
    const auto& officers = member->officers();
    for (std::size_t i = 0; i < officers.size(); ++i) {
      auto input = statement("officer.add");
      input.set("certificate", officers[i]->certificate.pem());
      const auto added = decide(*member, i < 2 ? node::Officer{} : as_caller(*officers[0]), input);
      if (!added) stage_.report("setting", "officer.add: " + told(added.error()));
    }
  }
  const auto days = stage_.options.entry_days > 0 ? stage_.options.entry_days : 700;
  const auto yesterday = stage_.now.plus_s(-k_day_s);
  const EntryPlan first{.issued_at = yesterday,
                        .valid_from = yesterday,
                        .valid_to = stage_.now.plus_s(days * k_day_s)};
  for (auto& member : stage_.members) {
    entries_[member->state()] = first;
    if (stage_.options.rotations > 0 && !put_in_force(*member, first))
      stage_.report("setting", "entry.renew of " + member->state().text());
  }
  for (auto& member : stage_.members)
    for (const auto& partner : stage_.partners_of(*member)) {
      auto& other = stage_.member(partner);
      auto input = statement("entry.accept");
      input.set("p7m", base64(other.entry_p7m(first)));
      input.set("fingerprint", other.identity().root().certificate.fingerprint().hex());
      input.set("how", "Read out on the telephone (exercise)");
      const auto who = as_caller(*member->officers()[0]);
      const auto accepted = decide(*member, who, input);
      if (!accepted) stage_.report("setting", "entry.accept: " + told(accepted.error()));
      auto callback = statement("callback.record");
      callback.set("state", partner.text());
      callback.set("words", "The duty officer confirmed the fingerprint (exercise)");
      const auto recorded = decide(*member, who, callback);
      if (!recorded) stage_.report("setting", "callback: " + told(recorded.error()));
    }
}

bool Officers::renew(Member& at) {
  return issue(at, entries_[at.state()]);
}

void Officers::rotate(Member& at) {
  auto plan = entries_[at.state()];
  if (plan.also_before && at.authority != plan.authority) {
    if (!is_accepted_everywhere(at) && !chance_.happens(200)) return;
    at.authority = plan.authority;
    stage_.count("authority keys replaced");
    return;
  }
  if (!plan.also_before) ++plan.authority;
  plan.also_before = !plan.also_before;
  issue(at, plan);
}

bool Officers::issue(Member& at, EntryPlan plan) {
  plan.serial += 1;
  // Whole seconds, and not before the clock of a partner that is behind.
  plan.issued_at = Instant{(stage_.now.ms / 1000 - 600) * 1000};
  plan.valid_to = stage_.now.plus_s(700 * k_day_s);
  if (stage_.options.rotations > 0) {
    // One that was broken off is finished first: nobody knows whether it is in force.
    plan = begun_.try_emplace(at.state(), plan).first->second;
    if (!put_in_force(at, plan)) return false;
    begun_.erase(at.state());
  }
  entries_[at.state()] = plan;
  for (const auto& partner : stage_.partners_of(at)) not_accepted_[partner].insert(at.state());
  stage_.count("entries renewed");
  return true;
}

bool Officers::put_in_force(Member& at, const EntryPlan& plan) {
  auto input = statement("entry.renew");
  input.set("p7m", base64(at.entry_p7m(plan)));
  const auto renewed = decide(at, as_caller(*at.officers()[0]), input);
  return renewed || renewed.error().code == FaultCode::directory_serial;
}

bool Officers::is_accepted_everywhere(const Member& at) const {
  return std::ranges::none_of(not_accepted_,
                              [&](const auto& one) { return one.second.contains(at.state()); });
}

bool Officers::accept_next(Member& at) {
  auto& left = not_accepted_[at.state()];
  if (left.empty() || !at.is_alive()) return left.empty();
  const auto state = *left.begin();
  auto input = statement("entry.accept");
  input.set("p7m", base64(stage_.member(state).entry_p7m(entries_[state])));
  input.set("how", "It follows the one in force (exercise)");
  const auto accepted = decide(at, as_caller(*at.officers()[0]), input);
  stage_.count(accepted ? "renewals accepted" : "renewals not accepted");
  if (accepted && entries_[state].also_before) {  // a key is new: they call back
    auto callback = statement("callback.record");
    callback.set("state", state.text());
    callback.set("words", "The new key is theirs (exercise)");
    static_cast<void>(decide(at, as_caller(*at.officers()[0]), callback));
  }
  if (accepted || accepted.error().code == FaultCode::directory_serial) left.erase(state);
  return left.empty();
}

bool Officers::catch_up() {
  bool is_done = true;
  for (auto& member : stage_.members) {
    if (stage_.is_retired(*member)) continue;
    while (member->is_alive() && !not_accepted_[member->state()].empty()) {
      const auto before = not_accepted_[member->state()].size();
      is_done &= accept_next(*member);
      if (not_accepted_[member->state()].size() == before) break;
    }
    is_done &= not_accepted_[member->state()].empty();
  }
  return is_done;
}

void Officers::move(std::int64_t number) {
  chance_ = Chance(stage_.options.seed, "move " + std::to_string(number));
  auto& at = *stage_.members[chance_.below(stage_.members.size())];
  if (!at.is_alive()) return;
  if (!not_accepted_[at.state()].empty() && chance_.happens(200)) {
    accept_next(at);
    return;
  }
  auto& unfinished = unfinished_[at.state()];
  if (!unfinished.empty() && chance_.happens(300)) {
    const auto draft = unfinished.front();
    unfinished.erase(unfinished.begin());
    const auto sent = finish(at, draft);
    stage_.count(sent ? "came back and sent" : "came back in vain");
    return;
  }
  const auto exchanges = at.rows().exchanges({});
  if (!exchanges) return stage_.report_fault(at, "lists exchanges", exchanges.error());
  std::vector<node::ExchangeRecord> open;
  for (const auto& one : *exchanges)
    if (one.phase != "closed" || chance_.happens(50)) open.push_back(one);
  if (open.empty() || chance_.happens(150)) return ask_for_help(at);
  work_on(at, chance_.one_of(open));
}

Json Officers::form(const treaty::Measure& of) {
  auto fields =
      chance_.happens(500) ? treaty::sample::full_form(of) : treaty::sample::least_form(of);
  if (errs() && fields.size() > 0) {  // something is missing or is not what it should be
    auto field = fields.members().begin();
    std::advance(field, chance_.below(fields.size()));
    if (chance_.happens(500))
      fields.members().erase(field);
    else
      field->second = Json(12);
  }
  return fields;
}

void Officers::ask_for_help(Member& at) {
  const auto to = errs() ? stage_.members[chance_.below(stage_.members.size())]->state()
                         : chance_.one_of(stage_.partners_of(at));
  // Mostly the Convention; else another treaty, or none, whether it binds the two or not.
  const auto& known = treaty::sample::treaties().instruments;
  const auto& instrument =
      chance_.happens(800) ? treaty::sample::convention() : known[chance_.below(known.size())];
  const auto& measure = instrument.measures[chance_.below(instrument.measures.size())];
  auto input = Json::object({{"type", "request"},
                             {"to", to.text()},
                             {"instrument", instrument.code},
                             {"measure", measure.code},
                             {"fields", form(measure)}});
  if (chance_.happens(&instrument == &treaty::sample::convention() ? 20 : 300))
    input.set("without_treaty", chance_.happens(800) ? "reciprocity" : "domestic-law");
  const auto sent = decide(at, as_caller(*at.officers()[k_first_approver]), input);
  stage_.count(sent ? "request sent" : "request refused here");
  if (sent) stage_.count("asked for " + measure.code);
}

Json Officers::about(const node::ExchangeRecord& exchange, std::string_view type) {
  return Json::object({{"type", type}, {"exchange", exchange.id.hex()}});
}

void Officers::work_on(Member& at, const node::ExchangeRecord& exchange) {
  std::vector<std::string> choices;
  const bool asks = exchange.our_side == node::Side::requester;
  const auto& phase = exchange.phase;
  if (errs())
    choices = {"query",  "supplement",   "consultation", "acceptance",    "refusal",
               "seal",   "delivery",     "withdrawal",   "closure",       "destroy",
               "return", "postponement", "resumption",   "authorisation", "proposal",
               "reply",  "notice",       "annulment",    "look up",       "answer",
               "review"};
  else if (phase == "open")
    choices =
        asks ? std::vector<std::string>{"query", "supplement", "none",    "none",
                                        "reply", "notice",     "look up", "withdrawal"}
             : std::vector<std::string>{"acceptance",   "acceptance",   "acceptance", "acceptance",
                                        "query",        "consultation", "refusal",    "return",
                                        "postponement", "proposal",     "notice"};
  else if (phase == "returned")
    choices = asks
                  ? std::vector<std::string>{"supplement", "supplement", "supplement", "withdrawal"}
                  : std::vector<std::string>{"query", "refusal", "notice"};
  else if (phase == "postponed")
    choices = asks ? std::vector<std::string>{"query", "none", "withdrawal"}
                   : std::vector<std::string>{"resumption",   "resumption", "acceptance",
                                              "postponement", "refusal",    "notice"};
  else if (phase == "accepted")
    choices =
        asks ? std::vector<std::string>{"reply", "reply",   "reply",      "supplement", "query",
                                        "none",  "closure", "withdrawal", "answer"}
             : std::vector<std::string>{"delivery",     "delivery",   "delivery",      "delivery",
                                        "seal",         "supplement", "authorisation", "notice",
                                        "postponement", "resumption", "resumption",    "proposal",
                                        "refusal",      "closure",    "answer",        "answer",
                                        "review"};
  else if (phase == "delivered")
    choices =
        asks ? std::vector<std::string>{"query",    "closure", "closure",    "supplement",
                                        "proposal", "notice",  "withdrawal", "reply"}
             : std::vector<std::string>{"seal",       "delivery",   "delivery",  "closure",
                                        "destroy",    "supplement", "annulment", "postponement",
                                        "resumption", "resumption", "reply",     "notice",
                                        "end",        "review",     "review",    "authorisation"};
  else
    choices = {"closure",  "closure", "destroy",   "destroy", "notice",
               "proposal", "reply",   "annulment", "review"};
  // What a measure lives by comes more often under it.
  if (phase == "accepted" && has_answer(exchange)) choices.insert(choices.end(), 6, "answer");
  if (phase == "delivered" && exchange.measure == "emergency-data")
    choices.insert(choices.end(), 8, "review");
  const auto& choice = chance_.one_of(choices);
  if (choice == "none") return;
  const auto who = as_caller(anyone(at));
  Result<Json> done;
  if (choice == "acceptance") done = accept(at, exchange);
  if (choice == "refusal") done = refuse(at, exchange);
  if (choice == "supplement") done = supplement(at, exchange);
  if (choice == "seal") done = seal(at, exchange);
  if (choice == "delivery") done = deliver(at, exchange);
  if (choice == "end") end_live(at);
  if (choice == "destroy") done = destroy(at, exchange);
  if (choice == "query")
    done = decide(at, who,
                  about(exchange, "query")
                      .set("kind", chance_.happens(500) ? "status" : "information")
                      .set("text", "How far is this? (exercise)"));
  if (choice == "consultation")
    done = decide(at, who,
                  about(exchange, "consultation")
                      .set("about", "R21B")
                      .set("text", "Could it be done otherwise? (exercise)"));
  if (choice == "withdrawal" || choice == "closure")
    done = decide(at, who, about(exchange, choice));
  if (is_of_the_whole_life(choice)) done = of_the_whole_life(at, exchange, choice);
  stage_.count(choice + (done ? " done" : " refused here"));
}

Result<Json> Officers::accept(Member& at, const node::ExchangeRecord& exchange) {
  const auto who = as_caller(*at.officers()[k_first_approver]);
  TRY_LET(const Json assessment,
          ask(at, [=](node::Desk& desk) { return desk.assessment(who, exchange.id); }));
  auto answers = Json::array();
  for (const auto& question : assessment.at("questions").items()) {
    if (errs()) continue;
    answers.push_back(
        Json::object({{"code", question.at("code").text()},
                      {"answer", question.at("accept_if").text() == "no" ? "no" : "yes"},
                      {"reasons", "As examined (exercise)"}}));
  }
  auto conditions = Json::array();
  if (chance_.happens(300))
    conditions.push_back(Json::object({{"code", "use"}, {"text", "For this case alone."}}));
  if (chance_.happens(100))
    conditions.push_back(
        Json::object({{"code", "retention"},
                      {"text", "Deleted by then."},
                      {"until", to_text(stage_.now.plus_s(chance_.below(400) * k_day_s))}}));
  return decide(at, who,
                about(exchange, "acceptance")
                    .set("conditions", std::move(conditions))
                    .set("answers", std::move(answers)));
}

Result<Json> Officers::refuse(Member& at, const node::ExchangeRecord& exchange) {
  const auto who = as_caller(*at.officers()[k_first_approver]);
  TRY_LET(const Json assessment,
          ask(at, [=](node::Desk& desk) { return desk.assessment(who, exchange.id); }));
  const auto& grounds = assessment.at("refusal_grounds").items();
  auto input = about(exchange, "refusal").set("reasons", "For the ground named (exercise)");
  auto chosen = Json::array();
  if (!grounds.empty()) chosen.push_back(chance_.one_of(grounds));
  input.set("grounds", std::move(chosen));
  if (chance_.happens(400)) input.set("consultation_impossible", "No time is left (exercise)");
  return decide(at, who, input);
}

Result<Json> Officers::supplement(Member& at, const node::ExchangeRecord& exchange) {
  TRY_LET(const auto life, exchange::Life::from_text(exchange.life));
  const auto situation = life.now();
  auto input = about(exchange, "supplement").set("text", "More on this (exercise)");
  if (!situation.returned.is_zero() && exchange.our_side == node::Side::requester)
    input.set("answers", situation.returned.hex());
  else if (!situation.open_queries.empty() && chance_.happens(700))
    input.set("answers", situation.open_queries.front().act.hex());
  return decide(at, as_caller(anyone(at)), input);
}

Result<Json> Officers::open_live(Member& at, const node::ExchangeRecord& exchange) {
  const auto who = as_caller(*at.officers()[errs() ? 0 : k_executor]);
  const auto from = treaty::sample::day("2026-03-01"), to = treaty::sample::day("2026-03-31");
  const auto input = Json::object({{"name", "flow.jsonl"},
                                   {"custodian", "Example Net (exercise)"},
                                   {"collector", "Officer four (exercise)"},
                                   {"tool", "probe 2.0 (exercise)"},
                                   {"authorisation", "Exercise order 8/2026"},
                                   {"records", errs() ? "mail" : "flow"},
                                   {"source", "Border router 2 (exercise)"},
                                   {"scope", "Flows of 192.0.2.7"},
                                   {"from", to_text(from)},
                                   {"until", to_text(errs() ? to.plus_s(1) : to)}});
  stage_.count("live items described");
  return ask(at, [=](node::Desk& desk) { return desk.begin_live(who, exchange.id, input); });
}

void Officers::end_live(Member& at) {
  if (!at.is_alive()) return;
  const auto items = at.rows().item_page({.state = node::ItemState::released});
  if (!items) return;
  const auto who = as_caller(*at.officers()[k_executor]);
  for (const auto& item : *items)
    if (evidence::is_opening(item.manifest))
      std::ignore = ask(at, [=](node::Desk& desk) { return desk.end_live(who, item.id); });
}

Result<Json> Officers::seal(Member& at, const node::ExchangeRecord& exchange) {
  if (exchange.measure == "realtime-traffic" && chance_.happens(700))
    return open_live(at, exchange);
  const auto who = as_caller(*at.officers()[errs() ? 0 : k_executor]);
  const auto input = Json::object({{"name", "mailbox.tar"},
                                   {"media", "file"},
                                   {"custodian", "Example Mail (exercise)"},
                                   {"collector", "Officer four (exercise)"},
                                   {"collected_at", to_text(stage_.now)},
                                   {"tool", "exporter 3.1 (exercise)"},
                                   {"authorisation", "Exercise order 7/2026"}});
  TRY_LET(const Json begun,
          ask(at, [=](node::Desk& desk) { return desk.begin_item(who, exchange.id, input); }));
  const auto item = *ItemId::from_hex(begun.at("item").text());
  node::SealOutcome outcome;
  TRY(ask(at, [&](node::Desk& desk) -> Result<Json> {
    TRY_LET(const auto order, desk.seal_order(who, item));
    for (const auto& one : order.recipients) {
      TRY_LET(const auto recipient, formats::AgeRecipient::from_text(one));
      outcome.recipients.push_back(recipient.id());
    }
    return Json();
  }));
  if (errs()) {
    return ask(at, [=](node::Desk& desk) -> Result<Json> {
      TRY(desk.item_failed(item, {FaultCode::evidence_changed, "the source changed"}));
      return Json();
    });
  }
  outcome.shape = {.prefix_size = 400,
                   .prefix_sha256 = {chance_.draw<32>()},
                   .plaintext_size = chance_.below(1'000'000),
                   .plaintext_sha256 = {chance_.draw<32>()},
                   .chunk_root = {chance_.draw<32>()}};
  return ask(at, [&](node::Desk& desk) { return desk.item_sealed(who, item, outcome); });
}

Result<Json> Officers::deliver(Member& at, const node::ExchangeRecord& exchange) {
  TRY_LET(const auto items, at.rows().items(exchange.id));
  std::vector<ItemId> sealed;
  for (const auto& item : items)
    if (item.state == node::ItemState::sealed || errs()) sealed.push_back(item.id);
  if (sealed.empty()) {
    TRY_LET(const Json item, seal(at, exchange));
    if (!item.find("id") || chance_.happens(200)) return item;
    sealed.push_back(*ItemId::from_hex(item.at("id").text()));
  }
  auto input = about(exchange, "delivery").set("item", chance_.one_of(sealed).hex());
  // One officer lets it go, where the measure is an emergency's; some try it elsewhere.
  const bool is_emergency = exchange.measure == "emergency-data" && chance_.happens(600);
  if (is_emergency || errs()) input.set("emergency", true);
  auto sent = decide(at, as_caller(*at.officers()[k_executor]), input);
  if (sent && input.find("emergency")) stage_.count("emergencies met by one officer");
  return sent;
}

Result<Json> Officers::destroy(Member& at, const node::ExchangeRecord& exchange) {
  TRY_LET(const auto items, at.rows().items(exchange.id));
  if (items.empty() || chance_.happens(300)) return fault(FaultCode::evidence_unknown);
  return decide(at, as_caller(*at.officers()[k_first_approver]),
                statement("item.destroy")
                    .set("item", chance_.one_of(items).id.hex())
                    .set("remains", "The log and the manifest (exercise)"));
}

}  // namespace comity::sim
