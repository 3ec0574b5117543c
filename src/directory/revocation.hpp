// A revocation: a State's word that a certificate of its own, or its whole entry, must no longer be
// relied on. It must work on the worst night, with the root in a safe elsewhere; so two officers
// can give it. It only ever takes trust away: nothing but a newer entry, signed by the root, gives
// it back (spec/directory.md §5).
#pragma once

#include "directory/trust.hpp"

namespace comity::directory {

inline constexpr std::size_t k_revocation_bytes_max = std::size_t{128} * 1024;

struct Revocation {
  StateCode state;
  bool exercise = false;
  std::int64_t serial = 0;            // of the entry in force when it was made
  std::optional<Digest> certificate;  // absent: the whole entry
  Instant revoked_from;               // whole seconds; not after made_at
  Instant made_at;                    // whole seconds
  std::string reason;
  bool operator==(const Revocation&) const = default;
};

/// The exact bytes that are signed: canonical JSON.
Bytes revocation_content(const Revocation& revocation);
/// Fault: directory.entry.
Result<Revocation> read_revocation(View content);

/// The file: the content and one or two detached CMS signatures over it. Canonical JSON.
Bytes revocation_file(View content, const std::vector<Bytes>& signatures);

/// What such a file says, whoever signed it: for one that was opened before.
/// Fault: directory.entry.
Result<Revocation> revocation_in(View file);

/// Who signed, beside what.
struct OpenedRevocation {
  Revocation revocation;
  std::vector<crypto::Certificate> signers;  // the root, or two officers
  bool operator==(const OpenedRevocation&) const = default;
};

/// Opens such a file against the entry in force. Signed by that entry's root, or by two different
/// officers under it who hold the role "approver", neither revoked, both valid at `now`; their
/// names and keys differ. It may reach into the past: a theft is found out late. Faults:
/// directory.entry; directory.exercise; directory.serial when the root has spoken since;
/// directory.role; officer.two; as cms_open_detached and verify_issued.
Result<OpenedRevocation> open_revocation(View file, const Accepted& accepted, Instant now);

/// The accepted entry with this trust taken away; a second revocation of the same thing only ever
/// makes it earlier.
Accepted revoke(Accepted accepted, const Revocation& revocation);

}  // namespace comity::directory
