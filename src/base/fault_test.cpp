#include "base/fault.hpp"

#include <gtest/gtest.h>

#include <set>

namespace comity {

TEST(Catalogue, NamesEveryFaultOnceAndTellsAPersonWhatToDo) {
  std::set<std::string_view> names;
  for (const auto& row : fault_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.happened.ends_with('.')) << row.name;
    EXPECT_TRUE(row.next.ends_with('.')) << row.name;
    EXPECT_GE(row.http_status, 400);
    EXPECT_GE(row.exit_code, 1);
    EXPECT_EQ(fault_code(row.name), row.code);
    EXPECT_EQ(&row_of(row.code), &row);
  }
  EXPECT_FALSE(fault_code("no.such"));
}

}  // namespace comity
