// Whose export is it: the entries of both States, the roots that sign them, and what ties a root to
// the checker. Without a fingerprint from outside, a folder can only agree with itself.
#include <algorithm>

#include "court/examination.hpp"
#include "court/state_files.hpp"
#include "directory/revocation.hpp"

namespace comity::court {
namespace {

/// Entry files of a State, newest first.
std::vector<Place> entry_places(const Examination& exam, const StateCode& code) {
  std::vector<Place> places;
  for (const auto* row : exam.rows(Role::entry))
    if (const auto place = place_of(row->path); place->state == code) places.push_back(*place);
  std::ranges::sort(places, [](const Place& a, const Place& b) {
    return a.number == 0 ? b.number != 0 : b.number != 0 && a.number > b.number;
  });
  return places;
}

Result<directory::Entry> open_entry(const Examination& exam, const Place& place, View p7m,
                                    std::optional<std::int64_t> newer) {
  TRY_LET(auto entry, open_entry_file(p7m));
  const auto refuse = [](const char* why) { return fault(FaultCode::directory_entry, why); };
  if (entry.state != place.state) return refuse("it is another State's");
  if (entry.exercise != exam.index.exercise)
    return fault(FaultCode::directory_exercise, "entry and index are not of one kind");
  if (place.number != 0 && entry.serial != static_cast<std::int64_t>(place.number))
    return refuse("its serial is not that of its name");
  if (newer && entry.serial >= *newer)
    return refuse("its serial is not lower than the newer one's");
  return entry;
}

std::string words_of(const directory::Entry& entry) {
  return "serial " + std::to_string(entry.serial) + ", valid from " + to_text(entry.valid_from) +
         " to " + to_text(entry.valid_to) + ", signed by root " + fingerprint(entry).hex();
}

void read_entries(Examination& exam, KnownState& state) {
  std::optional<std::int64_t> newer;
  const auto places = entry_places(exam, state.code);
  if (places.size() > k_entries_of_a_state_max) {
    exam.report.fails("state.entry", state.code.text(), "more entries than an exchange can span");
    return;
  }
  for (const auto& place : places) {
    const auto path = path_of(place);
    const auto p7m = exam.read(path);
    if (!p7m) continue;
    auto entry = open_entry(exam, place, *p7m, newer);
    if (!entry) {
      exam.report.fails("state.entry", path, entry.error());
      continue;
    }
    exam.report.holds("state.entry", path, words_of(*entry));
    newer = entry->serial;
    const auto status = state.entries.empty() ? directory::EntryStatus::in_force
                                              : directory::EntryStatus::superseded;
    state.entries.push_back({.entry = *std::move(entry), .p7m = *p7m, .status = status});
  }
  if (state.entries.empty())
    exam.report.fails("state.entry", "states/" + state.code.text() + "/entry.p7m",
                      "no entry of this State can be relied on here");
}

std::string words_of(const directory::OpenedRevocation& opened) {
  const auto& revocation = opened.revocation;
  return (revocation.certificate ? "certificate " + revocation.certificate->hex()
                                 : std::string("the whole entry")) +
         " is revoked from " + to_text(revocation.revoked_from) + "; signed by " +
         (opened.signers.size() == 1 ? "the root" : "two officers") + ": " + revocation.reason;
}

/// Judged when it was made: that is the latest that the file itself can prove of its signers.
Result<directory::OpenedRevocation> open_revocation(const Examination& exam,
                                                    const directory::Accepted& newest, View file) {
  TRY_LET(const auto said, directory::revocation_in(file));
  if (said.made_at > exam.index.made_at)
    return fault(FaultCode::directory_entry, "it was made after the export");
  return directory::open_revocation(file, newest, said.made_at);
}

/// What the State said since its newest entry. Each only ever takes trust away, so their order is
/// no matter.
void read_revocations(Examination& exam, KnownState& state) {
  std::uint64_t expected = 1;
  std::vector<Place> places;
  for (const auto* row : exam.rows(Role::revocation))
    if (const auto place = place_of(row->path); place->state == state.code)
      places.push_back(*place);
  std::ranges::sort(places, {}, &Place::number);
  if (places.size() > k_revocations_of_a_state_max) {
    exam.report.fails("state.revocation", state.code.text(), "more than a State may have");
    return;
  }
  const auto as_accepted = state.entries.front();
  for (const auto& place : places) {
    const auto path = path_of(place);
    if (place.number != expected++)
      exam.report.fails("state.revocation", path, "they are not numbered without gaps");
    const auto bytes = exam.read(place);
    if (!bytes) continue;
    const auto opened = open_revocation(exam, as_accepted, *bytes);
    if (!opened) {
      exam.report.fails("state.revocation", path, opened.error());
      continue;
    }
    exam.report.holds("state.revocation", path, words_of(*opened));
    state.entries.front() = directory::revoke(std::move(state.entries.front()), opened->revocation);
  }
}

/// A root counts as confirmed if its fingerprint was given, or if an entry under a confirmed root
/// announced it.
void check_trust(Examination& exam, const KnownState& state) {
  const auto given = exam.trusted.find(state.code);
  const auto newest = state.entries.empty() ? "" : fingerprint(state.entries.front().entry).hex();
  if (given == exam.trusted.end()) {
    exam.report.add("state.trust", state.code.text(), Verdict::not_checked,
                    "no fingerprint was given; the export says " + newest);
    return;
  }
  auto confirmed = given->second;
  // Oldest first: an entry announces the root that comes after it.
  for (auto at = state.entries.rbegin(); at != state.entries.rend(); ++at)
    if (confirmed.contains(fingerprint(at->entry)) && at->entry.next_root)
      confirmed.insert(*at->entry.next_root);
  bool used = false;
  for (const auto& accepted : state.entries) {
    const auto& root = fingerprint(accepted.entry);
    used = used || given->second.contains(root);
    if (confirmed.contains(root)) continue;
    exam.report.fails("state.trust", state.code.text(),
                      "root " + root.hex() + " is not the one given, nor announced under it");
    return;
  }
  if (used)
    exam.report.holds("state.trust", state.code.text(), "root " + newest + " is the one given");
  else
    exam.report.fails("state.trust", state.code.text(), "no root here has the fingerprint given");
}

std::vector<directory::Entry> entries_of(const KnownState& state) {
  std::vector<directory::Entry> entries;
  for (const auto& accepted : state.entries) entries.push_back(accepted.entry);
  return entries;
}

/// What follows from the entries must be what follows from the entries.
void check_derived(Examination& exam, const Place& place, const std::string& derived) {
  const auto bytes = exam.read(place);
  if (!bytes) return;
  if (as_text(*bytes) == derived)
    exam.report.holds(std::string("state.") + std::string(name_of(place.role)), path_of(place),
                      "as the entries say");
  else
    exam.report.fails(std::string("state.") + std::string(name_of(place.role)), path_of(place),
                      "is not what the entries say");
}

bool shows_internal_log(const Examination& exam) {
  if (exam.row(Place{.role = Role::checkpoint, .state = exam.index.exporter, .internal = true}))
    return true;
  return std::ranges::any_of(exam.rows(Role::custody),
                             [](const IndexFile* row) { return place_of(row->path)->internal; });
}

}  // namespace

void check_states(Examination& exam) {
  for (std::size_t i = 0; i < exam.states.size(); ++i) {
    auto& state = exam.states[i];
    const auto& other = exam.states[1 - i].code;
    read_entries(exam, state);
    check_trust(exam, state);
    if (state.entries.empty()) continue;
    read_revocations(exam, state);
    const bool internal = i == 0 && shows_internal_log(exam);
    const auto entries = entries_of(state);
    check_derived(exam, {.role = Role::root, .state = state.code}, root_file(entries));
    check_derived(exam, {.role = Role::log_keys, .state = state.code},
                  log_keys_file(entries, other, internal));
    for (const auto& entry : entries) {
      std::ranges::move(with_successors(partner_log(entry, other)),
                        std::back_inserter(exam.partner_logs[i].verifiers));
      if (i == 0)
        std::ranges::move(with_successors(internal_log(entry)),
                          std::back_inserter(exam.internal_log.verifiers));
    }
  }
}

void check_index_signer(Examination& exam, const crypto::Certificate& signer, Instant signed_at) {
  const auto& exporter = exam.states[0];
  const auto judge = [&]() -> Result<void> {
    if (signed_at != exam.index.made_at)
      return fault(FaultCode::crypto_signature, "it was not signed when it says that it was made");
    TRY_LET(const auto* accepted, exporter.entry_for(signer, crypto::Usage::authority, signed_at));
    const auto& authorities = accepted->entry.authorities;
    const auto found = std::ranges::find(authorities, signer, &directory::Authority::certificate);
    if (found == authorities.end() || found->code != exam.index.authority)
      return fault(FaultCode::directory_role, "the signer is not the authority that it names");
    return {};
  };
  exam.report.outcome("index.signature", k_index_p7m, judge(),
                      "signed by authority " + exam.index.authority + " of " +
                          exporter.code.text() + " at " + to_text(signed_at));
}

}  // namespace comity::court
