// What an act of each type says beyond its envelope: the body as a typed value (spec/acts.md §6).
// Reading is strict and judges form only: whether the step is open is judged in situation.hpp,
// whether a request is complete in treaty/form.hpp.
#pragma once

#include <variant>

#include "exchange/act.hpp"

namespace comity::exchange {

inline constexpr std::size_t k_conditions_max = 20;
inline constexpr std::size_t k_grounds_max = 20;
inline constexpr std::size_t k_statement_bytes_max = 4096;  // of a text that a body carries

struct RequestBody {
  formats::Json fields = formats::Json::object();  // of the measure's form, those that are no parts
  std::optional<std::string> recipient;  // age1…, made for this request alone; absent: the measure
                                         // delivers nothing (preservation)
  std::optional<ExchangeId> linked;      // the exchange that this one goes on from
  bool operator==(const RequestBody&) const = default;
};

struct SupplementBody {                         // part "text" or others: one at least
  std::optional<Digest> answers;                // a query or a consultation of the other side
  std::optional<Digest> accepts_conditions_of;  // the standing acceptance
  bool operator==(const SupplementBody&) const = default;
};

enum class QueryKind { status, information };
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
  bool operator==(const Condition&) const = default;
};

struct AcceptanceBody {
  std::vector<Condition> conditions;
  std::optional<Instant> preserve_until, secured_at;  // of a preservation
  std::optional<Digest> assessment;                   // SHA-256 of the assessment decided upon
  bool operator==(const AcceptanceBody&) const = default;
};

struct RefusalBody {                 // part "reasons"
  std::vector<std::string> grounds;  // codes, one at least, none twice
  // Exactly one of these: the consultation offered before, or why it could not be.
  std::optional<Digest> consultation;
  std::optional<std::string> consultation_impossible;
  bool operator==(const RefusalBody&) const = default;
};

struct DeliveryBody {
  Digest acceptance;
  ItemId item;
  std::string manifest;  // name of the part that holds it
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

/// In the order of ActType.
using Body = std::variant<RequestBody, SupplementBody, QueryBody, ConsultationBody, AcceptanceBody,
                          RefusalBody, DeliveryBody, ArrivalBody, WithdrawalBody, ClosureBody,
                          CompletionBody>;

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
