#include "keys/root.hpp"

#include "crypto/cms.hpp"
#include "keys/key_pem.hpp"

namespace comity::keys {
namespace {

Path key_in(const Path& directory) {
  return directory / "root.key";
}
Path certificate_in(const Path& directory) {
  return directory / "root.crt";
}

std::vector<std::string> of_kind(std::string_view kind, const std::vector<std::string>& roles) {
  std::vector<std::string> full;
  for (const auto& role : roles) full.push_back(std::string(kind) + ':' + role);
  return full;
}

}  // namespace

Result<StateRoot> StateRoot::make(const Path& directory, const StateCode& state,
                                  const std::string& name, Validity validity, Random& random) {
  auto key = crypto::P256Key::generate(random);
  TRY_LET(auto certificate,
          crypto::issue_root(key, {state, name, {}}, validity.from, validity.to, random));
  TRY(make_secret_directory(directory));
  TRY(create_secret(key_in(directory), key.to_pem().view()));
  TRY(write_public(certificate_in(directory), as_bytes(certificate.pem())));
  return StateRoot(std::move(key), std::move(certificate));
}

Result<StateRoot> StateRoot::open(const Path& directory) {
  TRY_LET(auto key, read_p256(key_in(directory)));
  TRY_LET(auto certificate, read_certificate(certificate_in(directory)));
  TRY(check_pair(key, certificate, crypto::Usage::root));
  // Whether it is still valid, each use asks with its own time.
  TRY(crypto::verify_root(certificate, certificate.not_before()));
  return StateRoot(std::move(key), std::move(certificate));
}

bool StateRoot::is_in(const Path& directory) {
  std::error_code error;
  return std::filesystem::exists(key_in(directory), error);
}

Result<crypto::Certificate> StateRoot::issue_authority(View spki, const std::string& name,
                                                       const std::vector<std::string>& roles,
                                                       Validity validity, Random& random) const {
  return issue(spki, name, of_kind("authority", roles), crypto::Usage::authority, validity, random);
}

Result<crypto::Certificate> StateRoot::issue_tls(View spki, const std::string& name,
                                                 const std::vector<std::string>& hosts,
                                                 Validity validity, Random& random) const {
  return issue(spki, name, {}, crypto::Usage::tls, validity, random, hosts);
}

Result<crypto::Certificate> StateRoot::issue_officer(View spki, const std::string& name,
                                                     const std::vector<std::string>& roles,
                                                     Validity validity, Random& random) const {
  return issue(spki, name, of_kind("officer", roles), crypto::Usage::officer, validity, random);
}

Result<Bytes> StateRoot::sign_entry(const directory::Entry& entry) const {
  return directory::sign_entry(entry, key_);
}

Result<Bytes> StateRoot::sign_revocation(const directory::Revocation& revocation) const {
  if (revocation.state != state())
    return fault(FaultCode::directory_entry, "a revocation of another State");
  const Bytes content = directory::revocation_content(revocation);
  TRY_LET(Bytes signature, crypto::cms_sign(content, key_, certificate_, revocation.made_at,
                                            crypto::CmsForm::detached));
  return directory::revocation_file(content, {std::move(signature)});
}

Result<crypto::Certificate> StateRoot::issue(View spki, const std::string& name,
                                             std::vector<std::string> roles, crypto::Usage usage,
                                             Validity validity, Random& random,
                                             const std::vector<std::string>& hosts) const {
  // Nothing outlives the root that it rests on.
  const Instant to = std::min(validity.to, certificate_.not_after());
  return crypto::issue(key_, certificate_, spki, {state(), name, std::move(roles)}, usage,
                       validity.from, to, random, hosts);
}

}  // namespace comity::keys
