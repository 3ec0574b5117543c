#include "cli/root_entry.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/files.hpp"
#include "cli/page.hpp"
#include "court/state_files.hpp"
#include "directory/entry.hpp"
#include "keys/root.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string directory, from, out, next, endpoint;
  std::vector<std::string> authorities, more_authorities, tls, more_tls, logs, revoked, languages,
      contacts;
  std::int64_t days = 365;
};

Result<crypto::Certificate> certificate_in(const std::string& file) {
  TRY_LET(const Bytes pem, read_input(file));
  return crypto::Certificate::from_pem(as_text(pem));
}

/// "CODE=FILE.crt": the authority of that code gets this certificate, or is added. `also`: beside
/// the one that it has.
Result<void> set_authority(directory::Entry& entry, const std::string& text, bool also) {
  TRY_LET(const auto pair, split_pair(text, '=', "CODE=FILE.crt"));
  TRY_LET(const auto certificate, certificate_in(pair.second));
  std::vector<std::string> roles;
  constexpr std::string_view k_kind = "authority:";
  for (const auto& role : certificate.subject().roles)
    roles.push_back(role.starts_with(k_kind) ? role.substr(k_kind.size()) : role);
  directory::Authority authority{
      pair.first, {{"en", certificate.subject().common_name}}, std::move(roles), certificate};
  const auto same = std::ranges::find(entry.authorities, pair.first, &directory::Authority::code);
  if (same != entry.authorities.end()) authority.names = same->names;
  if (same == entry.authorities.end() || also) {
    entry.authorities.push_back(std::move(authority));
    return {};
  }
  *same = std::move(authority);
  const auto rest = std::ranges::remove(same + 1, entry.authorities.end(), pair.first,
                                        &directory::Authority::code);
  entry.authorities.erase(rest.begin(), rest.end());
  return {};
}

/// "partner=FILE": the public key that 'comity key new' wrote.
Result<void> set_log_key(directory::LogKeys& logs, const std::string& text) {
  TRY_LET(const auto pair, split_pair(text, '=', "partner=FILE, internal=FILE or anchor=FILE"));
  TRY_LET(const Bytes file, read_input(pair.second));
  const auto line = as_text(file).substr(0, as_text(file).find('\n'));
  TRY_LET(const Bytes raw, from_base64(line));
  TRY_LET(const auto key, crypto::Ed25519Public::from_bytes(raw));
  auto* place = pair.first == "partner"    ? &logs.partner
                : pair.first == "internal" ? &logs.internal
                : pair.first == "anchor"   ? &logs.anchor
                                           : nullptr;
  if (place == nullptr) return fault(FaultCode::bad_usage, "--log: partner, internal or anchor");
  *place = key;
  return {};
}

/// "FINGERPRINT|TIME|REASON"
Result<directory::Revoked> revoked_from(const std::string& text) {
  constexpr const char* k_form = "\"FINGERPRINT|2026-01-31T00:00:00Z|reason\"";
  TRY_LET(const auto outer, split_pair(text, '|', k_form));
  TRY_LET(const auto inner, split_pair(outer.second, '|', k_form));
  directory::Revoked revoked;
  TRY_LET(revoked.certificate, read_fingerprint(outer.first));
  TRY_LET(revoked.revoked_from, instant_from_text(inner.first));
  revoked.reason = inner.second;
  return revoked;
}

Result<int> renew(const Options& options, Context& context) {
  TRY(check_folder(options.directory));
  TRY_LET(const auto root, keys::StateRoot::open(options.directory));
  const Instant now{context.clock.now().seconds() * 1000};
  TRY_LET(const Bytes before, read_input(options.from));
  TRY_LET(auto entry, court::open_entry_file(before));  // its root may have ended since
  if (entry.state != root.state())
    return fault(FaultCode::directory_entry, "the entry before is of another State");
  const bool is_new_root = entry.root != root.certificate();
  ++entry.serial;
  entry.issued_at = now;
  entry.valid_from = now.plus_s(-k_hour_s);
  entry.valid_to = now.plus_s(options.days * k_day_s);
  entry.root = root.certificate();
  if (is_new_root) entry.next_root.reset();
  if (!options.next.empty()) {
    TRY_LET(entry.next_root, read_fingerprint(options.next));
  }
  for (const auto& text : options.authorities) TRY(set_authority(entry, text, false));
  for (const auto& text : options.more_authorities) TRY(set_authority(entry, text, true));
  if (!options.tls.empty()) entry.tls.clear();
  for (const auto* files : {&options.tls, &options.more_tls})
    for (const auto& file : *files) {
      TRY_LET(auto certificate, certificate_in(file));
      entry.tls.push_back(std::move(certificate));
    }
  for (const auto& text : options.logs) TRY(set_log_key(entry.logs, text));
  if (!options.endpoint.empty()) {
    TRY_LET(const auto pair, split_pair(options.endpoint, ':', "HOST:PORT"));
    TRY_LET(const auto port, formats::decimal(pair.second, FaultCode::bad_usage));
    if (port == 0 || port > 65'535) return fault(FaultCode::bad_usage, "--endpoint: no such port");
    entry.endpoint = {pair.first, static_cast<std::uint16_t>(port)};
  }
  for (const auto& text : options.revoked) {
    TRY_LET(auto revoked, revoked_from(text));
    entry.revoked.push_back(std::move(revoked));
  }
  if (!options.languages.empty()) entry.languages = options.languages;
  TRY_LET(const Bytes p7m, root.sign_entry(entry));
  TRY(write_output(options.out, p7m));
  say(banner(entry.exercise));
  say(fmt::format("Entry {} of {} was signed.\n", entry.serial, entry.state.text()) +
      named_lines({{"file", options.out},
                   {"valid to", to_text(entry.valid_to)},
                   {"root", entry.root.fingerprint().hex()},
                   {"next root", entry.next_root ? entry.next_root->hex() : "none announced"},
                   {"next", "comity directory renew " + options.out +
                                " --as OFFICER; then give it to every partner"}}));
  return 0;
}

}  // namespace

void add_root_entry(Verb& root, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = root.verb(
      "entry", "Sign the State's next directory entry, made from the one before",
      "  comity root entry kgz/root --from kgz/entry.p7m -o entry-2.p7m\n"
      "  comity root entry kgz/root --from entry.p7m --authority central-authority=new.crt \\\n"
      "      --revoked \"3f9a…|2026-03-01T00:00:00Z|Key replaced\" -o entry-3.p7m\n");
  verb.text("ROOTDIR", options->directory, "The root's folder", Presence::required)
      .text("--from", options->from, "The entry before", Presence::required)
      .number("--days", options->days, "How long it is valid [365]")
      .texts("--authority", options->authorities,
             "CODE=FILE.crt, in place of those it has; may come again")
      .texts("--also-authority", options->more_authorities,
             "CODE=FILE.crt, beside the one it has, while its key changes")
      .texts("--tls", options->tls, "The node's TLS certificate, in place of all before")
      .texts("--also-tls", options->more_tls, "Beside those before, while the key changes")
      .texts("--log", options->logs, "partner=FILE, internal=FILE or anchor=FILE: a log's key")
      .text("--endpoint", options->endpoint, "HOST:PORT")
      .texts("--revoked", options->revoked, "\"FINGERPRINT|TIME|REASON\"; may come again")
      .texts("--language", options->languages, "A language of requests; may come again")
      .text("--next", options->next, "Fingerprint of the root that will follow")
      .text("-o,--out", options->out, "Where to write it", Presence::required)
      .does([options, &context] { return renew(*options, context); });
}

}  // namespace comity::cli
