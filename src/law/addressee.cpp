#include <algorithm>

#include "law/practice.hpp"
#include "law/published.hpp"

namespace comity::law {
namespace {

using formats::Json;
using treaty::CheckKind;

// The codes of a field that is one of them or a list of them.
std::vector<std::string> codes_in(const Json& fields, const std::string& field) {
  std::vector<std::string> codes;
  const auto* value = fields.find(field);
  if (value == nullptr) return codes;
  if (value->is_text()) codes.push_back(value->text());
  if (value->is_array())
    for (const auto& item : value->items())
      if (item.is_text()) codes.push_back(item.text());
  return codes;
}

}  // namespace

std::vector<Advice> addressee(const treaty::Instrument& instrument, const treaty::Measure& measure,
                              const Json& fields, const directory::Published& published,
                              const std::vector<std::string>& languages) {
  std::vector<Advice> advice;
  const auto add = [&](std::string code, std::string field, std::string article, std::string why,
                       std::string better = {}) {
    advice.push_back(
        {std::move(code), std::move(field), std::move(article), std::move(why), std::move(better)});
  };
  if (!published.measures.empty() && !holds(published.measures, measure.code))
    add("not-offered", "", measure.clause,
        "The State asked does not offer \"" + treaty::in_language(measure.title) + "\".",
        "It offers: " + joined(published.measures) + ".");
  // What the addressee will look at is what the instrument's own checks look at.
  for (const auto& check : measure.checks) {
    const auto field = check.fields.empty() ? std::string{} : check.fields[0];
    const auto given = field.empty() ? check.categories : codes_in(fields, field);
    switch (check.kind) {
      case CheckKind::language:
        for (const auto& language : given)
          if (!languages.empty() && !holds(languages, language))
            add("language", field, check.clauses[0],
                "The State asked does not take requests in \"" + language + "\".",
                "It takes: " + joined(languages) + ".");
        break;
      case CheckKind::categories:
        for (const auto& category : check.categories.empty() ? given : check.categories)
          if (!holds(published.data_categories, category))
            add("category", check.categories.empty() ? field : "", check.clauses[0],
                "The State asked does not give data of the category \"" + category +
                    "\" as a rule.",
                "It gives: " + joined(published.data_categories) + ".");
        break;
      case CheckKind::scope:
        for (const auto& code : given)
          if (const auto* offence = instrument.offence(code);
              offence != nullptr && !takes_up(published, offence->scope))
            add("scope", field, check.clauses[0],
                "The State asked does not take up \"" + code + "\" as a rule.",
                "It takes up: " + joined(published.scopes) + ". Say why this case is grave.");
        break;
      case CheckKind::dual_criminality:
        if (requires_dual_criminality(published, measure))
          add("dual-criminality", check.fields.size() > 1 ? check.fields[1] : field,
              check.clauses[0], "The State asked requires dual criminality.",
              "Describe the conduct so that it can be compared with another law; names do not "
              "matter.");
        break;
      default:
        break;
    }
  }
  if (!published.channels.empty() && !holds(published.channels, "node"))
    add("channel", "", "", "The State asked does not take requests by its node alone.",
        "Its channels: " + joined(published.channels) + ".");
  else if (holds(published.channels, "diplomatic"))
    add("channel", "", "", "The State asked wants a copy by the diplomatic channel too.");
  for (const auto& document : published.documents)
    add("document", "", "", "The State asked wants with it: " + document + ".");
  return advice;
}

}  // namespace comity::law
