// Trust between States, as pure decisions over values: whether an offered entry may follow the one
// in force, and whether a certificate speaks for an authority at a point in time. Nobody vouches
// for anybody here: trust is what two officers accepted after comparing a fingerprint, and what
// that State's root signed since. That two officers did accept is enforced in `node`.
#pragma once

#include <span>

#include "directory/entry.hpp"

namespace comity::directory {

enum class EntryStatus { in_force, superseded, revoked, expired };
std::string_view name_of(EntryStatus status);
/// Fault: format.field.
Result<EntryStatus> entry_status(std::string_view name);

/// An entry that was accepted here, with how.
struct Accepted {
  Entry entry;
  Bytes p7m;
  Instant accepted_at;
  std::string how_confirmed;     // in the officers' words: by which channel, with whom
  std::vector<Digest> officers;  // fingerprints of the certificates of those who accepted
  EntryStatus status = EntryStatus::in_force;
  bool callback_confirmed = false;      // the second contact was called since the keys last changed
  std::optional<Instant> revoked_from;  // of the whole entry
  std::vector<Revoked> revoked_since;   // told by revocations after the entry (revocation.hpp)
  bool operator==(const Accepted&) const = default;
};

/// Why an entry may be accepted.
enum class Change {
  first,           // a new State: its fingerprint was confirmed
  renewal,         // the same root, a higher serial
  root_announced,  // a new root, whose fingerprint the entry in force announced
  root_confirmed,  // a new root that was not announced: its fingerprint was confirmed anew
};
std::string_view name_of(Change change);

/// May `offered` (opened at `now`) follow `current`? `fingerprint_given` is what the officers
/// confirmed with the State by another channel. `exercise` is this node's own kind. Faults:
/// directory.exercise; directory.expired; directory.fingerprint, when it is needed and not given,
/// or given and not the one; directory.serial for an entry that is not newer (a rollback);
/// directory.root for a root that was neither announced nor confirmed; directory.entry for another
/// State's entry or one that is not valid yet.
/// After a revocation of the whole entry nothing is accepted without a fingerprint confirmed anew.
Result<Change> consider(const std::optional<Accepted>& current, const Entry& offered,
                        const std::optional<Digest>& fingerprint_given, bool exercise, Instant now);

/// True if a first act under `after` needs a call to the second contact of the accepted entry: the
/// root or an authority's certificate is another than before, or there was nothing before.
bool keys_changed(const std::optional<Entry>& before, const Entry& after);

/// What the entry is at `now`: in_force turns into expired by time alone.
EntryStatus status_at(const Accepted& accepted, Instant now);

/// Whether a certificate of `accepted` may be relied on for what was logged at `at`. What was
/// logged before a revocation's own time stays valid, whenever it is asked. Faults:
/// directory.expired, directory.revoked, crypto.chain, crypto.validity, crypto.usage.
Result<void> usable_at(const Accepted& accepted, const crypto::Certificate& certificate,
                       crypto::Usage usage, Instant at);

/// Whether the State's newest word, of all its entries that were accepted here and the revocations
/// since, leaves this certificate, and the entry as a whole, unrevoked at `at`. For what was logged
/// under an older entry.
/// Fault: directory.revoked.
Result<void> unrevoked_at(std::span<const Accepted> history, const Digest& certificate, Instant at);

/// Revocations known under `before` that `after` no longer names, and so lifts. Whoever accepts
/// `after` must be shown them: a forgotten line would bring a stolen key back.
std::vector<Revoked> lifted_by(const Accepted& before, const Entry& after);

/// The authority whose certificate this is, if it holds one of `roles` (of a measure) and is usable
/// at `at`. Borrowed from `accepted`. Faults: directory.role; as usable_at.
Result<const Authority*> authority_for(const Accepted& accepted,
                                       const crypto::Certificate& certificate,
                                       const std::vector<std::string>& roles, Instant at);
/// The same by the code that an act names.
Result<const Authority*> authority_for(const Accepted& accepted, std::string_view code,
                                       const std::vector<std::string>& roles, Instant at);

}  // namespace comity::directory
