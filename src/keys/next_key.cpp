#include "keys/next_key.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "crypto/certificate_request.hpp"
#include "keys/key_pem.hpp"
#include "keys/node_keys.hpp"

namespace comity::keys {
namespace {

constexpr std::array<std::string_view, 5> k_names{"authority", "tls", "log-partner", "log-internal",
                                                  "log-anchor"};

struct Places {
  Path key, certificate, next, old;
};

Places places_of(const Path& keys, NodeKey which) {
  const std::string name(name_of(which));
  return {.key = keys / (name + ".key"),
          .certificate = keys / (name + ".crt"),
          .next = keys / (name + ".next"),
          .old = keys / (name + ".old")};
}

bool is_log(NodeKey which) {
  return which != NodeKey::authority && which != NodeKey::tls;
}

Result<bool> is_there(const Path& path) {
  TRY_LET(const auto secret, find_secret(path));
  return secret.has_value();
}

/// The present key goes aside, the next one takes its place. If we die in between, there is no
/// present key, and the next start says so; doing it again goes on from there.
Result<void> exchange_files(const Places& places) {
  TRY_LET(const bool has_key, is_there(places.key));
  if (has_key) TRY(rename_durably(places.key, places.old));
  return rename_durably(places.next, places.key);
}

Result<void> install_log_key(const Places& places, Random& random) {
  TRY_LET(const bool waits, is_there(places.next));
  TRY_LET(const bool half_done, is_there(places.old));
  if (!waits && !half_done) return fault(FaultCode::crypto_key, "no next key waits");
  if (waits) TRY(exchange_files(places));
  return destroy_secret(places.old, random);
}

Result<void> install_certified(const Places& places, crypto::Usage usage,
                               const crypto::Certificate& certificate, Random& random) {
  TRY_LET(const bool waits, is_there(places.next));
  TRY_LET(const auto key, read_p256(waits ? places.next : places.key));
  TRY(check_pair(key, certificate, usage));
  if (waits) TRY(exchange_files(places));
  // If we die here, key and certificate are no pair, and the next start says so.
  TRY(write_public(places.certificate, as_bytes(certificate.pem())));
  return destroy_secret(places.old, random);
}

}  // namespace

std::string_view name_of(NodeKey which) {
  return k_names[static_cast<std::size_t>(which)];
}

Result<NodeKey> node_key(std::string_view name) {
  const auto found = std::ranges::find(k_names, name);
  if (found == k_names.end())
    return fault(FaultCode::bad_usage,
                 "which key: authority, tls, log-partner, log-internal or log-anchor");
  return static_cast<NodeKey>(found - k_names.begin());
}

Result<std::string> make_next_request(const Path& keys, NodeKey which, Random& random) {
  CHECK(!is_log(which));
  const auto places = places_of(keys, which);
  TRY_LET(const auto certificate, read_certificate(places.certificate));
  TRY_LET(const bool waits, is_there(places.next));
  if (!waits) {
    const auto key = crypto::P256Key::generate(random);
    TRY(create_secret(places.next, key.to_pem().view()));
  }
  TRY_LET(const auto key, read_p256(places.next));
  return crypto::make_request(key, certificate.subject());
}

Result<crypto::Ed25519Public> make_next_log_key(const Path& keys, NodeKey which, Random& random) {
  CHECK(is_log(which));
  const auto places = places_of(keys, which);
  TRY_LET(const bool waits, is_there(places.next));
  if (!waits) {
    const auto key = crypto::Ed25519Key::generate(random);
    TRY(create_secret(places.next, to_pem(key).view()));
  }
  TRY_LET(const auto key, read_ed25519(places.next));
  return key.public_key();
}

Result<void> install_next(const Path& keys, NodeKey which,
                          const std::optional<crypto::Certificate>& certificate, Random& random) {
  const auto places = places_of(keys, which);
  if (is_log(which)) return install_log_key(places, random);
  if (!certificate) return fault(FaultCode::bad_usage, "name the certificate of the next key");
  return install_certified(places,
                           which == NodeKey::tls ? crypto::Usage::tls : crypto::Usage::authority,
                           *certificate, random);
}

Result<std::optional<crypto::Ed25519Key>> find_next_log_key(const Path& keys, NodeKey which) {
  const auto places = places_of(keys, which);
  TRY_LET(const bool waits, is_there(places.next));
  if (!waits) return std::nullopt;
  TRY_LET(auto key, read_ed25519(places.next));
  return key;
}

}  // namespace comity::keys
