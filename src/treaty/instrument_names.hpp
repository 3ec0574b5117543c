// How data files and JSON write the enumerations of an instrument: one table serves both ways.
#pragma once

#include <span>
#include <string_view>

#include "base/check.hpp"
#include "treaty/instrument.hpp"

namespace comity::treaty {

/// Names in the order of an enumeration whose values run from 0.
template <typename Enum, std::size_t N>
struct Names {
  std::string_view names[N];

  std::string_view of(Enum value) const {
    CHECK(static_cast<std::size_t>(value) < N);
    return names[static_cast<std::size_t>(value)];
  }
};

inline constexpr Names<Scope, 3> k_scopes{{"core", "convention", "serious-crime"}};
inline constexpr Names<FieldKind, 11> k_field_kinds{{"text", "long_text", "code", "codes",
                                                     "date_time", "period", "integer", "boolean",
                                                     "state", "reference", "rows"}};
inline constexpr Names<Requirement, 5> k_requirements{
    {"always", "when", "where_available", "as_appropriate", "optional"}};
inline constexpr Names<Basis, 2> k_bases{{"treaty", "policy"}};
inline constexpr Names<Place, 2> k_places{{"body", "part"}};
inline constexpr Names<CheckKind, 14> k_check_kinds{
    {"authority", "in_force", "scope", "language", "complete", "dual_criminality", "categories",
     "reservation", "offered", "partner", "screen", "rules", "authorisation", "human"}};
inline constexpr Names<NotMet, 4> k_not_met{{"ask", "ask_first", "refuse", "block"}};
inline constexpr Names<SecondReview, 3> k_second_reviews{{"never", "if_marked", "if_closing"}};
inline constexpr Names<InstrumentKind, 3> k_instrument_kinds{
    {"convention", "protocol", "assistance"}};
inline constexpr Names<AcceptIf, 3> k_accept_if{{"yes", "no", "any"}};

/// Reads a text that is one of the names, or the first of them where there is none.
template <typename Enum, std::size_t N>
Result<Enum> read_name_or_first(formats::Fields& fields, std::string_view key,
                                const Names<Enum, N>& names) {
  TRY_LET(const auto index, fields.optional_choice(key, names.names));
  return static_cast<Enum>(index.value_or(0));
}

/// Reads a text that is one of the names.
template <typename Enum, std::size_t N>
Result<Enum> read_name(formats::Fields& fields, std::string_view key, const Names<Enum, N>& names) {
  TRY_LET(const std::size_t index, fields.choice(key, names.names));
  return static_cast<Enum>(index);
}

}  // namespace comity::treaty
