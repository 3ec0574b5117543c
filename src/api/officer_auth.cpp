#include "api/officer_auth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "crypto/digest.hpp"
#include "crypto/p256.hpp"

namespace comity::api {
namespace {

auto refuse(std::string what) {
  return fault(FaultCode::unauthenticated, std::move(what));
}

}  // namespace

Result<OfficerClaim> parse_officer_header(std::string_view header) {
  std::array<std::string_view, 5> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto end = i + 1 < words.size() ? header.find(' ') : header.size();
    if (end == std::string_view::npos) return refuse("comity-officer: five words are expected");
    words[i] = header.substr(0, end);
    header.remove_prefix(std::min(header.size(), end + 1));
  }
  if (words[0] != "v1") return refuse("comity-officer: the version is not v1");
  OfficerClaim claim;
  const auto officer = Digest::from_hex(words[1]);
  if (!officer) return refuse("comity-officer: the fingerprint is not 64 hexadecimal digits");
  claim.officer = *officer;
  const auto at = instant_from_text(words[2]);
  if (!at) return refuse("comity-officer: the time is not as 2026-01-31T23:59:59.000Z");
  claim.time = words[2];
  claim.at = *at;
  if (words[3].size() != k_nonce_hex || !from_hex(words[3]))
    return refuse("comity-officer: the nonce is not 32 hexadecimal digits");
  claim.nonce = words[3];
  auto signature = from_base64(words[4]);
  if (!signature || signature->empty() || signature->size() > k_call_signature_bytes_max)
    return refuse("comity-officer: the signature is not base64 of an ECDSA signature");
  claim.signature = *std::move(signature);
  return claim;
}

std::string officer_header(const OfficerClaim& claim) {
  return fmt::format("v1 {} {} {} {}", claim.officer.hex(), claim.time, claim.nonce,
                     base64(claim.signature));
}

std::string call_text(const node::Call& call, const StateCode& node, const OfficerClaim& claim,
                      std::string_view body_hash) {
  return fmt::format("comity-call/1\n{}\n{}\n{}\n{}\n{}\n{}\n", call.method, call.target,
                     node.text(), claim.time, claim.nonce, body_hash);
}

std::string body_hash_of(const node::Call& call) {
  return crypto::sha256(call.body).hex();
}

Result<void> NonceCache::take(const OfficerClaim& claim, Instant now) {
  const auto over = ends_.lower_bound(now);
  for (auto at = ends_.begin(); at != over; ++at) taken_.erase(at->second);
  ends_.erase(ends_.begin(), over);
  const Key key{claim.officer, claim.nonce};
  if (taken_.contains(key)) return refuse("this call was made before");
  if (taken_.size() >= nonces_max_) return fault(FaultCode::limit_rate, "officers' calls");
  taken_.insert(key);
  // From then on check_time refuses it.
  ends_.emplace(claim.at.plus_s(k_call_window_s), key);
  return {};
}

Result<void> check_time(const OfficerClaim& claim, Instant now) {
  if (std::abs(now.ms - claim.at.ms) > k_call_window_s * 1000)
    return refuse(fmt::format("the call's time {} is not within {} s of this node's {}", claim.time,
                              k_call_window_s, to_text(now)));
  return {};
}

Result<void> check_signature(const OfficerClaim& claim, std::string_view text, View spki) {
  const auto key = crypto::P256Public::from_spki(spki);
  if (!key || !key->verify(as_bytes(text), claim.signature))
    return refuse("the call's signature is not that of a known officer");
  return {};
}

}  // namespace comity::api
