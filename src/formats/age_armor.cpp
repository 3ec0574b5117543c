#include "formats/age_armor.hpp"

namespace comity::formats {
namespace {

constexpr std::string_view k_begin = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view k_end = "-----END AGE ENCRYPTED FILE-----";
constexpr std::string_view k_whitespace = " \t\r\n";
constexpr std::size_t k_columns = 64;

std::unexpected<Fault> refuse(const char* why) {
  return fault(FaultCode::format_age, why);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(k_whitespace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_whitespace) - first + 1);
}

/// Takes the next line off `rest`, without its LF or CRLF.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

bool looks_like_age_armor(View bytes) {
  return trimmed(as_text(bytes)).starts_with(k_begin);
}

Result<Bytes> read_age_armor(std::string_view text) {
  if (text.size() > k_age_armor_max) return fault(FaultCode::limit_size, "armored age file");
  auto rest = trimmed(text);
  if (take_line(rest) != k_begin) return refuse("the armor has no first line of its kind");
  Bytes file;
  // Every line is full but the last, which is not empty and alone may be padded.
  for (bool last = false;;) {
    const auto line = take_line(rest);
    if (line == k_end) {
      if (!rest.empty()) return refuse("something follows the armor's last line");
      return file;
    }
    if (last) return refuse("a line of the armor is short, and not the last");
    if (line.empty()) return refuse("the armor has an empty line, or no last line");
    if (line.size() > k_columns) return refuse("a line of the armor is over 64 columns");
    last = line.size() < k_columns || line.ends_with('=');
    const auto part = last ? from_base64(line) : from_base64_unpadded(line);
    if (!part) return refuse("the armor is not canonical padded base64");
    append(file, *part);
  }
}

}  // namespace comity::formats
