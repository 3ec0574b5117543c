// CMS SignedData (RFC 5652) with the attributes of CAdES-BES (ETSI EN 319 122-1): how an act, an
// entry or a statement is signed. One signer, one certificate, DER, ECDSA P-256 with SHA-256;
// anything else that CMS allows is refused. It never checks where the certificate leads: that is
// verify_issued, with the root of the State that the content names.
//
// What a document *is* is the SHA-256 of its content, never of this envelope: from one valid
// signature anybody can make its mirror (r, n − s), so two envelopes may carry one statement. For
// that reason a low s is not asked for either: other signers' tools do not produce it and nothing
// rests on it.
#pragma once

#include "crypto/certificate.hpp"

namespace comity::crypto {

/// Of a whole envelope with its content. The largest is the index of an export; acts and entries
/// have narrower limits of their own.
inline constexpr std::size_t k_cms_bytes_max = std::size_t{5} << 20;
/// Of an envelope without content: a certificate at its limit and room for the rest.
inline constexpr std::size_t k_cms_detached_bytes_max = k_certificate_bytes_max + 4096;

/// Of content to be signed into an envelope: with any certificate it stays within the former.
inline constexpr std::size_t k_cms_content_bytes_max = k_cms_bytes_max - k_cms_detached_bytes_max;

enum class CmsForm { encapsulated, detached };  // .p7m, .p7s

struct CmsSigned {
  Bytes content;  // empty when the content was given apart
  Certificate signer;
  Instant signing_time;  // what the signer says, to the second
};

/// DER SignedData over `content` (type id-data) with contentType, signingTime, messageDigest and
/// signingCertificateV2, and the signer's certificate. The same input gives the same bytes.
/// `openssl cms -verify -cades -binary -inform DER` reads it.
/// Fault: crypto.key when the key is not that of the certificate; limit.size for encapsulated
/// content.
Result<Bytes> cms_sign(View content, const P256Key& key, const Certificate& certificate,
                       Instant signing_time, CmsForm form);

/// Reads an envelope that carries its content. Exactly: one SignerInfo, named by issuer and serial;
/// its certificate and no other; no revocation lists; no unsigned attributes; the four signed
/// attributes above, each once and in DER's order, and no others.
/// Fault: format.cms, format.certificate, limit.size; crypto.signature when a digest or the
/// signature does not match.
Result<CmsSigned> cms_open(View envelope);

/// The same for an envelope without content, over `content` of any size.
Result<CmsSigned> cms_open_detached(View envelope, View content);

}  // namespace comity::crypto
