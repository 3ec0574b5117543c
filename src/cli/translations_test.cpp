#include "cli/translations.hpp"

#include <gtest/gtest.h>

namespace comity::cli {
namespace {

using formats::Json;

Json act(std::string_view type, std::string_view part, std::string_view text,
         std::string_view standing = "receipted") {
  const auto list = [](Json one) { return Json::array().push_back(std::move(one)); };
  return Json::object({{"type", type},
                       {"side", "requester"},
                       {"standing", standing},
                       {"officers", list(Json::object({{"name", "Officer one (exercise)"}}))},
                       {"parts", list(Json::object({{"name", part}, {"text", text}}))}});
}

Json exchange(std::initializer_list<Json> acts) {
  Json list = Json::array();
  for (const auto& one : acts) list.push_back(one);
  return Json::object({{"acts", std::move(list)}});
}

}  // namespace

TEST(Translations, StandByTheTextThatStoodLastBeforeThem) {
  const auto page = exchange({act("consultation", "text", "Otherwise?"),
                              act("supplement", "fr.text", "Autrement ?"),
                              act("consultation", "text", "And now?")});
  const auto found = translations_in(page, "fr");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.begin()->first, (std::pair<std::size_t, std::string>(0, "text")));
  EXPECT_EQ(found.begin()->second,
            (Translation{"Autrement ?", "Officer one (exercise), requester"}));
  EXPECT_TRUE(translations_in(page, "ru").empty());
}

TEST(Translations, AreReplacedByALaterOneAndNeverTakenFromWhatIsNone) {
  const auto refusal = act("refusal", "reasons", "No.");
  EXPECT_EQ(translations_in(exchange({refusal, act("supplement", "fr.reasons", "Nom."),
                                      act("supplement", "fr.reasons", "Non.")}),
                            "fr")
                .begin()
                ->second.text,
            "Non.");
  EXPECT_TRUE(
      translations_in(exchange({refusal, act("query", "fr.reasons", "Oui.")}), "fr").empty());
  EXPECT_TRUE(translations_in(
                  exchange({refusal, act("supplement", "fr.reasons", "Oui.", "rejected")}), "fr")
                  .empty());
  EXPECT_TRUE(
      translations_in(exchange({act("supplement", "fr.reasons", "Oui."), refusal}), "fr").empty());
}

}  // namespace comity::cli
