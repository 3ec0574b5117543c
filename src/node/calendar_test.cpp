#include "node/calendar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comity::node {
namespace {

using formats::Json;
using testing::HasSubstr;

Json due(bool exercise) {
  auto list = Json::array();
  list.push_back(Json::object({{"clock", "preservation"},
                               {"at", "2026-05-01T00:00:00Z"},
                               {"nearness", "week"},
                               {"ours", true},
                               {"held", true},
                               {"exchange", "0123456789abcdef0123456789abcdef"},
                               {"partner", "BFA"},
                               {"measure", "preservation"},
                               {"act", std::string(64, 'a')}}));
  return Json::object(
      {{"now", "2026-04-20T12:30:00Z"}, {"due", std::move(list)}, {"exercise", exercise}});
}

}  // namespace

TEST(Calendar, HasAnEventForEachDate) {
  const auto text = calendar_of(due(true));
  EXPECT_THAT(text, HasSubstr("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\nDTSTAMP:20260420T123000Z\r\nDTSTART:20260501T000000Z\r\n"));
  EXPECT_THAT(text, HasSubstr("SUMMARY:EXERCISE: preservation (held)\\, BFA\\, 01234567\r\n"));
  EXPECT_THAT(text, HasSubstr("END:VEVENT\r\nEND:VCALENDAR\r\n"));
  EXPECT_THAT(calendar_of(due(false)), testing::Not(HasSubstr("EXERCISE")));
}

TEST(Calendar, FoldsLongLinesAsTheStandardAsks) {
  const auto text = calendar_of(due(true));
  std::size_t begin = 0;
  for (auto end = text.find("\r\n"); end != text.npos; end = text.find("\r\n", begin)) {
    EXPECT_LE(end - begin, 75U);
    begin = end + 2;
  }
  EXPECT_EQ(begin, text.size());
}

TEST(Calendar, KeepsTheSameUidWhenItIsMadeAgain) {
  auto later = due(true);
  later.set("now", "2026-04-21T12:30:00Z");
  const auto uid = [](const std::string& text) {
    const auto at = text.find("UID:");
    return text.substr(at, text.find("DTSTAMP") - at);
  };
  EXPECT_EQ(uid(calendar_of(later)), uid(calendar_of(due(true))));
}

}  // namespace comity::node
