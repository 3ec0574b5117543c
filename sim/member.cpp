#include "sim/member.hpp"

#include <algorithm>

#include "law/sample_test.hpp"
#include "sim/stage.hpp"

namespace comity::sim {
namespace {

Fault died() {
  return {FaultCode::node_down, "the node dies here"};
}

/// Two members may be one State: before and after.
std::string unique_name(const StateCode& state) {
  static std::size_t made = 0;
  return state.text() + "-" + std::to_string(made++);
}

Result<void> result_of(Disk::End end) {
  if (end == Disk::End::done) return {};
  return fault(end == Disk::End::full ? FaultCode::store_full : FaultCode::store_io,
               "the simulated disk");
}

}  // namespace

/// The logs' files, as the port promises them: replaced whole, durable once synced.
class Member::Files final : public node::LogFiles {
 public:
  explicit Files(Disk& disk) : disk_(disk) {}
  static std::string name_of(std::string_view log, std::string_view path) {
    return "logs/" + std::string(log) + "/" + std::string(path);
  }
  Result<std::optional<Bytes>> read(std::string_view log, std::string_view path) override {
    const auto file = disk_.find(name_of(log, path));
    if (!file) return std::nullopt;
    return to_bytes(disk_.read(*file));
  }
  Result<void> write(std::string_view log, std::string_view path, View bytes) override {
    auto name = name_of(log, path);
    TRY(result_of(disk_.replace(name, bytes)));
    written_.insert(std::move(name));
    return {};
  }
  Result<void> sync() override {
    for (const auto& name : written_)
      if (const auto file = disk_.find(name)) TRY(result_of(disk_.sync(*file)));
    TRY(result_of(disk_.sync_names()));
    written_.clear();
    return {};
  }
  void forget() { written_.clear(); }

 private:
  Disk& disk_;
  std::set<std::string> written_;
};

/// A turn without this signature is never committed.
class Member::LogSigner final : public node::LogSigner {
 public:
  explicit LogSigner(keys::MemoryLogSigner& keys) : keys_(keys) {}
  Result<std::string> sign_checkpoint(std::string_view log, std::string_view origin,
                                      std::string_view text) override {
    if (signatures_left == 0) return std::unexpected(died());
    if (signatures_left != Plan::k_never) --signatures_left;
    return keys_.sign_checkpoint(log, origin, text);
  }
  std::string verifier_key(std::string_view log, std::string_view origin) const override {
    return keys_.verifier_key(log, origin);
  }
  std::size_t signatures_left = Plan::k_never;

 private:
  keys::MemoryLogSigner& keys_;
};

class Member::Authority final : public node::AuthoritySigner {
 public:
  explicit Authority(Member& of) : of_(of) {}
  Result<Bytes> sign(View content, Instant signing_time) override {
    return of_.signatures_.sign(content, pair(), signing_time, crypto::CmsForm::encapsulated);
  }
  const crypto::Certificate& certificate() const override { return pair().certificate; }

 private:
  const KeyPair& pair() const { return of_.identity_.authority(of_.authority); }
  Member& of_;
};

Member::Member(const StateCode& state, const Options& options, Signatures& signatures,
               std::int64_t skew_ms)
    : state_(state),
      identity_(Identity::of(state)),
      signatures_(signatures),
      random_(options.seed, "member " + state.text()),
      skew_ms_(skew_ms),
      disk_(Chance(options.seed, "disk " + state.text())),
      mount_(unique_name(state), disk_),
      log_randomness_(0, "logs " + state.text()),
      log_keys_(log_randomness_),
      evidence_keys_(random_),
      authority_signer_(new Authority(*this)),
      files_(new Files(disk_)),
      log_signer_(new LogSigner(log_keys_)) {}

Member::~Member() {
  die(false);
}

Instant Member::clock(Instant world) const {
  return stands_at_.value_or(world.plus_ms(skew_ms_));
}

void Member::set_clock(Instant world, std::int64_t skew_ms, bool stands) {
  skew_ms_ = skew_ms;
  stands_at_ = stands ? std::optional(world.plus_ms(skew_ms)) : std::nullopt;
}

const Bytes& Member::entry_p7m(const EntryPlan& plan) const {
  return identity_.entry(plan, log_keys_.published(identity_.origin_prefix()));
}

formats::Verifier Member::verifier(std::string_view log) const {
  return *formats::parse_vkey(
      log_keys_.verifier_key(log, identity_.origin_prefix() + std::string(log)));
}

node::Store& Member::rows() {
  CHECK(store_);
  return *store_;
}

Result<std::optional<Bytes>> Member::log_file(std::string_view log, std::string_view path) {
  return files_->read(log, path);
}

Result<void> Member::put_log_file(std::string_view log, std::string_view path, View bytes) {
  return files_->write(log, path, bytes);
}

Bytes Member::sign_as_authority(View content, Instant at) {
  return *authority_signer_->sign(content, at);
}

std::string Member::sign_checkpoint(std::string_view log, const formats::Checkpoint& checkpoint) {
  return *log_keys_.sign_checkpoint(log, checkpoint.origin, formats::to_text(checkpoint));
}

void Member::forget_turn() {
  log_signer_->signatures_left = 0;
  effects_left_ = 0;
}

void Member::tamper() {
  auto opened =
      store::SqliteStore::open_in(k_file_system, mount_.path("node.db"), store::Opening::existing);
  CHECK(opened && (*opened)->put_setting("tampered", "yes"));
}

void Member::plan(const Plan& plan) {
  disk_.plan(plan.trouble, plan.changes);
  log_signer_->signatures_left = plan.signatures;
  effects_left_ = plan.effects;
}

std::vector<Image> Member::truths() {
  const auto database = disk_.find("node.db"), log = disk_.find("node.db-wal");
  if (!database) return {};
  const auto above = log ? disk_.read(*log) : View();
  const auto below = disk_.read(*database);
  // What was committed for certain; and what may have been, if the last commit was broken off.
  std::vector<Image> all{image_of(below, above, committed_)};
  const auto last = last_commit(above, committed_);
  if (last != committed_) all.push_back(image_of(below, above, last));
  return all;
}

void Member::remember_commit() {
  const auto log = disk_.find("node.db-wal");
  committed_ = log ? last_commit(disk_.read(*log), committed_) : Commit{};
}

Result<void> Member::start(Instant world) {
  CHECK(!heart_);
  ++lives_;
  found_ = Found::same;
  const bool is_new = !disk_.find("node.db");
  TRY_LET(auto opened,
          store::SqliteStore::open_in(k_file_system, mount_.path("node.db"),
                                      is_new ? store::Opening::create : store::Opening::existing));
  if (disk_.is_dead()) return std::unexpected(died());
  if (!is_new && !truths_.empty()) {
    const auto there = image_of(disk_.read(*disk_.find("node.db")), {}, {});
    if (std::ranges::find(truths_, there) == truths_.end()) found_ = Found::other;
  }
  store_ = std::move(opened);
  committed_ = {};
  remember_commit();
  heart_ =
      std::make_unique<node::Heart>(node::Ports{*store_, *files_, *authority_signer_, signatures_,
                                                *log_signer_, evidence_keys_, random_},
                                    node::Charter{.state = state_,
                                                  .authority_code = "ministry",
                                                  .exercise = true,
                                                  .origin_prefix = identity_.origin_prefix(),
                                                  .treaties = treaty::sample::shared_treaties(),
                                                  .registers = exercise_registers(),
                                                  .profile = profile ? *profile : law::sample::exercise_profile(),
                                                  .records = treaty::sample::record_kinds(),
                                                  .root = identity_.root().certificate},
                                    [this](const Json& notice) {
                                      if (on_notice) on_notice(notice);
                                    });
  auto started = heart_->start(clock(world));
  if (started) remember_commit();
  if (!started && started.error() == died()) died_ = true;
  return started;
}

Result<void> Member::turn(Instant world) {
  CHECK(heart_);
  std::vector<node::Job> jobs;
  for (auto& job : waiting_)
    jobs.push_back([this, job = std::move(job)](node::Desk& desk) -> node::Afterwards {
      return [this, effect = job(desk)] {
        if (effects_left_ == 0) died_ = true;
        if (died_ || disk_.is_dead()) return;
        if (effects_left_ != Plan::k_never) --effects_left_;
        if (effect) effect();
      };
    });
  waiting_.clear();
  auto turned = heart_->turn(std::move(jobs), clock(world));
  if (turned) remember_commit();
  if (!turned && turned.error() == died()) died_ = true;
  return turned;
}

Result<void> Member::settle(Instant world) {
  auto settled = heart_->settle(clock(world));
  if (settled) remember_commit();
  return settled;
}

void Member::die(bool power_loss) {
  // The library would bring its files in order as it closes them; a process that dies can not.
  if (heart_) truths_ = truths();
  disk_.kill();
  heart_.reset();
  store_.reset();
  waiting_.clear();
  files_->forget();
  died_ = false;
  calm();
  if (power_loss) disk_.cut_power();
  disk_.power_on();
}

}  // namespace comity::sim
