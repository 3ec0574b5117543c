// One State for the benchmarks: a real heart with real keys, rows and logs below a folder on disk.
// All officers and cases are fictional. What goes wrong ends the program: there is nothing to
// measure then.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "crypto/cms.hpp"
#include "keys/key_files.hpp"
#include "keys/memory_keys.hpp"
#include "law/sample_test.hpp"
#include "node/desk.hpp"
#include "store/log_files.hpp"
#include "store/sqlite_store.hpp"

namespace comity::bench {

using formats::Json;
using Stopwatch = std::chrono::steady_clock;

inline const Instant k_valid_from = treaty::sample::day("2026-01-01");
inline const Instant k_valid_to = treaty::sample::day("2030-01-01");
inline const Stopwatch::time_point k_began = Stopwatch::now();

inline double seconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

/// The hearts' clock: a day on which the sample data is in force, and the time since we began.
inline Instant now() {
  return treaty::sample::day("2026-03-01").plus_ms(std::int64_t(seconds_since(k_began) * 1000));
}

/// A benchmark of something that failed is worth nothing: end at once.
template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "acts_bench: {}: {}\n", row_of(result.error().code).name,
               result.error().detail);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct OfficerWithKey {
  crypto::P256Key key;
  crypto::Certificate certificate;

  bool has(std::string_view role) const {
    return std::ranges::find(certificate.subject().roles, role) !=
           certificate.subject().roles.end();
  }
  node::Officer as_caller() const {
    return {.fingerprint = certificate.fingerprint(),
            .name = certificate.subject().common_name,
            .roles = certificate.subject().roles,
            .spki = certificate.public_spki()};
  }
};

/// One State: keys, three officers, and a heart on files below its folder.
class State {
 public:
  State(std::string_view code, const std::filesystem::path& folder)
      : code_(*StateCode::from_text(code)),
        root_key_(crypto::P256Key::generate(random_)),
        root_(must(crypto::issue_root(root_key_, {code_, "Root (exercise)", {}}, k_valid_from,
                                      k_valid_to, random_))),
        authority_key_(crypto::P256Key::generate(random_)),
        authority_(certify(authority_key_, "Ministry (exercise)",
                           {"authority:central-authority", "authority:contact-point-24-7"},
                           crypto::Usage::authority)),
        tls_(certify(crypto::P256Key::generate(random_), "node", {}, crypto::Usage::tls,
                     {"node.example"})),
        signer_(must(crypto::P256Key::from_pem(as_text(authority_key_.to_pem().view()))),
                authority_),
        store_(must(store::SqliteStore::open(folder / "node.db", store::Opening::create))),
        files_(folder) {
    add_officer("Officer one (exercise)", {"officer:approver", "officer:drafter"});
    add_officer("Officer two (exercise)", {"officer:approver", "officer:executor"});
    add_officer("Officer three (exercise)", {"officer:drafter"});
    heart_ = std::make_unique<node::Heart>(ports(), charter(), [](const Json&) {});
    must(heart_->start(now()));
    for (std::size_t i = 0; i < officers_.size(); ++i)  // the first two are there by nobody's word
      decide(statement("officer.add").set("certificate", officers_[i].certificate.pem()),
             i < 2 ? node::Officer{} : officers_[0].as_caller());
  }

  node::Ports ports() {
    return {*store_, files_, signer_, opener_, log_keys_, evidence_keys_, random_};
  }
  node::Charter charter() const {
    return {.state = code_,
            .authority_code = "ministry",
            .exercise = true,
            .origin_prefix = origin_prefix(),
            .treaties = treaty::sample::shared_treaties(),
            .registers = treaty::sample::exercise_registers(),
            .profile = law::sample::exercise_profile(),
            .records = treaty::sample::record_kinds(),
            .root = root_};
  }
  const StateCode& code() const { return code_; }
  node::Store& rows() { return *store_; }

  void accept(const State& other) {
    decide(statement("entry.accept")
               .set("p7m", base64(other.entry_p7m()))
               .set("fingerprint", other.root_.fingerprint().hex())
               .set("how", "Read out on the telephone (exercise)"),
           officers_[0].as_caller());
    decide(statement("callback.record")
               .set("state", other.code_.text())
               .set("words", "The duty officer confirmed the fingerprint (exercise)"),
           officers_[0].as_caller());
  }

  void turn(std::vector<node::Job> jobs) { must(heart_->turn(std::move(jobs), now())); }

  /// Drafts and signs a request for stored data, ready to be sent.
  DraftId prepare_request(const State& to) {
    const auto& measure = treaty::sample::measure("stored-data");
    return prepare(Json::object({{"type", "request"},
                                 {"to", to.code_.text()},
                                 {"measure", measure.code},
                                 {"fields", treaty::sample::full_form(measure)}}),
                   officers_[2].as_caller());  // and another one approves it
  }

  /// Sends these in one turn: ordered, signed by the authority, logged, in the outbox, durable.
  void post(const std::vector<DraftId>& drafts) {
    std::vector<node::Job> jobs;
    for (const auto& draft : drafts)
      jobs.push_back([this, draft](node::Desk& desk) -> node::Afterwards {
        must(desk.send(officers_[0].as_caller(), draft));
        return {};
      });
    turn(std::move(jobs));
  }

 private:
  static Json statement(std::string_view kind) {
    return Json::object({{"type", "statement"}, {"kind", kind}});
  }
  std::string origin_prefix() const { return code_.text() + ".comity.example/"; }

  crypto::Certificate certify(const crypto::P256Key& key, const std::string& name,
                              std::vector<std::string> roles, crypto::Usage usage,
                              const std::vector<std::string>& hosts = {}) {
    return must(crypto::issue(root_key_, root_, key.public_spki(), {code_, name, std::move(roles)},
                              usage, k_valid_from, k_valid_to, random_, hosts));
  }
  void add_officer(const std::string& name, std::vector<std::string> roles) {
    auto key = crypto::P256Key::generate(random_);
    auto certificate = certify(key, name, std::move(roles), crypto::Usage::officer);
    officers_.push_back({std::move(key), std::move(certificate)});
  }

  Bytes entry_p7m() const {
    const Instant issued = treaty::sample::day("2026-02-28");
    return must(directory::sign_entry(
        {.state = code_,
         .names = {{"en", "State " + code_.text() + " (exercise)"}},
         .exercise = true,
         .serial = 1,
         .issued_at = issued,
         .valid_from = issued,
         .valid_to = issued.plus_s(700 * k_day_s),
         .root = root_,
         .authorities = {{"ministry",
                          {{"en", "Ministry (exercise)"}},
                          {"central-authority", "contact-point-24-7"},
                          authority_}},
         .endpoint = {"node.example", 8443},
         .tls = {tls_},
         .logs = log_keys_.published(origin_prefix()),
         .languages = {"en"},
         .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour, in English"}},
         .published = {"un-cybercrime-2024", {"convention"}, "required", {}, {"subscriber"}, 90}},
        root_key_));
  }

  /// Drafts, and signs every duty with another officer who holds a role for it. One turn.
  DraftId prepare(const Json& input, const node::Officer& who) {
    DraftId id;
    turn({[&](node::Desk& desk) -> node::Afterwards {
      const auto made = must(desk.make_draft(who, input));
      id = *DraftId::from_hex(made.at("draft").text());
      const auto content = must(from_base64(made.at("content").text()));
      std::vector<const OfficerWithKey*> taken;
      for (const auto& duty : made.at("duties").items())
        for (const auto& officer : officers_) {
          const auto fits = [&](const Json& role) { return officer.has(role.text()); };
          if (std::ranges::find(taken, &officer) != taken.end() ||
              std::ranges::none_of(duty.at("roles").items(), fits))
            continue;
          taken.push_back(&officer);
          const auto signature = must(crypto::cms_sign(content, officer.key, officer.certificate,
                                                       now(), crypto::CmsForm::detached));
          must(desk.sign(
              officer.as_caller(), id,
              Json::object({{"duty", duty.at("name").text()}, {"signature", base64(signature)}})));
          break;
        }
      return {};
    }});
    return id;
  }
  void decide(const Json& input, const node::Officer& who) {
    const auto id = prepare(input, who);
    turn({[&](node::Desk& desk) -> node::Afterwards {
      must(desk.send(who, id));
      return {};
    }});
  }

  SystemRandom random_;
  StateCode code_;
  crypto::P256Key root_key_;
  crypto::Certificate root_;
  crypto::P256Key authority_key_;
  crypto::Certificate authority_, tls_;
  std::vector<OfficerWithKey> officers_;
  keys::MemoryAuthoritySigner signer_;
  keys::MemoryLogSigner log_keys_{random_};
  keys::MemoryEvidenceKeys evidence_keys_{random_};
  keys::CmsOpener opener_;
  std::unique_ptr<store::SqliteStore> store_;
  store::DiskLogFiles files_;
  std::unique_ptr<node::Heart> heart_;
};

}  // namespace comity::bench
