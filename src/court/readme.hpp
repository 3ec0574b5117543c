// README.txt: how to check an export by hand with tools by strangers, for a person who has never
// heard of Comity. Plain ASCII; says what the checks do not prove.
#pragma once

#include "court/index.hpp"

namespace comity::court {

/// `index` without the row of README.txt itself; items and acts are read off it.
std::string readme(const Index& index);

}  // namespace comity::court
