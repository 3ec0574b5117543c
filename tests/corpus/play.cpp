// Plays a forgery to a real heart and looks at everything that it could have changed.
#include <gtest/gtest.h>

#include "forge.hpp"
#include "snapshot.hpp"

namespace comity::corpus {
namespace {

std::string name_of(FaultCode code) {
  return std::string(row_of(code).name);
}

/// Every forgery is an act of its own, so no answer to one can come from another.
int next_number() {
  static int number = 0;
  return ++number;
}

/// The answer to the letter's one act.
Json answer_in(const Answered& answered) {
  const auto json = must(formats::parse_json(*answered));
  CHECK(json.at("answers").size() == 1);
  return json.at("answers").items()[0];
}

void expect_rejection(Craft& craft, const Json& answer, FaultCode code) {
  const auto* rejection = answer.find("rejection");
  ASSERT_TRUE(rejection) << formats::canonical(answer);
  const auto opened = must(crypto::cms_open(must(from_base64(rejection->text()))));
  EXPECT_EQ(opened.signer, craft.victim().authority().certificate);
  const auto word = must(exchange::read_rejection(opened.content));
  EXPECT_EQ(name_of(word.code), name_of(code)) << word.detail;
  EXPECT_EQ(word.act, craft.id());
  EXPECT_EQ(word.from, craft.victim().code());
  EXPECT_EQ(word.to, craft.author().code());
}

}  // namespace

void play(const Forgery& forgery) {
  Craft craft(good(forgery.of), next_number());
  forgery.edit(craft);
  const auto letter = craft.letter();
  auto& victim = craft.victim();
  const auto home = victim.folder();
  const auto before = forgery.fate == Fate::rejected ? Snapshot::of(home) : Snapshot();
  const auto bytes_before = bytes_of(home);
  const auto answered = hand_over(victim, craft.author(), letter);

  if (forgery.fate == Fate::refused) {
    ASSERT_FALSE(answered) << as_text(*answered);
    EXPECT_EQ(name_of(answered.error().code), name_of(forgery.code)) << answered.error().detail;
    EXPECT_EQ(bytes_of(home), bytes_before);
    return;
  }
  ASSERT_TRUE(answered) << name_of(answered.error().code) << ": " << answered.error().detail;
  const auto answer = answer_in(answered);
  if (forgery.fate == Fate::faulted) {
    ASSERT_TRUE(answer.find("fault")) << formats::canonical(answer);
    EXPECT_EQ(answer.at("fault").at("code").text(), name_of(forgery.code))
        << formats::canonical(answer);
    EXPECT_EQ(bytes_of(home), bytes_before);
    return;
  }
  expect_rejection(craft, answer, forgery.code);
  // The rejection itself, its entry in the log of the two, and that log's new head: no more.
  const auto log = "logs/" + victim.log_of(craft.author());
  EXPECT_EQ(Snapshot::of(home).changes_since(before),
            "log +1 -1, log_entry +1, setting +1, " + log);
  const auto bytes_after = bytes_of(home);
  EXPECT_EQ(hand_over(victim, craft.author(), letter), answered) << "the same word for ever";
  EXPECT_EQ(bytes_of(home), bytes_after);
}

}  // namespace comity::corpus
