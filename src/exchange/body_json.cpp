// Bodies of acts as JSON: every member of spec/acts.md §6, null where there is nothing to say.
#include "exchange/body.hpp"

namespace comity::exchange {
namespace {

using formats::Json;

template <typename T>
Json hex_or_null(const std::optional<T>& id) {
  return id ? Json(id->hex()) : Json();
}
Json time_or_null(const std::optional<Instant>& at) {
  return at ? Json(to_text_ms(*at)) : Json();
}
Json words_or_null(const std::optional<std::string>& words) {
  return words ? Json(*words) : Json();
}
Json list_of(const std::vector<std::string>& codes) {
  Json list = Json::array();
  for (const auto& code : codes) list.push_back(code);
  return list;
}
Json list_of(const std::vector<ItemId>& items) {
  Json list = Json::array();
  for (const auto& item : items) list.push_back(item.hex());
  return list;
}

Json body_json(const RequestBody& body) {
  Json json = Json::object({{"fields", body.fields}, {"linked", hex_or_null(body.linked)}});
  json.set_optional("recipient", body.recipient);
  return json.set_optional("without_treaty", body.without_treaty);
}
Json body_json(const SupplementBody& body) {
  return Json::object({{"answers", hex_or_null(body.answers)}});
}
Json body_json(const QueryBody& body) {
  return Json::object({{"kind", name_of(body.kind)}});
}
Json body_json(const ConsultationBody& body) {
  return Json::object({{"about", body.about}});
}
Json body_json(const AcceptanceBody& body) {
  Json conditions = Json::array();
  for (const auto& condition : body.conditions)
    conditions.push_back(Json::object({{"code", condition.code},
                                       {"text", condition.text},
                                       {"until", time_or_null(condition.until)}}));
  Json refused;
  if (body.refused)
    refused = Json::object(
        {{"consultation", hex_or_null(body.refused->consultation)},
         {"consultation_impossible", words_or_null(body.refused->consultation_impossible)},
         {"grounds", list_of(body.refused->grounds)}});
  return Json::object({{"assessment", hex_or_null(body.assessment)},
                       {"conditions", std::move(conditions)},
                       {"preserve_until", time_or_null(body.preserve_until)},
                       {"refused", std::move(refused)},
                       {"secured_at", time_or_null(body.secured_at)}});
}
Json body_json(const RefusalBody& body) {
  return Json::object({{"assessment", hex_or_null(body.assessment)},
                       {"consultation", hex_or_null(body.consultation)},
                       {"consultation_impossible", words_or_null(body.consultation_impossible)},
                       {"grounds", list_of(body.grounds)}});
}
Json body_json(const DeliveryBody& body) {
  return Json::object({{"acceptance", body.acceptance.hex()},
                       {"authorisation", hex_or_null(body.authorisation)},
                       {"emergency", body.emergency},
                       {"item", body.item.hex()},
                       {"manifest", body.manifest}});
}
Json body_json(const ArrivalBody& body) {
  return Json::object({{"chunk_root", body.chunk_root.hex()},
                       {"delivery", body.delivery.hex()},
                       {"item", body.item.hex()},
                       {"verified_at", to_text_ms(body.verified_at)}});
}
Json body_json(const WithdrawalBody&) {
  return Json::object();
}
Json body_json(const ClosureBody& body) {
  return Json::object({{"outcome", body.outcome}});
}
Json body_json(const CompletionBody& body) {
  return Json::object(
      {{"delivery", body.delivery.hex()}, {"item", body.item.hex()}, {"manifest", body.manifest}});
}
Json body_json(const ReturnBody& body) {
  return Json::object({{"missing", list_of(body.missing)}});
}
Json body_json(const PostponementBody& body) {
  return Json::object({{"consultation", hex_or_null(body.consultation)},
                       {"consultation_impossible", words_or_null(body.consultation_impossible)},
                       {"ground", body.ground},
                       {"until", to_text_ms(body.until)}});
}
Json body_json(const ResumptionBody& body) {
  return Json::object({{"postponement", body.postponement.hex()}});
}
Json body_json(const AuthorisationBody& body) {
  return Json::object({{"authority", body.authority},
                       {"authority_type", name_of(body.authority_type)},
                       {"data_categories", list_of(body.data_categories)},
                       {"issued_at", to_text_ms(body.issued_at)},
                       {"record", body.record.hex()},
                       {"reference", body.reference},
                       {"remedy_until", time_or_null(body.remedy_until)},
                       {"valid_from", to_text_ms(body.valid_from)},
                       {"valid_to", to_text_ms(body.valid_to)}});
}
Json body_json(const ProposalBody& body) {
  return Json::object({{"items", list_of(body.items)},
                       {"kind", name_of(body.kind)},
                       {"proceeding", words_or_null(body.proceeding)},
                       {"state", body.state ? Json(body.state->text()) : Json()},
                       {"until", time_or_null(body.until)}});
}
Json body_json(const ReplyBody& body) {
  return Json::object({{"agrees", body.agrees}, {"to", body.to.hex()}});
}
Json body_json(const NoticeBody& body) {
  return Json::object({{"authority", words_or_null(body.authority)},
                       {"items", list_of(body.items)},
                       {"kind", name_of(body.kind)},
                       {"until", time_or_null(body.until)}});
}
Json body_json(const AnnulmentBody& body) {
  return Json::object({{"authorisation", hex_or_null(body.authorisation)},
                       {"demand", name_of(body.demand)},
                       {"items", list_of(body.items)}});
}

}  // namespace

Json to_json(const Body& body) {
  return std::visit([](const auto& one) { return body_json(one); }, body);
}

}  // namespace comity::exchange
