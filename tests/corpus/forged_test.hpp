// Rows of the corpus as tests: each by its own name, so that a failing forgery is named at once.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "forge.hpp"

namespace comity::corpus {

inline void PrintTo(const Forgery& forgery, std::ostream* out) {
  *out << forgery.name;
}

/// "two-signers" as a test's name: two_signers.
template <typename Row>
std::string test_name(const testing::TestParamInfo<Row>& row) {
  std::string name = row.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
}

class Forged : public testing::TestWithParam<Forgery> {};

}  // namespace comity::corpus
