// For tests: a fictional State with its keys, certificates and a whole directory entry.
#pragma once

#include "base/check.hpp"
#include "crypto/cms.hpp"
#include "directory/trust.hpp"

namespace comity::directory::sample {

/// The same bytes in every run, so that failures repeat.
class CountingRandom final : public Random {
 public:
  explicit CountingRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) {  // splitmix64
      auto mixed = state_ += 0x9e3779b97f4a7c15;
      mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
      mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
      byte = static_cast<std::uint8_t>(mixed ^ (mixed >> 31));
    }
  }

 private:
  std::uint64_t state_;
};

inline Instant at(const std::string& text) {
  return *instant_from_text(text);
}

inline const Instant k_begin = at("2026-01-01T00:00:00Z");
inline const Instant k_end = at("2030-01-01T00:00:00Z");
inline const Instant k_now = at("2026-03-01T12:00:00Z");

/// A State whose keys all come from one seed.
struct Nation {
  StateCode state;
  CountingRandom random;
  crypto::P256Key root_key, authority_key, point_key, tls_key, first_key, second_key;
  crypto::Certificate root, authority, point, tls, first_officer, second_officer;

  explicit Nation(std::string_view code, std::uint64_t seed = 1)
      : state(*StateCode::from_text(code)),
        random(seed ^ (static_cast<std::uint64_t>(code[0]) << 32 | code[1])),
        root_key(crypto::P256Key::generate(random)),
        authority_key(crypto::P256Key::generate(random)),
        point_key(crypto::P256Key::generate(random)),
        tls_key(crypto::P256Key::generate(random)),
        first_key(crypto::P256Key::generate(random)),
        second_key(crypto::P256Key::generate(random)),
        root(*crypto::issue_root(root_key, {state, "Root of " + state.text(), {}}, k_begin, k_end,
                                 random)),
        authority(certify(authority_key, "Ministry of Justice", {"authority:central-authority"},
                          crypto::Usage::authority)),
        point(certify(point_key, "Contact point", {"authority:contact-point-24-7"},
                      crypto::Usage::authority)),
        tls(certify(tls_key, "node", {}, crypto::Usage::tls)),
        first_officer(
            certify(first_key, "Officer one", {"officer:approver"}, crypto::Usage::officer)),
        second_officer(
            certify(second_key, "Officer two", {"officer:approver"}, crypto::Usage::officer)) {}

  crypto::Certificate certify(const crypto::P256Key& key, const std::string& name,
                              std::vector<std::string> roles, crypto::Usage usage) {
    const std::vector<std::string> hosts = usage == crypto::Usage::tls
                                               ? std::vector<std::string>{"node.example"}
                                               : std::vector<std::string>{};
    auto issued = crypto::issue(root_key, root, key.public_spki(), {state, name, std::move(roles)},
                                usage, k_begin, k_end, random, hosts);
    CHECK(issued.has_value());
    return *std::move(issued);
  }

  Entry entry(std::int64_t serial = 1) {
    return {
        .state = state,
        .names = {{"en", "State " + state.text()}},
        .exercise = true,
        .serial = serial,
        .issued_at = at("2026-02-01T00:00:00Z"),
        .valid_from = at("2026-02-01T00:00:00Z"),
        .valid_to = at("2027-02-01T00:00:00Z"),
        .root = root,
        .next_root = Digest{random.draw<32>()},
        .authorities =
            {{"justice", {{"en", "Ministry of Justice"}}, {"central-authority"}, authority},
             {"point", {{"en", "Contact point"}}, {"contact-point-24-7"}, point}},
        .endpoint = {"node.example", 8443},
        .tls = {tls},
        .logs = {"node.example/", {random.draw<32>()}, {random.draw<32>()}, {random.draw<32>()}},
        .languages = {"en", "fr"},
        .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour, in English"}},
        .revoked = {},
        .published = {"un-cybercrime-2024", {"convention"}, "required", {}, {"subscriber"}, 90}};
  }

  Accepted accepted(std::int64_t serial = 1) {
    const auto mine = entry(serial);
    return {.entry = mine, .p7m = *sign_entry(mine, root_key), .accepted_at = k_now};
  }
};

}  // namespace comity::directory::sample
