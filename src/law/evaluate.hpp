// The evaluators: one for each kind of check that an instrument's data can ask for. They know how
// to look, never what the law is: fields, numbers, grounds and words come from the check.
#pragma once

#include "law/assess.hpp"

namespace comity::law {

struct Judgment {
  Verdict verdict{};
  std::string detail;
  std::string national;                                  // provisions of the State's own law
  std::optional<std::vector<std::string>> grounds = {};  // instead of the check's own
  bool marked = false;                                   // by the rights screen
};

/// Of any kind but `rules`, which is not one finding but several: law/assess.cpp.
Judgment evaluate(const treaty::Check& check, const Matter& matter);

/// A reservation counts only if the State uses it and the depositary's register shows it.
bool has_effective_declaration(const Matter& matter, std::string_view declaration);

}  // namespace comity::law
