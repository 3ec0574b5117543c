#include "exchange/body.hpp"

#include <array>
#include <set>

#include "exchange/codes.hpp"
#include "formats/age_keys.hpp"
#include "formats/fields.hpp"
#include "treaty/texts.hpp"

namespace comity::exchange {
namespace {

using formats::Fields;
using formats::Json;

constexpr std::array<std::string_view, 2> k_query_kinds = {"status", "information"};
constexpr std::size_t k_recipient_bytes_max = 128;

template <typename T>
Json hex_or_null(const std::optional<T>& id) {
  return id ? Json(id->hex()) : Json();
}
Json time_or_null(const std::optional<Instant>& at) {
  return at ? Json(to_text_ms(*at)) : Json();
}

Json body_json(const RequestBody& body) {
  Json json = Json::object({{"fields", body.fields}, {"linked", hex_or_null(body.linked)}});
  return json.set_optional("recipient", body.recipient);
}
Json body_json(const SupplementBody& body) {
  return Json::object({{"accepts_conditions_of", hex_or_null(body.accepts_conditions_of)},
                       {"answers", hex_or_null(body.answers)}});
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
    conditions.push_back(Json::object({{"code", condition.code}, {"text", condition.text}}));
  return Json::object({{"assessment", hex_or_null(body.assessment)},
                       {"conditions", std::move(conditions)},
                       {"preserve_until", time_or_null(body.preserve_until)},
                       {"secured_at", time_or_null(body.secured_at)}});
}
Json body_json(const RefusalBody& body) {
  Json grounds = Json::array();
  for (const auto& ground : body.grounds) grounds.push_back(ground);
  return Json::object(
      {{"consultation", hex_or_null(body.consultation)},
       {"consultation_impossible",
        body.consultation_impossible ? Json(*body.consultation_impossible) : Json()},
       {"grounds", std::move(grounds)}});
}
Json body_json(const DeliveryBody& body) {
  return Json::object({{"acceptance", body.acceptance.hex()},
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

Result<std::string> code(Fields& fields, std::string_view key) {
  TRY_LET(std::string text, fields.text(key, k_code_bytes_max));
  if (!is_code(text)) return fields.refuse(key, "must be of letters, digits, '-' and '_'");
  return text;
}

Result<std::string> words(Fields& fields, std::string_view key) {
  TRY_LET(std::string text, fields.text(key, k_statement_bytes_max));
  if (const auto flaw = treaty::text_flaw(text, true)) return fields.refuse(key, *flaw);
  return text;
}

/// Zero stands for "none" in memory, so it must not stand for something on paper.
template <typename T>
Result<T> identifier(Fields& fields, std::string_view key) {
  TRY_LET(const T id, fields.id<T>(key));
  if (id.is_zero()) return fields.refuse(key, "must not be zero");
  return id;
}

/// A member that must be there, and may be null.
template <typename Read>
auto nullable(Fields& fields, std::string_view key, Read&& read)
    -> Result<std::optional<typename decltype(read(fields, key))::value_type>> {
  TRY_LET(const Json* value, fields.value(key));
  if (value->is_null()) return std::nullopt;
  TRY_LET(auto inner, read(fields, key));
  return inner;
}
template <typename T>
Result<std::optional<T>> nullable_id(Fields& fields, std::string_view key) {
  return nullable(fields, key, identifier<T>);
}
Result<std::optional<Instant>> nullable_time(Fields& fields, std::string_view key) {
  return nullable(fields, key, [](Fields& f, std::string_view k) { return f.instant(k); });
}

Result<Body> read_request(Fields& fields) {
  RequestBody body;
  TRY_LET(const Json* form, fields.value("fields"));
  if (!form->is_object()) return fields.refuse("fields", "must be an object");
  body.fields = *form;
  TRY_LET(body.recipient, fields.optional_text("recipient", k_recipient_bytes_max));
  if (body.recipient && !formats::AgeRecipient::from_text(*body.recipient))
    return fields.refuse("recipient", "must be an age recipient (age1…)");
  TRY_LET(body.linked, nullable_id<ExchangeId>(fields, "linked"));
  return body;
}

Result<Body> read_supplement(Fields& fields) {
  SupplementBody body;
  TRY_LET(body.answers, nullable_id<Digest>(fields, "answers"));
  TRY_LET(body.accepts_conditions_of, nullable_id<Digest>(fields, "accepts_conditions_of"));
  return body;
}

Result<Body> read_query(Fields& fields) {
  TRY_LET(const std::size_t kind, fields.choice("kind", k_query_kinds));
  return QueryBody{static_cast<QueryKind>(kind)};
}

Result<Body> read_consultation(Fields& fields) {
  TRY_LET(std::string about, code(fields, "about"));
  return ConsultationBody{std::move(about)};
}

Result<Body> read_acceptance(Fields& fields) {
  AcceptanceBody body;
  TRY_LET(const auto items, fields.array("conditions", k_conditions_max));
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = item_fields(fields, "conditions", i, items[i]);
    Condition condition;
    TRY_LET(condition.code, code(item, "code"));
    TRY_LET(condition.text, words(item, "text"));
    TRY(item.end());
    body.conditions.push_back(std::move(condition));
  }
  TRY_LET(body.preserve_until, nullable_time(fields, "preserve_until"));
  TRY_LET(body.secured_at, nullable_time(fields, "secured_at"));
  TRY_LET(body.assessment, nullable_id<Digest>(fields, "assessment"));
  return body;
}

Result<Body> read_refusal(Fields& fields) {
  RefusalBody body;
  TRY_LET(body.grounds, fields.texts("grounds", k_grounds_max, k_code_bytes_max));
  std::set<std::string_view> known;
  for (const auto& ground : body.grounds)
    if (!is_code(ground) || !known.insert(ground).second)
      return fields.refuse("grounds", "must be codes, none twice");
  if (body.grounds.empty()) return fields.refuse("grounds", "must name one ground at least");
  TRY_LET(body.consultation, nullable_id<Digest>(fields, "consultation"));
  TRY_LET(body.consultation_impossible, nullable(fields, "consultation_impossible", words));
  if (body.consultation.has_value() == body.consultation_impossible.has_value())
    return fields.refuse("consultation",
                         "or consultation_impossible must be given, and not both: "
                         "consultation comes before refusal");
  return body;
}

Result<Body> read_delivery(Fields& fields) {
  DeliveryBody body;
  TRY_LET(body.acceptance, identifier<Digest>(fields, "acceptance"));
  TRY_LET(body.item, identifier<ItemId>(fields, "item"));
  TRY_LET(body.manifest, fields.text("manifest", k_code_bytes_max));
  if (!is_part_name(body.manifest)) return fields.refuse("manifest", "must be a part's name");
  return body;
}

Result<Body> read_arrival(Fields& fields) {
  ArrivalBody body;
  TRY_LET(body.delivery, identifier<Digest>(fields, "delivery"));
  TRY_LET(body.item, identifier<ItemId>(fields, "item"));
  TRY_LET(body.verified_at, fields.instant("verified_at"));
  TRY_LET(body.chunk_root, identifier<Digest>(fields, "chunk_root"));
  return body;
}

Result<Body> read_withdrawal(Fields&) {
  return WithdrawalBody{};
}

Result<Body> read_closure(Fields& fields) {
  TRY_LET(std::string outcome, code(fields, "outcome"));
  return ClosureBody{std::move(outcome)};
}

Result<Body> read_completion(Fields& fields) {
  CompletionBody body;
  TRY_LET(body.delivery, identifier<Digest>(fields, "delivery"));
  TRY_LET(body.item, identifier<ItemId>(fields, "item"));
  TRY_LET(body.manifest, fields.text("manifest", k_code_bytes_max));
  if (!is_part_name(body.manifest)) return fields.refuse("manifest", "must be a part's name");
  return body;
}

/// In the order of ActType.
constexpr std::array k_readers = {read_request,      read_supplement, read_query,
                                  read_consultation, read_acceptance, read_refusal,
                                  read_delivery,     read_arrival,    read_withdrawal,
                                  read_closure,      read_completion};
static_assert(k_readers.size() == std::variant_size_v<Body>);

/// The part that an act of this body can not do without; empty: none.
std::string needed_part(const Body& body) {
  if (const auto* query = std::get_if<QueryBody>(&body))
    return query->kind == QueryKind::information ? "text" : "";
  if (std::holds_alternative<ConsultationBody>(body)) return "text";
  if (std::holds_alternative<RefusalBody>(body)) return "reasons";
  if (const auto* delivery = std::get_if<DeliveryBody>(&body)) return delivery->manifest;
  if (const auto* completion = std::get_if<CompletionBody>(&body)) return completion->manifest;
  return "";
}

/// A supplement that neither accepts conditions nor brings anything says nothing.
bool is_empty(const Body& body, const std::vector<PartBinding>& parts) {
  const auto* supplement = std::get_if<SupplementBody>(&body);
  return supplement != nullptr && !supplement->accepts_conditions_of && parts.empty();
}

}  // namespace

std::string_view name_of(QueryKind kind) {
  return k_query_kinds[static_cast<std::size_t>(kind)];
}

Json to_json(const Body& body) {
  return std::visit([](const auto& one) { return body_json(one); }, body);
}

Result<Body> read_body(ActType type, const Json& json) {
  Fields fields(json, "body");
  auto body = k_readers.at(static_cast<std::size_t>(type))(fields);
  if (!body) return fault(FaultCode::act_form, body.error().detail);
  if (const auto ended = fields.end(); !ended)
    return fault(FaultCode::act_form, ended.error().detail);
  return body;
}

Result<Body> read_body(const Substance& substance) {
  TRY_LET(Body body, read_body(substance.type, substance.body));
  const auto needed = needed_part(body);
  if (!needed.empty() &&
      std::ranges::find(substance.parts, needed, &PartBinding::name) == substance.parts.end())
    return fault(FaultCode::act_form, "parts: a " + std::string(name_of(substance.type)) +
                                          " needs the part '" + needed + "'");
  if (is_empty(body, substance.parts))
    return fault(FaultCode::act_form, "parts: a supplement needs one at least");
  return body;
}

}  // namespace comity::exchange
