// A State's root: the key that certifies its authorities, officers and TLS ends and signs its
// directory entries and, in the calm case, its revocations. It lies in a directory of its own that
// is meant to leave the node for a machine without a network; all of this works there alone.
// It must never sign an act: a root speaks about keys and about nothing else.
#pragma once

#include <filesystem>

#include "crypto/certificate_request.hpp"
#include "directory/entry.hpp"
#include "directory/revocation.hpp"

namespace comity::keys {

/// From when to when a certificate is valid; cut to whole seconds.
struct Validity {
  Instant from, to;
};

/// Holds the private key while it lives. Movable only.
class StateRoot {
 public:
  /// Draws the key and writes root.key (0600) and root.crt to `directory`, which is made if need
  /// be. `name` stands in the certificate: "Kyrgyz Republic, root". Faults: store.exists when a
  /// root is there already, store.permissions, store.io, store.full; format.field.
  static Result<StateRoot> make(const std::filesystem::path& directory, const StateCode& state,
                                const std::string& name, Validity validity, Random& random);
  /// Faults: store.permissions, store.io, format.pem, crypto.key when key and certificate are not a
  /// pair, crypto.usage, crypto.chain when it did not sign itself.
  static Result<StateRoot> open(const std::filesystem::path& directory);
  /// Whether a root's key lies there still.
  static bool is_in(const std::filesystem::path& directory);

  const crypto::Certificate& certificate() const { return certificate_; }
  const StateCode& state() const { return certificate_.subject().state; }

  // Certificates. Roles are plain names ("central-authority", "approver"): their kind is put before
  // them here. Faults: as crypto::issue; no roles are format.field too.
  Result<crypto::Certificate> issue_authority(View spki, const std::string& name,
                                              const std::vector<std::string>& roles,
                                              Validity validity, Random& random) const;
  Result<crypto::Certificate> issue_tls(View spki, const std::string& name,
                                        const std::vector<std::string>& hosts, Validity validity,
                                        Random& random) const;
  Result<crypto::Certificate> issue_officer(View spki, const std::string& name,
                                            const std::vector<std::string>& roles,
                                            Validity validity, Random& random) const;

  /// The entry's file. Faults: as directory::sign_entry.
  Result<Bytes> sign_entry(const directory::Entry& entry) const;
  /// The revocation's file, signed at its made_at. Faults: directory.entry for another State's, or
  /// as crypto::cms_sign.
  Result<Bytes> sign_revocation(const directory::Revocation& revocation) const;

 private:
  StateRoot(crypto::P256Key key, crypto::Certificate certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}
  Result<crypto::Certificate> issue(View spki, const std::string& name,
                                    std::vector<std::string> roles, crypto::Usage usage,
                                    Validity validity, Random& random,
                                    const std::vector<std::string>& hosts = {}) const;

  crypto::P256Key key_;
  crypto::Certificate certificate_;
};

}  // namespace comity::keys
