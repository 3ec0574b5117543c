// The verbs that read the law without a node: comity treaty, comity profile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/source_dir_test.hpp"
#include "cli/run.hpp"
#include "formats/json.hpp"

namespace comity::cli {
namespace {

using formats::Json;
using testing::HasSubstr;

struct Said {
  int code = 0;
  std::string out, err;

  Json json() const { return formats::parse_json(as_bytes(out)).value(); }
};

Said ask(std::vector<const char*> arguments) {
  const auto data = source_dir() + "/data";
  arguments.insert(arguments.begin(), "comity");
  arguments.insert(arguments.end(), {"--data", data.c_str()});
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int code = run(static_cast<int>(arguments.size()), arguments.data(), {});
  std::string out = testing::internal::GetCapturedStdout();
  return {code, std::move(out), testing::internal::GetCapturedStderr()};
}

}  // namespace

TEST(TreatyShow, ListsInstrumentsAndTellsExamplesApart) {
  const auto said = ask({"treaty", "show"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("un-cybercrime-2024"));
  EXPECT_THAT(said.out, HasSubstr("protocol, example"));
  EXPECT_THAT(ask({"treaty", "show", "example-protocol"}).out, HasSubstr("AN EXAMPLE"));
}

TEST(TreatyShow, ShowsUnverifiedWordingAsSuch) {
  const auto said = ask({"treaty", "show", "un-cybercrime-2024", "42(8)"});
  EXPECT_THAT(said.out, HasSubstr("at least sixty days"));
  EXPECT_THAT(said.out, HasSubstr("unverified, seen in: Budapest 29(7)"));
  EXPECT_THAT(said.out, HasSubstr("UNVERIFIED"));
  EXPECT_THAT(ask({"treaty", "show", "un-cybercrime-2024", "40(28)"}).out,
              HasSubstr("its number is reconstructed"));
  const auto json = ask({"treaty", "show", "un-cybercrime-2024", "42", "--json"}).json();
  for (const auto& clause : json.at("clauses").items()) {
    EXPECT_EQ(clause.at("article").text(), "42");
    EXPECT_FALSE(clause.at("text_verified").boolean());
  }
  EXPECT_NE(ask({"treaty", "show", "magna-carta"}).code, 0);
}

TEST(TreatyStatus, SaysNotInForceUntilDepositsMakeItSo) {
  EXPECT_THAT(ask({"treaty", "status"}).out, HasSubstr("NOT IN FORCE"));
  EXPECT_THAT(ask({"treaty", "status", "--exercise"}).out, HasSubstr("a fictional register"));
  EXPECT_FALSE(ask({"treaty", "status", "--json"}).json().at("in_force").boolean());
}

TEST(TreatyBasis, NamesEveryInstrumentBetweenTwoStatesOnADay) {
  const auto json =
      ask({"treaty", "basis", "BLR", "KGZ", "--on", "2026-03-06", "--exercise", "--json"}).json();
  EXPECT_EQ(json.at("in_force").size(), 4u);
  EXPECT_EQ(json.at("in_force").items()[1].at("governed_by").text(), "example-assistance-treaty");
  const auto page = ask({"treaty", "basis", "BLR", "KGZ", "--on", "2026-03-06", "--exercise"});
  EXPECT_THAT(page.out,
              HasSubstr("its article 40(8) to (31) gives way to example-assistance-treaty"));
}

TEST(TreatyBasis, SaysWhatServesWhereNoTreatyDoes) {
  const auto said = ask({"treaty", "basis", "BFA", "KGZ", "--on", "2026-11-26"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("reciprocity or domestic law serves only"));
  EXPECT_NE(ask({"treaty", "basis", "BFA", "kg"}).code, 0);
  EXPECT_NE(ask({"treaty", "basis", "BFA", "KGZ", "--on", "tomorrow"}).code, 0);
}

TEST(TreatyMeasures, ShowTheFormInALanguageAndItsSchema) {
  EXPECT_THAT(ask({"treaty", "measures", "--lang", "fr"}).out,
              HasSubstr("Levée d'une conservation"));
  EXPECT_THAT(ask({"treaty", "measures", "stored-data", "--lang", "zh"}).out,
              HasSubstr("有关事实概述"));
  const auto schema =
      ask({"treaty", "measures", "traffic-disclosure", "--schema", "--answer"}).json();
  EXPECT_NE(schema.at("properties").find("path_segments"), nullptr);
  EXPECT_NE(ask({"treaty", "measures", "stored-data", "--answer"}).code, 0);
  EXPECT_NE(ask({"treaty", "measures", "remote-search"}).code, 0);
  EXPECT_THAT(ask({"treaty", "measures", "--instrument", "untoc-2000"}).out,
              HasSubstr("mutual-assistance"));
}

TEST(ProfileCheck, LoadsAndSaysWhatDeservesASecondLook) {
  const auto said = ask({"profile", "check", "kgz"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("The profile loads"));
  EXPECT_THAT(said.out, HasSubstr("Nobody answers for this profile"));
  const auto written = source_dir() + "/data/profile-template.toml";
  const auto unfilled = ask({"profile", "check", written.c_str()});
  EXPECT_NE(unfilled.code, 0);
  EXPECT_THAT(unfilled.err, HasSubstr("CHOOSE"));
}

TEST(ProfileExplain, TellsWhatPartnersMayKnowFromWhatNeverLeaves) {
  const auto out = ask({"profile", "explain", "irn"}).out;
  const auto before = out.find("What partners may know"), after = out.find("What never leaves");
  ASSERT_LT(before, after);
  EXPECT_GT(out.find("CUB is suspended"), after);
  EXPECT_LT(out.find("published.scope"), after);
}

TEST(ProfileDiff, NamesEachDifference) {
  EXPECT_THAT(ask({"profile", "diff", "kgz", "kgz"}).out, HasSubstr("say the same"));
  EXPECT_THAT(ask({"profile", "diff", "kgz", "ven"}).out, HasSubstr("published.scope"));
}

TEST(ProfileTemplateVerb, PrintsTheTemplate) {
  EXPECT_THAT(ask({"profile", "template"}).out,
              HasSubstr("A State's legal profile, to be filled in"));
}

}  // namespace comity::cli
