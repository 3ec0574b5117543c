#include "crypto/host.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace comity::crypto {
namespace {

constexpr std::uint8_t k_dns_name = der::context(2), k_ip_address = der::context(7);
constexpr std::size_t k_dns_characters_max = 253, k_label_characters_max = 63;  // RFC 1035 §2.3.4

bool is_dns_name(std::string_view name) {
  if (name.size() > k_dns_characters_max) return false;
  bool has_letter = false;  // else 999.1.1.1, which is no address, would be a name
  for (;;) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    if (label.empty() || label.size() > k_label_characters_max || label.front() == '-' ||
        label.back() == '-')
      return false;
    for (const char c : label) {
      const bool letter = c >= 'a' && c <= 'z';
      if (!letter && !(c >= '0' && c <= '9') && c != '-') return false;
      has_letter |= letter;
    }
    if (dot == name.npos) return has_letter;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

std::optional<Bytes> encode_host(const std::string& host) {
  std::uint8_t address[16];
  if (::inet_pton(AF_INET, host.c_str(), address) == 1)
    return der::wrap(k_ip_address, {View(address, 4)});
  if (::inet_pton(AF_INET6, host.c_str(), address) == 1)
    return der::wrap(k_ip_address, {View(address, 16)});
  if (is_dns_name(host)) return der::wrap(k_dns_name, {as_bytes(host)});
  return std::nullopt;
}

std::optional<std::string> decode_host(const der::Element& name) {
  if (name.tag == k_dns_name && is_dns_name(as_text(name.content)))
    return std::string(as_text(name.content));
  const int family = name.content.size() == 4 ? AF_INET : AF_INET6;
  if (name.tag != k_ip_address || (family == AF_INET6 && name.content.size() != 16))
    return std::nullopt;
  char text[INET6_ADDRSTRLEN];
  if (::inet_ntop(family, name.content.data(), text, sizeof text) == nullptr) return std::nullopt;
  return text;
}

}  // namespace comity::crypto
