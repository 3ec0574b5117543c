#include "state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.hpp"
#include "law/sample_test.hpp"

namespace comity::corpus {
namespace {

const Instant k_valid_from = treaty::sample::day("2026-01-01");
const Instant k_valid_to = treaty::sample::day("2030-01-01");
/// A day on which the sample data is in force.
const Instant k_now = treaty::sample::day("2026-03-06");

Json statement(std::string_view kind) {
  return Json::object({{"type", "statement"}, {"kind", kind}});
}

crypto::P256Key copy_of(const crypto::P256Key& key) {
  return must(crypto::P256Key::from_pem(as_text(key.to_pem().view())));
}

}  // namespace

void give_up(const Fault& fault) {
  fmt::print(stderr, "corpus: {}: {}\n", row_of(fault.code).name, fault.detail);
  std::exit(1);
}

Seeded::Seeded(std::string_view seed) : state_(crypto::sha256(as_bytes(seed))) {}

void Seeded::fill(std::span<std::uint8_t> out) {
  for (auto& byte : out) {
    byte = state_.bytes[0];
    state_ = crypto::sha256(state_.view());
  }
}

node::Officer Signer::as_caller() const {
  return {.fingerprint = certificate.fingerprint(),
          .name = certificate.subject().common_name,
          .roles = certificate.subject().roles,
          .spki = certificate.public_spki()};
}

bool Signer::has(std::string_view role) const {
  const auto& roles = certificate.subject().roles;
  return std::ranges::find(roles, role) != roles.end();
}

State::State(std::string_view code, const std::filesystem::path& folder)
    : now(k_now),
      random_(code),
      code_(treaty::sample::state(code)),
      folder_(folder),
      root_key_(crypto::P256Key::generate(random_)),
      root_(must(crypto::issue_root(root_key_, {code_, "Root (exercise)", {}}, k_valid_from,
                                    k_valid_to, random_))),
      authority_(certified("Ministry (exercise)",
                           {"authority:central-authority", "authority:contact-point-24-7"},
                           crypto::Usage::authority)),
      tls_(certified("node", {}, crypto::Usage::tls)),
      signer_(copy_of(authority_.key), authority_.certificate),
      files_(folder / "logs") {
  std::filesystem::create_directories(folder / "logs");
  store_ = must(store::SqliteStore::open(folder / "node.db", store::Opening::create));
  const auto officer = [&](const std::string& name, std::vector<std::string> roles) {
    officers_.push_back(certified(name, std::move(roles), crypto::Usage::officer));
  };
  officer("Officer one (exercise)", {"officer:approver", "officer:drafter"});
  officer("Officer two (exercise)", {"officer:approver", "officer:executor"});
  officer("Officer three (exercise)", {"officer:drafter"});
  must(restart());
  for (const auto& one : officers_) {
    const bool is_first = &one - officers_.data() < 2;
    decide(statement("officer.add").set("certificate", one.certificate.pem()),
           is_first ? node::Officer{} : officers_[0].as_caller());
  }
}

void State::copy_disk(const std::filesystem::path& to) {
  std::filesystem::create_directories(to);
  const auto copy = must(store_->copy_to(to / "node.db"));
  while (!must(copy->step(1024))) {
  }
  std::filesystem::copy(folder_ / "logs", to / "logs", std::filesystem::copy_options::recursive);
}

void State::put_back_disk(const std::filesystem::path& from) {
  heart_.reset();
  store_.reset();
  for (const char* name : {"node.db", "node.db-wal", "logs"})
    std::filesystem::remove_all(folder_ / name);
  std::filesystem::copy(from / "node.db", folder_ / "node.db");
  std::filesystem::copy(from / "logs", folder_ / "logs", std::filesystem::copy_options::recursive);
  store_ = must(store::SqliteStore::open(folder_ / "node.db", store::Opening::existing));
}

Result<void> State::restart() {
  heart_.reset();
  store_->rollback();
  heart_ = std::make_unique<node::Heart>(
      node::Ports{*store_, files_, signer_, opener_, log_keys_, evidence_keys_, random_},
      node::Charter{.state = code_,
                    .authority_code = "ministry",
                    .exercise = true,
                    .origin_prefix = prefix(),
                    .treaties = treaty::sample::shared_treaties(),
                    .registers = treaty::sample::exercise_registers(),
                    .profile = law::sample::exercise_profile(),
                    .records = treaty::sample::record_kinds(),
                    .root = root_},
      [](const Json&) {});
  return heart_->start(now);
}

Signer State::certified(const std::string& name, std::vector<std::string> roles,
                        crypto::Usage usage, Instant from, Instant to) {
  auto key = crypto::P256Key::generate(random_);
  const std::vector<std::string> hosts = usage == crypto::Usage::tls
                                             ? std::vector<std::string>{"node.example"}
                                             : std::vector<std::string>{};
  auto certificate =
      must(crypto::issue(root_key_, root_, key.public_spki(), {code_, name, std::move(roles)},
                         usage, from, to, random_, hosts));
  return {std::move(key), std::move(certificate)};
}

Signer State::certified(const std::string& name, std::vector<std::string> roles,
                        crypto::Usage usage) {
  return certified(name, std::move(roles), usage, k_valid_from, k_valid_to);
}

formats::Verifier State::verifier(std::string_view log) const {
  return must(formats::parse_vkey(log_keys_.verifier_key(log, origin(log))));
}

std::string State::sign_checkpoint(std::string_view log, const formats::Checkpoint& checkpoint) {
  return must(log_keys_.sign_checkpoint(log, checkpoint.origin, formats::to_text(checkpoint)));
}

directory::Entry State::entry(std::int64_t serial) const {
  return {.state = code_,
          .names = {{"en", "State " + code_.text() + " (exercise)"}},
          .exercise = true,
          .serial = serial,
          .issued_at = k_now.plus_s(-k_day_s),
          .valid_from = k_now.plus_s(-4 * k_day_s),
          .valid_to = k_now.plus_s(700 * k_day_s),
          .root = root_,
          .authorities = {{"ministry",
                           {{"en", "Ministry (exercise)"}},
                           {"central-authority", "contact-point-24-7"},
                           authority_.certificate}},
          .endpoint = {"node.example", 8443},
          .tls = {tls_.certificate},
          .logs = log_keys_.published(prefix()),
          .languages = {"en"},
          .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour, in English"}},
          .published = {"un-cybercrime-2024", {"convention"}, "required", {}, {"subscriber"}, 90}};
}

Json State::decide(const Json& input, const node::Officer& who) {
  const Json made = must(ask([&](node::Desk& desk) { return desk.make_draft(who, input); }));
  const auto id = must(DraftId::from_hex(made.at("draft").text()));
  const auto content = must(from_base64(made.at("content").text()));
  std::vector<const Signer*> taken;
  for (const auto& duty : made.at("duties").items())
    for (const auto& officer : officers_) {
      const auto fits = [&](const Json& role) { return officer.has(role.text()); };
      const auto* drafter = made.find("not_by");
      if (drafter && drafter->text() == officer.as_caller().fingerprint.hex()) continue;
      if (std::ranges::find(taken, &officer) != taken.end() ||
          std::ranges::none_of(duty.at("roles").items(), fits))
        continue;
      taken.push_back(&officer);
      const auto signature = officer.sign(content, crypto::CmsForm::detached, now);
      const auto sign =
          Json::object({{"duty", duty.at("name").text()}, {"signature", base64(signature)}});
      must(ask([&](node::Desk& desk) { return desk.sign(officer.as_caller(), id, sign); }));
      break;
    }
  return must(ask([&](node::Desk& desk) { return desk.send(who, id); }));
}

void State::accept(const State& other) {
  accept(other.entry(), other.root_key_);
}

void State::accept(const directory::Entry& entry, const crypto::P256Key& root_key) {
  decide(statement("entry.accept")
             .set("p7m", base64(must(directory::sign_entry(entry, root_key))))
             .set("fingerprint", entry.root.fingerprint().hex())
             .set("how", "Read out on the telephone (exercise)"));
  decide(statement("callback.record")
             .set("state", entry.state.text())
             .set("words", "The duty officer confirmed the fingerprint (exercise)"));
}

}  // namespace comity::corpus
