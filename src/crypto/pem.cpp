#include "crypto/pem.hpp"

#include "base/secret.hpp"

namespace comity::crypto {
namespace {

constexpr std::size_t k_line_characters = 64;  // RFC 7468 §2

std::string boundary(std::string_view which, std::string_view label) {
  std::string line = "-----";
  line.append(which).append(" ").append(label).append("-----");
  return line;
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// A block may hold a private key: what was copied on the way is wiped.
void wipe(std::string& text) {
  comity::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

std::string to_pem(std::string_view label, View der) {
  std::string body = base64(der);
  std::string text = boundary("BEGIN", label) + "\n";
  text.reserve(2 * text.size() + body.size() * 2);  // no reallocation leaves a copy behind
  for (std::size_t at = 0; at < body.size(); at += k_line_characters)
    text.append(body, at, k_line_characters).append("\n");
  wipe(body);
  return text.append(boundary("END", label)).append("\n");
}

Result<Bytes> from_pem(std::string_view label, std::string_view text) {
  if (text.size() > k_pem_bytes_max) return fault(FaultCode::limit_size, "PEM text");
  if (take_line(text) != boundary("BEGIN", label))
    return fault(FaultCode::format_pem, "it does not begin with " + boundary("BEGIN", label));
  const std::string last = boundary("END", label);
  std::string body;
  body.reserve(text.size());
  auto line = take_line(text);
  for (; line != last; line = take_line(text)) {
    const bool is_full = line.size() == k_line_characters;
    if (line.empty() || line.size() > k_line_characters || body.size() % k_line_characters != 0 ||
        (!is_full && line.size() % 4 != 0)) {
      wipe(body);
      return fault(FaultCode::format_pem, "a line is of another shape, or the end is missing");
    }
    body.append(line);
  }
  if (!text.empty()) {
    wipe(body);
    return fault(FaultCode::format_pem, "something follows the block");
  }
  auto bytes = from_base64(body);
  wipe(body);
  if (!bytes) return fault(FaultCode::format_pem, "the body is not canonical base64");
  return bytes;
}

}  // namespace comity::crypto
