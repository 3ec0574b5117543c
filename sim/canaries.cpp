#include "sim/canaries.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "exchange/life.hpp"
#include "formats/tlog_proof.hpp"
#include "node/office.hpp"

namespace comity::sim {
namespace {

constexpr std::int64_t k_back_by_ms = 25'000;  // a member that was buried runs again by then

}  // namespace

std::string_view checker_of(Canary canary) {
  switch (canary) {
    case Canary::none:
      return "";
    case Canary::early_letter:
      return "durable";
    case Canary::flipped_receipt:
      return "receipt";
    case Canary::dropped_act:
      return "agreement";
    case Canary::lone_officer:
      return "officers";
    case Canary::unaccepted:
      return "acceptance";
    case Canary::stray_arrival:
      return "arrival";
    case Canary::hasty_refusal:
      return "consultation";
    case Canary::rewritten_log:
    case Canary::shortened_log:
      return "log";
    case Canary::foreign_exchange:
      return "own";
    case Canary::undone_destruction:
      return "destroyed";
    case Canary::stuck_act:
      return "converged";
    case Canary::twice_taken:
      return "once";
    case Canary::denied_act:
      return "denied";
    case Canary::forked_log:
      return "fork";
    case Canary::silent_damage:
      return "lasting";
    case Canary::unseen_damage:
      return "damage";
    case Canary::deaf_to_loss:
      return "stale";
    case Canary::unmet_condition:
      return "conditions";
    case Canary::garbled_act:
      return "identity";
    case Canary::unreadable_item:
      return "fault";
    case Canary::changed_tile:
      return "stopped";
  }
  return "";
}

bool Planter::plant() {
  const auto canary = stage_.options.canary;
  if (is_planted_ || canary == Canary::none) return is_planted_;
  if (canary == Canary::early_letter) {
    if (!officers_.after_send) arm_early_letter();
    return is_planted_;
  }
  for (auto& member : stage_.members) {
    if (!member->is_alive()) continue;
    if (canary == Canary::silent_damage || canary == Canary::unseen_damage) {
      stage_.bury(*member);
      if (canary == Canary::unseen_damage)
        stage_.spoiled(*member, "node.db", member->disk().copy());
      member->tamper();
      is_planted_ = true;
    } else if (canary == Canary::changed_tile) {
      is_planted_ = plant_in_tiles(*member);
    } else if (canary == Canary::deaf_to_loss) {
      is_planted_ = plant_old_disk(*member);
    } else if (canary == Canary::rewritten_log || canary == Canary::shortened_log) {
      is_planted_ = plant_in_log(*member);
    } else {
      const auto exchanges = member->rows().exchanges({});
      CHECK(exchanges);
      for (const auto& exchange : *exchanges)
        if (!is_planted_) is_planted_ = plant_in(*member, exchange);
    }
    if (is_planted_) break;
  }
  return is_planted_;
}

void Planter::arm_early_letter() {
  officers_.after_send = [this](Member& at, node::Desk& desk) {
    if (is_planted_) return;
    auto letters = desk.letters();
    if (!letters || letters->empty()) return;
    for (const auto& letter : *letters) network_.send(at, letter);
    // A greeting carries no act: what it shows is durable already.
    if (std::ranges::all_of(*letters, &node::Letter::greeting)) return;
    at.forget_turn();
    is_planted_ = true;
  };
}

bool Planter::plant_in_log(Member& at) {
  auto log = at.rows().log("internal");
  CHECK(log && *log);
  if ((*log)->size < 3) return false;
  // The row is there already and is never replaced: so the log is given another name for a past.
  if (stage_.options.canary == Canary::shortened_log) {
    (*log)->size -= 1;
    return at.rows().put_log(**log).has_value();
  }
  const auto entries = at.rows().entries("internal", 0, 2);
  CHECK(entries);
  (*log)->checkpoint =
      at.sign_checkpoint("internal", {.origin = (*log)->origin,
                                      .size = (*log)->size,
                                      .root = formats::leaf_hash(entries->front().entry)});
  return at.rows().put_log(**log).has_value();
}

bool Planter::plant_in_tiles(Member& at) {
  stage_.settle(at);  // what is not settled would be written anew from the rows
  stage_.bury(at);
  for (auto [name, bytes] : at.disk().copy()) {
    if (!name.starts_with("logs/internal/tile/0/")) continue;
    bytes[0] ^= 1;
    at.disk().mend(name, bytes);
  }
  return true;
}

bool Planter::plant_old_disk(Member& at) {
  auto& old = old_disks_[at.state()];
  if (old.image.empty()) {  // to be put back later
    old.image = at.disk().copy();
    for (const auto& log : *at.rows().logs()) old.sizes[log.name] = log.size;
    return false;
  }
  for (const auto& state : stage_.partners_of(at)) {
    auto& partner = stage_.member(state);
    if (!partner.is_alive()) continue;
    const auto log = "partner/" + state.text();
    const auto known = partner.rows().partner(at.state());
    const auto verifier = at.verifier(log);
    if (!known || !*known || (*known)->checkpoint.empty()) continue;
    const auto held =
        formats::open_checkpoint(as_bytes((*known)->checkpoint), std::span(&verifier, 1));
    if (!held || held->size <= old.sizes[log]) continue;
    stage_.bury(at);
    stage_.put_back(at, old.image);
    network_.deafen(at);
    const auto shown = Json::object({{"acts", Json::array()}, {"known", (*known)->checkpoint}});
    stage_.after_ms(k_back_by_ms, [this, &at, &partner, shown] {
      network_.send(partner, {.to = at.state(), .body = to_bytes(formats::canonical(shown))});
    });
    return true;
  }
  return false;
}

bool Planter::forge(Member& at, node::ActRecord act, const std::function<void(Json&)>& change) {
  const auto opened = stage_.signatures.open(act.p7m);
  CHECK(opened);
  auto content = formats::parse_json(opened->content);
  CHECK(content);
  change(*content);
  act.p7m = at.sign_as_authority(as_bytes(formats::canonical(*content)), at.clock(stage_.now));
  return at.rows().put_act(act).has_value();
}

std::optional<Json> Planter::body_of(const node::ActRecord& act) {
  const auto opened = stage_.signatures.open(act.p7m);
  const auto content = opened ? formats::parse_json(opened->content) : Result<Json>(Json());
  if (!content || !content->find("substance")) return std::nullopt;
  return content->at("substance").at("body");
}

bool Planter::plant_in(Member& at, const node::ExchangeRecord& exchange) {
  const auto acts = at.rows().acts(exchange.id);
  CHECK(acts);
  const auto canary = stage_.options.canary;
  const auto find = [&](node::ActType type) {
    return std::ranges::find_if(*acts, [&](const node::ActRecord& act) {
      return act.type == type && act.standing != node::Standing::rejected;
    });
  };
  const auto reject = [&](node::ActType type, bool is_possible) {
    const auto found = find(type);
    if (found == acts->end() || !is_possible) return false;
    auto act = *found;
    act.standing = node::Standing::rejected;
    return at.rows().put_act(act).has_value();
  };
  const bool has_delivery = find(node::ActType::delivery) != acts->end();
  if (canary == Canary::unaccepted) return reject(node::ActType::acceptance, has_delivery);
  if (canary == Canary::stray_arrival)
    return reject(node::ActType::delivery, find(node::ActType::arrival) != acts->end());
  if (canary == Canary::unmet_condition) {
    // The reply that agrees to them, of an exchange in which something was delivered after it.
    const auto acceptance = find(node::ActType::acceptance);
    for (auto act : *acts) {
      if (act.type != node::ActType::reply || !has_delivery || acceptance == acts->end()) continue;
      const auto body = body_of(act);
      if (!body || body->at("agrees") != Json(true) || body->at("to") != Json(acceptance->id.hex()))
        continue;
      act.standing = node::Standing::rejected;
      return at.rows().put_act(act).has_value();
    }
    return false;
  }
  if (canary == Canary::garbled_act) {
    if (acts->empty()) return false;
    auto act = acts->back();
    act.p7m.back() ^= 1;
    return at.rows().put_act(act).has_value();
  }
  if (canary == Canary::unreadable_item) {
    const auto items = at.rows().items(exchange.id);
    CHECK(items);
    for (auto item : *items) {
      if (item.ours || item.state == node::ItemState::destroyed) continue;
      item.state = node::ItemState::announced;
      item.manifest = to_bytes(as_bytes(std::string_view("{}")));
      return at.rows().put_item(item).has_value();
    }
    return false;
  }
  if (canary == Canary::denied_act) {
    for (auto act : *acts) {
      if (act.standing != node::Standing::receipted) continue;
      act.standing = node::Standing::rejected;
      return at.rows().put_act(act).has_value();
    }
    return false;
  }
  if (canary == Canary::forked_log) {
    std::vector<formats::Checkpoint> shown;
    const auto verifier = stage_.member(exchange.partner).verifier("partner/" + at.state().text());
    for (const auto& act : *acts)
      if (act.standing == node::Standing::receipted)
        shown.push_back(*formats::open_checkpoint(
            as_bytes(formats::parse_tlog_proof(as_bytes(act.receipt))->checkpoint),
            std::span(&verifier, 1)));
    if (shown.size() < 2 || shown[0].size == shown[1].size) return false;
    stage_.forks[{at.state(), exchange.partner}] = {{0, shown[0].size, shown[0].root}};
    return true;
  }
  if (canary == Canary::flipped_receipt) {
    for (auto act : *acts) {
      if (act.standing != node::Standing::receipted) continue;
      auto& letter = act.receipt[act.receipt.size() - 10];
      letter = letter == 'A' ? 'B' : 'A';
      return at.rows().put_act(act).has_value();
    }
    return false;
  }
  if (canary == Canary::undone_destruction) {
    const auto items = at.rows().items(exchange.id);
    CHECK(items);
    for (auto item : *items) {
      if (item.state != node::ItemState::destroyed) continue;
      item.state = node::ItemState::sealed;
      return at.rows().put_item(item).has_value();
    }
    return false;
  }
  if (canary == Canary::stuck_act) {
    if (acts->empty()) return false;
    // To itself: no entry of that partner will ever be in force.
    return at.rows()
        .put_outbox({.act = acts->front().id,
                     .partner = at.state(),
                     .exchange = exchange.id,
                     .sequence = acts->front().sequence,
                     .next_try_at = stage_.now})
        .has_value();
  }
  if (canary == Canary::lone_officer) {
    const auto act = find(node::ActType::delivery);
    return act != acts->end() &&
           forge(at, *act, [](Json& content) { content["officers"].items().pop_back(); });
  }
  if (canary == Canary::hasty_refusal) {
    const auto act = find(node::ActType::refusal);
    return act != acts->end() && forge(at, *act, [](Json& content) {
             content["substance"]["body"] = Json::object({{"grounds", Json::array()}});
           });
  }
  if (canary == Canary::twice_taken) {
    if (acts->size() < 2) return false;
    auto act = acts->back();
    act.id.bytes[0] ^= 1;
    act.sequence = 900;
    act.log_index += 1'000'000;
    return at.rows().put_act(act).has_value();
  }
  if (canary == Canary::dropped_act) {
    auto record = exchange;
    auto life = *exchange::Life::from_text(record.life);
    const auto& steps = life.steps(record.our_side);
    if (steps.empty() || !life.void_from(record.our_side, steps.size())) return false;
    record.life = life.to_text();
    return at.rows().put_exchange(record).has_value();
  }
  if (canary == Canary::foreign_exchange) {
    for (auto& other : stage_.members) {
      if (other->state() == at.state() || other->state() == exchange.partner || acts->empty())
        continue;
      return other->rows().put_exchange(exchange).has_value() &&
             other->rows().put_act(acts->front()).has_value();
    }
  }
  return false;
}

}  // namespace comity::sim
