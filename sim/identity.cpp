#include "sim/identity.hpp"

#include <algorithm>

#include "treaty/sample_test.hpp"

namespace comity::sim {
namespace {

const Instant k_valid_from = treaty::sample::day("2026-01-01");
const Instant k_valid_to = treaty::sample::day("2036-01-01");

KeyPair root_of(const StateCode& state, Chance& random) {
  auto key = crypto::P256Key::generate(random);
  auto root =
      *crypto::issue_root(key, {state, "Root (exercise)", {}}, k_valid_from, k_valid_to, random);
  return {std::move(key), std::move(root)};
}

}  // namespace

bool has_role(const KeyPair& officer, std::string_view role) {
  const auto& roles = officer.certificate.subject().roles;
  return std::ranges::find(roles, role) != roles.end();
}

node::Officer as_caller(const KeyPair& officer) {
  const auto& certificate = officer.certificate;
  return {.fingerprint = certificate.fingerprint(),
          .name = certificate.subject().common_name,
          .roles = certificate.subject().roles,
          .spki = certificate.public_spki()};
}

Identity& Identity::of(const StateCode& state) {
  static std::map<StateCode, std::unique_ptr<Identity>> all;
  auto& found = all[state];
  if (!found) found.reset(new Identity(state));
  return *found;
}

Identity::Identity(const StateCode& state)
    : state_(state), random_(0, "identity " + state.text()), root_(root_of(state, random_)) {
  authority(0);
  tls_ = &issue("node", {}, crypto::Usage::tls, {"node.example"});
  const auto officer = [&](const std::string& name, std::vector<std::string> roles) {
    officers_.push_back(&issue(name, std::move(roles), crypto::Usage::officer));
  };
  officer("Officer one", {"officer:approver", "officer:drafter"});
  officer("Officer two", {"officer:approver", "officer:executor"});
  officer("Officer three", {"officer:drafter"});
  officer("Officer four", {"officer:executor"});
}

const KeyPair& Identity::issue(const std::string& name, std::vector<std::string> roles,
                               crypto::Usage usage, const std::vector<std::string>& hosts) {
  auto key = crypto::P256Key::generate(random_);
  auto certificate = *crypto::issue(root_.key, root_.certificate, key.public_spki(),
                                    {state_, name, std::move(roles)}, usage, k_valid_from,
                                    k_valid_to, random_, hosts);
  return issued_.emplace_back(std::move(key), std::move(certificate));
}

const KeyPair& Identity::another(const std::string& name, const std::vector<std::string>& roles) {
  auto& officer = others_[name];
  if (officer == nullptr) officer = &issue(name, roles, crypto::Usage::officer);
  return *officer;
}

const KeyPair& Identity::authority(std::size_t generation) {
  while (authorities_.size() <= generation) {
    // Drawn apart: how many there are changes no other key.
    Chance random(authorities_.size(), "authority " + state_.text());
    auto key = crypto::P256Key::generate(random);
    auto certificate =
        *crypto::issue(root_.key, root_.certificate, key.public_spki(),
                       {state_,
                        "Ministry (exercise)",
                        {"authority:central-authority", "authority:contact-point-24-7"}},
                       crypto::Usage::authority, k_valid_from, k_valid_to, random, {});
    authorities_.push_back(&issued_.emplace_back(std::move(key), std::move(certificate)));
  }
  return *authorities_[generation];
}

std::string Identity::origin_prefix() const {
  return state_.text() + ".comity.example/";
}

const Bytes& Identity::entry(const EntryPlan& plan, const directory::LogKeys& logs) {
  auto& p7m = entries_[plan];
  if (!p7m.empty()) return p7m;
  const auto ministry = [&](std::size_t generation) {
    return directory::Authority{"ministry",
                                {{"en", "Ministry (exercise)"}},
                                {"central-authority", "contact-point-24-7"},
                                authority(generation).certificate};
  };
  directory::Entry entry{
      .state = state_,
      .names = {{"en", "State " + state_.text() + " (exercise)"}},
      .exercise = true,
      .serial = plan.serial,
      .issued_at = plan.issued_at,
      .valid_from = plan.valid_from,
      .valid_to = plan.valid_to,
      .root = root_.certificate,
      .authorities = {ministry(plan.authority)},
      .endpoint = {"node.example", 8443},
      .tls = {tls_->certificate},
      .logs = logs,
      .languages = {"en"},
      .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour, in English"}},
      .published = {.instrument = "un-cybercrime-2024",
                    .scopes = {"convention"},
                    .dual_criminality = "required",
                    .data_categories = {"subscriber"},
                    .preservation_days = 90,
                    .without_treaty = {"reciprocity"}}};
  if (plan.also_before) entry.authorities.push_back(ministry(plan.authority - 1));
  p7m = *directory::sign_entry(entry, root_.key);
  return p7m;
}

}  // namespace comity::sim
