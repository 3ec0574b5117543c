// The signing and opening ports of all members. In a share of the seeds they are the product's own
// CMS; in the others a tag that nobody can make without the signer's secret, and that costs a
// hundredth. Both open what they gave and nothing else, so that no checker sees a difference.
// Log signatures, certificates and entries are the real ones in every seed.
#pragma once

#include "crypto/cms.hpp"
#include "node/ports.hpp"

namespace comity::sim {

/// A key with its certificate, as an officer, an authority or a root holds it.
struct KeyPair {
  KeyPair(crypto::P256Key of, crypto::Certificate certified);
  KeyPair(const KeyPair&) = delete;  // found by its address
  crypto::P256Key key;
  crypto::Certificate certificate;
  Digest secret;  // of the cheap form
};

class Signatures final : public node::SignatureOpener {
 public:
  explicit Signatures(bool are_real) : are_real_(are_real) {}

  Bytes sign(View content, const KeyPair& pair, Instant at, crypto::CmsForm form);

  // What was opened once is remembered: opening is a function of the bytes alone.
  Result<node::OpenedSignature> open(View p7m) override;
  Result<crypto::Certificate> open_detached(View signature, View content) override;
  Result<void> verify_issued(const crypto::Certificate& certificate,
                             const crypto::Certificate& root, crypto::Usage usage,
                             Instant at) override;

 private:
  bool are_real_;
  std::map<Digest, Result<node::OpenedSignature>> opened_;
  std::map<Digest, Result<crypto::Certificate>> detached_;
};

}  // namespace comity::sim
