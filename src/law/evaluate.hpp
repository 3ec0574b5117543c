// The evaluators: one for each kind of check that an instrument's data can ask for. They know how
// to look, never what the law is: fields, numbers, grounds and words come from the check.
#pragma once

#include "law/assess.hpp"

namespace comity::law {

struct Judgment {
  Verdict verdict{};
  std::string detail;
};

Judgment evaluate(const treaty::Check& check, const Matter& matter);

/// A reservation counts only if the State uses it and the depositary's register shows it.
bool has_effective_declaration(const Matter& matter, std::string_view declaration);

}  // namespace comity::law
