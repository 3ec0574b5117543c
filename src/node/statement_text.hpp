// What a statement says, read once and whole: officers sign every member of it, so a member that
// the node would not heed is refused before anybody signs, and once more before it is carried out.
#pragma once

#include <optional>
#include <variant>

#include "crypto/certificate.hpp"
#include "evidence/manifest.hpp"
#include "formats/fields.hpp"

namespace comity::node {

using formats::Json;

/// An entry that is offered, and the fingerprint that somebody read out, if one is given.
struct EntryOffer {
  Bytes p7m;
  std::optional<Digest> fingerprint;
};

struct OfficerAdd {
  crypto::Certificate certificate;
};
struct OfficerRevoke {
  Digest certificate;
  std::string reason;
  std::optional<Instant> revoked_from;
};
struct EntryAccept {
  EntryOffer offer;
  std::string how;
  DraftId draft;  // of the statement as signed: its signatures stand behind the entry
};
struct EntryRevoke {
  Bytes file;
};
struct CallbackRecord {
  StateCode state;
  std::string words;
  DraftId draft;  // of the statement as signed
};
/// The node adds what goes with the item (`items`), so that officers sign all of it.
struct ItemDestroy {
  ItemId item;
  std::string remains;
  std::optional<Json> items;
  DraftId draft;     // of the statement as signed
  Digest statement;  // of its content
};
/// One more recipient of an item that came from another State: who it is, in which State, and why.
struct ItemShare {
  ItemId item;
  std::string recipient;  // age1…
  StateCode state;
  std::string authority;  // in words
  std::string reason;
  std::optional<Digest> consent;  // the sender's act; needed where `state` is not our own
  DraftId draft;                  // of the statement as signed
};
/// Our own next entry. Under a root that the one in force did not announce, two officers confirm
/// its fingerprint. Officers who stay get new certificates for the same keys with it: under a new
/// root they must, since the old root's end with it.
struct EntryRenew {
  EntryOffer offer;
  std::vector<crypto::Certificate> officers;
};
/// The node adds what it knows of the log that ends: its origin, the next, and the newest
/// checkpoint that is known of it (none: there is none).
struct LogOrigin {
  StateCode partner;
  std::string reason;
  std::optional<std::string> previous, origin, last_known;
};
/// That evidence keys leave in one backup, sealed for these recipients (age1…).
struct BackupEvidenceKeys {
  std::vector<std::string> recipients;
  std::string reason;
  DraftId draft;  // of the statement as signed: it serves once
};
/// That an officer whose certificate says "deputy" signs as an approver between these times.
struct DeputyAppoint {
  Digest officer;  // certificate
  Instant from, to;
  std::string reason;
  DraftId draft;  // of the statement as signed
};
/// What another officer found of an act that one officer decided alone.
struct ActReview {
  Digest act;
  bool agrees = false;
  std::string reason;
};
/// That bytes with this hash hold nothing privileged any more, and what was taken out of them.
struct ItemScreen {
  ExchangeId exchange;
  Digest sha256;
  std::vector<evidence::Remark> withheld;
  std::string reason;
  DraftId draft;     // of the statement as signed
  Digest statement;  // of its content
};
/// That an item may hold what is privileged: nobody who investigates opens it until it is cleared.
struct ItemQuarantine {
  ItemId item;
  std::string reason;
  DraftId draft;
  Digest statement;
};
/// That an item in quarantine may be used: it was judged by somebody outside the investigation.
struct ItemClear {
  ItemId item;
  std::string reason;
  DraftId draft;
  Digest statement;
};
using Statement =
    std::variant<OfficerAdd, OfficerRevoke, EntryAccept, EntryRevoke, CallbackRecord, ItemDestroy,
                 EntryRenew, LogOrigin, BackupEvidenceKeys, ItemShare, DeputyAppoint, ActReview,
                 ItemScreen, ItemQuarantine, ItemClear>;

/// What is asked: {"type":"statement","kind",…} with the members of that kind (spec/openapi.yaml)
/// and no other. Faults: format.field; as Certificate::from_pem.
Result<Statement> read_asked_statement(const Json& input);
/// What was signed: what was asked, and what the node added: of which draft, by whom, when.
Result<Statement> read_signed_statement(const Json& content);
/// {"p7m","fingerprint"?}. Fault: format.field.
Result<EntryOffer> read_entry_offer(const Json& input);

}  // namespace comity::node
