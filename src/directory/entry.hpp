// A State's directory entry: how others reach it, whose signatures speak for it and whom to call.
// One JSON document, signed by the State's root. By itself an entry proves nothing but that it is
// whole: whether it is trusted is decided in trust.hpp, by two officers who compared a fingerprint.
#pragma once

#include <map>
#include <optional>

#include "crypto/certificate.hpp"
#include "crypto/ed25519.hpp"
#include "formats/json.hpp"
#include "treaty/texts.hpp"

namespace comity::directory {

inline constexpr std::size_t k_entry_bytes_max = std::size_t{256} * 1024;  // of the JSON document
inline constexpr std::size_t k_authorities_max = 32;
inline constexpr std::size_t k_certificates_of_an_authority_max = 2;  // while its key changes
inline constexpr std::size_t k_tls_certificates_max = 4;
inline constexpr std::size_t k_second_contacts_max = 8;
inline constexpr std::size_t k_revoked_max = 1000;
inline constexpr std::size_t k_languages_max = 16;
inline constexpr std::size_t k_codes_max = 32;  // of one list in the published profile

/// A part of the State that may sign acts. It stands twice in an entry while its key changes, so
/// that nothing has to wait for the day on which everybody knows the new one.
struct Authority {
  std::string code;                // [a-z0-9-]{1,64}; acts name it
  treaty::Texts names;             // language → name
  std::vector<std::string> roles;  // "central-authority"; each stands in the certificate as well
  crypto::Certificate certificate;
  bool operator==(const Authority&) const = default;
};

struct Endpoint {
  std::string host;  // a DNS name or an address; one of every TLS certificate's hosts
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// Keys of the custody logs. An origin is this prefix followed by the name of the log.
struct LogKeys {
  std::string origin_prefix;  // "kgz.comity.example/"
  crypto::Ed25519Public partner, internal, anchor;
  bool operator==(const LogKeys&) const = default;
};

/// Whom to call to make sure that an act or a change of keys is genuine.
struct SecondContact {
  std::string title;  // of the function: "Duty officer"
  std::string phone;  // in international form: "+996 312 000000"
  std::string how;    // hours, languages, what to ask for
  bool operator==(const SecondContact&) const = default;
};

/// A certificate that must not be relied on for anything made from `revoked_from` on.
struct Revoked {
  Digest certificate;  // its fingerprint
  Instant revoked_from;
  std::string reason;
  bool operator==(const Revoked&) const = default;
};

/// What a State tells others of its law on cooperation, so that requests come complete.
/// Information, not a promise; the codes are those of the instrument.
struct Published {
  std::string instrument;
  std::vector<std::string> scopes;
  std::string
      dual_criminality;  // "required", "coercive" (for measures that compel) or "not-required"
  std::vector<std::string> declarations, data_categories;
  std::int64_t preservation_days = 0;
  // What follows may be absent; nothing is concluded from that.
  std::map<std::string, std::string, std::less<>> dual_criminality_for;  // measure → as above
  std::vector<std::string> measures;                                     // that the State offers
  std::vector<std::string> channels;        // "node", "diplomatic", "interpol-urgent"
  std::vector<std::string> documents;       // to be attached, in words
  std::vector<std::string> without_treaty;  // "reciprocity", "domestic-law": help where none binds
  bool operator==(const Published&) const = default;
};

struct Entry {
  StateCode state;
  treaty::Texts names;  // of the State
  bool exercise = false;
  std::int64_t serial = 0;  // from 1; grows with every entry
  Instant issued_at;        // whole seconds; also the time of the signature
  Instant valid_from, valid_to;
  crypto::Certificate root;
  std::optional<Digest> next_root;  // fingerprint of the root that will follow
  std::vector<Authority> authorities;
  Endpoint endpoint;
  std::vector<crypto::Certificate> tls;  // of the endpoint, as server and as client
  LogKeys logs;
  std::vector<std::string> languages;  // in which requests are accepted, preferred first
  std::vector<SecondContact> second_contacts;
  std::vector<Revoked> revoked;
  Published published;
  bool operator==(const Entry&) const = default;
};

/// What two States compare by voice: SHA-256 of the root certificate's DER.
inline const Digest& fingerprint(const Entry& entry) {
  return entry.root.fingerprint();
}

/// The exact bytes that are signed: canonical JSON.
Bytes entry_content(const Entry& entry);

/// Reads them back and checks that the entry agrees with itself: every certificate leads to the
/// root (at issued_at), is of this State and fit for its use, roles stand in the certificate, the
/// endpoint in the TLS certificates, times in order. Fault: directory.entry, limit.size.
Result<Entry> read_entry(View content);

/// The entry as a file: CMS with the content, signed by the root. Fault: directory.entry if it
/// would not open again, or as crypto::cms_sign.
Result<Bytes> sign_entry(const Entry& entry, const crypto::P256Key& root_key);

/// Opens such a file. The signer is the entry's own root, which must be valid at `at`; the
/// signature's time is issued_at. It does not look at valid_from and valid_to, nor at trust.
/// Faults: as cms_open, read_entry, verify_root; directory.entry.
Result<Entry> open_entry(View p7m, Instant at);

}  // namespace comity::directory
