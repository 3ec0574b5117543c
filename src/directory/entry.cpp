#include "directory/entry.hpp"

#include <algorithm>
#include <set>

#include "crypto/cms.hpp"
#include "directory/entry_json.hpp"

namespace comity::directory {
namespace {

using crypto::Certificate;
using crypto::Usage;

std::unexpected<Fault> no(std::string why) {
  return fault(FaultCode::directory_entry, std::move(why));
}

// Faults of certificates keep their words; the code says that the entry is at fault.
Result<void> issued(const Entry& entry, const Certificate& certificate, Usage usage,
                    const std::string& whose) {
  const auto led = crypto::verify_issued(certificate, entry.root, usage, entry.issued_at);
  if (!led) return no(whose + ": " + led.error().detail);
  return {};
}

Result<void> check_authority(const Entry& entry, const Authority& authority) {
  const auto whose = "authority " + authority.code;
  TRY(issued(entry, authority.certificate, Usage::authority, whose));
  const auto& certified = authority.certificate.subject().roles;
  for (const auto& role : authority.roles)
    if (std::ranges::find(certified, "authority:" + role) == certified.end())
      return no(whose + ": its certificate does not carry the role " + role);
  return {};
}

Result<void> check_tls(const Entry& entry) {
  for (const auto& certificate : entry.tls) {
    TRY(issued(entry, certificate, Usage::tls, "tls"));
    const auto& hosts = certificate.hosts();
    if (std::ranges::find(hosts, entry.endpoint.host) == hosts.end())
      return no("tls: a certificate does not name the endpoint " + entry.endpoint.host);
  }
  return {};
}

// One key, one use: a key that serves two would let one theft do the work of two.
Result<void> check_keys_differ(const Entry& entry) {
  std::set<Bytes> keys{entry.root.public_spki()};
  for (const auto& authority : entry.authorities)
    if (!keys.insert(authority.certificate.public_spki()).second)
      return no("authority " + authority.code + ": its key serves elsewhere in the entry");
  for (const auto& certificate : entry.tls)
    if (!keys.insert(certificate.public_spki()).second)
      return no("tls: a key serves elsewhere in the entry");
  if (entry.logs.partner == entry.logs.internal || entry.logs.partner == entry.logs.anchor ||
      entry.logs.internal == entry.logs.anchor)
    return no("logs: each log has a key of its own");
  return {};
}

Result<void> check_times(const Entry& entry) {
  if (entry.issued_at.ms % 1000 != 0) return no("issued_at: must be a whole second");
  if (entry.valid_from >= entry.valid_to) return no("valid_to: must come after valid_from");
  if (entry.valid_from < entry.root.not_before() || entry.valid_to > entry.root.not_after())
    return no("valid_to: the entry must lie within the validity of its root");
  for (const auto& revoked : entry.revoked)
    if (revoked.revoked_from > entry.issued_at)
      return no("revoked: a revocation can not begin after the entry that tells it");
  return {};
}

Result<void> check(const Entry& entry) {
  if (const auto root = crypto::verify_root(entry.root, entry.issued_at); !root)
    return no("root: " + root.error().detail);
  if (entry.root.subject().state != entry.state)
    return no("root: is of another State than the entry");
  if (entry.next_root == entry.root.fingerprint())
    return no("next_root: must be another root than the present one");
  TRY(check_times(entry));
  for (const auto& authority : entry.authorities) TRY(check_authority(entry, authority));
  TRY(check_tls(entry));
  return check_keys_differ(entry);
}

}  // namespace

Bytes entry_content(const Entry& entry) {
  return to_bytes(formats::canonical(to_json(entry)));
}

Result<Entry> read_entry(View content) {
  if (content.size() > k_entry_bytes_max)
    return fault(FaultCode::limit_size, "a directory entry has at most 256 KiB");
  const auto json = formats::parse_canonical(content);
  if (!json) return no(json.error().detail);
  auto entry = from_json(*json);
  if (!entry) return no(entry.error().detail);
  TRY(check(*entry));
  return entry;
}

Result<Bytes> sign_entry(const Entry& entry, const crypto::P256Key& root_key) {
  const auto content = entry_content(entry);
  TRY(read_entry(content));
  return crypto::cms_sign(content, root_key, entry.root, entry.issued_at,
                          crypto::CmsForm::encapsulated);
}

Result<Entry> open_entry(View p7m, Instant at) {
  TRY_LET(const crypto::CmsSigned opened, crypto::cms_open(p7m));
  TRY_LET(Entry entry, read_entry(opened.content));
  if (opened.signer != entry.root) return no("the signature is not of the entry's own root");
  if (opened.signing_time != entry.issued_at)
    return no("issued_at: is not the time of the signature");
  TRY(crypto::verify_root(entry.root, at));
  return entry;
}

}  // namespace comity::directory
