// One hostile State sends valid acts as fast as its connections carry them. The others wait for a
// turn under way and get their own, and of each turn the hostile one has a single letter: its
// share, and no more, however many calls it keeps open.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>

#include "forge.hpp"
#include "live_node.hpp"
#include "wire/client.hpp"

namespace comity::corpus {
namespace {

constexpr std::size_t k_letter_acts = 128, k_flood_letters = 12, k_flood_connections = 24;
constexpr std::size_t k_honest_letters = 10;

/// Another exchange, and so another act.
Edit another(int number) {
  const auto id = fmt::format("{:032x}", number + 1);
  return both(set("/substance/exchange", id), set("/substance/draft", id));
}

Json act_of(const Good& good, int number) {
  Craft craft(good, number);
  another(number)(craft);
  const auto letter = must(formats::parse_json(craft.letter(), {.bytes_max = 8 << 20}));
  return letter.at("acts").items()[0];
}

struct Line {
  wire::Client client;
  Result<wire::Response> post(View letter) {
    return client.ask("POST", "/comity/v1/acts", {}, letter, 120);
  }
};
Line line_of(const State& from, const State& to, std::uint16_t port) {
  return {must(wire::Client::over_tls({"127.0.0.1", port}, identity_of(from.tls()),
                                      to.tls().certificate.fingerprint()))};
}

std::size_t receipts_in(View body) {
  std::size_t count = 0;
  for (const auto& one :
       must(formats::parse_json(body, {.bytes_max = 8 << 20})).at("answers").items())
    count += one.find("receipt") != nullptr;
  return count;
}

}  // namespace

TEST(Mailbox, GivesATurnOneLetterOfEachStateAndAllElse) {
  HeartMailbox box;
  const auto nothing = [](node::Desk&) -> node::Afterwards { return {}; };
  const auto& all = world();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(box.post_letter(all.bfa.code(), nothing));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(box.post_letter(all.cub.code(), nothing));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(box.post(nothing));
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(box.take(now)->size(), 5U);  // three, and one letter of each
  EXPECT_EQ(box.take(now)->size(), 2U);
  EXPECT_EQ(box.take(now)->size(), 1U);
  box.close();
  EXPECT_EQ(box.post_letter(all.bfa.code(), nothing).error().code, FaultCode::node_stopping);
  box.end();
  EXPECT_EQ(box.take(now)->size(), 1U);  // what was taken in is done
  EXPECT_EQ(box.take(now)->size(), 1U);
  EXPECT_FALSE(box.take(now));
}

TEST(Mailbox, HoldsItsLimit) {
  HeartMailbox box;
  const auto nothing = [](node::Desk&) -> node::Afterwards { return {}; };
  for (std::size_t i = 0; i < k_jobs_waiting_max; ++i)
    ASSERT_TRUE(box.post_letter(world().bfa.code(), nothing));
  EXPECT_EQ(box.post_letter(world().bfa.code(), nothing).error().code, FaultCode::limit_busy);
  EXPECT_EQ(box.post(nothing).error().code, FaultCode::limit_busy);
}

TEST(Flood, OfValidActsTakesNoMoreThanOneStatesShare) {
  auto& all = world();
  const auto hostile = all.request(all.bfa, all.kgz, "stored-data");
  const auto honest = all.request(all.cub, all.kgz, "stored-data");
  int number = 1'000;
  std::vector<Bytes> flood, calm;
  for (std::size_t i = 0; i < k_flood_letters; ++i) {
    auto acts = Json::array();
    for (std::size_t k = 0; k < k_letter_acts; ++k) acts.push_back(act_of(hostile, ++number));
    flood.push_back(letter_of(acts));
  }
  for (std::size_t i = 0; i < 2 * k_honest_letters; ++i)
    calm.push_back(letter_of(Json::array({act_of(honest, ++number)})));

  LiveNode node(all.kgz);
  auto line = line_of(all.cub, all.kgz, node.port());
  const auto pace = [&](std::size_t from) {
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = from; i < from + k_honest_letters; ++i) {
      const auto answer = must(line.post(calm[i]));
      EXPECT_EQ(receipts_in(answer.body), 1U) << as_text(answer.body);
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
    return took.count() / k_honest_letters;
  };
  const auto alone = pace(0);

  std::atomic<bool> is_over = false;
  std::atomic<std::uint64_t> letters = 0, taken = 0;
  const auto turns_before = node.turns();
  std::vector<std::jthread> hostile_lines;
  for (std::size_t i = 0; i < k_flood_connections; ++i)
    hostile_lines.emplace_back([&, i] {
      auto mine = line_of(all.bfa, all.kgz, node.port());
      for (std::size_t k = i; !is_over; ++k) {
        const auto answer = mine.post(flood[k % flood.size()]);
        if (!answer || answer->status != 200) continue;
        ++letters;
        taken += receipts_in(answer->body);
      }
    });
  while (letters < 2) std::this_thread::yield();
  const auto flooded = pace(k_honest_letters);
  is_over = true;
  hostile_lines.clear();
  const auto turns = node.turns() - turns_before;

  EXPECT_GT(taken, k_letter_acts) << "the flood was one";
  // The turn under way when it came, and its own.
  EXPECT_LE(node.turns_waited_max(all.cub.code()), 2U);
  EXPECT_LE(letters, (turns + 1) * k_letters_a_turn);
  fmt::print(
      "honest letters: {:.1f} ms each alone, {:.1f} ms beside a flood of {} acts a letter on "
      "{} connections\n",
      alone, flooded, k_letter_acts, k_flood_connections);
}

}  // namespace comity::corpus
