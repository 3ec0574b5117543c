#include "cli/entry_page.hpp"

#include <fmt/format.h>

#include "cli/page.hpp"

namespace comity::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string validity(const crypto::Certificate& certificate) {
  return to_text(certificate.not_before()) + " to " + to_text(certificate.not_after());
}

}  // namespace

std::string certificate_page(const crypto::Certificate& certificate) {
  return named_lines({{"name", certificate.subject().common_name},
                      {"of", certificate.subject().state.text()},
                      {"roles", joined(certificate.subject().roles)},
                      {"certificate", certificate.fingerprint().hex()},
                      {"valid", validity(certificate)}});
}

std::string entry_page(const directory::Entry& entry) {
  std::string page = named_lines(
      {{"state", entry.state.text() + ", " + treaty::in_language(entry.names)},
       {"serial", fmt::format("{}, issued {}", entry.serial, to_text(entry.issued_at))},
       {"valid", to_text(entry.valid_from) + " to " + to_text(entry.valid_to)},
       {"root", grouped(directory::fingerprint(entry))},
       {"as hex", directory::fingerprint(entry).hex()},
       {"next root", entry.next_root ? entry.next_root->hex() : "none announced"},
       {"endpoint", fmt::format("{}, port {}", entry.endpoint.host, entry.endpoint.port)},
       {"languages", joined(entry.languages)},
       {"log origins", entry.logs.origin_prefix}});
  for (const auto& authority : entry.authorities)
    page += fmt::format("\nAuthority {}\n", authority.code) +
            named_lines({{"name", treaty::in_language(authority.names)},
                         {"roles", joined(authority.roles)},
                         {"certificate", authority.certificate.fingerprint().hex()},
                         {"valid", validity(authority.certificate)}});
  for (const auto& tls : entry.tls)
    page += "\nTLS certificate\n" + named_lines({{"hosts", joined(tls.hosts())},
                                                 {"certificate", tls.fingerprint().hex()},
                                                 {"valid", validity(tls)}});
  for (const auto& contact : entry.second_contacts)
    page += "\nSecond contact\n" +
            named_lines({{"title", contact.title}, {"phone", contact.phone}, {"how", contact.how}});
  for (const auto& revoked : entry.revoked)
    page += "\nRevoked\n" + named_lines({{"certificate", revoked.certificate.hex()},
                                         {"from", to_text(revoked.revoked_from)},
                                         {"reason", revoked.reason}});
  return page;
}

}  // namespace comity::cli
