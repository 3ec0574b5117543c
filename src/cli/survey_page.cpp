#include "cli/survey_page.hpp"

#include <fmt/format.h>

#include "cli/json_view.hpp"
#include "cli/page.hpp"

namespace comity::cli {
namespace {

using formats::Json;

std::string facts_words(const Json& survey) {
  std::string words;
  const Json* facts = survey.find("facts");
  if (facts == nullptr || !facts->is_object()) return words;
  for (const auto& [code, value] : facts->members())
    words += (words.empty() ? "" : ", ") + code + ' ' + as_words(value);
  return words;
}

std::string checks_words(const Json& survey) {
  std::string words;
  for (const auto& check : items_at(survey, "checks")) {
    const bool was_checked = check.find("found") != nullptr;
    words += fmt::format("; {} it carries {}", text_at(check, "what"),
                         !was_checked                  ? "was not checked"
                         : is_true_at(check, "agrees") ? "agrees"
                                                       : "DISAGREES");
  }
  return words;
}

}  // namespace

std::string survey_words(const Json& manifest) {
  const Json* survey = manifest.find("survey");
  if (survey == nullptr) return {};
  if (const auto missed = text_at(*survey, "missed"); !missed.empty())
    return "nothing: the item was not surveyed (" + missed + ")";
  std::string words =
      text_at(*survey, "form") +
      (text_at(*survey, "read") == "whole" ? ", read to its end" : ", not all read");
  if (const auto facts = facts_words(*survey); !facts.empty()) words += ": " + facts;
  words += checks_words(*survey);
  if (const auto flaws = joined_at(*survey, "flaws"); !flaws.empty()) words += "; flaws: " + flaws;
  return words;
}

std::string survey_warning(const Json& manifest) {
  const Json* survey = manifest.find("survey");
  if (survey == nullptr) return {};
  std::string text;
  for (const auto& check : items_at(*survey, "checks")) {
    if (check.find("found") == nullptr || is_true_at(check, "agrees")) continue;
    text += wrapped(
        fmt::format("ATTENTION: the {} that this item carries of itself is {}, and that "
                    "of what is in it is {}. Either was changed after the image was "
                    "made. Ask the custodian before anybody relies on it.",
                    text_at(check, "what"), text_at(check, "stated"), text_at(check, "found")),
        2);
  }
  return text;
}

}  // namespace comity::cli
