#include <algorithm>

#include "treaty/instrument_load.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

// What the evaluator of each kind can say, and what it needs to say it.
struct Needs {
  bool met, not_met, human;       // verdicts that it can give
  std::vector<FieldKind> fields;  // kinds of its first fields, in order
  bool limit, declaration;
  bool question = true;  // false: the questions are the profile's
};

Needs needs_of(CheckKind kind) {
  switch (kind) {
    case CheckKind::authority:
    case CheckKind::complete:
      return {true, true, false, {}, false, false};
    case CheckKind::in_force:
      return {true, true, true, {}, false, false};
    case CheckKind::scope:
      return {true, true, true, {FieldKind::codes, FieldKind::integer}, true, false};
    case CheckKind::language:
      return {true, true, false, {FieldKind::code}, false, false};
    case CheckKind::dual_criminality:
      return {true, true, true, {FieldKind::codes}, false, false};
    case CheckKind::categories:
      return {true, true, false, {}, false, false};
    case CheckKind::reservation:
      return {true, false, true, {FieldKind::codes}, false, true};
    case CheckKind::offered:
      return {true, true, false, {}, false, false};
    case CheckKind::partner:
    case CheckKind::screen:
    case CheckKind::authorisation:
      return {true, false, true, {}, false, false};
    case CheckKind::rules:
      return {true, false, true, {}, false, false, false};
    case CheckKind::human:
      return {false, false, true, {}, false, false};
  }
  return {};
}

Result<void> check_fields(const Fields& fields, const Check& check, const Needs& needs,
                          const Measure& measure) {
  if (check.fields.size() < needs.fields.size())
    return fields.refuse("fields", "must name what this kind of check reads");
  for (std::size_t i = 0; i < check.fields.size(); ++i) {
    const auto* field = measure.field(check.fields[i]);
    if (field == nullptr)
      return fields.refuse("fields", "\"" + check.fields[i] + "\" is no field of the measure");
    if (i < needs.fields.size() && field->kind != needs.fields[i])
      return fields.refuse("fields", "\"" + field->code + "\" must be of kind " +
                                         std::string(name_of(needs.fields[i])));
  }
  return {};
}

// Categories of data come from a field of the form, or from the measure itself, and not from both.
Result<void> read_categories(Fields& fields, const Instrument& instrument, const Measure& measure,
                             Check& check) {
  TRY_LET(check.categories, fields.optional_texts("categories"));
  const bool wants = check.kind == CheckKind::categories || check.kind == CheckKind::authorisation;
  if (!wants && !check.categories.empty())
    return fields.refuse("categories", "is not for this kind of check");
  if (!wants) return {};
  const auto known = instrument.lists.find("data-category");
  for (const auto& code : check.categories)
    if (known == instrument.lists.end() ||
        std::ranges::find(known->second, code, &Code::code) == known->second.end())
      return fields.refuse("categories", "\"" + code + "\" is in no list 'data-category'");
  const auto* field = check.fields.empty() ? nullptr : measure.field(check.fields[0]);
  if (check.categories.empty() != (field != nullptr && field->kind == FieldKind::codes))
    return fields.refuse("categories", "must be here, or in a field of codes");
  return {};
}

}  // namespace

Result<Check> read_check(Fields& fields, const Instrument& instrument, const Measure& measure) {
  Check check;
  TRY_LET(check.code, read_code(fields));
  TRY_LET(check.kind, read_name(fields, "kind", k_check_kinds));
  const auto needs = needs_of(check.kind);
  TRY_LET(check.clauses, read_cites(fields, instrument));
  TRY_LET(check.fields, fields.optional_texts("fields"));
  TRY(check_fields(fields, check, needs, measure));
  TRY(read_categories(fields, instrument, measure, check));
  TRY_LET(check.grounds, fields.optional_texts("grounds"));
  for (const auto& ground : check.grounds)
    if (measure.ground(ground) == nullptr)
      return fields.refuse("grounds", "\"" + ground + "\" is no ground of the measure");
  TRY_LET(check.title, read_texts(fields, "title"));
  if (needs.met) {
    TRY_LET(check.reason_met, read_texts(fields, "reason_met"));
  }
  if (needs.not_met) {
    TRY_LET(check.not_met, read_name(fields, "not_met", k_not_met));
    TRY_LET(check.reason_not_met, read_texts(fields, "reason_not_met"));
    if (check.not_met == NotMet::refuse && check.grounds.empty())
      return fields.refuse("grounds", "must name the ground that arises");
  }
  if (needs.human) {
    TRY_LET(check.reason_human, read_texts(fields, "reason_human"));
  }
  // Whatever a person can be asked needs the words of the question, and which answer is open.
  const bool closes = check.not_met == NotMet::block || check.not_met == NotMet::ask_first;
  if (needs.question && (needs.human || !closes)) {
    TRY_LET(check.question, read_texts(fields, "question"));
    if (fields.has("accept_if") || needs.human) {
      TRY_LET(check.accept_if, read_name(fields, "accept_if", k_accept_if));
    }
  }
  TRY_LET(check.second_review, read_name_or_first(fields, "second_review", k_second_reviews));
  if (check.second_review == SecondReview::if_closing && check.accept_if == AcceptIf::any)
    return fields.refuse("second_review", "waits for an answer that closes, and none does");
  if (check.kind == CheckKind::screen) {
    const auto is_words = [&](const std::string& code) {
      const auto kind = measure.field(code)->kind;
      return kind == FieldKind::text || kind == FieldKind::long_text || kind == FieldKind::rows;
    };
    if (check.fields.empty() || !std::ranges::all_of(check.fields, is_words))
      return fields.refuse("fields", "of a screen must be texts or rows");
  }
  // Without an offence that comes in by its penalty there is no least penalty.
  const bool by_penalty = std::ranges::find(instrument.offences, Scope::serious_crime,
                                            &Offence::scope) != instrument.offences.end();
  if (needs.limit && by_penalty) {
    TRY_LET(const std::string limit, fields.text("limit"));
    const auto found = instrument.limits.find(limit);
    if (found == instrument.limits.end())
      return fields.refuse("limit", "\"" + limit + "\" is no limit of the instrument");
    check.number = found->second.value;
  }
  if (needs.declaration) {
    TRY_LET(check.declaration, fields.text("declaration"));
    if (!instrument.has_declaration(check.declaration))
      return fields.refuse("declaration", "is no declaration of the instrument");
  }
  return check;
}

}  // namespace comity::treaty
