#include "treaty/vocabulary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "treaty/sample_test.hpp"

namespace comity::treaty {
namespace {

using sample::data_files;
using sample::edited;
using sample::treaties;

// What load_treaties says when one of the shipped files is another.
std::string told(const std::string& path, const std::function<std::string(std::string)>& change) {
  auto files = data_files();
  for (auto& one : files)
    if (one.path == path) one.bytes = to_bytes(change(std::string(as_text(one.bytes))));
  const auto loaded = load_treaties(files);
  if (loaded) return "accepted";
  EXPECT_EQ(loaded.error().code, FaultCode::format_toml);
  return loaded.error().detail;
}

// Every text of the list, in all six languages.
void expect_all(const Texts& texts, const std::string& of) {
  for (const auto* language : {"ar", "en", "es", "fr", "ru", "zh"})
    EXPECT_TRUE(texts.contains(language)) << of << ' ' << language;
}

}  // namespace

TEST(Words, CoverEveryLabelHelpAndCodeOfEveryFormInSixLanguages) {
  for (const auto& instrument : treaties().instruments) {
    expect_all(instrument.short_title, instrument.code);
    for (const auto& one : instrument.offences) expect_all(one.label, one.code);
    for (const auto& one : instrument.grounds) expect_all(one.label, one.code);
    for (const auto& one : instrument.roles) expect_all(one.label, one.code);
    for (const auto& one : instrument.declarations) expect_all(one.label, one.code);
    for (const auto& measure : instrument.measures) {
      expect_all(measure.title, measure.code);
      for (const auto* form : {&measure.fields, &measure.answer})
        for (const auto& field : *form) {
          expect_all(field.label, field.code);
          expect_all(field.help, field.code + " help");
          for (const auto& code : field.codes) expect_all(code.label, field.code + '.' + code.code);
          for (const auto& column : field.columns) {
            expect_all(column.label, field.code + '.' + column.code);
            for (const auto& code : column.codes) expect_all(code.label, code.code);
          }
        }
    }
  }
  for (const auto& [code, texts] : treaties().vocabulary.labels) expect_all(texts, code);
}

TEST(Words, SayThatNobodyHasReviewedThem) {
  EXPECT_THAT(treaties().vocabulary.languages,
              testing::UnorderedElementsAre("en", "ar", "es", "fr", "ru", "zh"));
  EXPECT_THAT(treaties().vocabulary.unverified,
              testing::UnorderedElementsAre("ar", "es", "fr", "ru", "zh"));
}

TEST(Words, ThatNameNothingRefuseAll) {
  EXPECT_THAT(told("words/fr.toml",
                   [](std::string text) {
                     return edited(std::move(text), "[words.field.period]", "[words.field.perod]");
                   }),
              testing::HasSubstr("words.field.perod.help: names nothing"));
  EXPECT_THAT(told("words/fr.toml",
                   [](std::string text) {
                     return edited(std::move(text), "language = \"fr\"", "language = \"la\"");
                   }),
              testing::HasSubstr("language"));
}

TEST(Vocabulary, IsRefusedForAFieldWithoutWordsAndForWhatItDoesNotKnow) {
  EXPECT_THAT(told("vocabulary.toml",
                   [](std::string text) {
                     return edited(std::move(text), "help.en = \"The stage that",
                                   "hilfe.en = \"The stage that");
                   }),
              testing::HasSubstr("vocabulary.toml"));
  EXPECT_THAT(told("vocabulary.toml",
                   [](std::string text) {
                     return edited(std::move(text), "kind = \"time_without_zone\"",
                                   "kind = \"mood\"");
                   }),
              testing::HasSubstr("kind"));
  EXPECT_THAT(told("vocabulary.toml", [](std::string text) { return "surprise = 1\n" + text; }),
              testing::HasSubstr("surprise"));
}

TEST(Vocabulary, HoldsNoFieldThatNoFormUses) {
  std::set<std::string> used;
  for (const auto& instrument : treaties().instruments)
    for (const auto& measure : instrument.measures)
      for (const auto* form : {&measure.fields, &measure.answer})
        for (const auto& field : *form) used.insert(field.code);
  for (const auto& [code, field] : treaties().vocabulary.fields)
    EXPECT_TRUE(used.contains(code)) << code;
}

TEST(Treaties, AreRefusedWithoutAVocabularyOrWithAnInstrumentTwice) {
  EXPECT_THAT(load_treaties({}).error().detail, testing::HasSubstr("vocabulary.toml"));
  auto files = data_files();
  for (const auto& one : data_files())
    if (one.path == "instruments/uncac-2003.toml")
      files.push_back({"instruments/zzz.toml", one.bytes});
  EXPECT_THAT(load_treaties(files).error().detail, testing::HasSubstr("code: comes twice"));
}

TEST(Treaties, NeedTheParentOfEachProtocol) {
  auto files = data_files();
  std::erase_if(files, [](const DataFile& one) {
    return one.path == "instruments/un-cybercrime-2024.toml" || one.path.starts_with("words/");
  });
  EXPECT_THAT(load_treaties(files).error().detail,
              testing::HasSubstr("is not among the instruments"));
}

}  // namespace comity::treaty
