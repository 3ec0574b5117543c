#include "sim/signatures.hpp"

#include "crypto/digest.hpp"

namespace comity::sim {
namespace {

// No DER begins like this.
constexpr std::string_view k_mark = "comity-sim signature\n";
constexpr std::size_t k_digest_bytes = 32;
constexpr std::size_t k_envelope_bytes = k_mark.size() + 2 * k_digest_bytes;

/// Every key pair there is in this process, by its certificate.
std::map<Digest, const KeyPair*>& signers() {
  static std::map<Digest, const KeyPair*> all;
  return all;
}

Digest tag_of(const KeyPair& pair, View content) {
  auto bytes = to_bytes(pair.secret.view());
  bytes.insert(bytes.end(), content.begin(), content.end());
  return crypto::sha256(bytes);
}

bool is_cheap(View bytes) {
  return bytes.size() >= k_envelope_bytes &&
         std::ranges::equal(bytes.first(k_mark.size()), as_bytes(k_mark));
}

Result<crypto::Certificate> open_cheap(View envelope, View content) {
  const auto named = *Digest::from_bytes(envelope.subspan(k_mark.size(), k_digest_bytes));
  const auto tag =
      *Digest::from_bytes(envelope.subspan(k_mark.size() + k_digest_bytes, k_digest_bytes));
  const auto found = signers().find(named);
  if (found == signers().end() || tag_of(*found->second, content) != tag)
    return fault(FaultCode::crypto_signature, "the tag is not the signer's");
  return found->second->certificate;
}

}  // namespace

KeyPair::KeyPair(crypto::P256Key of, crypto::Certificate certified)
    : key(std::move(of)),
      certificate(std::move(certified)),
      secret(crypto::sha256(key.to_pem().view())) {
  signers()[certificate.fingerprint()] = this;
}

Bytes Signatures::sign(View content, const KeyPair& pair, Instant at, crypto::CmsForm form) {
  if (are_real_) return *crypto::cms_sign(content, pair.key, pair.certificate, at, form);
  auto envelope = to_bytes(k_mark);
  for (const auto part : {pair.certificate.fingerprint().view(), tag_of(pair, content).view()})
    envelope.insert(envelope.end(), part.begin(), part.end());
  if (form == crypto::CmsForm::encapsulated)
    envelope.insert(envelope.end(), content.begin(), content.end());
  return envelope;
}

Result<node::OpenedSignature> Signatures::open(View p7m) {
  if (is_cheap(p7m)) {
    const auto content = p7m.subspan(k_envelope_bytes);
    TRY_LET(auto signer, open_cheap(p7m.first(k_envelope_bytes), content));
    return node::OpenedSignature{to_bytes(content), std::move(signer)};
  }
  const auto key = crypto::sha256(p7m);
  const auto known = opened_.find(key);
  if (known != opened_.end()) return known->second;
  const auto opened = [&]() -> Result<node::OpenedSignature> {
    TRY_LET(auto cms, crypto::cms_open(p7m));
    return node::OpenedSignature{std::move(cms.content), std::move(cms.signer)};
  }();
  return opened_.emplace(key, opened).first->second;
}

Result<crypto::Certificate> Signatures::open_detached(View signature, View content) {
  if (is_cheap(signature)) {
    if (signature.size() != k_envelope_bytes) return fault(FaultCode::format_cms, "not detached");
    return open_cheap(signature, content);
  }
  auto both = to_bytes(crypto::sha256(signature).view());
  const auto of_content = crypto::sha256(content);
  both.insert(both.end(), of_content.bytes.begin(), of_content.bytes.end());
  const auto key = crypto::sha256(both);
  const auto known = detached_.find(key);
  if (known != detached_.end()) return known->second;
  const auto opened = [&]() -> Result<crypto::Certificate> {
    TRY_LET(auto cms, crypto::cms_open_detached(signature, content));
    return std::move(cms.signer);
  }();
  return detached_.emplace(key, opened).first->second;
}

Result<void> Signatures::verify_issued(const crypto::Certificate& certificate,
                                       const crypto::Certificate& root, crypto::Usage usage,
                                       Instant at) {
  return crypto::verify_issued(certificate, root, usage, at);
}

}  // namespace comity::sim
