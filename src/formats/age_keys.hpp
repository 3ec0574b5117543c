// Who may open an age file: X25519 recipients and identities, and the stanza that wraps a file key
// for one of them (C2SP age.md, "The X25519 recipient type").
// "No match" is an answer, not a fault. Nothing here keeps, prints or logs a secret.
#pragma once

#include <optional>
#include <string>

#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/x25519.hpp"
#include "formats/age_header.hpp"

namespace comity::formats {

inline constexpr std::size_t k_age_file_key_size = 16;

/// A public key that bytes can be sealed for. A value.
class AgeRecipient {
 public:
  explicit AgeRecipient(const crypto::X25519Public& key) : key_(key) {}
  /// Bech32 with the prefix "age". Fault: format.bech32.
  static Result<AgeRecipient> from_text(std::string_view text);

  std::string text() const;
  const crypto::X25519Public& key() const { return key_; }
  /// Names the recipient where the key itself need not stand: SHA-256 of text().
  Digest id() const;
  /// Draws an ephemeral key for this stanza alone. Fault: crypto.key when the recipient is of small
  /// order.
  Result<AgeStanza> wrap(const Secret& file_key, Random& random) const;

  bool operator==(const AgeRecipient&) const = default;

 private:
  crypto::X25519Public key_;
};

/// The private half. Movable only.
class AgeIdentity {
 public:
  static AgeIdentity generate(Random& random);
  /// "AGE-SECRET-KEY-1…" in capitals. Fault: format.bech32, without the text.
  static Result<AgeIdentity> from_text(std::string_view text);

  Secret text() const;
  const AgeRecipient& recipient() const { return recipient_; }
  /// The 16-byte file key, or nothing when the stanza is for another recipient.
  /// Fault: format.age when it is an X25519 stanza but not a well-formed one.
  Result<std::optional<Secret>> unwrap(const AgeStanza& stanza) const;

 private:
  explicit AgeIdentity(crypto::X25519Key key);

  crypto::X25519Key key_;
  AgeRecipient recipient_;
};

/// Draws a file key. One file, one key: age.md forbids a second payload under it.
Secret new_age_file_key(Random& random);

/// A header for these recipients, at least one. Fault: crypto.key as AgeRecipient::wrap.
Result<AgeHeader> make_age_header(const Secret& file_key,
                                  const std::vector<AgeRecipient>& recipients, Random& random);

/// The file key that one of the header's stanzas holds for this identity, not yet checked against
/// the header MAC. Nothing when no stanza is for it. Fault: format.age.
Result<std::optional<Secret>> find_age_file_key(const AgeHeader& header,
                                                const AgeIdentity& identity);

/// That the header was made by someone who knew the file key. Fault: crypto.open.
Result<void> check_age_mac(const AgeHeader& header, const Secret& file_key);

/// Both of the above. Fault: crypto.open also when no stanza is for this identity.
Result<Secret> open_age_header(const AgeHeader& header, const AgeIdentity& identity);

}  // namespace comity::formats
