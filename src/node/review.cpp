#include "node/review.hpp"

#include <algorithm>

#include "court/state_files.hpp"
#include "directory/revocation.hpp"

namespace comity::node {
namespace {

struct Doubt {
  Instant from;
  std::string reason;
};

struct Doubts {
  std::map<Digest, Doubt> certificates;
  std::optional<Doubt> all;
  std::optional<Instant> first;

  void add(const directory::Revoked& revoked) {
    auto [at, is_new] =
        certificates.emplace(revoked.certificate, Doubt{revoked.revoked_from, revoked.reason});
    if (!is_new && revoked.revoked_from < at->second.from)
      at->second = {revoked.revoked_from, revoked.reason};
    begins(revoked.revoked_from);
  }
  void begins(Instant from) { first = first ? std::min(*first, from) : from; }
  const Doubt* about(const crypto::Certificate& certificate, Instant logged_at) const {
    const auto found = certificates.find(certificate.fingerprint());
    const auto* doubt = found != certificates.end() ? &found->second : all ? &*all : nullptr;
    return doubt && logged_at >= doubt->from ? doubt : nullptr;
  }
};

Doubts doubts_of(const directory::Accepted& accepted) {
  Doubts doubts;
  for (const auto* list : {&accepted.entry.revoked, &accepted.revoked_since})
    for (const auto& revoked : *list) doubts.add(revoked);
  if (accepted.status == directory::EntryStatus::revoked) {
    doubts.all = Doubt{accepted.revoked_from.value_or(accepted.entry.valid_from),
                       "the whole entry was revoked"};
    doubts.begins(doubts.all->from);
  }
  return doubts;
}

/// Looks from the newest row of one log back to where the first doubt begins.
class Reader {
 public:
  Reader(Turn& turn, const Doubts& doubts, bool own) : turn_(&turn), doubts_(&doubts), own_(own) {}

  Result<void> read(const std::string& log) {
    constexpr std::uint64_t step = 256;
    for (auto to = published(*turn_, log).first; to > 0;) {
      const auto from = to > step ? to - step : 0;
      TRY_LET(const auto rows, entries_of(*turn_, log, from, to));
      for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
        if (++looked_at_ > k_review_rows_max || found_.size() >= k_review_acts_max) {
          more_ = true;
          return {};
        }
        TRY_LET(const auto entry, custody::read_entry(row->entry));
        if (entry.at < *doubts_->first) return {};
        if (row->kind != (own_ ? "act.sent" : "act.received")) continue;
        TRY_LET(const auto id, Digest::from_hex(entry.facts.at("act").text()));
        TRY(judge(id, entry.at));
      }
      to = from;
    }
    return {};
  }

  Json answer() const { return Json::object({{"acts", found_}, {"more", more_}}); }

 private:
  Result<void> judge(const Digest& id, Instant logged_at) {
    TRY_LET(const auto record, turn_->store().act(id));
    if (!record) return {};
    auto& opener = turn_->office.ports.opener;
    TRY_LET(const auto opened, opener.open(record->p7m));
    TRY_LET(const auto act, exchange::read_act(opened.content));
    std::vector<crypto::Certificate> signers{opened.signer};
    const auto substance = exchange::substance_content(act.substance);
    for (const auto& officer : act.officers) {
      TRY_LET(auto certificate, opener.open_detached(officer.signature, substance));
      signers.push_back(std::move(certificate));
    }
    for (const auto& signer : signers) {
      const auto* doubt = doubts_->about(signer, logged_at);
      if (!doubt) continue;
      const auto& partner = own_ ? act.substance.to : act.substance.from;
      found_.push_back(Json::object({{"exchange", record->exchange.hex()},
                                     {"act", id.hex()},
                                     {"type", exchange::name_of(record->type)},
                                     {"partner", partner.text()},
                                     {"logged_at", to_text(logged_at)},
                                     {"certificate", signer.fingerprint().hex()},
                                     {"name", signer.subject().common_name},
                                     {"revoked_from", to_text(doubt->from)},
                                     {"reason", doubt->reason}}));
      return {};
    }
    return {};
  }

  Turn* turn_;
  const Doubts* doubts_;
  bool own_;
  std::size_t looked_at_ = 0;
  Json found_ = Json::array();
  bool more_ = false;
};

}  // namespace

Result<std::optional<directory::Accepted>> own_accepted(Turn& turn) {
  TRY_LET(const auto own, turn.store().setting("entry/own"));
  if (!own) return std::nullopt;
  TRY_LET(auto p7m, from_base64(*own));
  TRY_LET(auto entry, court::open_entry_file(p7m));
  directory::Accepted accepted{.entry = std::move(entry), .p7m = std::move(p7m)};
  TRY_LET(const auto files, revocations_since(turn.store(), accepted.entry));
  for (const auto& file : files) {
    TRY_LET(const auto revocation, directory::revocation_in(file));
    accepted = directory::revoke(std::move(accepted), revocation);
  }
  return accepted;
}

Result<Json> review_of(Turn& turn, const directory::Accepted& accepted) {
  const auto& state = accepted.entry.state;
  const bool own = state == turn.charter().state;
  const auto doubts = doubts_of(accepted);
  Reader reader(turn, doubts, own);
  if (!doubts.first) return reader.answer();
  std::vector<std::string> logs;
  for (const auto& [name, book] : turn.office.books)
    if (own ? name.starts_with("partner/")
            : name == partner_log(state) || name.starts_with(partner_log(state) + "."))
      logs.push_back(name);
  for (const auto& log : logs) TRY(reader.read(log));
  return reader.answer();
}

}  // namespace comity::node
