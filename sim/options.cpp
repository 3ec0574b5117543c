#include "sim/options.hpp"

#include <fmt/format.h>

#include "sim/chance.hpp"

namespace comity::sim {

Options draw_options(std::uint64_t seed) {
  Chance chance(seed, "options");
  const auto some = [&](int most) {
    return chance.happens(500) ? 0 : static_cast<int>(chance.between(1, most));
  };
  Options options{.seed = seed};
  options.states = chance.happens(100)   ? static_cast<int>(chance.between(6, 12))
                   : chance.happens(400) ? static_cast<int>(chance.between(3, 5))
                                         : 2;
  options.moves = static_cast<int>(chance.between(60, 160));
  options.loss = some(300);
  options.answer_loss = some(300);
  options.duplication = some(300);
  options.crashes = some(120);
  options.wrong_moves = some(300);
  options.delay_max_ms = chance.happens(500) ? 50 : chance.between(50, 40'000);
  if (chance.happens(500)) options.skew_max_ms = chance.happens(400) ? 400'000 : 140'000;
  options.power_loss = chance.happens(500);
  options.group_commit = chance.happens(500);
  options.pauses = chance.happens(200) ? 1 : 0;
  return options;
}

std::string to_text(const Options& options) {
  return fmt::format(
      "states {} moves {} loss {} answer_loss {} duplication {} crashes {} wrong_moves {} "
      "delay_max_ms {} skew_max_ms {} power_loss {} group_commit {} pauses {}",
      options.states, options.moves, options.loss, options.answer_loss, options.duplication,
      options.crashes, options.wrong_moves, options.delay_max_ms, options.skew_max_ms,
      options.power_loss, options.group_commit, options.pauses);
}

}  // namespace comity::sim
