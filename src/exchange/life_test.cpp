#include "exchange/life.hpp"

#include <gtest/gtest.h>

namespace comity::exchange {
namespace {

Digest digest(std::uint8_t byte) {
  Digest id;
  id.bytes.fill(byte);
  return id;
}

Step make(const Life& life, Side side, ActType type, std::uint8_t id) {
  return {.side = side,
          .sequence = life.next_sequence(side),
          .id = digest(id),
          .previous = life.last(side),
          .seen = life.seen_now(side),
          .type = type};
}

}  // namespace

TEST(Life, GoesFromRequestToClosure) {
  Life life;
  auto request = make(life, Side::requester, ActType::request, 1);
  request.delivers = true;
  life.add(request);
  life.add(make(life, Side::requested, ActType::acceptance, 2));
  auto delivery = make(life, Side::requested, ActType::delivery, 3);
  delivery.refers = digest(2);
  life.add(delivery);
  EXPECT_EQ(life.judge(make(life, Side::requester, ActType::closure, 4)).why.code,
            FaultCode::act_illegal);
  auto arrival = make(life, Side::requester, ActType::arrival, 4);
  arrival.refers = digest(3);
  life.add(arrival);
  life.add(make(life, Side::requester, ActType::closure, 5));
  EXPECT_EQ(life.now().phase, Phase::closed);
  EXPECT_EQ(Life::from_text(life.to_text()), life);
}

}  // namespace comity::exchange
