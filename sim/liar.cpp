#include "sim/liar.hpp"

#include "custody/log.hpp"
#include "exchange/act.hpp"

namespace comity::sim {
namespace {

constexpr formats::JsonLimits k_limits{.bytes_max = 8 << 20, .depth_max = 16};

Bytes written(const Json& json) {
  return to_bytes(formats::canonical(json));
}

}  // namespace

Json Liar::edited(Member& liar, Json act, const std::function<void(Json&)>& change,
                  bool by_officers) {
  const auto opened = stage_.signatures.open(*from_base64(act.at("p7m").text()));
  auto content = *formats::parse_json(opened->content, k_limits);
  change(content);
  const auto* officers = content.find("officers");
  if (by_officers && content.find("substance") && officers && officers->is_array()) {
    const auto substance = written(content.at("substance"));
    std::size_t next = 0;  // approver and executor, in whatever order they are wanted
    for (auto& officer : content["officers"].items()) {
      if (!officer.is_object()) continue;
      const auto& pair = *liar.officers()[next++ % 2];
      officer.set("signature",
                  base64(stage_.signatures.sign(substance, pair, liar.clock(stage_.now),
                                                crypto::CmsForm::detached)));
    }
  }
  act.set("p7m", base64(liar.sign_as_authority(written(content), liar.clock(stage_.now))));
  return act;
}

Json Liar::other_act(Member& liar, Json act) {
  switch (chance_.below(7)) {
    case 0:  // the same decision under the same number a second time
      return edited(
          liar, std::move(act),
          [&](Json& content) {
            content["order"].set("made_at", to_text(liar.clock(stage_.now).plus_s(-7)));
          },
          false);
    case 1:  // a number ahead, or behind
      return edited(
          liar, std::move(act),
          [&](Json& content) {
            auto& order = content["order"];
            order.set("sequence", order.at("sequence").integer() + chance_.between(-1, 2));
          },
          false);
    case 2:  // words that no officer signed
      return edited(
          liar, std::move(act),
          [](Json& content) { content["substance"]["body"].set("text", "Otherwise"); }, false);
    case 3:  // nobody's decision
      return edited(
          liar, std::move(act), [](Json& content) { content.set("officers", Json::array()); },
          false);
    case 4: {  // in another State's name
      const auto other = stage_.members[chance_.below(stage_.members.size())]->state();
      return edited(
          liar, std::move(act),
          [&](Json& content) { content["substance"]["from"].set("state", other.text()); }, true);
    }
    case 5: {  // another kind of act, by officers who would sign anything
      const std::vector<std::string> types{"delivery", "acceptance", "arrival", "closure",
                                           "refusal"};
      const auto type = chance_.one_of(types);
      return edited(
          liar, std::move(act), [&](Json& content) { content["substance"].set("type", type); },
          true);
    }
    default:  // a decision that leans on another one
      return edited(
          liar, std::move(act),
          [&](Json& content) {
            auto& body = content["substance"]["body"];
            for (const auto* name : {"acceptance", "delivery", "consultation"})
              if (body.find(name)) body.set(name, Digest{chance_.draw<32>()}.hex());
          },
          true);
  }
}

std::optional<node::Letter> Liar::letter(Member& liar, node::Letter honest) {
  letters_.push_back(honest.body);
  if (!chance_.happens(static_cast<int>(stage_.options.lies))) return honest;
  stage_.count("lies in letters");
  auto body = *formats::parse_json(honest.body, k_limits);
  switch (chance_.below(6)) {
    case 0:
      return std::nullopt;
    case 1:
      honest.body = chance_.one_of(letters_);
      return honest;
    case 2:
      body.set("known", chance_.happens(500) ? Json("none") : Json());
      break;
    default: {
      auto& acts = body["acts"].items();
      for (auto& act : acts) act = other_act(liar, act);
    }
  }
  honest.body = written(body);
  return honest;
}

std::optional<std::string> Liar::forked_receipt(Member& liar, const StateCode& to,
                                                const Digest& act) {
  const auto name = "partner/" + to.text();
  const auto log = liar.rows().log(name);
  const auto record = liar.rows().act(act);
  if (!log || !*log || !record || !*record || (*log)->size < 2) return std::nullopt;
  const auto entries = liar.rows().entries(name, 0, (*log)->size);
  const auto other = chance_.below((*log)->size);
  if (!entries || other == (*record)->log_index) return std::nullopt;
  custody::Batch batch(custody::LogState::fresh((*log)->origin));
  for (const auto& row : *entries) {
    auto entry = row.entry;
    if (row.index == other) entry.back() ^= 1;
    if (!batch.append(std::move(entry))) return std::nullopt;
  }
  const auto sealed = batch.seal([&](std::string_view origin, std::string_view) {
    return Result<std::string>(liar.sign_checkpoint(
        name,
        {.origin = std::string(origin), .size = batch.first_index() + entries->size(), .root = [&] {
           formats::Edge edge;
           for (const auto& leaf : batch.leaf_hashes()) edge.append(leaf);
           return edge.root();
         }()}));
  });
  if (!sealed) return std::nullopt;
  stage_.forks[{to, liar.state()}].push_back({other, sealed->size(), sealed->edge().root()});
  stage_.count("receipts from a forked log");
  return batch.receipt((*record)->log_index);
}

std::optional<Bytes> Liar::rejection(Member& liar, const StateCode& to, const Digest& act) {
  const auto record = liar.rows().act(act);
  if (!record || !*record) return std::nullopt;
  const exchange::Rejection denied{.exercise = true,
                                   .act = act,
                                   .exchange = (*record)->exchange,
                                   .from = liar.state(),
                                   .to = to,
                                   .code = FaultCode::act_expired,
                                   .detail = "It never came (exercise)",
                                   .made_at = liar.clock(stage_.now)};
  return liar.sign_as_authority(exchange::rejection_content(denied), liar.clock(stage_.now));
}

std::optional<Bytes> Liar::answer(Member& liar, const StateCode& to, const Bytes& honest) {
  auto body = *formats::parse_json(honest, k_limits);
  const bool lies = chance_.happens(static_cast<int>(stage_.options.lies));
  if (lies) {
    stage_.count("lies in answers");
    if (chance_.happens(150)) return std::nullopt;
    if (chance_.happens(100)) return to_bytes(as_bytes(std::string_view("{\"answers\":[{}]}")));
  }
  for (auto& one : body["answers"].items()) {
    if (const auto* receipt = one.find("receipt")) receipts_.push_back(receipt->text());
    const auto* named = one.find("act");
    if (!lies || !named) continue;
    const auto act = *Digest::from_hex(named->text());
    switch (chance_.below(5)) {
      case 0:
        if (const auto forked = forked_receipt(liar, to, act)) one.set("receipt", *forked);
        break;
      case 1:
        if (const auto denied = rejection(liar, to, act))
          one = Json::object({{"act", act.hex()}, {"rejection", base64(*denied)}});
        break;
      case 2:
        if (!receipts_.empty()) one.set("receipt", chance_.one_of(receipts_));
        break;
      case 3:
        one.set("consistency", Json::array());
        break;
      default:
        one = Json::object({{"fault", Json::object({{"code", "act.gap"}, {"detail", "later"}})}});
    }
  }
  return written(body);
}

}  // namespace comity::sim
