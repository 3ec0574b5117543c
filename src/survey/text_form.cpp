// Whether bytes are text, and of what shape: a mailbox, one message, a log, or lines alone.
#include <algorithm>
#include <array>

#include "formats/text.hpp"
#include "survey/forms.hpp"

namespace comity::survey {
namespace {

constexpr std::size_t k_looked_at = std::size_t{32} << 10;
constexpr std::size_t k_lines_looked_at = 40;
constexpr std::size_t k_stamp_within = 64;  // bytes of a line in which its time stands

constexpr auto k_mail_fields =
    std::to_array<std::string_view>({"from", "to", "date", "received", "message-id", "return-path",
                                     "mime-version", "subject", "delivered-to", "dkim-signature"});

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// No byte that stands in no text of any common encoding.
bool is_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\x1b') ||
           byte == 0x7f;
  });
}

/// Takes one line off the front, without its end.
std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string field_name(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  std::string name(line.substr(0, colon));
  for (auto& c : name) {
    if (c <= ' ' || c >= 0x7f) return {};
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

/// How many of the fields that mail has stand in a header at the front; 0 when it is none.
std::size_t mail_fields(std::string_view text) {
  std::size_t known = 0, lines = 0;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (line.empty()) break;
    const bool is_folded = lines != 0 && (line[0] == ' ' || line[0] == '\t');
    const auto name = field_name(line);
    // The last line of a beginning may be cut anywhere.
    if (!is_folded && name.empty() && !text.empty()) return 0;
    if (std::ranges::find(k_mail_fields, name) != k_mail_fields.end()) ++known;
    ++lines;
  }
  return known;
}

/// "2026-01-31", "31/Jan/2026", "Jan 31 12:", "12:34:56": what a log's line has near its front.
bool has_stamp(std::string_view line) {
  line = line.substr(0, k_stamp_within);
  for (std::size_t i = 0; i + 8 <= line.size(); ++i) {
    const auto matches = [&](std::string_view shape) {
      if (i + shape.size() > line.size()) return false;
      for (std::size_t j = 0; j < shape.size(); ++j)
        if (shape[j] == '0' ? !is_digit(line[i + j]) : line[i + j] != shape[j]) return false;
      return true;
    };
    if (matches("0000-00-00") || matches("00:00:00") || matches("0000/00/00")) return true;
  }
  return false;
}

bool is_log(std::string_view text) {
  std::size_t lines = 0, stamped = 0;
  while (!text.empty() && lines < k_lines_looked_at) {
    const auto line = take_line(text);
    if (line.empty()) continue;
    ++lines;
    if (has_stamp(line)) ++stamped;
  }
  return lines >= 2 && stamped * 10 >= lines * 8;
}

}  // namespace

std::string_view text_form_of(View head) {
  const auto looked_at = head.first(std::min(head.size(), k_looked_at));
  if (has_at(looked_at, 0, "\xff\xfe") || has_at(looked_at, 0, "\xfe\xff")) return "text";
  std::string_view text = as_text(looked_at);
  if (!is_text(text)) return {};
  if (text.starts_with("From ")) {
    auto rest = text;
    take_line(rest);
    if (mail_fields(rest) >= 1) return "mbox";
  }
  if (mail_fields(text) >= 2) return "eml";
  return is_log(text) ? "log" : "text";
}

}  // namespace comity::survey
