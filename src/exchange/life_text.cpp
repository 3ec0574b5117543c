// A life as text for a row. Links and seen identities follow from the rest, so they are not written
// twice. What is read is checked for structure; that its steps were legal was judged when they were
// taken.
#include "base/check.hpp"
#include "exchange/body.hpp"
#include "exchange/life.hpp"
#include "formats/fields.hpp"

namespace comity::exchange {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::string_view k_life = "life/1";
constexpr std::size_t k_life_bytes_max = 2 * k_acts_per_side_max * (512 + 35 * k_act_items_max);

Json step_json(const Step& step) {
  Json json = Json::object(
      {{"act", step.id.hex()}, {"seen", step.seen.sequence}, {"type", name_of(step.type)}});
  if (step.delivers) json.set("delivers", true);
  if (step.has_conditions) json.set("has_conditions", true);
  if (step.secures) json.set("secures", true);
  if (step.consultation_impossible) json.set("consultation_impossible", true);
  if (!step.refers.is_zero()) json.set("refers", step.refers.hex());
  if (!step.answers.is_zero()) json.set("answers", step.answers.hex());
  if (!step.item.is_zero()) json.set("item", step.item.hex());
  if (step.agrees) json.set("agrees", true);
  if (step.gives) json.set("gives", true);
  if (!step.authorisation.is_zero()) json.set("authorisation", step.authorisation.hex());
  if (step.proposal) json.set("proposal", name_of(*step.proposal));
  if (step.notice) json.set("notice", name_of(*step.notice));
  if (!step.items.empty()) {
    Json items = Json::array();
    for (const auto& item : step.items) items.push_back(item.hex());
    json.set("items", std::move(items));
  }
  return json;
}

Json side_json(const std::vector<Step>& steps) {
  Json json = Json::array();
  for (const auto& step : steps) json.push_back(step_json(step));
  return json;
}

Result<Step> step_from(Fields fields) {
  Step step;
  TRY_LET(step.id, fields.digest("act"));
  TRY_LET(const auto seen, fields.integer("seen", 0, std::int64_t{k_acts_per_side_max}));
  step.seen.sequence = static_cast<std::uint64_t>(seen);
  TRY_LET(step.type, fields.parsed<ActType>("type", act_type));
  TRY_LET(const auto delivers, fields.optional_boolean("delivers"));
  TRY_LET(const auto has_conditions, fields.optional_boolean("has_conditions"));
  TRY_LET(const auto impossible, fields.optional_boolean("consultation_impossible"));
  TRY_LET(const auto refers, fields.optional_digest("refers"));
  TRY_LET(const auto answers, fields.optional_digest("answers"));
  TRY_LET(const auto item, fields.optional_id<ItemId>("item"));
  step.delivers = delivers.value_or(false);
  TRY_LET(const auto secures, fields.optional_boolean("secures"));
  step.has_conditions = has_conditions.value_or(false);
  step.secures = secures.value_or(false);
  step.consultation_impossible = impossible.value_or(false);
  step.refers = refers.value_or(Digest{});
  step.answers = answers.value_or(Digest{});
  step.item = item.value_or(ItemId{});
  TRY_LET(const auto agrees, fields.optional_boolean("agrees"));
  TRY_LET(const auto authorisation, fields.optional_digest("authorisation"));
  TRY_LET(step.proposal, fields.optional_parsed<ProposalKind>("proposal", proposal_kind));
  TRY_LET(step.notice, fields.optional_parsed<NoticeKind>("notice", notice_kind));
  TRY_LET(const auto items, fields.optional_texts("items", k_act_items_max));
  for (const auto& text : items) {
    TRY_LET(const auto one, ItemId::from_hex(text));
    step.items.push_back(one);
  }
  TRY_LET(const auto gives, fields.optional_boolean("gives"));
  step.agrees = agrees.value_or(false);
  step.gives = gives.value_or(false);
  step.authorisation = authorisation.value_or(Digest{});
  TRY(fields.end());
  return step;
}

Result<std::vector<Step>> side_from(Fields& fields, Side side) {
  TRY_LET(const auto items, fields.array(name_of(side), k_acts_per_side_max));
  std::vector<Step> steps;
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_LET(Step step, step_from(item_fields(fields, name_of(side), i, items[i])));
    if (step.id.is_zero()) return fields.refuse(name_of(side), "names no act");
    step.side = side;
    step.sequence = i + 1;
    if (i > 0) step.previous = steps.back().id;
    if (i > 0 && step.seen.sequence < steps.back().seen.sequence)
      return fields.refuse(name_of(side), "sees less than before");
    steps.push_back(step);
  }
  return steps;
}

Result<void> link_seen(std::vector<Step>& steps, const std::vector<Step>& others) {
  for (auto& step : steps) {
    if (step.seen.sequence > others.size())
      return fault(FaultCode::store_corrupt, "a life in which an act saw one never made");
    if (step.seen.sequence > 0) step.seen.act = others[step.seen.sequence - 1].id;
  }
  return {};
}

}  // namespace

std::string Life::to_text() const {
  return formats::canonical(Json::object({{"comity", k_life},
                                          {"requested", side_json(steps_[1])},
                                          {"requester", side_json(steps_[0])}}));
}

Result<Life> Life::from_text(std::string_view text) {
  const auto read = [&]() -> Result<Life> {
    TRY_LET(const Json json, formats::parse_canonical(
                                 as_bytes(text), {.bytes_max = k_life_bytes_max, .depth_max = 4}));
    Fields fields(json, "life");
    TRY_LET(const std::string version, fields.text("comity"));
    if (version != k_life) return fields.refuse("comity", "must be " + std::string(k_life));
    Life life;
    TRY_LET(life.steps_[0], side_from(fields, Side::requester));
    TRY_LET(life.steps_[1], side_from(fields, Side::requested));
    TRY(fields.end());
    TRY(link_seen(life.steps_[0], life.steps_[1]));
    TRY(link_seen(life.steps_[1], life.steps_[0]));
    if (!life.is_ordered()) return fields.refuse("requested", "saw an act that had seen it");
    if (life.to_text() != text) return fields.refuse("requester", "is not in its one form");
    return life;
  };
  auto life = read();
  if (!life) return fault(FaultCode::store_corrupt, life.error().detail);
  return life;
}

}  // namespace comity::exchange
