// Who calls: the `comity-officer` header, signed by the officer's own key, which never lies on the
// node. A call is taken once, within a short time, for one node, exactly as it was signed.
#pragma once

#include <map>
#include <set>

#include "base/time.hpp"
#include "node/call.hpp"

namespace comity::api {

inline constexpr std::int64_t k_call_window_s = 120;  // a caller's clock may be off by this
inline constexpr std::size_t k_nonce_hex = 32;        // 16 random bytes
inline constexpr std::size_t k_nonces_max = 100'000;  // of calls within the window
inline constexpr std::size_t k_call_signature_bytes_max = 80;  // DER ECDSA-P256 needs 72

/// The header's parts: "v1 <fingerprint hex> <time> <nonce> <base64 of the signature>".
struct OfficerClaim {
  Digest officer;    // fingerprint of the certificate
  std::string time;  // as written
  Instant at;
  std::string nonce;
  Bytes signature;
};
/// Fault: request.unauthenticated, saying what is wrong with the form.
Result<OfficerClaim> parse_officer_header(std::string_view header);
/// For callers: the header of a claim.
std::string officer_header(const OfficerClaim& claim);

/// The text that is signed. `body_hash`: hex SHA-256 of the body, or "bulk" when it is streamed.
std::string call_text(const node::Call& call, const StateCode& node, const OfficerClaim& claim,
                      std::string_view body_hash);
/// The body hash of a call with a whole body.
std::string body_hash_of(const node::Call& call);

/// Nonces of the calls that were taken, until their time is over. It never forgets one early: when
/// full, it refuses. One thread uses it.
class NonceCache {
 public:
  explicit NonceCache(std::size_t nonces_max = k_nonces_max) : nonces_max_(nonces_max) {}
  /// Faults: request.unauthenticated when it came before, limit.rate when full.
  Result<void> take(const OfficerClaim& claim, Instant now);

 private:
  using Key = std::pair<Digest, std::string>;
  std::size_t nonces_max_;
  std::set<Key> taken_;
  std::multimap<Instant, Key> ends_;
};

/// That `claim` is of now and signed by the key `spki` (DER). Faults: request.unauthenticated.
Result<void> check_time(const OfficerClaim& claim, Instant now);
Result<void> check_signature(const OfficerClaim& claim, std::string_view text, View spki);

}  // namespace comity::api
