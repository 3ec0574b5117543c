// What an act of each type says beyond its envelope: the body as a typed value (spec/acts.md §6).
// Reading is strict and judges form only: whether the step is open is judged in situation.hpp,
// whether a request is complete in treaty/form.hpp.
#pragma once

#include <array>
#include <variant>

#include "exchange/kinds.hpp"

namespace comity::exchange {

inline constexpr std::size_t k_conditions_max = 20;
inline constexpr std::size_t k_grounds_max = 20;
inline constexpr std::size_t k_statement_bytes_max = 4096;  // of a text that a body carries
inline constexpr std::size_t k_missing_max = 100;           // fields that a return names
inline constexpr std::size_t k_act_items_max = 32;          // items that one act names
inline constexpr std::size_t k_categories_max = 20;         // of data, in an authorisation
inline constexpr std::size_t k_reference_bytes_max = 200;   // of an authority, a file, a proceeding

struct RequestBody {
  formats::Json fields = formats::Json::object();  // of the measure's form, those that are no parts
  std::optional<std::string> recipient;  // age1…, made for this request alone; absent: the measure
                                         // delivers nothing (preservation)
  std::optional<ExchangeId> linked;      // the exchange that this one goes on from
  std::optional<std::string> without_treaty;  // "reciprocity", "domestic-law": no treaty binds
                                              // both; absent: the instrument does
  bool operator==(const RequestBody&) const = default;
};

struct SupplementBody {           // part "text" or others: one at least
  std::optional<Digest> answers;  // a query, a consultation or a return of the other side
  bool operator==(const SupplementBody&) const = default;
};

enum class QueryKind { status, information, reminder };
inline constexpr std::array<std::string_view, 3> k_query_kinds = {"status", "information",
                                                                  "reminder"};
std::string_view name_of(QueryKind kind);

struct QueryBody {  // part "text": must be there when information is asked for
  QueryKind kind{};
  bool operator==(const QueryBody&) const = default;
};

struct ConsultationBody {  // part "text"
  std::string about;       // code: a ground, a condition, a date
  bool operator==(const ConsultationBody&) const = default;
};

struct Condition {
  std::string code, text;
  std::optional<Instant> until = std::nullopt;  // "retention": what was given is deleted by then
  bool operator==(const Condition&) const = default;
};
/// The code of the condition whose `until` a node enforces: no item is opened after it.
inline constexpr std::string_view k_retention = "retention";

/// What part of a request is not accepted, on which grounds. Part "reasons".
struct RefusedPart {
  std::vector<std::string> grounds;    // codes, one at least, none twice
  std::optional<Digest> consultation;  // exactly one of these, as in a refusal
  std::optional<std::string> consultation_impossible;
  bool operator==(const RefusedPart&) const = default;
};

struct AcceptanceBody {
  std::vector<Condition> conditions;
  std::optional<Instant> preserve_until, secured_at;  // of a preservation
  std::optional<Digest> assessment;                   // SHA-256 of the assessment decided upon
  std::optional<RefusedPart> refused = std::nullopt;  // the request is accepted in part
  bool operator==(const AcceptanceBody&) const = default;
};

struct RefusalBody {                 // part "reasons"
  std::vector<std::string> grounds;  // codes, one at least, none twice
  // Exactly one of these: the consultation offered before, or why it could not be.
  std::optional<Digest> consultation;
  std::optional<std::string> consultation_impossible;
  std::optional<Digest> assessment = std::nullopt;  // as in an acceptance
  bool operator==(const RefusalBody&) const = default;
};

struct DeliveryBody {
  Digest acceptance;
  ItemId item;
  std::string manifest;                                // name of the part that holds it
  std::optional<Digest> authorisation = std::nullopt;  // the act that tells of it
  bool emergency = false;  // one officer signed; a second looks at it afterwards (41(3))
  bool operator==(const DeliveryBody&) const = default;
};

struct ArrivalBody {
  Digest delivery;
  ItemId item;
  Instant verified_at;
  Digest chunk_root;  // the root that every chunk was verified against
  bool operator==(const ArrivalBody&) const = default;
};

struct CompletionBody {
  Digest delivery;
  ItemId item;
  std::string manifest;  // name of the part that holds the final one
  bool operator==(const CompletionBody&) const = default;
};

struct WithdrawalBody {  // part "reasons" if there is something to say
  bool operator==(const WithdrawalBody&) const = default;
};

struct ClosureBody {
  std::string outcome;  // code: "executed", "refused", "withdrawn"
  bool operator==(const ClosureBody&) const = default;
};

struct ReturnBody {                  // part "text"
  std::vector<std::string> missing;  // codes of the form's fields, one at least, none twice
  bool operator==(const ReturnBody&) const = default;
};

struct PostponementBody {  // part "reasons"
  std::string ground;      // code: "ongoing-case" (40(27)), "remedy" (24(2))
  Instant until;           // when it is looked at again
  // Exactly one of these, as in a refusal.
  std::optional<Digest> consultation;
  std::optional<std::string> consultation_impossible;
  bool operator==(const PostponementBody&) const = default;
};

struct ResumptionBody {  // part "text" if there is something to say
  Digest postponement;   // the latest
  bool operator==(const ResumptionBody&) const = default;
};

enum class AuthorityType { court, independent_body, prosecutor, police };
inline constexpr std::array<std::string_view, 4> k_authority_types = {"court", "independent-body",
                                                                      "prosecutor", "police"};
std::string_view name_of(AuthorityType type);

/// What the requesting State may know of an authorisation at home. The whole object (article 24:
/// grounds, necessity, proportionality, …) stays, bound by `record`.
struct AuthorisationBody {
  AuthorityType authority_type{};
  std::string authority, reference;
  Instant issued_at, valid_from, valid_to;
  std::vector<std::string> data_categories;  // codes, one at least, none twice
  std::optional<Instant> remedy_until;       // until when a person may challenge it
  Digest record;                             // SHA-256 of the object kept at home
  bool operator==(const AuthorisationBody&) const = default;
};

struct ProposalBody {  // part "text"
  ProposalKind kind{};
  std::optional<std::string> proceeding;  // as the requesting State calls it
  std::optional<StateCode> state;         // to which it would be handed on
  std::optional<Instant> until;
  std::vector<ItemId> items;  // empty: all
  bool operator==(const ProposalBody&) const = default;
};

struct ReplyBody {  // part "text" when it declines
  Digest to;        // a proposal, or the acceptance whose conditions wait
  bool agrees = false;
  bool operator==(const ReplyBody&) const = default;
};

struct NoticeBody {  // part "text"
  NoticeKind kind{};
  std::optional<Instant> until;
  std::optional<std::string> authority;  // code of the directory entry
  std::vector<ItemId> items;
  bool operator==(const NoticeBody&) const = default;
};

enum class Demand { destroy, return_ };
inline constexpr std::array<std::string_view, 2> k_demands = {"destroy", "return"};
std::string_view name_of(Demand demand);

struct AnnulmentBody {                  // part "reasons"
  std::optional<Digest> authorisation;  // the act that fell; nothing is delivered under it any more
  std::vector<ItemId> items;            // delivered ones that fall; one at least if none fell
  Demand demand{};                      // what becomes of them
  bool operator==(const AnnulmentBody&) const = default;
};

/// In the order of ActType.
using Body = std::variant<RequestBody, SupplementBody, QueryBody, ConsultationBody, AcceptanceBody,
                          RefusalBody, DeliveryBody, ArrivalBody, WithdrawalBody, ClosureBody,
                          CompletionBody, ReturnBody, PostponementBody, ResumptionBody,
                          AuthorisationBody, ProposalBody, ReplyBody, NoticeBody, AnnulmentBody>;
static_assert(std::variant_size_v<Body> == k_act_types);

inline ActType type_of(const Body& body) {
  return static_cast<ActType>(body.index());
}

formats::Json to_json(const Body& body);
/// Fault: act.form, with the path of what is wrong.
Result<Body> read_body(ActType type, const formats::Json& json);
/// The body, and that the parts which the type needs are bound. Fault: act.form.
Result<Body> read_body(const Substance& substance);

/// The body of a substance whose type is known: body_as<RequestBody>(substance).
/// Fault: act.form, also when the substance is of another type.
template <typename T>
Result<T> body_as(const Substance& substance) {
  TRY_LET(Body body, read_body(substance));
  if (auto* wanted = std::get_if<T>(&body)) return std::move(*wanted);
  return fault(FaultCode::act_form, "this act is a " + std::string(name_of(substance.type)));
}

}  // namespace comity::exchange
