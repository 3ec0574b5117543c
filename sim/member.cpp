#include "sim/member.hpp"

#include <algorithm>
#include <limits>

#include "law/sample_test.hpp"

namespace comity::sim {
namespace {

constexpr std::size_t k_never = std::numeric_limits<std::size_t>::max();
const Instant k_valid_from = treaty::sample::day("2026-01-01");
const Instant k_valid_to = treaty::sample::day("2030-01-01");

Fault died() {
  return {FaultCode::node_down, "the node dies here"};
}

std::string prefix_of(const StateCode& state) {
  return state.text() + ".comity.example/";
}

}  // namespace

/// Files that stop being written when the plan says so.
class Member::Files final : public node::LogFiles {
 public:
  Result<std::optional<Bytes>> read(std::string_view log, std::string_view path) override {
    return files.read(log, path);
  }
  Result<void> write(std::string_view log, std::string_view path, View bytes) override {
    if (writes_left == 0) return std::unexpected(died());
    --writes_left;
    return files.write(log, path, bytes);
  }
  Result<void> sync() override { return files.sync(); }

  store::MemoryLogFiles files;
  std::size_t writes_left = k_never;
};

/// A turn without this signature is never committed.
class Member::Signer final : public node::LogSigner {
 public:
  explicit Signer(keys::MemoryLogSigner& keys) : keys_(keys) {}
  Result<std::string> sign_checkpoint(std::string_view log, std::string_view origin,
                                      std::string_view text) override {
    if (signatures_left == 0) return std::unexpected(died());
    --signatures_left;
    return keys_.sign_checkpoint(log, origin, text);
  }
  std::string verifier_key(std::string_view log, std::string_view origin) const override {
    return keys_.verifier_key(log, origin);
  }
  std::size_t signatures_left = k_never;

 private:
  keys::MemoryLogSigner& keys_;
};

node::Officer OfficerWithKey::as_caller() const {
  return {.fingerprint = certificate.fingerprint(),
          .name = certificate.subject().common_name,
          .roles = certificate.subject().roles,
          .spki = certificate.public_spki()};
}

bool OfficerWithKey::has(std::string_view role) const {
  const auto& roles = certificate.subject().roles;
  return std::ranges::find(roles, role) != roles.end();
}

Member::Member(const StateCode& state, std::uint64_t seed, std::int64_t skew_ms)
    : state_(state),
      random_(seed, "member " + state.text()),
      skew_ms_(skew_ms),
      root_key_(crypto::P256Key::generate(random_)),
      root_(*crypto::issue_root(root_key_, {state, "Root (exercise)", {}}, k_valid_from, k_valid_to,
                                random_)),
      authority_key_(crypto::P256Key::generate(random_)),
      authority_(certify(authority_key_, "Ministry (exercise)",
                         {"authority:central-authority", "authority:contact-point-24-7"},
                         crypto::Usage::authority)),
      tls_(certify(crypto::P256Key::generate(random_), "node", {}, crypto::Usage::tls,
                   {"node.example"})),
      signer_(*crypto::P256Key::from_pem(as_text(authority_key_.to_pem().view())), authority_),
      log_keys_(random_),
      evidence_keys_(random_),
      store_(*store::SqliteStore::in_memory()),
      files_(new Files),
      log_signer_(new Signer(log_keys_)) {
  add_officer("Officer one", {"officer:approver", "officer:drafter"});
  add_officer("Officer two", {"officer:approver", "officer:executor"});
  add_officer("Officer three", {"officer:drafter"});
  add_officer("Officer four", {"officer:executor"});
}
Member::~Member() = default;

crypto::Certificate Member::certify(const crypto::P256Key& key, const std::string& name,
                                    std::vector<std::string> roles, crypto::Usage usage,
                                    const std::vector<std::string>& hosts) {
  return *crypto::issue(root_key_, root_, key.public_spki(), {state_, name, std::move(roles)},
                        usage, k_valid_from, k_valid_to, random_, hosts);
}

void Member::add_officer(const std::string& name, std::vector<std::string> roles) {
  auto key = crypto::P256Key::generate(random_);
  auto certificate = certify(key, name, std::move(roles), crypto::Usage::officer);
  officers_.push_back({std::move(key), std::move(certificate)});
}

Bytes Member::entry_p7m(Instant at) const {
  const Instant issued{at.ms / 1000 * 1000};
  const directory::Entry entry{
      .state = state_,
      .names = {{"en", "State " + state_.text() + " (exercise)"}},
      .exercise = true,
      .serial = 1,
      .issued_at = issued.plus_s(-k_day_s),
      .valid_from = issued.plus_s(-k_day_s),
      .valid_to = issued.plus_s(700 * k_day_s),
      .root = root_,
      .authorities = {{"ministry",
                       {{"en", "Ministry (exercise)"}},
                       {"central-authority", "contact-point-24-7"},
                       authority_}},
      .endpoint = {"node.example", 8443},
      .tls = {tls_},
      .logs = log_keys_.published(prefix_of(state_)),
      .languages = {"en"},
      .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour, in English"}},
      .published = {"un-cybercrime-2024", {"convention"}, "required", {}, {"subscriber"}, 90}};
  return *directory::sign_entry(entry, root_key_);
}

formats::Verifier Member::verifier(std::string_view log) const {
  return *formats::parse_vkey(log_keys_.verifier_key(log, prefix_of(state_) + std::string(log)));
}

Result<std::optional<Bytes>> Member::log_file(std::string_view log, std::string_view path) {
  return files_->read(log, path);
}

Result<void> Member::put_log_file(std::string_view log, std::string_view path, View bytes) {
  return files_->write(log, path, bytes);
}

Bytes Member::sign_as_authority(View content, Instant at) {
  return *signer_.sign(content, at);
}

std::string Member::sign_checkpoint(std::string_view log, const formats::Checkpoint& checkpoint) {
  return *log_keys_.sign_checkpoint(log, checkpoint.origin, formats::to_text(checkpoint));
}

void Member::forget_turn() {
  log_signer_->signatures_left = 0;
  effects_left_ = 0;
}

void Member::plan(Death death, std::size_t point) {
  log_signer_->signatures_left = death == Death::before_commit ? point : k_never;
  files_->writes_left = death == Death::while_publishing ? point : k_never;
  effects_left_ = death == Death::none ? k_never : death == Death::after_commit ? point : 0;
}

Result<void> Member::start(Instant world, Death death, std::size_t point) {
  CHECK(!heart_);
  ++lives_;
  plan(death, point);
  heart_ = std::make_unique<node::Heart>(
      node::Ports{*store_, *files_, signer_, opener_, *log_signer_, evidence_keys_, random_},
      node::Charter{.state = state_,
                    .authority_code = "ministry",
                    .exercise = true,
                    .origin_prefix = prefix_of(state_),
                    .instrument = treaty::sample::convention(),
                    .status = treaty::sample::exercise_register(),
                    .profile = law::sample::exercise_profile(),
                    .root = root_},
      [this](const Json& notice) {
        if (on_notice) on_notice(notice);
      });
  auto started = heart_->start(clock(world));
  plan(Death::none, 0);
  if (!started && started.error() == died()) return {};
  return started;
}

Result<void> Member::turn(Instant world, Death death, std::size_t point) {
  CHECK(heart_);
  plan(death, point);
  std::vector<node::Job> jobs;
  for (auto& job : waiting_)
    jobs.push_back([this, job = std::move(job)](node::Desk& desk) -> node::Afterwards {
      return [this, effect = job(desk)] {
        if (effects_left_ == 0) return;
        --effects_left_;
        if (effect) effect();
      };
    });
  waiting_.clear();
  auto turned = heart_->turn(std::move(jobs), clock(world));
  plan(Death::none, 0);
  died_ = !turned && turned.error() == died();
  if (died_) return {};
  return turned;
}

Result<void> Member::settle(Instant world) {
  return heart_->settle(clock(world));
}

void Member::die(bool power_loss) {
  heart_.reset();
  died_ = false;
  waiting_.clear();
  store_->rollback();
  if (power_loss) files_->files.lose_unsynced();
}

}  // namespace comity::sim
