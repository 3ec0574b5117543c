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

constexpr std::size_t k_recipient_bytes_max = 128;

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
/// One line: the name of an authority, a file or a proceeding.
Result<std::string> reference(Fields& fields, std::string_view key) {
  TRY_LET(std::string text, fields.text(key, k_reference_bytes_max));
  if (const auto flaw = treaty::text_flaw(text, false)) return fields.refuse(key, *flaw);
  return text;
}

/// One code at least, none twice.
Result<std::vector<std::string>> codes(Fields& fields, std::string_view key, std::size_t max) {
  TRY_LET(auto list, fields.texts(key, max, k_code_bytes_max));
  std::set<std::string_view> known;
  for (const auto& one : list)
    if (!is_code(one) || !known.insert(one).second)
      return fields.refuse(key, "must be codes, none twice");
  if (list.empty()) return fields.refuse(key, "must name one at least");
  return list;
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

/// None twice; perhaps none at all.
Result<std::vector<ItemId>> items_of(Fields& fields) {
  TRY_LET(const auto texts, fields.texts("items", k_act_items_max, 2 * ItemId{}.bytes.size()));
  std::vector<ItemId> items;
  for (const auto& text : texts) {
    const auto item = ItemId::from_hex(text);
    if (!item || item->is_zero() || std::ranges::find(items, *item) != items.end())
      return fields.refuse("items", "must be items, none twice");
    items.push_back(*item);
  }
  return items;
}

/// Refusal, in whole or in part, and postponement alike: the consultation offered before, or why
/// there could be none (40(28)).
template <typename T>
Result<void> read_consulted(Fields& fields, T& body) {
  TRY_LET(body.consultation, nullable_id<Digest>(fields, "consultation"));
  TRY_LET(body.consultation_impossible, nullable(fields, "consultation_impossible", words));
  if (body.consultation.has_value() == body.consultation_impossible.has_value())
    return fields.refuse("consultation",
                         "or consultation_impossible must be given, and not both: "
                         "consultation comes first");
  return {};
}

/// That a member is there or null as its kind asks for.
Result<void> check_need(Fields& fields, std::string_view key, Need need, bool is_there) {
  if (need == Need::must && !is_there) return fields.refuse(key, "must be given for this kind");
  if (need == Need::never && is_there) return fields.refuse(key, "says nothing in this kind");
  return {};
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
  TRY_LET(body.without_treaty, fields.optional_text("without_treaty", k_code_bytes_max));
  if (body.without_treaty && !is_code(*body.without_treaty))
    return fields.refuse("without_treaty", "must be a code: reciprocity or domestic-law");
  return body;
}

Result<Body> read_supplement(Fields& fields) {
  SupplementBody body;
  TRY_LET(body.answers, nullable_id<Digest>(fields, "answers"));
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
    TRY_LET(condition.until, nullable_time(item, "until"));
    if (condition.code == k_retention && !condition.until)
      return item.refuse("until", "must say when retention ends");
    TRY(item.end());
    body.conditions.push_back(std::move(condition));
  }
  TRY_LET(body.preserve_until, nullable_time(fields, "preserve_until"));
  TRY_LET(body.secured_at, nullable_time(fields, "secured_at"));
  TRY_LET(body.assessment, nullable_id<Digest>(fields, "assessment"));
  TRY_LET(const Json* refused, fields.value("refused"));
  if (!refused->is_null()) {
    TRY_LET(Fields inner, fields.object("refused"));
    RefusedPart part;
    TRY_LET(part.grounds, codes(inner, "grounds", k_grounds_max));
    TRY(read_consulted(inner, part));
    TRY(inner.end());
    body.refused = std::move(part);
  }
  return body;
}

Result<Body> read_refusal(Fields& fields) {
  RefusalBody body;
  TRY_LET(body.grounds, codes(fields, "grounds", k_grounds_max));
  TRY_LET(body.assessment, nullable_id<Digest>(fields, "assessment"));
  TRY(read_consulted(fields, body));
  return body;
}

Result<Body> read_delivery(Fields& fields) {
  DeliveryBody body;
  TRY_LET(body.acceptance, identifier<Digest>(fields, "acceptance"));
  TRY_LET(body.item, identifier<ItemId>(fields, "item"));
  TRY_LET(body.manifest, fields.text("manifest", k_code_bytes_max));
  if (!is_part_name(body.manifest)) return fields.refuse("manifest", "must be a part's name");
  TRY_LET(body.authorisation, nullable_id<Digest>(fields, "authorisation"));
  TRY_LET(body.emergency, fields.boolean("emergency"));
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

Result<Body> read_return(Fields& fields) {
  TRY_LET(auto missing, codes(fields, "missing", k_missing_max));
  return ReturnBody{std::move(missing)};
}

Result<Body> read_postponement(Fields& fields) {
  PostponementBody body;
  TRY_LET(body.ground, code(fields, "ground"));
  TRY_LET(body.until, fields.instant("until"));
  TRY(read_consulted(fields, body));
  return body;
}

Result<Body> read_resumption(Fields& fields) {
  TRY_LET(const Digest postponement, identifier<Digest>(fields, "postponement"));
  return ResumptionBody{postponement};
}

Result<Body> read_authorisation(Fields& fields) {
  AuthorisationBody body;
  TRY_LET(const std::size_t type, fields.choice("authority_type", k_authority_types));
  body.authority_type = static_cast<AuthorityType>(type);
  TRY_LET(body.authority, reference(fields, "authority"));
  TRY_LET(body.reference, reference(fields, "reference"));
  TRY_LET(body.issued_at, fields.instant("issued_at"));
  TRY_LET(body.valid_from, fields.instant("valid_from"));
  TRY_LET(body.valid_to, fields.instant("valid_to"));
  if (body.valid_to <= body.valid_from)
    return fields.refuse("valid_to", "must be later than valid_from");
  TRY_LET(body.data_categories, codes(fields, "data_categories", k_categories_max));
  TRY_LET(body.remedy_until, nullable_time(fields, "remedy_until"));
  TRY_LET(body.record, identifier<Digest>(fields, "record"));
  return body;
}

Result<Body> read_proposal(Fields& fields) {
  ProposalBody body;
  TRY_LET(body.kind, fields.parsed<ProposalKind>("kind", proposal_kind));
  TRY_LET(body.proceeding, nullable(fields, "proceeding", reference));
  TRY_LET(body.state,
          nullable(fields, "state", [](Fields& f, std::string_view key) { return f.state(key); }));
  TRY_LET(body.until, nullable_time(fields, "until"));
  TRY_LET(body.items, items_of(fields));
  const auto& row = row_of(body.kind);
  TRY(check_need(fields, "proceeding", row.proceeding, body.proceeding.has_value()));
  TRY(check_need(fields, "state", row.state, body.state.has_value()));
  TRY(check_need(fields, "until", row.until, body.until.has_value()));
  TRY(check_need(fields, "items", row.items, !body.items.empty()));
  return body;
}

Result<Body> read_reply(Fields& fields) {
  ReplyBody body;
  TRY_LET(body.to, identifier<Digest>(fields, "to"));
  TRY_LET(body.agrees, fields.boolean("agrees"));
  return body;
}

Result<Body> read_notice(Fields& fields) {
  NoticeBody body;
  TRY_LET(body.kind, fields.parsed<NoticeKind>("kind", notice_kind));
  TRY_LET(body.until, nullable_time(fields, "until"));
  TRY_LET(body.authority, nullable(fields, "authority", code));
  TRY_LET(body.items, items_of(fields));
  const auto& row = row_of(body.kind);
  TRY(check_need(fields, "until", row.until, body.until.has_value()));
  TRY(check_need(fields, "authority", row.authority, body.authority.has_value()));
  TRY(check_need(fields, "items", row.items, !body.items.empty()));
  return body;
}

Result<Body> read_annulment(Fields& fields) {
  AnnulmentBody body;
  TRY_LET(body.authorisation, nullable_id<Digest>(fields, "authorisation"));
  TRY_LET(body.items, items_of(fields));
  TRY_LET(const std::size_t demand, fields.choice("demand", k_demands));
  body.demand = static_cast<Demand>(demand);
  if (!body.authorisation && body.items.empty())
    return fields.refuse("items", "or an authorisation must be named");
  return body;
}

/// In the order of ActType.
constexpr std::array k_readers = {
    read_request,    read_supplement, read_query,        read_consultation, read_acceptance,
    read_refusal,    read_delivery,   read_arrival,      read_withdrawal,   read_closure,
    read_completion, read_return,     read_postponement, read_resumption,   read_authorisation,
    read_proposal,   read_reply,      read_notice,       read_annulment};
static_assert(k_readers.size() == std::variant_size_v<Body>);

/// The part that an act of this body can not do without; empty: none.
struct NeededPart {
  std::string operator()(const QueryBody& body) const {
    return body.kind == QueryKind::information ? "text" : "";
  }
  std::string operator()(const ConsultationBody&) const { return "text"; }
  std::string operator()(const AcceptanceBody& body) const { return body.refused ? "reasons" : ""; }
  std::string operator()(const RefusalBody&) const { return "reasons"; }
  std::string operator()(const DeliveryBody& body) const { return body.manifest; }
  std::string operator()(const CompletionBody& body) const { return body.manifest; }
  std::string operator()(const ReturnBody&) const { return "text"; }
  std::string operator()(const PostponementBody&) const { return "reasons"; }
  std::string operator()(const ProposalBody&) const { return "text"; }
  std::string operator()(const ReplyBody& body) const { return body.agrees ? "" : "text"; }
  std::string operator()(const NoticeBody&) const { return "text"; }
  std::string operator()(const AnnulmentBody&) const { return "reasons"; }
  template <typename Other>
  std::string operator()(const Other&) const {
    return "";
  }
};

/// A supplement that brings nothing says nothing.
bool is_empty(const Body& body, const std::vector<PartBinding>& parts) {
  return std::holds_alternative<SupplementBody>(body) && parts.empty();
}

}  // namespace

std::string_view name_of(QueryKind kind) {
  return k_query_kinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(AuthorityType type) {
  return k_authority_types[static_cast<std::size_t>(type)];
}

std::string_view name_of(Demand demand) {
  return k_demands[static_cast<std::size_t>(demand)];
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
  const auto needed = std::visit(NeededPart{}, body);
  if (!needed.empty() &&
      std::ranges::find(substance.parts, needed, &PartBinding::name) == substance.parts.end())
    return fault(FaultCode::act_form, "parts: a " + std::string(name_of(substance.type)) +
                                          " needs the part '" + needed + "'");
  if (is_empty(body, substance.parts))
    return fault(FaultCode::act_form, "parts: a supplement needs one at least");
  return body;
}

}  // namespace comity::exchange
