#include "sim/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

#include "sim/chance.hpp"

namespace comity::sim {
namespace {

bool read(std::string_view text, std::int64_t& into) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

std::unexpected<Fault> no_option(std::string_view text) {
  return fault(FaultCode::format_field, "no option: " + std::string(text));
}

}  // namespace

Options draw_options(std::uint64_t seed) {
  Chance chance(seed, "options");
  const auto some = [&](std::int64_t most) {
    return chance.happens(500) ? 0 : chance.between(1, most);
  };
  const auto rarely = [&](std::int64_t most) {
    return chance.happens(850) ? 0 : chance.between(1, most);
  };
  Options options{.seed = seed};
  // Many small worlds see more than a few large ones; some flaws need a large one all the same.
  options.states = chance.happens(1)     ? chance.between(13, 193)
                   : chance.happens(30)  ? chance.between(5, 12)
                   : chance.happens(300) ? chance.between(3, 4)
                                         : 2;
  options.moves = chance.happens(850) ? chance.between(15, 60) : chance.between(61, 160);
  options.loss = some(300);
  options.answer_loss = some(300);
  options.duplication = some(300);
  options.delay_max_ms = chance.happens(500) ? 50 : chance.between(50, 40'000);
  options.partitions = some(60);
  options.one_way = some(1000);
  options.wrong_moves = some(300);
  options.late_moves = some(100);
  options.crashes = some(60);
  options.power_losses = some(1000);
  options.disk_errors = rarely(30);
  options.disk_full = rarely(10);
  options.lost_syncs = rarely(100);
  options.spoiled = rarely(300);
  options.old_backups = rarely(60);
  if (chance.happens(200)) options.lies = chance.between(1, 700);
  if (chance.happens(500)) options.skew_max_ms = chance.happens(400) ? 400'000 : 140'000;
  options.renewals = some(60);
  options.entry_days = chance.happens(100) ? chance.between(1, 40) : 0;
  options.clock_steps = rarely(40);
  options.pauses = chance.happens(100) ? 1 : 0;
  options.group_commit = chance.happens(500) ? 1 : 0;
  options.real_signatures = chance.happens(100) ? 1 : 0;
  options.rotations = some(120);
  return options;
}

std::string to_text(const Options& options) {
  std::string text;
  Options::each(options, [&](std::string_view name, std::int64_t value) {
    if (value != 0) text += fmt::format("{}{}={}", text.empty() ? "" : ",", name, value);
  });
  if (!options.skipped.empty()) text += fmt::format(",skipped={}", fmt::join(options.skipped, "+"));
  return text;
}

Result<void> set_options(Options& options, std::string_view text) {
  Options::each(options, [](std::string_view, std::int64_t& value) { value = 0; });
  while (!text.empty()) {
    const auto one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const auto name = one.substr(0, one.find('='));
    auto value = one.substr(std::min(one.size(), name.size() + 1));
    bool is_known = false;
    if (name == "skipped") {
      while (!value.empty()) {
        const auto number = value.substr(0, value.find('+'));
        value.remove_prefix(std::min(value.size(), number.size() + 1));
        std::int64_t move = 0;
        if (!read(number, move)) return no_option(one);
        options.skipped.insert(move);
      }
      continue;
    }
    Options::each(options, [&](std::string_view known, std::int64_t& into) {
      if (known == name) is_known = read(value, into);
    });
    if (!is_known) return no_option(one);
  }
  if (options.states < 2 || options.states > 193) return no_option("states");
  return {};
}

}  // namespace comity::sim
