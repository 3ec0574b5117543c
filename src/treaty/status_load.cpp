#include <algorithm>
#include <array>
#include <set>

#include "treaty/data_file.hpp"
#include "treaty/status.hpp"

namespace comity::treaty {
namespace {

using formats::Fields;

constexpr std::string_view k_format = "comity-status/1";
constexpr std::size_t k_standings_max = 400;  // some 200 States and organizations, with room
constexpr std::array<std::string_view, 4> k_kinds = {"ratification", "acceptance", "approval",
                                                     "accession"};

Result<Standing> read_standing(Fields& fields, const Instrument& instrument) {
  Standing standing;
  TRY_LET(standing.state, fields.state("state"));
  TRY_LET(const auto kind, fields.optional_choice("instrument", k_kinds));
  if (kind) standing.kind = k_kinds[*kind];
  TRY_LET(const auto organization, fields.optional_boolean("organization"));
  standing.counts = !organization.value_or(false);
  TRY_LET(standing.signed_on, read_optional_day(fields, "signed_on"));
  TRY_LET(standing.deposited_on, read_optional_day(fields, "deposited_on"));
  if (standing.deposited_on && !kind)
    return fields.refuse("instrument", "is missing beside the day of its deposit");
  TRY_LET(const auto reported, fields.optional_text("deposit_reported"));
  if (reported && standing.deposited_on)
    return fields.refuse("deposit_reported", "stands beside a known day");
  standing.deposit_reported = reported.value_or("");
  TRY_LET(standing.denounced_on, read_optional_day(fields, "denounced_on"));
  if (standing.denounced_on &&
      (!standing.deposited_on || *standing.denounced_on < *standing.deposited_on))
    return fields.refuse("denounced_on", "comes before the deposit");
  TRY_LET(standing.declarations, fields.optional_texts("declarations"));
  for (const auto& declaration : standing.declarations)
    if (!instrument.has_declaration(declaration))
      return fields.refuse("declarations", "\"" + declaration + "\" is none of the instrument");
  TRY_LET(standing.verified, fields.boolean("verified"));
  TRY_LET(standing.source, fields.text("source"));
  TRY(fields.end());
  return standing;
}

Result<Agreement> read_agreement(Fields& fields) {
  Agreement agreement;
  TRY_LET(const auto states, fields.texts("states", 2));
  if (states.size() != 2 || states[0] == states[1])
    return fields.refuse("states", "must name two States");
  const auto a = StateCode::from_text(states[0]), b = StateCode::from_text(states[1]);
  if (!a || !b) return fields.refuse("states", "must be codes of three capital letters");
  agreement.a = *a;
  agreement.b = *b;
  TRY_LET(agreement.instrument, fields.text("applies"));
  TRY_LET(agreement.since, read_day(fields, "since"));
  TRY_LET(agreement.until, read_optional_day(fields, "until"));
  if (agreement.until && *agreement.until <= agreement.since)
    return fields.refuse("until", "comes before it begins");
  TRY_LET(agreement.source, fields.text("source"));
  TRY(fields.end());
  return agreement;
}

Result<StatusRegister> read_status(Fields& fields, const Instrument& instrument) {
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(const std::string code, fields.text("instrument"));
  if (code != instrument.code) return fields.refuse("instrument", "must be " + instrument.code);
  TRY_LET(const bool fictional, fields.boolean("fictional"));
  TRY_LET(const bool exercise, fields.boolean("exercise"));
  if (fictional != exercise)
    return fields.refuse("exercise", "a fictional register, and no other, is for exercises");
  TRY_LET(const Instant as_of, read_day(fields, "as_of"));
  TRY_LET(const auto declared, read_optional_day(fields, "declared_in_force_on"));
  if (declared && !fictional)
    return fields.refuse("declared_in_force_on", "may stand in a fictional register only");
  TRY(read_optional_texts(fields, "note"));
  TRY_LET(const std::span<const Json> items, fields.array("standing", k_standings_max));
  std::vector<Standing> standings;
  std::set<StateCode> states;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, "standing", i, items[i]);
    TRY_LET(Standing standing, read_standing(item, instrument));
    if (!states.insert(standing.state).second) return item.refuse("state", "comes twice");
    standings.push_back(std::move(standing));
  }
  TRY_LET(const auto agreed, fields.optional_array("agreement", k_standings_max));
  std::vector<Agreement> agreements;
  for (std::size_t i = 0; i < agreed.size(); ++i) {
    auto item = formats::item_fields(fields, "agreement", i, agreed[i]);
    if (instrument.kind != InstrumentKind::assistance)
      return item.refuse("applies", "stands beside a treaty on mutual assistance alone");
    TRY_LET(Agreement agreement, read_agreement(item));
    agreements.push_back(std::move(agreement));
  }
  return StatusRegister(instrument, fictional, exercise, as_of, declared, std::move(standings),
                        std::move(agreements));
}

}  // namespace

Result<StatusRegister> load_status(View toml, const std::string& name,
                                   const Instrument& instrument) {
  return read_data_file<StatusRegister>(
      toml, name, [&](Fields& fields) { return read_status(fields, instrument); });
}

}  // namespace comity::treaty
