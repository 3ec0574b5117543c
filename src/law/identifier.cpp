// What can be told of an identifier from its form alone.
#include <algorithm>
#include <charconv>
#include <vector>

#include "law/practice.hpp"

namespace comity::law {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const auto end = text.find(at, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::optional<unsigned> number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || rest != text.data() + text.size() || value > max)
    return std::nullopt;
  return value;
}

bool is_domain(std::string_view text) {
  const auto labels = split(text, '.');
  return labels.size() >= 2 && std::ranges::all_of(labels, [](std::string_view label) {
           return !label.empty() && label.size() <= 63 && label.front() != '-' &&
                  label.back() != '-' && std::ranges::all_of(label, [](char c) {
                    return is_digit(c) || c == '-' || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
                  });
         });
}

std::optional<std::string> ip4_flaw(std::string_view text) {
  const auto port = text.find(':');
  if (port != std::string_view::npos && !number(text.substr(port + 1), 65'535))
    return "has no port after ':'";
  const auto bytes = split(text.substr(0, port), '.');
  std::vector<unsigned> values;
  for (const auto byte : bytes)
    if (const auto value = number(byte, 255)) values.push_back(*value);
  if (bytes.size() != 4 || values.size() != 4) return "is no IP address";
  const auto [a, b] = std::pair{values[0], values[1]};
  const bool is_private = a == 10 || a == 127 || (a == 172 && b >= 16 && b <= 31) ||
                          (a == 192 && b == 168) || (a == 169 && b == 254) ||
                          (a == 100 && b >= 64 && b <= 127);
  if (is_private) return "is an address inside a network; no provider can tell whose it was";
  return std::nullopt;
}

std::optional<std::string> ip6_flaw(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return "is no IP address";
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && (rest[0] != ':' || !number(rest.substr(1), 65'535)))
      return "has no port after ':'";
    text = text.substr(1, end - 1);
  }
  const bool is_short = text.find("::") != std::string_view::npos;
  const auto groups = split(text, ':');
  const bool fits = is_short ? groups.size() >= 3 && groups.size() <= 8 : groups.size() == 8;
  const bool is_hex = std::ranges::all_of(groups, [&](std::string_view group) {
    return (is_short || !group.empty()) && group.size() <= 4 &&
           std::ranges::all_of(group, [](char c) {
             return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           });
  });
  if (!fits || !is_hex) return "is no IP address";
  return std::nullopt;
}

std::optional<std::string> email_flaw(std::string_view text) {
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || text.find('@', at + 1) != std::string_view::npos ||
      text.find(' ') != std::string_view::npos || !is_domain(text.substr(at + 1)))
    return "is no e-mail address: name@domain.example";
  return std::nullopt;
}

std::optional<std::string> telephone_flaw(std::string_view text) {
  const auto digits = std::ranges::count_if(text, is_digit);
  const bool is_plain = std::ranges::all_of(text.substr(1), [](char c) {
    return is_digit(c) || c == ' ' || c == '-' || c == '(' || c == ')';
  });
  if (!text.starts_with('+') || !is_plain || digits < 7 || digits > 15)
    return "is no telephone number in international form: +996 312 000000";
  return std::nullopt;
}

std::optional<std::string> url_flaw(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == 0 || scheme == std::string_view::npos || text.find(' ') != std::string_view::npos)
    return "is no address on the web: https://host.example/page";
  const auto host = text.substr(scheme + 3);
  const auto end = host.find_first_of("/:?#");
  if (!is_domain(host.substr(0, end))) return "names no host: https://host.example/page";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> identifier_flaw(std::string_view kind, std::string_view identifier) {
  if (identifier.empty()) return "is empty";
  if (kind == "ip-address") {
    const auto colons = std::ranges::count(identifier, ':');
    return colons > 1 || identifier.starts_with('[') ? ip6_flaw(identifier) : ip4_flaw(identifier);
  }
  if (kind == "email") return email_flaw(identifier);
  if (kind == "telephone") return telephone_flaw(identifier);
  if (kind == "url") return url_flaw(identifier);
  if (kind == "domain" && !is_domain(identifier))
    return "is no domain name: host.example, without 'https://'";
  if (kind == "account" && identifier.find(' ') != std::string_view::npos)
    return "has a blank in it: write the account as the service shows it";
  return std::nullopt;
}

}  // namespace comity::law
