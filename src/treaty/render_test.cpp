#include "treaty/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using sample::convention;
using sample::full_form;
using sample::measure;
using sample::treaties;
using testing::HasSubstr;

std::string page(const std::string& of, const std::string& language,
                 const std::vector<std::string>& absent = {}) {
  auto fields = full_form(measure(of));
  for (const auto& code : absent) fields.members().erase(code);
  const auto& vocabulary = treaties().vocabulary;
  return page_text(vocabulary, render_form(vocabulary, measure(of), fields, absent, language), "en",
                   language);
}

}  // namespace

TEST(Page, ShowsLabelsAndCodesInTheLanguageAskedFor) {
  EXPECT_THAT(
      page("stored-data", "fr"),
      testing::AllOf(HasSubstr("Infractions (article 35(1))\n  Accès illégal\n"),
                     HasSubstr("Enquête pénale"), HasSubstr("du 2026-03-01T00:00:00Z au ")));
  EXPECT_THAT(page("stored-data", "ru"), HasSubstr("Незаконный доступ"));
  EXPECT_THAT(page("stored-data", "ar"), HasSubstr("الدخول غير المشروع"));
  EXPECT_THAT(page("stored-data", "zh"), HasSubstr("非法访问"));
  EXPECT_THAT(page("stored-data", "es"), HasSubstr("Acceso ilícito"));
  EXPECT_THAT(page("stored-data", "en"), HasSubstr("Illegal access"));
}

TEST(Page, LeavesFreeTextAsItWasWrittenAndSaysInWhichLanguage) {
  const auto& facts = measure("stored-data").field("summary_of_facts")->example.text();
  for (const auto* language : {"ar", "en", "es", "fr", "ru", "zh"})
    EXPECT_THAT(page("stored-data", language), HasSubstr(facts)) << language;
  EXPECT_THAT(page("stored-data", "fr"), HasSubstr("[tel qu'écrit, en anglais]"));
  const auto& vocabulary = treaties().vocabulary;
  EXPECT_THAT(page_text(vocabulary, {{"Texte", "x", "", true}}, "", "fr"),
              HasSubstr("[tel qu'écrit]"));
}

TEST(Page, ShowsEveryFieldOfEveryFormInEveryLanguage) {
  for (const auto& instrument : treaties().instruments)
    for (const auto& one : instrument.measures)
      for (const auto* language : {"ar", "en", "es", "fr", "ru", "zh"}) {
        const auto lines = render_form(treaties().vocabulary, one, full_form(one), {}, language);
        ASSERT_EQ(lines.size(), one.fields.size()) << one.code;
        for (std::size_t i = 0; i < lines.size(); ++i) {
          EXPECT_FALSE(lines[i].label.empty() || lines[i].words.empty()) << one.fields[i].code;
          EXPECT_EQ(lines[i].article, one.fields[i].clause);
        }
      }
}

TEST(Page, NamesWhatIsNotAtHand) {
  EXPECT_THAT(page("stored-data", "fr", {"persons"}),
              HasSubstr("Personnes concernées (article 40(15)(e))\n  Absent de cette copie\n"));
}

TEST(Page, OfARefusalNamesItsGroundInTheLanguageAskedFor) {
  const auto body = Json::object({{"grounds", Json::array({"R22"})},
                                  {"consultation", nullptr},
                                  {"consultation_impossible", "The line is dead."}});
  const auto lines = render_body(treaties().vocabulary, convention(), body, "es");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].label, "Causal de denegación");
  EXPECT_EQ(lines[1].words, "Persecución o discriminación (R22, artículo 40(22))");
  EXPECT_EQ(lines[0].label, "consultation_impossible");  // no label: shown as it is
}

TEST(Page, SurvivesAFormThatIsNotOne) {
  auto fields = Json::object();
  for (const auto& field : measure("stored-data").fields)
    fields.set(field.code, Json::array({1, "x", Json::object({{"kind", 7}})}));
  for (const auto& line :
       render_form(treaties().vocabulary, measure("stored-data"), fields, {}, "zh"))
    EXPECT_FALSE(line.words.empty());
}

}  // namespace comity::treaty
