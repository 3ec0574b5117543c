#include "node/judgement.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "node/footing.hpp"

namespace comity::node {

Result<law::Assessment> assess_request(Turn& turn, const ExchangeId& exchange) {
  const auto& charter = turn.charter();
  TRY_LET(const auto request, request_of(turn, exchange));
  const auto& substance = request.act.substance;
  if (substance.to != charter.state)
    return fault(FaultCode::act_illegal, "the other State assesses this request");
  TRY_LET(const auto* measure, need_measure(charter, substance.instrument, substance.measure));
  const auto& instrument = *applied(charter, substance.instrument);
  const auto* status = treaty::register_of(charter.registers, instrument.code);
  if (status == nullptr)
    return fault(FaultCode::act_basis, instrument.code + ": no register says who is bound");
  TRY_LET(const Json fields, request_fields(turn, request));
  const auto made_at = request.act.order.made_at;
  std::vector<std::string> roles, without_treaty;
  if (const auto partner = turn.office.partners.find(substance.from);
      partner != turn.office.partners.end()) {
    without_treaty = partner->second.entry.published.without_treaty;
    for (const auto& authority : partner->second.entry.authorities)
      if (authority.code == substance.from_authority) roles = authority.roles;
  }
  std::vector<std::string> absent;
  for (const auto& part : request.parts)
    if (!part.erased.empty()) absent.push_back(part.part.name);
  return law::assess(
      {.instrument = instrument,
       .measure = *measure,
       .status = *status,
       .profile = charter.profile,
       .requesting = substance.from,
       .requested = substance.to,
       .sender_roles = std::move(roles),
       .fields = fields,
       .absent = std::move(absent),
       .exercise = substance.exercise,
       .on = made_at,
       .parent_status = treaty::register_of(charter.registers, instrument.parent),
       .governing = treaty::governing(*charter.treaties, charter.registers, instrument,
                                      substance.from, substance.to, made_at),
       .requesting_without_treaty = std::move(without_treaty)});
}

namespace {

/// Why a second legal reviewer must stand behind the decision, by the codes of findings.
Json second_review_of(const law::Assessment& assessment, const std::vector<law::Answer>& answers) {
  Json codes = Json::array();
  for (const auto& code : law::second_review(assessment, answers)) codes.push_back(code);
  return codes;
}

std::optional<Digest> decided_upon(const exchange::Substance& substance) {
  if (const auto acceptance = exchange::body_as<exchange::AcceptanceBody>(substance))
    return acceptance->assessment;
  if (const auto refusal = exchange::body_as<exchange::RefusalBody>(substance))
    return refusal->assessment;
  return std::nullopt;
}

}  // namespace

Result<Digest> keep_decision(Turn& turn, const law::Assessment& assessment,
                             const std::vector<law::Answer>& answers) {
  const auto text =
      formats::canonical(Json::object({{"answers", law::to_json(answers)},
                                       {"assessment", law::to_json(assessment)},
                                       {"second_review", second_review_of(assessment, answers)}}));
  const auto digest = crypto::sha256(as_bytes(text));
  TRY(turn.store().put_setting("decision/" + digest.hex(), text));
  return digest;
}

bool needs_second_reviewer(Turn& turn, const exchange::Substance& substance) {
  const auto decision = decided_upon(substance);
  if (!decision) return false;
  const auto kept = turn.store().setting("decision/" + decision->hex());
  // What was decided upon can not be read: doubt asks for more eyes, never for fewer.
  if (!kept || !*kept || crypto::sha256(as_bytes(**kept)) != *decision) return true;
  const auto json = formats::parse_json(as_bytes(**kept));
  const auto* codes = json ? json->find("second_review") : nullptr;
  return codes == nullptr || !codes->is_array() || codes->size() > 0;
}

}  // namespace comity::node
