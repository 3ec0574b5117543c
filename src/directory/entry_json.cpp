#include "directory/entry_json.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "formats/fields.hpp"

namespace comity::directory {
namespace {

using crypto::Certificate;
using formats::Fields;
using formats::Json;

constexpr std::string_view k_format = "comity-directory-entry/1";
constexpr std::size_t k_word_bytes_max = 200;
constexpr std::array<std::string_view, 3> k_dual_criminality = {"required", "coercive",
                                                                "not-required"};

Json texts_json(const treaty::Texts& texts) {
  Json json = Json::object();
  for (const auto& [language, text] : texts) json.set(language, text);
  return json;
}

template <typename T>
Json list_json(const std::vector<T>& values) {
  Json json = Json::array();
  for (const auto& value : values) json.push_back(Json(value));
  return json;
}

template <typename T, typename Write>
Json list_json(const std::vector<T>& values, Write&& write) {
  Json json = Json::array();
  for (const auto& value : values) json.push_back(write(value));
  return json;
}

Json certificate_json(const Certificate& certificate) {
  return base64(certificate.der());
}

Json authority_json(const Authority& authority) {
  return Json::object({{"code", authority.code},
                       {"names", texts_json(authority.names)},
                       {"roles", list_json(authority.roles)},
                       {"certificate", certificate_json(authority.certificate)}});
}

Json contact_json(const SecondContact& contact) {
  return Json::object({{"title", contact.title}, {"phone", contact.phone}, {"how", contact.how}});
}

Json revoked_json(const Revoked& revoked) {
  return Json::object({{"certificate", revoked.certificate.hex()},
                       {"revoked_from", to_text(revoked.revoked_from)},
                       {"reason", revoked.reason}});
}

Json published_json(const Published& published) {
  auto json = Json::object({{"instrument", published.instrument},
                            {"scopes", list_json(published.scopes)},
                            {"dual_criminality", published.dual_criminality},
                            {"declarations", list_json(published.declarations)},
                            {"data_categories", list_json(published.data_categories)},
                            {"preservation_days", published.preservation_days}});
  for (const auto& [measure, policy] : published.dual_criminality_for)
    json["dual_criminality_for"].set(measure, policy);
  const auto add = [&](std::string_view key, const std::vector<std::string>& values) {
    if (!values.empty()) json.set(key, list_json(values));
  };
  add("measures", published.measures);
  add("channels", published.channels);
  add("documents", published.documents);
  add("without_treaty", published.without_treaty);
  return json;
}

// A text that a person will read, or act on: one line, nothing hidden.
Result<std::string> words(Fields& fields, std::string_view key,
                          std::size_t bytes_max = k_word_bytes_max) {
  TRY_LET(std::string text, fields.text(key, bytes_max));
  if (const auto flaw = treaty::text_flaw(text, false)) return fields.refuse(key, *flaw);
  return text;
}

Result<treaty::Texts> names(Fields& fields, std::string_view key) {
  TRY_LET(treaty::Texts texts, treaty::read_texts(fields, key));
  for (const auto& [language, text] : texts)
    if (const auto flaw = treaty::text_flaw(text, false)) return fields.refuse(key, *flaw);
  return texts;
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<std::string> code(Fields& fields, std::string_view key) {
  TRY_LET(std::string text, fields.text(key, 64));
  if (!is_code(text)) return fields.refuse(key, "must be of small letters, digits and '-'");
  return text;
}

// Codes, none twice.
Result<std::vector<std::string>> codes(Fields& fields, std::string_view key, std::size_t most,
                                       std::size_t least = 0) {
  TRY_LET(std::vector<std::string> list, fields.texts(key, most, 64));
  if (list.size() < least) return fields.refuse(key, "must not be empty");
  std::set<std::string_view> seen;
  for (const auto& one : list)
    if (!is_code(one) || !seen.insert(one).second)
      return fields.refuse(key, "must be codes of small letters, digits and '-', none twice");
  return list;
}

// The canonical text of a time is its only one: whole seconds.
Result<Instant> second(Fields& fields, std::string_view key) {
  TRY_LET(const Instant at, fields.instant(key));
  if (at.ms % 1000 != 0) return fields.refuse(key, "must be a whole second");
  return at;
}

Result<Certificate> certificate_from(const Bytes& der, const std::string& path) {
  auto certificate = Certificate::from_der(der);
  if (!certificate)
    return fault(certificate.error().code, path + ": " + certificate.error().detail);
  return certificate;
}

Result<Certificate> certificate(Fields& fields, std::string_view key) {
  TRY_LET(const Bytes der, fields.bytes_base64(key, crypto::k_certificate_bytes_max));
  return certificate_from(der, fields.path(key));
}

Result<std::vector<Certificate>> certificates(Fields& fields, std::string_view key) {
  TRY_LET(const auto texts, fields.texts(key, k_tls_certificates_max, std::size_t{32} * 1024));
  if (texts.empty()) return fields.refuse(key, "must not be empty");
  std::vector<Certificate> list;
  for (const auto& text : texts) {
    const auto der = from_base64(text);
    if (!der) return fields.refuse(key, der.error().detail);
    TRY_LET(Certificate one, certificate_from(*der, fields.path(key)));
    list.push_back(std::move(one));
  }
  return list;
}

template <typename T, typename Read>
Result<std::vector<T>> list(Fields& fields, std::string_view key, std::size_t least,
                            std::size_t most, Read&& read) {
  TRY_LET(const std::span<const Json> items, fields.array(key, most));
  if (items.size() < least) return fields.refuse(key, "must not be empty");
  std::vector<T> values;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = formats::item_fields(fields, key, i, items[i]);
    TRY_LET(T value, read(item));
    TRY(item.end());
    values.push_back(std::move(value));
  }
  return values;
}

Result<Authority> authority(Fields& fields) {
  TRY_LET(std::string authority_code, code(fields, "code"));
  TRY_LET(treaty::Texts authority_names, names(fields, "names"));
  TRY_LET(std::vector<std::string> roles, codes(fields, "roles", crypto::k_roles_max, 1));
  TRY_LET(Certificate own, certificate(fields, "certificate"));
  return Authority{std::move(authority_code), std::move(authority_names), std::move(roles),
                   std::move(own)};
}

Result<Endpoint> endpoint(Fields& fields) {
  TRY_LET(Fields inner, fields.object("endpoint"));
  Endpoint endpoint;
  TRY_LET(endpoint.host,
          inner.text("host", 253));  // RFC 1035 §2.3.4; TLS certificates bind its form
  TRY_LET(const std::int64_t port, inner.integer("port", 1, 65535));
  endpoint.port = static_cast<std::uint16_t>(port);
  TRY(inner.end());
  return endpoint;
}

Result<crypto::Ed25519Public> log_key(Fields& fields, std::string_view key) {
  TRY_LET(const Bytes raw, fields.bytes_base64(key, 32));
  auto value = crypto::Ed25519Public::from_bytes(raw);
  if (!value) return fields.refuse(key, "must be an Ed25519 key of 32 bytes");
  return *value;
}

Result<LogKeys> log_keys(Fields& fields) {
  TRY_LET(Fields inner, fields.object("logs"));
  LogKeys logs;
  TRY_LET(logs.origin_prefix, inner.text("origin_prefix", k_word_bytes_max));
  const auto is_origin = [](char c) { return c > ' ' && c < 0x7f && c != '+'; };
  if (!std::ranges::all_of(logs.origin_prefix, is_origin) || !logs.origin_prefix.ends_with('/'))
    return inner.refuse("origin_prefix", "must be plain, without spaces or '+', and end with '/'");
  TRY_LET(logs.partner, log_key(inner, "partner"));
  TRY_LET(logs.internal, log_key(inner, "internal"));
  TRY_LET(logs.anchor, log_key(inner, "anchor"));
  TRY(inner.end());
  return logs;
}

Result<SecondContact> contact(Fields& fields) {
  SecondContact contact;
  TRY_LET(contact.title, words(fields, "title"));
  TRY_LET(contact.phone, words(fields, "phone", 40));
  const auto is_phone = [](char c) { return (c >= '0' && c <= '9') || c == ' ' || c == '-'; };
  if (!contact.phone.starts_with('+') ||
      !std::all_of(contact.phone.begin() + 1, contact.phone.end(), is_phone))
    return fields.refuse("phone", "must be in international form: +, digits, spaces, '-'");
  TRY_LET(contact.how, words(fields, "how", 500));
  return contact;
}

Result<Revoked> revoked(Fields& fields) {
  Revoked revoked;
  TRY_LET(revoked.certificate, fields.digest("certificate"));
  TRY_LET(revoked.revoked_from, second(fields, "revoked_from"));
  TRY_LET(revoked.reason, words(fields, "reason", 500));
  return revoked;
}

// A list that is absent, or has something in it: an entry has one form.
Result<std::vector<std::string>> optional_codes(Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::vector<std::string>{};
  TRY_LET(auto list, codes(fields, key, k_codes_max));
  if (list.empty()) return fields.refuse(key, "is empty; leave it out");
  return list;
}

Result<std::vector<std::string>> optional_words(Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::vector<std::string>{};
  TRY_LET(auto list, fields.texts(key, k_codes_max, k_word_bytes_max));
  if (list.empty()) return fields.refuse(key, "is empty; leave it out");
  for (const auto& text : list)
    if (const auto flaw = treaty::text_flaw(text, false)) return fields.refuse(key, *flaw);
  return list;
}

Result<Published> published(Fields& fields) {
  TRY_LET(Fields inner, fields.object("published"));
  Published published;
  TRY_LET(published.instrument, code(inner, "instrument"));
  TRY_LET(published.scopes, codes(inner, "scopes", k_codes_max));
  TRY_LET(const std::size_t dual, inner.choice("dual_criminality", k_dual_criminality));
  published.dual_criminality = k_dual_criminality[dual];
  TRY_LET(published.declarations, codes(inner, "declarations", k_codes_max));
  TRY_LET(published.data_categories, codes(inner, "data_categories", k_codes_max));
  TRY_LET(published.preservation_days, inner.integer("preservation_days", 0, 100'000));
  TRY_LET(auto own, inner.optional_object("dual_criminality_for"));
  if (own) {
    const auto& members = inner.optional_value("dual_criminality_for")->members();
    if (members.empty() || members.size() > k_codes_max)
      return inner.refuse("dual_criminality_for", "must name 1 to 32 measures");
    for (const auto& [measure, value] : members) {
      TRY_LET(const std::size_t policy, own->choice(measure, k_dual_criminality));
      published.dual_criminality_for.emplace(measure, k_dual_criminality[policy]);
    }
    TRY(own->end());
  }
  TRY_LET(published.measures, optional_codes(inner, "measures"));
  TRY_LET(published.channels, optional_codes(inner, "channels"));
  TRY_LET(published.documents, optional_words(inner, "documents"));
  TRY_LET(published.without_treaty, optional_codes(inner, "without_treaty"));
  TRY(inner.end());
  return published;
}

/// One authority may stand twice, under the key that it signs with and the one that it changes to
/// or from. It is the same authority then, by the same names and for the same roles.
Result<void> check_codes(const Fields& fields, const std::vector<Authority>& authorities) {
  std::map<std::string_view, std::vector<const Authority*>> by_code;
  for (const auto& one : authorities) by_code[one.code].push_back(&one);
  for (const auto& [one, same] : by_code) {
    if (same.size() > k_certificates_of_an_authority_max)
      return fields.refuse("authorities", "name a code more than twice");
    if (same.front()->names != same.back()->names || same.front()->roles != same.back()->roles)
      return fields.refuse("authorities", "give one code to two authorities");
  }
  return {};
}

}  // namespace

Json to_json(const Entry& entry) {
  auto json = Json::object(
      {{"format", k_format},
       {"state", entry.state.text()},
       {"names", texts_json(entry.names)},
       {"exercise", entry.exercise},
       {"serial", entry.serial},
       {"issued_at", to_text(entry.issued_at)},
       {"valid_from", to_text(entry.valid_from)},
       {"valid_to", to_text(entry.valid_to)},
       {"root", certificate_json(entry.root)},
       {"authorities", list_json(entry.authorities, authority_json)},
       {"endpoint", Json::object({{"host", entry.endpoint.host}, {"port", entry.endpoint.port}})},
       {"tls", list_json(entry.tls, certificate_json)},
       {"logs", Json::object({{"origin_prefix", entry.logs.origin_prefix},
                              {"partner", base64(entry.logs.partner.view())},
                              {"internal", base64(entry.logs.internal.view())},
                              {"anchor", base64(entry.logs.anchor.view())}})},
       {"languages", list_json(entry.languages)},
       {"second_contacts", list_json(entry.second_contacts, contact_json)},
       {"revoked", list_json(entry.revoked, revoked_json)},
       {"published", published_json(entry.published)}});
  if (entry.next_root) json.set("next_root", entry.next_root->hex());
  return json;
}

Result<Entry> from_json(const Json& json) {
  Fields fields(json, "");
  TRY_LET(const std::string format, fields.text("format"));
  if (format != k_format) return fields.refuse("format", "must be " + std::string(k_format));
  TRY_LET(const StateCode state, fields.state("state"));
  TRY_LET(treaty::Texts state_names, names(fields, "names"));
  TRY_LET(Certificate root, certificate(fields, "root"));
  Entry entry{.state = state, .names = std::move(state_names), .root = std::move(root)};
  TRY_LET(entry.exercise, fields.boolean("exercise"));
  TRY_LET(entry.serial, fields.integer("serial", 1));
  TRY_LET(entry.issued_at, second(fields, "issued_at"));
  TRY_LET(entry.valid_from, second(fields, "valid_from"));
  TRY_LET(entry.valid_to, second(fields, "valid_to"));
  TRY_LET(entry.next_root, fields.optional_digest("next_root"));
  TRY_LET(entry.authorities,
          list<Authority>(fields, "authorities", 1, k_authorities_max, authority));
  TRY(check_codes(fields, entry.authorities));
  TRY_LET(entry.endpoint, endpoint(fields));
  TRY_LET(entry.tls, certificates(fields, "tls"));
  TRY_LET(entry.logs, log_keys(fields));
  TRY_LET(entry.languages, codes(fields, "languages", k_languages_max, 1));
  TRY_LET(entry.second_contacts,
          list<SecondContact>(fields, "second_contacts", 1, k_second_contacts_max, contact));
  TRY_LET(entry.revoked, list<Revoked>(fields, "revoked", 0, k_revoked_max, revoked));
  TRY_LET(entry.published, published(fields));
  TRY(fields.end());
  return entry;
}

}  // namespace comity::directory
