#include "keys/node_keys.hpp"

#include "crypto/certificate_request.hpp"
#include "keys/key_pem.hpp"
#include "keys/log_keys.hpp"

namespace comity::keys {
namespace {

struct Pair {
  Path key, certificate;
  crypto::Usage usage;
};

Pair pair_of(const Path& keys, CertifiedKey which) {
  const KeyFiles files{keys};
  if (which == CertifiedKey::tls)
    return {files.tls_key(), files.tls_certificate(), crypto::Usage::tls};
  return {files.authority_key(), files.authority_certificate(), crypto::Usage::authority};
}

}  // namespace

Result<PublicKeys> make_node_keys(const Path& keys, Random& random) {
  const KeyFiles files{keys};
  TRY(make_secret_directory(keys));
  const auto authority = crypto::P256Key::generate(random);
  const auto tls = crypto::P256Key::generate(random);
  const auto logs = LogKeySet::generate(random);
  TRY(create_secret(files.authority_key(), authority.to_pem().view()));
  TRY(create_secret(files.tls_key(), tls.to_pem().view()));
  TRY(create_secret(files.log_key("partner"), to_pem(logs.partner).view()));
  TRY(create_secret(files.log_key("internal"), to_pem(logs.internal).view()));
  TRY(create_secret(files.log_key("anchor"), to_pem(logs.anchor).view()));
  TRY(make_secret_directory(files.evidence()));
  return PublicKeys{authority.public_spki(), tls.public_spki(), logs.published({})};
}

Result<PublicKeys> read_node_keys(const Path& keys) {
  const KeyFiles files{keys};
  TRY_LET(const auto authority, read_p256(files.authority_key()));
  TRY_LET(const auto tls, read_p256(files.tls_key()));
  PublicKeys found{authority.public_spki(), tls.public_spki(), {}};
  const auto read = [&](const char* log, crypto::Ed25519Public& key) -> Result<void> {
    TRY_LET(const auto held, read_ed25519(files.log_key(log)));
    key = held.public_key();
    return {};
  };
  TRY(read("partner", found.logs.partner));
  TRY(read("internal", found.logs.internal));
  TRY(read("anchor", found.logs.anchor));
  return found;
}

Result<std::string> request_certificate(const Path& keys, CertifiedKey which,
                                        const crypto::Subject& subject) {
  TRY_LET(const auto key, read_p256(pair_of(keys, which).key));
  return crypto::make_request(key, subject);
}

Result<void> install_certificate(const Path& keys, CertifiedKey which,
                                 const crypto::Certificate& certificate) {
  const Pair pair = pair_of(keys, which);
  TRY_LET(const auto key, read_p256(pair.key));
  TRY(check_pair(key, certificate, pair.usage));
  return write_public(pair.certificate, as_bytes(certificate.pem()));
}

Result<TlsKey> load_tls_key(const Path& keys) {
  const Pair pair = pair_of(keys, CertifiedKey::tls);
  TRY_LET(const auto key, read_p256(pair.key));
  TRY_LET(auto certificate, read_certificate(pair.certificate));
  TRY(check_pair(key, certificate, pair.usage));
  return TlsKey{std::move(certificate), key.to_pem()};
}

}  // namespace comity::keys
