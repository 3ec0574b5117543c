// A fictional State with its root, an authority and an officer, for the tests of this room.
#pragma once

#include "crypto/certificate.hpp"
#include "crypto/digest.hpp"

namespace comity::crypto::exercise {

/// Bytes that look random and are the same in every run.
class Seeded final : public Random {
 public:
  explicit Seeded(std::string_view seed) : state_(sha256(as_bytes(seed))) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) {
      byte = state_.bytes[0];
      state_ = sha256(state_.view());
    }
  }

 private:
  Digest state_;
};

inline Instant at(std::string_view text) {
  return instant_from_text(text).value();
}
inline const Instant k_from = at("2026-01-01T00:00:00Z");
inline const Instant k_to = at("2036-01-01T00:00:00Z");
inline const Instant k_now = at("2026-07-01T12:00:00Z");

inline Subject subject(std::string_view state, std::string name,
                       std::vector<std::string> roles = {}) {
  return {StateCode::from_text(state).value(), std::move(name), std::move(roles)};
}

struct State {
  explicit State(std::string_view code)
      : random(code),
        root_key(P256Key::generate(random)),
        key(P256Key::generate(random)),
        root(issue_root(root_key, subject(code, "Exercise root"), k_from, k_to, random).value()),
        authority(issue(root_key, root, key.public_spki(),
                        subject(code, "Exercise authority", {"authority:central-authority"}),
                        Usage::authority, k_from, k_to, random)
                      .value()) {}

  Seeded random;
  P256Key root_key, key;
  Certificate root, authority;
};

}  // namespace comity::crypto::exercise
