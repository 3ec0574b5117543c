// Reading an instrument's tables, inside the treaty room only. Each reader refuses what leads
// nowhere.
#pragma once

#include <set>

#include "treaty/instrument_names.hpp"
#include "treaty/vocabulary.hpp"

namespace comity::treaty {

inline constexpr std::size_t k_rules_max = 500;  // of one kind in one table

/// A code: letters, digits, '-', '_' and '.', 1 to 64 of them. Fault: format.field.
Result<std::string> read_code(formats::Fields& fields, std::string_view key = "code");

/// A citation that is among the instrument's clauses.
Result<std::string> read_cite(formats::Fields& fields, const Instrument& instrument);
Result<std::vector<std::string>> read_cites(formats::Fields& fields, const Instrument& instrument);

/// Reads each item of the array `key` with `read` (Fields& → Result<T>), refusing a code that comes
/// twice and any key left over.
template <typename T, typename Read>
Result<std::vector<T>> read_rules(formats::Fields& fields, std::string_view key, Read&& read) {
  TRY_LET(const std::span<const Json> items, fields.array(key, k_rules_max));
  std::vector<T> rules;
  std::set<std::string, std::less<>> codes;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, key, i, items[i]);
    TRY_LET(T rule, read(item));
    TRY(item.end());
    if (!codes.insert(rule.code).second) return item.refuse("code", "comes twice");
    rules.push_back(std::move(rule));
  }
  return rules;
}

/// What is read once and used by many measures: groups of fields ("contents") and of checks
/// ("path"), as the file has them, with the place where they stand.
struct Shared {
  struct Items {
    const Json* items;
    std::string where;
  };
  std::map<std::string, Items, std::less<>> contents, paths;
};

/// One measure, whole, checked against the instrument's clauses, lists, roles, grounds and limits.
Result<Measure> read_measure(formats::Fields& fields, const Instrument& instrument,
                             const Vocabulary& vocabulary, const Shared& shared);

/// One field of a form. What the item does not say, the vocabulary's field of that code says.
Result<Field> read_field(const Json& item, const std::string& where, const Instrument& instrument,
                         const Vocabulary& vocabulary);

/// One check of a measure, whose fields and grounds are read already.
Result<Check> read_check(formats::Fields& fields, const Instrument& instrument,
                         const Measure& measure);

}  // namespace comity::treaty
