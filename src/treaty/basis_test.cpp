#include "treaty/basis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using sample::convention;
using sample::day;
using sample::exercise_registers;
using sample::state;
using sample::treaties;

std::vector<std::string> between(const char* a, const char* b, const std::string& on) {
  std::vector<std::string> codes;
  for (const auto& tie :
       legal_basis(treaties(), exercise_registers(), state(a), state(b), day(on)).in_force)
    codes.push_back(tie.instrument);
  return codes;
}

std::string governs(const char* a, const char* b, const std::string& on) {
  const auto* by =
      governing(treaties(), exercise_registers(), convention(), state(a), state(b), day(on));
  return by == nullptr ? "" : by->code;
}

}  // namespace

TEST(LegalBasis, NamesEveryInstrumentInForceBetweenTwoStates) {
  EXPECT_THAT(
      between("BFA", "KGZ", "2026-03-06"),
      testing::ElementsAre("example-protocol", "un-cybercrime-2024", "uncac-2003", "untoc-2000"));
  EXPECT_THAT(between("BLR", "KGZ", "2026-03-06"),
              testing::ElementsAre("example-assistance-treaty", "un-cybercrime-2024", "uncac-2003",
                                   "untoc-2000"));
  EXPECT_THAT(between("PRK", "IRN", "2026-03-06"), testing::ElementsAre("un-cybercrime-2024"));
  EXPECT_THAT(between("XAA", "XBB", "2026-03-06"), testing::ElementsAre("budapest-2001"));
  EXPECT_THAT(between("XAA", "KGZ", "2026-03-06"), testing::IsEmpty());
}

TEST(LegalBasis, SaysOfEachOtherWhyItIsNone) {
  const auto bases =
      legal_basis(treaties(), exercise_registers(), state("PRK"), state("IRN"), day("2026-03-06"));
  EXPECT_EQ(bases.in_force.size() + bases.not_in_force.size(), treaties().instruments.size());
  EXPECT_EQ(bases.tie("un-cybercrime-2024")->since, day("2025-01-01"));
  EXPECT_EQ(bases.tie("untoc-2000"), nullptr);
  for (const auto& reason : bases.not_in_force) EXPECT_FALSE(reason.empty());
}

TEST(LegalBasis, HasNoProtocolWithoutItsParent) {
  auto registers = exercise_registers();
  std::erase_if(registers, [](const auto& one) { return one.instrument() == convention().code; });
  const auto bases =
      legal_basis(treaties(), registers, state("BFA"), state("KGZ"), day("2026-03-06"));
  EXPECT_EQ(bases.tie("example-protocol"), nullptr);
  EXPECT_THAT(bases.not_in_force,
              testing::Contains(testing::HasSubstr("Only parties to its parent are parties")));
}

TEST(LegalBasis, IsTheSameFromBothSides) {
  for (const auto* a : {"BFA", "KGZ", "BLR", "EGY", "CUB", "XAA"})
    for (const auto* b : {"BFA", "KGZ", "BLR", "EGY", "RUS", "XDD"})
      for (const auto* on :
           {"2024-01-01", "2025-06-30", "2026-03-31", "2026-07-01", "2027-01-01"}) {
        EXPECT_EQ(between(a, b, on), between(b, a, on)) << a << b << on;
        EXPECT_EQ(governs(a, b, on), governs(b, a, on)) << a << b << on;
      }
}

TEST(Governing, IsTheTreatyOnMutualAssistanceUnlessBothAgreedOtherwise) {
  EXPECT_EQ(governs("BLR", "KGZ", "2026-03-06"), "example-assistance-treaty");
  EXPECT_EQ(governs("BFA", "KGZ", "2026-03-06"), "");
  EXPECT_EQ(governs("KGZ", "EGY", "2025-02-28"), "example-assistance-treaty");
  EXPECT_EQ(governs("KGZ", "EGY", "2025-03-01"), "");
  EXPECT_EQ(governs("BLR", "EGY", "2025-03-01"), "example-assistance-treaty");
}

TEST(Agreement, IsRefusedWhereItCanNotStand) {
  const auto text = sample::file("status/exercise/example-assistance-treaty.toml");
  const auto refusal = [&](const std::string& what, const std::string& with) {
    const auto loaded = load_status(as_bytes(sample::edited(text, what, with)), "s.toml",
                                    sample::instrument("example-assistance-treaty"));
    return loaded ? std::string("accepted") : loaded.error().detail;
  };
  EXPECT_EQ(refusal("since", "since"), "accepted");
  EXPECT_THAT(refusal("[\"KGZ\", \"EGY\"]", "[\"KGZ\", \"KGZ\"]"),
              testing::HasSubstr("two States"));
  EXPECT_THAT(refusal("[\"KGZ\", \"EGY\"]", "[\"KGZ\", \"egy\"]"),
              testing::HasSubstr("capital letters"));
  EXPECT_THAT(refusal("since = \"2025-03-01\"", "since = \"2025-03-01\"\nuntil = \"2025-02-01\""),
              testing::HasSubstr("until: comes before"));
  const auto other = sample::file("status/exercise/untoc-2000.toml") +
                     "\n[[agreement]]\nstates = [\"KGZ\", \"EGY\"]\napplies = \"x\"\nsince = "
                     "\"2025-03-01\"\nsource = \"s\"\n";
  EXPECT_THAT(
      load_status(as_bytes(other), "s.toml", sample::instrument("untoc-2000")).error().detail,
      testing::HasSubstr("beside a treaty on mutual assistance alone"));
}

TEST(RealRegisters, BindNobodyYet) {
  const auto loaded = load_status(as_bytes(sample::file("status/real/un-cybercrime-2024.toml")),
                                  "real.toml", convention());
  ASSERT_TRUE(loaded);
  const auto bases =
      legal_basis(treaties(), {*loaded}, state("QAT"), state("VNM"), day("2026-11-26"));
  EXPECT_THAT(bases.in_force, testing::IsEmpty());
  EXPECT_THAT(bases.not_in_force,
              testing::Contains(testing::HasSubstr("no register says who is bound")));
}

}  // namespace comity::treaty
