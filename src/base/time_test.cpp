#include "base/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace comity {

TEST(Instant, ReadsAndWritesRfc3339) {
  EXPECT_EQ(to_text(Instant{0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_text(*instant_from_text("2024-02-29T23:59:59Z")), "2024-02-29T23:59:59Z");
  EXPECT_EQ(instant_from_text("2024-02-29T23:59:59.250Z")->ms % 1000, 250);
}

TEST(Instant, RefusesWhatIsNoTimeOrNotUtc) {
  for (const auto* text :
       {"", "2024-02-30T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00+00:00", "2024-1-01T00:00:00Z", "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.1Z", "2024-01-01T00:00:60Z"})
    EXPECT_EQ(instant_from_text(text).error().code, FaultCode::format_time) << text;
}

RC_GTEST_PROP(Instant, ComesBack, ()) {
  const Instant at{*rc::gen::inRange<std::int64_t>(0, 4102444800000)};
  RC_ASSERT(*instant_from_text(to_text_ms(at)) == at);
  RC_ASSERT(instant_from_text(to_text(at))->seconds() == at.seconds());
}

}  // namespace comity
