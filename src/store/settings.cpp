#include "store/settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "formats/age_keys.hpp"
#include "formats/note.hpp"
#include "formats/toml.hpp"

namespace comity::store {
namespace {

using directory::Endpoint;
using directory::SecondContact;
using formats::Fields;

constexpr std::size_t k_name_bytes_max = 256;
constexpr std::size_t k_path_bytes_max = 1024;
constexpr std::size_t k_origin_prefix_bytes_max = 255;

bool all_of(std::string_view text, auto&& allowed) {
  return std::ranges::all_of(text, allowed);
}
bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// A name as people read it: one line.
Result<std::string> line(Fields& fields, std::string_view key, std::size_t bytes_max) {
  TRY_LET(std::string text, fields.text(key, bytes_max));
  if (!formats::is_plain_text(text) || text.find_first_of("\n\t") != std::string::npos)
    return fields.refuse(key, "must be one line of text");
  return text;
}

bool is_code(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         all_of(text, [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

/// BCP 47 in the plain forms that entries use: "ky", "zh-Hans".
bool is_language(std::string_view text) {
  return text.size() >= 2 && text.size() <= 35 && all_of(text, [](char c) {
           return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '-';
         });
}

bool is_loopback(const Endpoint& endpoint) {
  return endpoint.host.starts_with("127.") || endpoint.host == "::1" ||
         endpoint.host == "localhost";
}

Result<std::vector<SecondContact>> read_contacts(Fields& fields) {
  std::vector<SecondContact> contacts;
  TRY_LET(const auto items,
          fields.optional_array("second_contacts", directory::k_second_contacts_max));
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = item_fields(fields, "second_contacts", i, items[i]);
    SecondContact contact;
    TRY_LET(contact.title, line(item, "title", k_name_bytes_max));
    TRY_LET(contact.phone, line(item, "phone", 32));
    if (!contact.phone.starts_with('+') ||
        !all_of(std::string_view(contact.phone).substr(1),
                [](char c) { return (c >= '0' && c <= '9') || c == ' '; }))
      return item.refuse("phone", "must be in international form, like \"+996 312 000000\"");
    TRY_LET(contact.how, line(item, "how", k_name_bytes_max));
    TRY(item.end());
    contacts.push_back(std::move(contact));
  }
  return contacts;
}

Result<Limits> read_limits(Fields fields) {
  Limits limits;
  const auto read = [&](std::string_view key, auto& limit, std::int64_t most) -> Result<void> {
    TRY_LET(const auto value, fields.optional_integer(key, 1, most));
    if (value) limit = static_cast<std::remove_reference_t<decltype(limit)>>(*value);
    return {};
  };
  TRY(read("item_bytes_max", limits.item_bytes_max, std::int64_t{1} << 50));
  TRY(read("transfers_max", limits.transfers_max, 256));
  TRY(read("connections_max", limits.connections_max, 65'536));
  TRY(read("scrub_bytes_s", limits.scrub_bytes_s, std::int64_t{1} << 40));
  TRY(fields.end());
  return limits;
}

Result<std::vector<LineSettings>> read_lines(Fields& fields) {
  std::vector<LineSettings> lines;
  TRY_LET(const auto items, fields.optional_array("lines", k_lines_max));
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto item = item_fields(fields, "lines", i, items[i]);
    LineSettings line;
    TRY_LET(line.partner, item.state("partner"));
    if (std::ranges::find(lines, line.partner, &LineSettings::partner) != lines.end())
      return item.refuse("partner", "stands here twice");
    TRY_LET(
        line.rules.bytes_per_s_max,
        item.optional_integer("bytes_per_s_max", k_line_bytes_per_s_min, std::int64_t{1} << 50));
    TRY_LET(line.rules.hours, item.optional_parsed<node::Hours>("hours", node::read_hours));
    TRY(item.end());
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<std::vector<std::string>> read_recipients(Fields fields) {
  TRY_LET(auto recipients, fields.texts("recipients", 16, 128));
  for (const auto& text : recipients)
    if (const auto read = formats::AgeRecipient::from_text(text); !read)
      return fields.refuse("recipients", "must be keys like \"age1…\"");
  TRY(fields.end());
  return recipients;
}

Result<Settings> read_fields(Fields fields) {
  Settings settings;
  TRY_LET(settings.state, fields.state("state"));
  TRY_LET(settings.authority, line(fields, "authority", k_name_bytes_max));
  TRY_LET(settings.authority_code, fields.text("authority_code"));
  if (!is_code(settings.authority_code))
    return fields.refuse("authority_code", "must be 1 to 64 of a-z, 0-9 and hyphen");
  TRY_LET(settings.exercise, fields.boolean("exercise"));
  TRY_LET(settings.listen, fields.parsed<Endpoint>("listen", read_endpoint));
  TRY_LET(settings.console, fields.optional_parsed<Endpoint>("console", read_endpoint));
  if (settings.console && !is_loopback(*settings.console))
    return fields.refuse("console", "must be on the loopback: 127.0.0.1, [::1] or localhost");
  TRY_LET(settings.languages, fields.texts("languages", directory::k_languages_max, 35));
  if (settings.languages.empty()) return fields.refuse("languages", "must name one at least");
  for (const auto& language : settings.languages)
    if (!is_language(language)) return fields.refuse("languages", "must be codes like \"fr\"");
  TRY_LET(settings.second_contacts, read_contacts(fields));
  TRY_LET(settings.log_origin_prefix, fields.text("log_origin_prefix", k_origin_prefix_bytes_max));
  if (!formats::is_note_name(settings.log_origin_prefix) ||
      !settings.log_origin_prefix.ends_with('/'))
    return fields.refuse("log_origin_prefix", "must have no space or '+', and end in '/'");
  TRY_LET(settings.data_directory, line(fields, "data_directory", k_path_bytes_max));
  TRY_LET(settings.profile, fields.text("profile"));
  if (!is_code(settings.profile))
    return fields.refuse("profile", "must be 1 to 64 of a-z, 0-9 and hyphen");
  TRY_LET(auto limits, fields.optional_object("limits"));
  if (limits) {
    TRY_LET(settings.limits, read_limits(*limits));
  }
  TRY_LET(settings.lines, read_lines(fields));
  TRY_LET(auto backup, fields.optional_object("backup"));
  if (backup) {
    TRY_LET(settings.backup_recipients, read_recipients(*backup));
  }
  TRY(fields.end());
  return settings;
}

/// A basic string of TOML 1.0.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

Result<Endpoint> read_endpoint(std::string_view text) {
  const auto refuse = [] {
    return fault(FaultCode::format_field, "must be a host and a port, like \"127.0.0.1:8443\"");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse();
  const auto port = formats::decimal(text.substr(colon + 1), FaultCode::format_field);
  if (!port || *port == 0 || *port > 65'535) return refuse();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto is_host_character = [&](char c) {
    return is_lower_or_digit(c) || c == '.' || c == '-' || (bracketed && c == ':');
  };
  if (host.empty() || host.size() > 253 || !all_of(host, is_host_character)) return refuse();
  return Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string to_text(const Endpoint& endpoint) {
  const bool bracketed = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", bracketed ? "[" : "", endpoint.host, bracketed ? "]" : "",
                     endpoint.port);
}

Result<Settings> read_settings(View toml, const std::string& file) {
  if (toml.size() > k_settings_bytes_max) return fault(FaultCode::limit_size, file);
  TRY_LET(const formats::TomlDocument document, formats::parse_toml(toml, file));
  return document.located(read_fields(document.fields()));
}

Result<std::string> write_settings(const Settings& settings) {
  std::string languages;
  for (const auto& language : settings.languages)
    languages += (languages.empty() ? "" : ", ") + quoted(language);
  std::string text = fmt::format(
      "# The settings of a node of Comity. No secret stands here. The node reads it when it "
      "starts.\n"
      "\n"
      "state = {}           # ISO 3166-1 alpha-3\n"
      "authority = {}\n"
      "authority_code = {}  # acts name it; it stands in the directory entry\n"
      "exercise = {}        # an exercise and the real thing never mix\n"
      "\n"
      "# Where other States reach this node.\n"
      "listen = {}\n",
      quoted(settings.state.text()), quoted(settings.authority), quoted(settings.authority_code),
      settings.exercise, quoted(to_text(settings.listen)));
  if (settings.console)
    text += fmt::format("# The console's door, on this machine only.\nconsole = {}\n",
                        quoted(to_text(*settings.console)));
  text += fmt::format(
      "\n"
      "# Languages in which requests are accepted, preferred first.\n"
      "languages = [{}]\n"
      "\n"
      "# An origin of a custody log is this prefix and the log's name. It never changes.\n"
      "log_origin_prefix = {}\n"
      "\n"
      "# Instruments, profiles and status registers. A relative path begins at this directory.\n"
      "data_directory = {}\n"
      "\n"
      "# This State's own law on cooperation: profiles/PROFILE.toml among them. Never guessed.\n"
      "profile = {}\n",
      languages, quoted(settings.log_origin_prefix), quoted(settings.data_directory),
      quoted(settings.profile));
  text += fmt::format(
      "\n"
      "[limits]\n"
      "item_bytes_max = {}   # of one sealed item\n"
      "transfers_max = {}    # items moved at once\n"
      "connections_max = {}  # at each door\n"
      "scrub_bytes_s = {}    # of evidence at rest, read again to see that it is whole\n",
      settings.limits.item_bytes_max, settings.limits.transfers_max,
      settings.limits.connections_max, settings.limits.scrub_bytes_s);
  std::string recipients;
  for (const auto& recipient : settings.backup_recipients)
    recipients += (recipients.empty() ? "" : ", ") + quoted(recipient);
  if (!recipients.empty())
    text += fmt::format(
        "\n[backup]\nrecipients = [{}]  # age keys whose other halves lie away from this machine\n",
        recipients);
  for (const auto& line : settings.lines) {
    text += fmt::format(
        "\n# What evidence may take of the line to one partner, each way.\n"
        "[[lines]]\npartner = {}\n",
        quoted(line.partner.text()));
    if (line.rules.bytes_per_s_max)
      text += fmt::format("bytes_per_s_max = {}\n", *line.rules.bytes_per_s_max);
    if (line.rules.hours)
      text += fmt::format("hours = {}  # UTC; acts and what goes first pass at any hour\n",
                          quoted(node::to_text(*line.rules.hours)));
  }
  for (const auto& contact : settings.second_contacts)
    text += fmt::format(
        "\n# Whom other States call to make sure that an act is genuine.\n"
        "[[second_contacts]]\ntitle = {}\nphone = {}\nhow = {}\n",
        quoted(contact.title), quoted(contact.phone), quoted(contact.how));
  // What can not be read back is refused now, while the caller can still be told.
  TRY_LET(const Settings read, read_settings(as_bytes(text), "comity.toml"));
  if (read != settings)
    return fault(FaultCode::format_field, "a setting can not be written as it is");
  return text;
}

}  // namespace comity::store
