#include "sim/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "formats/tlog_proof.hpp"
#include "node/leftovers.hpp"
#include "node/office.hpp"

namespace comity::sim {
namespace {

const ActFacts* find_act(const auto& acts, std::string_view type, const std::string& id) {
  for (const auto& act : acts)
    if (act.facts->type == type && act.facts->id.hex() == id) return act.facts;
  return nullptr;
}

bool has_signer(const ActFacts& act, std::string_view role) {
  return std::ranges::any_of(act.officers, [&](const SignedBy& officer) {
    return officer.state == act.from &&
           std::ranges::find(officer.roles, role) != officer.roles.end();
  });
}

}  // namespace

std::vector<Checks::Standing> Checks::standing_acts(Member& at, const ExchangeId& exchange) {
  std::vector<Standing> acts;
  const auto rows = at.rows().acts(exchange);
  if (!rows) return acts;
  for (const auto& row : *rows) {
    if (row.standing == node::Standing::receipted) receipted_.insert({at.state(), row.id});
    if (row.standing == node::Standing::rejected && receipted_.contains({at.state(), row.id}))
      stage_.report("denied", at.state().text() + " let an act be denied that was receipted");
    if (row.standing == node::Standing::rejected) continue;
    const auto* facts = facts_.read(row.p7m);
    if (!facts) {
      stage_.report("identity", at.state().text() + " keeps an act that does not open");
      continue;
    }
    acts.push_back({row, facts});
  }
  return acts;
}

void Checks::look() {
  for (auto& member : stage_.members)
    if (stage_.is_sound(*member)) logs_.look(*member);
  for (auto& member : stage_.members) {
    if (!stage_.is_sound(*member)) continue;
    const auto exchanges = member->rows().exchanges({.limit = 100'000});
    if (!exchanges) stage_.report_fault(*member, "lists exchanges", exchanges.error());
    if (exchanges)
      for (const auto& exchange : *exchanges) look_at(*member, exchange);
    check_items(*member);
  }
}

void Checks::look_at(Member& at, const node::ExchangeRecord& exchange) {
  const auto acts = standing_acts(at, exchange.id);
  std::set<std::string> drafts;
  std::set<std::pair<StateCode, std::int64_t>> numbers;
  std::vector<Standing> before;
  const auto name = at.state().text() + " " + exchange.id.hex().substr(0, 8);
  for (const auto& act : acts) {
    check_origin(at, exchange, act);
    check_act(at, before, act);
    check_officers(at, act);
    check_receipt(at, exchange, act);
    if (!drafts.insert(act.facts->draft).second)
      stage_.report("once", name + ": one decision stands as two acts");
    if (!numbers.insert({act.facts->from, act.facts->sequence}).second)
      stage_.report("once", name + ": two acts bear one number");
    before.push_back(act);
  }
}

void Checks::check_origin(Member& at, const node::ExchangeRecord& exchange, const Standing& act) {
  const auto& facts = *act.facts;
  const auto name =
      fmt::format("{} {} {}", at.state().text(), facts.type, facts.id.hex().substr(0, 8));
  if (facts.id != act.record.id || facts.exchange != exchange.id.hex())
    stage_.report("identity", name + ": kept under another name");
  const bool ours = facts.from == at.state() && facts.to == exchange.partner;
  const bool theirs = facts.to == at.state() && facts.from == exchange.partner;
  if (!ours && !theirs)
    return stage_.report("own",
                         name + " is between " + facts.from.text() + " and " + facts.to.text());
  if (!theirs) return;
  auto& author = stage_.member(facts.from);
  if (!stage_.is_sound(author)) return;  // looked at again when it is there
  const auto origin = author.rows().act(act.record.id);
  if (!origin || !*origin) stage_.report("durable", name + " is not in its author's rows");
}

void Checks::check_act(Member& at, const std::vector<Standing>& before, const Standing& act) {
  const auto& facts = *act.facts;
  const auto name =
      fmt::format("{} {} {}", at.state().text(), facts.type, facts.id.hex().substr(0, 8));
  if (facts.type == "delivery") {
    const auto* acceptance = find_act(before, "acceptance", facts.text("acceptance"));
    if (!acceptance) return stage_.report("acceptance", name + " stands on no acceptance");
    if (acceptance->from != facts.from)
      stage_.report("acceptance", name + " stands on another State's acceptance");
    const bool is_agreed = std::ranges::any_of(before, [&](const Standing& one) {
      return one.facts->type == "reply" && one.facts->from == facts.to &&
             one.facts->body.at("agrees") == Json(true) &&
             one.facts->text("to") == acceptance->id.hex();
    });
    if (acceptance->body.at("conditions").size() > 0 && !is_agreed)
      stage_.report("conditions", name + " before its conditions were accepted");
  }
  if (facts.type == "completion" && !find_act(before, "delivery", facts.text("delivery")))
    stage_.report("arrival", name + " completes nothing that was delivered");
  if (facts.type == "arrival") {
    const auto* delivery = find_act(before, "delivery", facts.text("delivery"));
    if (!delivery || delivery->from != facts.to || delivery->text("item") != facts.text("item"))
      stage_.report("arrival", name + " of nothing that was delivered");
  }
  check_life(name, before, act);
  const bool needs_consultation = facts.type == "refusal" || facts.type == "postponement";
  if (needs_consultation && facts.text("consultation_impossible").empty()) {
    const auto* consultation = find_act(before, "consultation", facts.text("consultation"));
    if (!consultation || consultation->from != facts.from)
      stage_.report("consultation", name + " without consultation or a reason for none");
  }
}

void Checks::check_life(const std::string& name, const std::vector<Standing>& before,
                        const Standing& act) {
  const auto& facts = *act.facts;
  // What the requested State had said, and whether it took it back, before this act of its own.
  const auto latest = [&](std::initializer_list<std::string_view> types) -> std::string {
    for (auto one = before.rbegin(); one != before.rend(); ++one)
      if (one->facts->from == facts.from &&
          std::ranges::find(types, one->facts->type) != types.end())
        return one->facts->type;
    return {};
  };
  if (facts.type == "delivery" &&
      latest({"postponement", "resumption", "acceptance"}) == "postponement")
    stage_.report("acceptance", name + " while transfer was suspended");
  if (facts.type == "delivery" && !facts.text("authorisation").empty()) {
    const auto* allowed = find_act(before, "authorisation", facts.text("authorisation"));
    if (!allowed || allowed->from != facts.from)
      stage_.report("acceptance", name + " under an authorisation that is not there");
  }
  // What is given in words comes after the acceptance, as evidence does (spec/acts.md §6).
  if (facts.type == "supplement" && facts.has_part("answer")) {
    const bool is_accepted = std::ranges::any_of(
        before, [](const Standing& one) { return one.facts->type == "acceptance"; });
    if (!is_accepted) stage_.report("acceptance", name + " gives what nobody had accepted");
  }
  if (facts.type == "notice" && facts.text("kind") == "deletion")
    for (const auto& item : facts.body.at("items").items()) {
      const bool was_delivered = std::ranges::any_of(before, [&](const Standing& one) {
        return one.facts->type == "delivery" && one.facts->text("item") == item.text();
      });
      if (!was_delivered) stage_.report("destroyed", name + " of what was never delivered");
    }
}

void Checks::check_officers(Member& at, const Standing& act) {
  const auto& facts = *act.facts;
  const auto name =
      fmt::format("{} {} {}", at.state().text(), facts.type, facts.id.hex().substr(0, 8));
  if (facts.type == "arrival" || facts.type == "completion")
    return;  // the node's own word: it states only what it verified
  if (facts.type == "delivery") {
    std::set<Digest> keys;
    std::set<std::string> names;
    for (const auto& officer : facts.officers) {
      keys.insert(officer.key);
      names.insert(officer.name);
    }
    // In an emergency one who may decide, and the measure must be one (41(3)).
    if (facts.body.at("emergency") == Json(true)) {
      if (facts.measure != "emergency-data" || !has_signer(facts, "officer:approver"))
        stage_.report("officers", name + " left on one officer's word without an emergency");
      return;
    }
    if (keys.size() < 2 || names.size() < 2 || !has_signer(facts, "officer:approver") ||
        !has_signer(facts, "officer:executor"))
      stage_.report("officers", name + " was not released by two different officers");
    return;
  }
  const bool is_written =
      facts.type == "query" || facts.type == "supplement" || facts.type == "notice";
  if (!has_signer(facts, "officer:approver") &&
      !(is_written && has_signer(facts, "officer:drafter")))
    stage_.report("officers", name + " bears no signature of an officer who may decide it");
}

void Checks::check_receipt(Member& at, const node::ExchangeRecord& exchange, const Standing& act) {
  const bool ours = act.facts->from == at.state();
  if (act.record.receipt.empty()) {
    if (act.record.standing == node::Standing::receipted || !ours)
      stage_.report("receipt", at.state().text() + " lacks the receipt of an act that has one");
    return;
  }
  auto& by = ours ? stage_.member(exchange.partner) : at;
  const auto& with = ours ? at.state() : exchange.partner;
  if (ours && act.record.standing == node::Standing::receipted)
    check_branch(at, by, act.record.receipt);
  if (!stage_.is_sound(by)) return;
  if (const auto flaw =
          logs_.flaw_of_receipt(by, "partner/" + with.text(), act.record.id, act.record.receipt))
    stage_.report("receipt", at.state().text() + " " + act.facts->type + ": " + *flaw);
}

void Checks::check_branch(Member& at, Member& liar, const std::string& receipt) {
  const auto forks = stage_.forks.find({at.state(), liar.state()});
  if (forks == stage_.forks.end()) return;
  const auto verifier = liar.verifier("partner/" + at.state().text());
  const auto proof = formats::parse_tlog_proof(as_bytes(receipt));
  if (!proof) return;
  const auto shown = formats::open_checkpoint(as_bytes(proof->checkpoint), std::span(&verifier, 1));
  if (!shown) return;
  auto& kept = branches_[forks->first];
  const auto fork = std::ranges::find_if(forks->second, [&](const Fork& one) {
    return one.size == shown->size && one.root == shown->root;
  });
  if (fork == forks->second.end())
    kept.honest_size = std::max(kept.honest_size, shown->size);
  else
    kept.first_other = std::min(kept.first_other, fork->other);
  if (kept.honest_size > kept.first_other)
    stage_.report("fork",
                  at.state().text() + " believes two pasts of a log of " + liar.state().text());
}

/// Whether an act that stands took back what was delivered.
bool Checks::fell(const std::vector<Standing>& acts, const ItemId& item) {
  return std::ranges::any_of(acts, [&](const Standing& one) {
    const auto& facts = *one.facts;
    if (facts.type == "withdrawal") return true;
    const auto* items = facts.type == "annulment" ? facts.body.find("items") : nullptr;
    return items != nullptr && items->is_array() &&
           std::ranges::find(items->items(), Json(item.hex())) != items->items().end();
  });
}

void Checks::check_items(Member& at) {
  const auto items = at.rows().items(std::nullopt);
  if (!items) return stage_.report_fault(at, "lists items", items.error());
  for (const auto& item : *items) {
    if (item.state == node::ItemState::destroyed)
      destroyed_.insert({at.state(), item.id});
    else if (destroyed_.contains({at.state(), item.id}))
      stage_.report("destroyed", at.state().text() + " item " + item.id.hex().substr(0, 8) +
                                     " came back from destruction");
    if (item.ours || item.state == node::ItemState::failed) continue;
    const auto acts = standing_acts(at, item.exchange);
    const auto* delivery = find_act(acts, "delivery", item.delivery.hex());
    const auto name = at.state().text() + " item " + item.id.hex().substr(0, 8);
    if (!delivery || delivery->text("item") != item.id.hex())
      stage_.report("acceptance", name + " came without a delivery");
    const auto arrived = std::ranges::count_if(acts, [&](const Standing& one) {
      return one.facts->type == "arrival" && one.facts->text("item") == item.id.hex();
    });
    // Of a delivery that fell nothing more is told, though its arrival may have been rejected.
    const bool is_untold = item.state == node::ItemState::arrived && arrived == 0;
    if (arrived > 1 || (is_untold && !fell(acts, item.id)))
      stage_.report("once", name + " arrived and was told " + std::to_string(arrived) + " times");
  }
}

void Checks::count_rejection(std::string_view p7m) {
  const auto bytes = from_base64(p7m);
  const auto opened = bytes ? stage_.signatures.open(*bytes)
                            : Result<node::OpenedSignature>(fault(FaultCode::format_cms));
  const auto content = opened ? formats::parse_json(opened->content) : Result<Json>(Json());
  if (!content || !content->is_object()) return;
  if (const auto* code = content->find("code"); code && code->is_text())
    stage_.count_fault(code->text());
}

void Checks::saw_answer(Member& of, const StateCode& to, View answer) {
  const auto json = formats::parse_json(answer, {.bytes_max = 8 << 20, .depth_max = 8});
  if (!json) return stage_.report("receipt", of.state().text() + " answers with no JSON");
  for (const auto& one : json->at("answers").items()) {
    const auto* receipt = one.find("receipt");
    if (!receipt) {
      const auto* rejection = one.find("rejection");
      stage_.count(rejection ? "rejections given" : "acts put off");
      if (const auto* why = one.find("fault")) stage_.count_fault(why->at("code").text());
      if (rejection) count_rejection(rejection->text());
      continue;
    }
    stage_.count("receipts given");
    const auto key = of.state().text() + one.at("act").text();
    const auto [first, is_new] = receipts_.emplace(key, receipt->text());
    // Who lost the rows of a receipt gives another, as long as nobody shows it the first.
    if (!is_new && first->second != receipt->text() && !stage_.is_stale(of))
      stage_.report("once", of.state().text() + " gave two receipts for one act");
    if (const auto proof = formats::parse_tlog_proof(as_bytes(receipt->text())))
      logs_.shown(of, "partner/" + to.text(), proof->checkpoint);
  }
}

bool Checks::knows(Member& at, const StateCode& partner) {
  const auto clock = at.clock(stage_.now);
  const auto entries = at.rows().directory();
  return entries && std::ranges::any_of(*entries, [&](const node::DirectoryRecord& one) {
           if (one.state != partner) return false;
           const auto entry = directory::open_entry(one.p7m, one.accepted_at);
           return entry && entry->valid_from <= clock && clock < entry->valid_to;
         });
}

void Checks::saw_letter(Member& to, const StateCode& from, View body) {
  if (!stage_.is_stale(to) || !to.is_alive()) return;
  // A disk so old that it does not know the partner refuses the letter unread.
  if (!knows(to, from)) return stage_.count("stale disks that forgot a partner");
  const auto json = formats::parse_json(body, {.bytes_max = 8 << 20, .depth_max = 8});
  const auto* known = json ? json->find("known") : nullptr;
  if (!known || !known->is_text()) return;
  const auto name = "partner/" + from.text();
  const auto verifier = to.verifier(name);
  const auto held = formats::open_checkpoint(as_bytes(known->text()), std::span(&verifier, 1));
  const auto log = to.rows().log(name);
  if (!held || !log || held->size <= (*log ? (*log)->size : 0)) return;
  stage_.count("stale disks shown what they told");
  const auto life = to.lives();
  // Its turn comes within milliseconds; by then it must have stopped.
  stage_.after_ms(100, [this, &to, life] {
    if (to.is_alive() && to.lives() == life)
      stage_.report("stale", to.state().text() + " works on after it was shown that it forgot");
  });
}

std::size_t Checks::waiting_for_sound(Member& at) {
  const auto due = at.rows().due(stage_.now.plus_s(k_day_s * 10'000), 100'000);
  return static_cast<std::size_t>(std::ranges::count_if(
      due.value_or(std::vector<node::OutboxRecord>{}),
      [&](const node::OutboxRecord& one) { return stage_.is_sound(stage_.member(one.partner)); }));
}

bool Checks::is_quiet() {
  for (auto& member : stage_.members) {
    if (stage_.is_retired(*member)) continue;
    if (!member->is_alive() || member->has_work()) return false;
    if (!stage_.is_sound(*member)) continue;
    if (waiting_for_sound(*member) > 0) return false;
    const auto items = member->rows().items(std::nullopt);
    if (!items) return false;
    for (const auto& item : *items)
      if (item.state == node::ItemState::announced && is_awaited(*member, item)) return false;
  }
  return true;
}

/// From a sound State, which did not suspend it: a remedy may last.
bool Checks::is_awaited(Member& at, const node::ItemRecord& item) {
  const auto exchange = at.rows().exchange(item.exchange);
  if (!exchange || !*exchange || !stage_.is_sound(stage_.member((*exchange)->partner)))
    return false;
  const auto life = exchange::Life::from_text((*exchange)->life);
  return life && !life->now().suspended;
}

void Checks::look_when_quiet() {
  look();
  for (auto& member : stage_.members) {
    if (!member->is_alive() && !stage_.is_retired(*member))
      stage_.report("converged", member->state().text() + " does not come back");
    if (!stage_.is_sound(*member)) continue;
    if (const auto waiting = waiting_for_sound(*member))
      stage_.report("converged",
                    fmt::format("{}: {} acts wait still", member->state().text(), waiting));
    const auto items = member->rows().items(std::nullopt);
    for (const auto& item : items.value_or(std::vector<node::ItemRecord>{})) {
      check_destroyed_key(*member, item);
      if (item.state != node::ItemState::announced || !is_awaited(*member, item)) continue;
      const auto exchange = member->rows().exchange(item.exchange);
      auto& other = stage_.member((*exchange)->partner);
      const auto there = other.rows().item(item.id);
      const auto seen_there = other.rows().exchange(item.exchange);
      stage_.report(
          "converged",
          fmt::format("{}: item {} of {} never arrived; there it is {}; {} here, {} there",
                      member->state().text(), item.id.hex().substr(0, 8),
                      item.exchange.hex().substr(0, 8),
                      *there ? node::name_of((*there)->state) : "unknown", (*exchange)->phase,
                      *seen_there ? (*seen_there)->phase : "unknown"));
    }
    const auto exchanges = member->rows().exchanges({.limit = 100'000});
    for (const auto& exchange : exchanges.value_or(std::vector<node::ExchangeRecord>{}))
      if (stage_.is_sound(stage_.member(exchange.partner))) agree(*member, exchange);
  }
}

void Checks::check_destroyed_key(Member& at, const node::ItemRecord& item) {
  if (item.state != node::ItemState::destroyed) return;
  const auto key = item.ours ? "item-" + item.id.hex() : "request-" + item.exchange.hex();
  // What was annulled goes alone: the request's key stays while another item needs it.
  const auto need = node::need_of_key(at.rows(), key);
  if (need && *need == node::Need::needed) return;
  const auto left = at.evidence_keys().recipient(key);
  if (left && *left)
    stage_.report("destroyed", at.state().text() + " keeps a key to what it destroyed");
}

void Checks::agree(Member& at, const node::ExchangeRecord& exchange) {
  const auto name = fmt::format("{} and {}, {}", at.state().text(), exchange.partner.text(),
                                exchange.id.hex().substr(0, 8));
  auto& other = stage_.member(exchange.partner);
  const auto there = other.rows().exchange(exchange.id);
  const auto ours = standing_acts(at, exchange.id);
  if (!there || !*there) {
    // A request that was rejected leaves the requester alone with the memory of it.
    if (!ours.empty() || exchange.our_side != node::Side::requester)
      stage_.report("agreement", name + ": only one of them knows it");
    return;
  }
  const auto theirs = standing_acts(other, exchange.id);
  const auto ids = [](const std::vector<Standing>& acts) {
    std::set<Digest> all;
    for (const auto& act : acts) all.insert(act.facts->id);
    return all;
  };
  if (ids(ours) != ids(theirs))
    stage_.report("agreement", fmt::format("{}: {} acts stand here, {} there", name, ours.size(),
                                           theirs.size()));
  if (exchange.phase != (*there)->phase)
    stage_.report("agreement",
                  fmt::format("{}: {} here, {} there", name, exchange.phase, (*there)->phase));
  if (exchange.life != (*there)->life)
    stage_.report("agreement", name + ": two histories of one exchange");
}

}  // namespace comity::sim
