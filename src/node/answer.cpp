#include "node/answer.hpp"

#include <algorithm>

#include "node/footing.hpp"
#include "treaty/form.hpp"

namespace comity::node {
namespace {

constexpr std::string_view k_media_type = "application/json";
constexpr formats::JsonLimits k_answer_limits{.bytes_max = 1 << 20, .depth_max = 8};

/// The form of an answer, read as any form is.
treaty::Measure form_of_answer(const treaty::Measure& measure) {
  auto form = measure;
  form.fields = measure.answer;
  return form;
}

/// Who gives: the State that was asked, or the one that offers (40(4)).
Side giver(const treaty::Measure& measure) {
  return measure.offers ? Side::requester : Side::requested;
}

Result<void> judge(const treaty::Measure& measure, const Json& answer, Side author) {
  if (measure.answer.empty())
    return fault(FaultCode::act_measure, measure.code + " has no form of an answer");
  if (author != giver(measure))
    return fault(FaultCode::act_illegal, "the answer to this request is the other State's to give");
  const auto gaps = treaty::gaps(form_of_answer(measure), answer);
  if (!gaps.empty()) return fault(FaultCode::act_incomplete, treaty::to_text(gaps));
  return {};
}

std::optional<Instant> time_in(const Json& fields, const std::string& code) {
  const auto* value = fields.find(code);
  if (value == nullptr || !value->is_text()) return std::nullopt;
  const auto at = instant_from_text(value->text());
  return at ? std::optional(*at) : std::nullopt;
}

}  // namespace

Result<void> draft_answer(Turn& turn, Drafting& drafting, const Loaded& loaded,
                          formats::Fields& fields) {
  const auto* answer = fields.optional_value("answer");
  if (answer == nullptr) return {};
  TRY_LET(const auto* measure,
          need_measure(turn.charter(), loaded.record.instrument, loaded.record.measure));
  if (!answer->is_object()) return fields.refuse("answer", "must be the fields of a form");
  TRY(judge(*measure, *answer, loaded.record.our_side));
  return drafting.add(std::string(exchange::k_answer_part), std::string(k_media_type),
                      to_bytes(formats::canonical(*answer)));
}

Result<void> check_answer(const Charter& charter, const exchange::Substance& substance,
                          const std::vector<exchange::Part>& parts, Side author) {
  if (substance.type != ActType::supplement) return {};
  const auto part = std::ranges::find(parts, exchange::k_answer_part, &exchange::Part::name);
  if (part == parts.end()) return {};
  if (part->media_type != k_media_type)
    return fault(FaultCode::act_part, "the answer must be " + std::string(k_media_type));
  const auto answer = formats::parse_canonical(part->bytes, k_answer_limits);
  if (!answer || !answer->is_object())
    return fault(FaultCode::act_part, "the answer is no form in canonical JSON");
  TRY_LET(const auto* measure, need_measure(charter, substance.instrument, substance.measure));
  return judge(*measure, *answer, author);
}

Result<std::optional<Instant>> execute_by(Turn& turn, const treaty::Measure& measure,
                                          const Json& asked, const std::vector<StandingAct>& acts) {
  if (measure.execute_by.empty()) return std::nullopt;
  auto until = time_in(asked, measure.execute_by);
  for (const auto& act : acts) {
    if (!std::holds_alternative<exchange::SupplementBody>(act.body)) continue;
    TRY_LET(const auto parts, turn.store().parts(act.record.id.hex()));
    for (const auto& part : parts) {
      if (part.part.name != exchange::k_answer_part || !part.erased.empty()) continue;
      const auto answer = formats::parse_canonical(part.part.bytes, k_answer_limits);
      if (!answer || !answer->is_object()) continue;
      // An answer without a new time says how it ended: nothing is awaited any more.
      until = time_in(*answer, measure.execute_by);
    }
  }
  return until;
}

}  // namespace comity::node
