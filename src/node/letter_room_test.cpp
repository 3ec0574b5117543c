#include "node/letter_room.hpp"

#include <gtest/gtest.h>

namespace comity::node {
namespace {

const StateCode k_near = *StateCode::from_text("BFA"), k_far = *StateCode::from_text("KGZ");

TEST(LetterRooms, GrowOnAGoodLineUpToTheLimit) {
  LetterRooms rooms;
  EXPECT_EQ(rooms.of(k_near), k_letter_bytes_first);
  rooms.came_through(k_near, k_letter_bytes_first);
  EXPECT_EQ(rooms.of(k_near), 2 * k_letter_bytes_first);
  for (int i = 0; i < 100; ++i) rooms.came_through(k_near, rooms.of(k_near));
  EXPECT_EQ(rooms.of(k_near), k_letter_bytes_max);
}

TEST(LetterRooms, ShrinkOnALineThatIsCutDownToTheLeast) {
  LetterRooms rooms;
  for (int i = 0; i < 100; ++i) rooms.was_lost(k_far);
  EXPECT_EQ(rooms.of(k_far), k_letter_bytes_min);
  rooms.came_through(k_far, k_letter_bytes_min);
  EXPECT_EQ(rooms.of(k_far), 2 * k_letter_bytes_min);
}

TEST(LetterRooms, LearnNothingFromAShortLetter) {
  LetterRooms rooms;
  for (int i = 0; i < 100; ++i) rooms.came_through(k_far, k_letter_bytes_first / 2 - 1);
  EXPECT_EQ(rooms.of(k_far), k_letter_bytes_first);
}

TEST(LetterRooms, KnowEachPartnersLineByItself) {
  LetterRooms rooms;
  rooms.was_lost(k_far);
  EXPECT_EQ(rooms.of(k_near), k_letter_bytes_first);
}

}  // namespace
}  // namespace comity::node
