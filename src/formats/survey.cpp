#include "formats/survey.hpp"

#include <algorithm>
#include <array>

namespace comity::formats {
namespace {

constexpr std::size_t k_depth = 3;
constexpr auto k_read = std::to_array<std::string_view>({"part", "whole"});
constexpr std::string_view k_program_extras = " .;:+~-_()";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_program(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || k_program_extras.contains(c);
  });
}

Result<std::string> read_code(Fields& fields, std::string_view key) {
  TRY_LET(std::string code, fields.text(key, k_survey_code_max));
  if (!is_survey_code(code)) return fields.refuse(key, "must be a code");
  return code;
}

Result<std::vector<std::string>> read_codes(Fields& fields, std::string_view key) {
  TRY_LET(auto codes, fields.optional_texts(key, k_survey_list_max, k_survey_code_max));
  for (const auto& code : codes)
    if (!is_survey_code(code) || std::ranges::count(codes, code) != 1)
      return fields.refuse(key, "must be codes, none twice");
  return codes;
}

Result<std::map<std::string, SurveyFact>> read_facts(Fields& fields) {
  std::map<std::string, SurveyFact> facts;
  const Json* members = fields.optional_value("facts");
  if (members == nullptr) return facts;
  if (!members->is_object() || members->size() > k_survey_facts_max)
    return fields.refuse("facts", "must be an object of few members");
  for (const auto& [code, value] : members->members()) {
    if (!is_survey_code(code)) return fields.refuse("facts", "are named by codes");
    if (value.is_integer() && value.integer() >= 0)
      facts.emplace(code, value.integer());
    else if (value.is_text() && (is_survey_code(value.text()) || instant_from_text(value.text())))
      facts.emplace(code, value.text());
    else
      return fields.refuse("facts", code + " must be a number, a code or a time");
  }
  return facts;
}

Result<std::string> read_hash(std::string_view key, const Fields& fields, std::string hash) {
  if (hash.empty() || hash.size() > 2 * sizeof(Digest) || !from_hex(hash))
    return fields.refuse(key, "must be a hash in hex");
  return hash;
}

Result<std::vector<SurveyCheck>> read_checks(Fields& fields) {
  std::vector<SurveyCheck> checks;
  TRY_LET(const auto items, fields.optional_array("checks", k_survey_list_max));
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = item_fields(fields, "checks", i, items[i]);
    SurveyCheck check;
    TRY_LET(check.what, read_code(item, "what"));
    TRY_LET(auto stated, item.text("stated"));
    TRY_LET(check.stated, read_hash("stated", item, std::move(stated)));
    TRY_LET(auto found, item.optional_text("found"));
    if (found) {
      TRY_LET(check.found, read_hash("found", item, *std::move(found)));
      TRY_LET(const bool agrees, item.boolean("agrees"));
      // Redundant on purpose: who reads only this word must not be led astray.
      if (agrees == check.disagrees()) return item.refuse("agrees", "is not what the hashes say");
    }
    TRY(item.end());
    checks.push_back(std::move(check));
  }
  return checks;
}

Json codes_json(const std::vector<std::string>& codes) {
  auto list = Json::array();
  for (const auto& code : codes) list.push_back(code);
  return list;
}

}  // namespace

bool Survey::disagrees() const {
  return std::ranges::any_of(checks, &SurveyCheck::disagrees);
}

void Survey::add_flaw(std::string_view code) {
  if (flaws.size() < k_survey_list_max && std::ranges::find(flaws, code) == flaws.end())
    flaws.emplace_back(code);
}

bool is_survey_code(std::string_view text) {
  const auto is_first = [](char c) { return is_lower(c) || is_digit(c); };
  return !text.empty() && text.size() <= k_survey_code_max && is_first(text.front()) &&
         std::ranges::all_of(
             text, [&](char c) { return is_first(c) || c == '-' || c == '_' || c == '.'; });
}

Json to_json(const Survey& survey) {
  auto json = Json::object({{"by", survey.by}});
  if (!survey.missed.empty()) return json.set("missed", survey.missed);
  json.set("form", survey.form);
  json.set("read", k_read[survey.whole ? 1 : 0]);
  auto facts = Json::object();
  for (const auto& [code, fact] : survey.facts)
    facts.set(code, std::visit([](const auto& value) { return Json(value); }, fact));
  if (facts.size() != 0) json.set("facts", std::move(facts));
  auto checks = Json::array();
  for (const auto& check : survey.checks) {
    auto one = Json::object({{"what", check.what}, {"stated", check.stated}});
    if (check.found) {
      one.set("found", *check.found);
      one.set("agrees", !check.disagrees());
    }
    checks.push_back(std::move(one));
  }
  if (checks.size() != 0) json.set("checks", std::move(checks));
  if (!survey.flaws.empty()) json.set("flaws", codes_json(survey.flaws));
  if (!survey.walls.empty()) json.set("walls", codes_json(survey.walls));
  return json;
}

Result<Survey> read_survey(Fields& fields) {
  Survey survey;
  TRY_LET(survey.by, fields.text("by", k_survey_program_max));
  if (!is_program(survey.by)) return fields.refuse("by", "must be programs and their versions");
  if (fields.has("missed")) {
    TRY_LET(survey.missed, read_code(fields, "missed"));
    TRY(fields.end());
    return survey;
  }
  TRY_LET(survey.form, read_code(fields, "form"));
  TRY_LET(const auto read, fields.choice("read", k_read));
  survey.whole = read == 1;
  TRY_LET(survey.facts, read_facts(fields));
  TRY_LET(survey.checks, read_checks(fields));
  TRY_LET(survey.flaws, read_codes(fields, "flaws"));
  TRY_LET(survey.walls, read_codes(fields, "walls"));
  TRY(fields.end());
  return survey;
}

Result<Survey> survey_from_answer(View bytes) {
  TRY_LET(const Json json,
          parse_canonical(bytes, {.bytes_max = k_survey_bytes_max, .depth_max = k_depth}));
  Fields fields(json, "survey");
  return read_survey(fields);
}

}  // namespace comity::formats
