// Bytes as the steps of two nodes and of a third reader that gets them late, and as a stored life.
// Whatever one copy takes the other takes, and both end alike.
#include "base/check.hpp"
#include "exchange/life.hpp"

namespace {

using namespace comity;
using namespace comity::exchange;

class Dice {
 public:
  explicit Dice(View bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const auto byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }

 private:
  View bytes_;
};

Digest digest(std::uint8_t kind, std::uint64_t number) {
  Digest id;
  id.bytes[0] = kind;
  id.bytes[1] = static_cast<std::uint8_t>(number);
  id.bytes[2] = static_cast<std::uint8_t>(number >> 8);
  return id;
}

/// A step whose number, links and references mostly fit; sometimes one of them does not.
Step step_from(Dice& dice, const Life& life, Side side) {
  const auto now = life.now();
  const auto flags = dice.next();
  Step step{.side = side,
            .sequence = life.next_sequence(side) + (flags % 32 == 1 ? 1 : 0),
            .id = digest(side == Side::requester ? 1 : 2, life.next_sequence(side)),
            .previous = flags % 32 == 2 ? Digest{} : life.last(side),
            .seen = flags % 32 == 3 ? Seen{} : life.seen_now(side),
            .type = static_cast<ActType>(dice.next() % k_act_types),
            .delivers = (flags & 32) == 0,
            .has_conditions = (flags & 64) != 0,
            .secures = (flags & 16) != 0,
            .consultation_impossible = (flags & 128) != 0};
  if (step.type == ActType::delivery || (flags & 64) != 0) step.refers = now.acceptance;
  if (step.type == ActType::delivery) step.item.bytes[0] = dice.next();
  if (step.type == ActType::refusal && now.consulted()) step.refers = now.consultations.back();
  if ((step.type == ActType::arrival || step.type == ActType::completion) &&
      !now.deliveries.empty()) {
    const auto& one = now.deliveries[dice.next() % now.deliveries.size()];
    step.refers = one.act;
    step.item = one.item;
  }
  if (step.type == ActType::supplement && (flags & 128) != 0 && !now.open_queries.empty())
    step.answers = now.open_queries.front().act;
  if (step.type == ActType::return_ || step.type == ActType::supplement) {
    if (!now.returned.is_zero() && (flags & 16) != 0) step.answers = now.returned;
  }
  if (step.type == ActType::resumption) step.refers = now.put_off;
  if (step.type == ActType::proposal)
    step.proposal = static_cast<ProposalKind>(dice.next() % k_proposal_kinds);
  if (step.type == ActType::notice)
    step.notice = static_cast<NoticeKind>(dice.next() % k_notice_kinds);
  if (step.type == ActType::reply) {
    step.agrees = (flags & 32) != 0;
    step.refers = now.conditions_pending || now.proposals.empty()
                      ? now.acceptance
                      : now.proposals[dice.next() % now.proposals.size()].act;
  }
  if (step.type == ActType::annulment || step.type == ActType::notice)
    if (!now.deliveries.empty() && (flags & 16) != 0)
      step.items = {now.deliveries[dice.next() % now.deliveries.size()].item};
  if ((step.type == ActType::annulment || step.type == ActType::delivery) &&
      !now.authorisations.empty() && (flags & 64) != 0)
    step.authorisation = now.authorisations.back();
  return step;
}

void take_next(Life& to, const Life& from, Side side) {
  const auto& made = from.steps(side);
  if (to.steps(side).size() >= made.size()) return;
  const auto& step = made[to.steps(side).size()];
  CHECK(to.judge(step).takes());
  to.add(step);
  CHECK(to.judge(step).verdict == Verdict::duplicate);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto life = Life::from_text(as_text({data, size}))) {
    CHECK(life->to_text() == as_text({data, size}));
    (void)life->now();
    return 0;
  }
  Dice dice({data, std::min<std::size_t>(size, 256)});
  Life copies[2];
  while (!dice.empty()) {
    const auto what = dice.next();
    const auto side = (what & 1) == 0 ? Side::requester : Side::requested;
    auto& own = copies[what & 1];
    if ((what & 6) == 6) {
      take_next(own, copies[1 - (what & 1)], other(side));
    } else if (const auto step = step_from(dice, own, side); own.judge(step).takes()) {
      own.add(step);
    }
  }
  for (int i = 0; i < 1000 && copies[0] != copies[1]; ++i) {
    take_next(copies[0], copies[1], Side::requested);
    take_next(copies[1], copies[0], Side::requester);
  }
  CHECK(copies[0] == copies[1] && copies[0].now() == copies[1].now());
  Life late;  // takes them in the order of their effects
  for (const auto& step : copies[0].merged()) {
    CHECK(late.judge(step).takes());
    late.add(step);
  }
  CHECK(late == copies[0] && Life::from_text(late.to_text()) == late);
  return 0;
}
