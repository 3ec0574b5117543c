#include "sim/network.hpp"

#include "crypto/digest.hpp"

namespace comity::sim {
namespace {

constexpr std::int64_t k_timeout_ms = 20'000;
constexpr formats::JsonLimits k_letter_limits{.bytes_max = 8 << 20, .depth_max = 16};

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

bool Network::trouble(std::int64_t in_1000) {
  return stage_.has_troubles && stage_.troubles.happens(static_cast<int>(in_1000));
}

void Network::part(Member& one, Member& other, std::int64_t duration_ms, bool is_one_way) {
  stage_.count(is_one_way ? "links down one way" : "links down");
  const auto until = stage_.now.plus_ms(duration_ms);
  down_until_[{one.state(), other.state()}] = until;
  if (!is_one_way) down_until_[{other.state(), one.state()}] = until;
}

bool Network::is_down(const StateCode& from, const StateCode& to) const {
  if (!stage_.has_troubles) return false;
  const auto found = down_until_.find({from, to});
  return found != down_until_.end() && stage_.now < found->second;
}

void Network::post(Member& member) {
  stage_.push(member, [this, &member](node::Desk& desk) -> node::Afterwards {
    auto letters = desk.letters();
    auto fetches = desk.fetches();
    auto live = desk.live_orders();
    if (!letters) stage_.report_fault(member, "composes letters", letters.error());
    if (!fetches) stage_.report_fault(member, "plans fetches", fetches.error());
    if (!live) stage_.report_fault(member, "orders live items", live.error());
    if (!letters || !fetches || !live) return {};
    return [this, &member, letters = *std::move(letters), fetches = *std::move(fetches),
            live = *std::move(live)] {
      for (const auto& order : live)
        if (order.ours && !order.why_ended.empty()) close_live(member, order);
      for (const auto& letter : letters) send(member, letter);
      for (const auto& order : fetches) fetch(member, order);
    };
  });
}

void Network::send(Member& from, const node::Letter& letter) {
  stage_.count("letters");
  const auto flight = std::make_shared<Flight>(Flight{from, letter, from.lives()});
  stage_.after_ms(k_timeout_ms,
                  [=, this] { conclude(flight, fault(FaultCode::peer_timeout, "no answer")); });
  if (stage_.has_troubles && stage_.is_liar(from)) {
    auto said = liar_.letter(from, letter);
    if (!said) return;
    flight->letter.body = std::move(said->body);
  }
  if (letter.greeting && deaf_.contains(from.state())) return;
  const bool is_twice = trouble(stage_.options.duplication);
  for (int copy = 0; copy < (is_twice ? 2 : 1); ++copy) {
    if (is_down(from.state(), letter.to) || trouble(stage_.options.loss)) {
      stage_.count("letters lost");
      continue;
    }
    // A repeated letter may come long after, when its sender has heard the first one's answer.
    const auto late_ms = copy == 0 ? 0 : stage_.troubles.between(0, 200'000);
    stage_.after_ms(delay_ms() + late_ms, [=, this] { arrive(flight, copy == 0); });
  }
}

void Network::arrive(const std::shared_ptr<Flight>& flight, bool is_first) {
  auto& to = stage_.member(flight->letter.to);
  checks_.saw_letter(to, flight->from.state(), flight->letter.body);
  if (deaf_.contains(to.state())) {
    auto body = *formats::parse_json(flight->letter.body, k_letter_limits);
    body.set("known", Json());
    flight->letter.body = to_bytes(formats::canonical(body));
  }
  stage_.push(to, [=, this, &to](node::Desk& desk) -> node::Afterwards {
    auto answer = desk.take_letter(flight->from.state(), flight->letter.body);
    if (!answer) {
      const auto why = answer.error();
      stage_.count_fault(row_of(why.code).name);
      if (is_own_failure(why.code)) stage_.report_fault(to, "takes a letter", why);
      return [=, this] {
        if (is_first) stage_.after_ms(delay_ms(), [=, this] { conclude(flight, fault(why.code)); });
      };
    }
    return [=, this, &to, answer = *answer] {
      checks_.saw_answer(to, flight->from.state(), answer->body);
      if (!is_first) return;
      auto said = std::optional(answer->body);
      if (stage_.has_troubles && stage_.is_liar(to))
        said = liar_.answer(to, flight->from.state(), answer->body);
      if (!said) return stage_.count("answers withheld");
      if (is_down(to.state(), flight->from.state()) || trouble(stage_.options.answer_loss))
        return stage_.count("answers lost");
      stage_.after_ms(delay_ms(), [=, this] { conclude(flight, *said); });
    };
  });
}

void Network::conclude(const std::shared_ptr<Flight>& flight, const Result<Bytes>& answer) {
  auto& from = flight->from;
  if (flight->is_over || !from.is_alive() || from.lives() != flight->life) return;
  flight->is_over = true;
  stage_.push(from, [=, this, &from](node::Desk& desk) -> node::Afterwards {
    const auto heard = desk.letter_answered(flight->letter, answer);
    if (!heard) stage_.report_fault(from, "reads an answer", heard.error());
    return {};
  });
}

/// Records are synthetic here, as a seal is: what is closed is the permission.
void Network::close_live(Member& at, const node::LiveOrder& order) {
  const auto life = at.lives();
  const auto& prefix = order.opening.prefix;
  const evidence::SealedShape shape{
      .prefix_size = prefix.size(),
      .prefix_sha256 = crypto::sha256(prefix),
      .plaintext_size = 4711,
      .plaintext_sha256 = crypto::sha256(order.opening.item.view()),
      .chunk_root = crypto::sha256({order.opening.item.view(), prefix})};
  stage_.after_ms(delay_ms(), [=, this, &at, item = order.opening.item, why = order.why_ended] {
    if (!at.is_alive() || at.lives() != life) return;
    stage_.push(at, [=, this, &at](node::Desk& desk) -> node::Afterwards {
      const auto ended = desk.live_ended(item, shape, {.records = 17}, why);
      // What can not be said now (an entry that ended, say) is said with the next orders.
      if (!ended && is_own_failure(ended.error().code))
        stage_.report_fault(at, "closes a live item", ended.error());
      if (ended) stage_.count("live items closed: " + why);
      return {};
    });
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
  if (is_down(by.state(), from.state()) || trouble(stage_.options.loss) || !from.is_alive())
    return stage_.after_ms(k_timeout_ms, broken);
  stage_.after_ms(delay_ms(), [=, this, &by, &from] {
    if (!from.is_alive()) return broken();
    // A seal is synthetic here: what is served is the permission, bytes are tested elsewhere.
    const auto was_served = std::make_shared<bool>(false);
    stage_.push(from, [=, this, &by](node::Desk& desk) -> node::Afterwards {
      const auto served = desk.serve_item(by.state(), item);
      if (!served) stage_.count_fault(row_of(served.error().code).name);
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
    if (!kept) stage_.report_fault(by, "keeps an item", kept.error());
    return {};
  });
}

}  // namespace comity::sim
