// A sample opening, its keys and its heads, for the tests of this room and of transfer: plainly
// fictional, made from a seed.
#pragma once

#include "evidence/evidence_gen.hpp"
#include "evidence/live.hpp"

namespace comity::evidence::sample {

inline constexpr Instant k_live_from{1'772'366'400'000};  // 2026-03-01T12:00:00Z

struct LiveSample {
  formats::AgeIdentity identity;
  crypto::Ed25519Key key;
  Opening opening;
  Secret payload_key;
  std::string origin;

  std::vector<formats::Verifier> verifiers() const {
    return {formats::make_verifier(origin, key.public_key())};
  }
  std::string sign(const std::string& text) const { return *formats::sign_note(text, origin, key); }
  std::string sign(const Head& head) const { return sign(head_text(origin, head)); }
};

inline LiveSample live_sample(std::int64_t segment_ms = 1, std::uint64_t seed = 1) {
  SeededRandom random(seed);
  auto identity = formats::AgeIdentity::generate(random);
  auto key = crypto::Ed25519Key::generate(random);
  auto start = *start_seal({identity.recipient()}, random);
  Opening opening;
  opening.item.bytes.fill(1);
  opening.exchange.bytes.fill(2);
  opening.prefix = start.prefix;
  opening.recipients = start.recipients;
  opening.name = "flow.jsonl";
  opening.custodian = "Example Net (exercise)";
  opening.collector = "Officer of the exercise, State B";
  opening.tool = "probe 2.0 (exercise)";
  opening.authorisation = "Exercise order 8/2026";
  opening.records = "flow";
  opening.source = "Border router 2 (exercise)";
  opening.scope = "Flows of 192.0.2.7";
  opening.from = k_live_from;
  opening.until = k_live_from.plus_s(3600);
  opening.segment_ms = segment_ms;
  opening.opened_at = k_live_from;
  return {.identity = std::move(identity),
          .key = std::move(key),
          .opening = opening,
          .payload_key = std::move(start.payload_key),
          .origin = head_origin("bfa.example/", opening.item)};
}

}  // namespace comity::evidence::sample
