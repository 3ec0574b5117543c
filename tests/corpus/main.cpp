// All forgeries, and after them the proof that none did harm: the good acts are still taken.
#include <gtest/gtest.h>

#include <csignal>

#include "forge.hpp"

namespace {

class Afterwards : public testing::Environment {
  void TearDown() override { comity::corpus::take_the_good_ones(); }
};

}  // namespace

int main(int count, char** arguments) {
  // A door that cuts the line answers the test, and does not end it.
  std::signal(SIGPIPE, SIG_IGN);
  testing::InitGoogleTest(&count, arguments);
  testing::AddGlobalTestEnvironment(new Afterwards);
  return RUN_ALL_TESTS();
}
