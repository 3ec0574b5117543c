// The form of a measure: what is missing or wrong in it, and how its values travel. The same checks
// hold at the sender, which can not sign with a gap, and at the receiver.
// Nothing here knows a field by name: measures are data (treaty/instrument.hpp).
#pragma once

#include "treaty/instrument.hpp"

namespace comity::treaty {

inline constexpr std::size_t k_text_field_bytes_max = 1000;
inline constexpr std::size_t k_long_text_field_bytes_max = 20'000;
inline constexpr std::size_t k_rows_max = 200;

/// One thing that is missing or wrong. `why` completes the sentence "LABEL …": "is missing".
struct Gap {
  std::string field;    // code; "data[2].kind" inside rows
  std::string label;    // for people; empty for a field that the form does not have
  std::string article;  // citation: "42(3)(b)"
  Basis basis{};        // who asks for it
  std::string why;
  std::string example;  // a value as it would be written; canonical JSON unless it is a text
  bool operator==(const Gap&) const = default;
};

/// All gaps, in the order of the form, unknown fields last. `fields` is an object: code → value.
/// Empty: the form is complete.
std::vector<Gap> gaps(const Measure& measure, const Json& fields);

/// One sentence a gap, each with its article, joined by line feeds.
std::string to_text(const std::vector<Gap>& gaps);

/// True if `fields` has what makes this field required.
bool is_required(const Field& field, const Json& fields);

/// A value that travels beside the act. `name` is the field's code.
struct PartValue {
  std::string name, media_type;
  Bytes bytes;
  bool operator==(const PartValue&) const = default;
};

struct Split {
  Json body;                     // object: fields that stay in the act
  std::vector<PartValue> parts;  // in the order of the form
};

/// Sorts a complete form by place. Fault: act.incomplete, naming every gap with its article.
Result<Split> split(const Measure& measure, const Json& fields);

/// The form again, from the body and the parts at hand; absent parts leave their fields absent.
/// Faults: act.form for a body field that is unknown or belongs in a part; act.part for a part that
/// is unknown, comes twice, or is not written as `split` writes it.
Result<Json> join(const Measure& measure, const Json& body, const std::vector<PartValue>& parts);

/// JSON Schema (draft 7) of the whole form, for integrators. It accepts every form without gaps;
/// what no schema of draft 7 can say (order of dates, treacherous characters) only `gaps` finds.
Json schema_of(const Measure& measure);
/// The same of the form of what is given, where the instrument bounds it (Measure::answer).
Json schema_of_answer(const Measure& measure);

/// A form for `to` begun with what `from` holds under the same codes and kinds; `reference`, if it
/// is a field of `to`, names the exchange that it goes on from.
Json carried_over(const Measure& from, const Json& fields, const Measure& to,
                  const std::string& reference);

}  // namespace comity::treaty
