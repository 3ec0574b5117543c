#include "sim/network.hpp"

namespace comity::sim {
namespace {

constexpr std::int64_t k_timeout_ms = 20'000;

}  // namespace

struct Network::Flight {
  Member& from;
  node::Letter letter;
  int life;
  bool is_over = false;
};

std::int64_t Network::delay_ms() {
  return stage_.has_troubles ? stage_.troubles.between(1, stage_.options.delay_max_ms) : 10;
}

bool Network::trouble(int in_1000) {
  return stage_.has_troubles && stage_.troubles.happens(in_1000);
}

void Network::post(Member& member) {
  stage_.push(member, [this, &member](node::Desk& desk) -> node::Afterwards {
    auto letters = desk.letters();
    auto fetches = desk.fetches();
    if (!letters) stage_.report("fault", "letters: " + letters.error().detail);
    if (!fetches) stage_.report("fault", "fetches: " + fetches.error().detail);
    if (!letters || !fetches) return {};
    return [this, &member, letters = *std::move(letters), fetches = *std::move(fetches)] {
      for (const auto& letter : letters) send(member, letter);
      for (const auto& order : fetches) fetch(member, order);
    };
  });
}

void Network::send(Member& from, const node::Letter& letter) {
  stage_.count("letters");
  const auto flight = std::make_shared<Flight>(Flight{from, letter, from.lives()});
  const bool is_twice = trouble(stage_.options.duplication);
  for (int copy = 0; copy < (is_twice ? 2 : 1); ++copy) {
    if (trouble(stage_.options.loss)) {
      stage_.count("letters lost");
      continue;
    }
    // A repeated letter may come long after, when its sender has heard the first one's answer.
    const auto late_ms = copy == 0 ? 0 : stage_.troubles.between(0, 200'000);
    stage_.after_ms(delay_ms() + late_ms, [=, this] { arrive(flight, copy == 0); });
  }
  stage_.after_ms(k_timeout_ms,
                  [=, this] { conclude(flight, fault(FaultCode::peer_timeout, "no answer")); });
}

void Network::arrive(const std::shared_ptr<Flight>& flight, bool is_first) {
  auto& to = stage_.member(flight->letter.to);
  stage_.push(to, [=, this, &to](node::Desk& desk) -> node::Afterwards {
    auto answer = desk.take_letter(flight->from.state(), flight->letter.body);
    if (!answer) {
      const auto why = answer.error();
      if (is_own_failure(why.code))
        stage_.report("fault", to.state().text() + " takes a letter: " +
                                   std::string(row_of(why.code).name) + " " + why.detail);
      return [=, this] {
        if (is_first) stage_.after_ms(delay_ms(), [=, this] { conclude(flight, fault(why.code)); });
      };
    }
    return [=, this, &to, answer = *answer] {
      saw_answer_(to, flight->from.state(), answer->body);
      if (!is_first) return;
      if (trouble(stage_.options.answer_loss)) return stage_.count("answers lost");
      stage_.after_ms(delay_ms(), [=, this] { conclude(flight, answer->body); });
    };
  });
}

void Network::conclude(const std::shared_ptr<Flight>& flight, const Result<Bytes>& answer) {
  auto& from = flight->from;
  if (flight->is_over || !from.is_alive() || from.lives() != flight->life) return;
  flight->is_over = true;
  stage_.push(from, [=, this, &from](node::Desk& desk) -> node::Afterwards {
    const auto heard = desk.letter_answered(flight->letter, answer);
    if (!heard)
      stage_.report("fault", from.state().text() + " reads an answer: " +
                                 std::string(row_of(heard.error().code).name) + " " +
                                 heard.error().detail);
    return {};
  });
}

void Network::fetch(Member& by, const node::FetchOrder& order) {
  stage_.count("fetches");
  const auto item = order.manifest.item;
  const auto life = by.lives();
  const auto broken = [=, this, &by] {
    fetched(by, life, item, fault(FaultCode::peer_unreachable, "broken off"));
  };
  auto& from = stage_.member(order.from);
  if (trouble(stage_.options.loss) || !from.is_alive())
    return stage_.after_ms(k_timeout_ms, broken);
  stage_.after_ms(delay_ms(), [=, this, &by, &from] {
    if (!from.is_alive()) return broken();
    // A seal is synthetic here: what is served is the permission, bytes are tested elsewhere.
    const auto was_served = std::make_shared<bool>(false);
    stage_.push(from, [=, this, &by](node::Desk& desk) -> node::Afterwards {
      const auto served = desk.serve_item(by.state(), item);
      const Result<void> outcome =
          served ? Result<void>() : Result<void>(std::unexpected(served.error()));
      return [=, this, &by] {
        *was_served = true;
        stage_.after_ms(delay_ms(), [=, this, &by] { fetched(by, life, item, outcome); });
      };
    });
    stage_.after_ms(k_timeout_ms, [=] {
      if (!*was_served) broken();
    });
  });
}

void Network::fetched(Member& by, int life, const ItemId& item, const Result<void>& outcome) {
  if (!by.is_alive() || by.lives() != life) return;
  stage_.push(by, [=, this, &by](node::Desk& desk) -> node::Afterwards {
    const auto kept =
        outcome ? desk.item_arrived(item) : desk.item_broken(item, Fault(outcome.error()));
    if (!kept)
      stage_.report("fault", by.state().text() +
                                 " keeps an item: " + std::string(row_of(kept.error().code).name) +
                                 " " + kept.error().detail);
    return {};
  });
}

}  // namespace comity::sim
