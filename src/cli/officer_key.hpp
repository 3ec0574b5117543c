// An officer's own key file and certificate, which lie with the officer and never on the node.
// FILE is the private key (PEM, 0600); FILE.crt the certificate under the State's root.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "crypto/certificate.hpp"

namespace comity::cli {

/// "approver" of "officer:approver" or "approver".
std::string plain_role(std::string_view role);

class OfficerKey {
 public:
  /// Faults: store.permissions when others may read the key; request.file; store.io; format.pem;
  /// crypto.key when the two are not a pair; crypto.usage for another kind of certificate.
  static Result<OfficerKey> load(const std::filesystem::path& file);
  OfficerKey(crypto::P256Key key, crypto::Certificate certificate)
      : key_(std::move(key)), certificate_(std::move(certificate)) {}

  const crypto::Certificate& certificate() const { return certificate_; }
  const std::string& name() const { return certificate_.subject().common_name; }
  /// "approver" or "officer:approver".
  bool has_role(std::string_view role) const;

  /// A detached CMS signature over what an officer stands behind. Faults: as crypto::cms_sign.
  Result<Bytes> sign(View content, Instant signing_time) const;

  /// The value of `comity-officer` for one call: who asks, bound to method, target, node, time and
  /// body. `body` is nothing for a body that is streamed.
  std::string call_header(std::string_view method, std::string_view target, const StateCode& node,
                          Instant now, Random& random, std::optional<View> body) const;

 private:
  crypto::P256Key key_;
  crypto::Certificate certificate_;
};

/// The text that call_header signs.
std::string call_text(std::string_view method, std::string_view target, const StateCode& node,
                      std::string_view time, std::string_view nonce, std::optional<View> body);

}  // namespace comity::cli
