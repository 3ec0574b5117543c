// What the tests of the check share: one played exchange, the known instruments, and ways to ask
// what a report says.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "court/sample_test.hpp"
#include "treaty/sample_test.hpp"

namespace comity::court {

class VerifyFixture : public testing::Test {
 protected:
  static const std::vector<treaty::Instrument>& instruments() {
    return treaty::sample::treaties().instruments;
  }
  /// A played exchange of this test's own.
  static std::unique_ptr<sample::Exchange> played() {
    auto exchange = std::make_unique<sample::Exchange>();
    exchange->play();
    return exchange;
  }
  static Report check(const sample::Exchange& exchange, const sample::Export& made) {
    return verify(made.path(), exchange.fingerprints(), instruments());
  }
  static Report check(const sample::Exchange& exchange, const BundleInput& input) {
    return check(exchange, sample::Export(exchange, input));
  }
  static bool says(const Report& report, Verdict verdict, std::string_view name,
                   std::string_view subject) {
    return std::ranges::any_of(report.checks(), [&](const Check& line) {
      return line.verdict == verdict && line.name.starts_with(name) &&
             line.subject.starts_with(subject);
    });
  }
  static bool fails_at(const Report& report, std::string_view subject) {
    return says(report, Verdict::fails, "", subject);
  }
};

}  // namespace comity::court
