#include "formats/age_header.hpp"

#include <algorithm>
#include <optional>

#include "base/check.hpp"

namespace comity::formats {
namespace {

constexpr std::string_view k_version_line = "age-encryption.org/v1\n";
constexpr std::string_view k_stanza_mark = "->";
constexpr std::string_view k_mac_mark = "---";
constexpr std::size_t k_columns = 64;  // of a stanza body, age.md "Recipient stanza"

std::unexpected<Fault> refuse(const char* why) {
  return fault(FaultCode::format_age, why);
}

bool visible(char c) {
  return c >= 33 && c <= 126;
}

/// Takes lines off the front of the file, never past the limit.
class Lines {
 public:
  explicit Lines(std::string_view text)
      : whole_(text.size()), text_(text.substr(0, k_age_header_max)) {}

  /// The next line without its LF. age.md has no CRLF: a CR is a character like any other, and
  /// no place in the header allows it.
  Result<std::string_view> next() {
    const auto rest = text_.substr(at_);
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) {
      if (whole_ > k_age_header_max) return fault(FaultCode::limit_size, "age header");
      return refuse("the header ends too early");
    }
    at_ += end + 1;
    return rest.substr(0, end);
  }
  std::size_t taken() const { return at_; }

 private:
  std::size_t whole_;
  std::string_view text_;
  std::size_t at_ = 0;
};

Result<std::vector<std::string>> arguments_of(std::string_view line) {
  std::vector<std::string> arguments;
  while (!line.empty()) {
    if (line.front() != ' ') return refuse("a stanza's arguments are set apart by one space");
    line.remove_prefix(1);
    const auto argument = line.substr(0, line.find(' '));
    if (argument.empty()) return refuse("a stanza has an empty argument");
    if (!std::ranges::all_of(argument, visible))
      return refuse("a stanza's argument holds a character that is not visible ASCII");
    if (arguments.size() == k_age_arguments_max)
      return fault(FaultCode::limit_count, "arguments of an age stanza");
    arguments.emplace_back(argument);
    line.remove_prefix(argument.size());
  }
  if (arguments.empty()) return refuse("a stanza has no type");
  return arguments;
}

/// The body goes on until a line shorter than 64 columns, which is empty if need be.
Result<Bytes> body_of(Lines& lines) {
  Bytes body;
  for (;;) {
    TRY_LET(const std::string_view line, lines.next());
    if (line.size() > k_columns) return refuse("a stanza's body has a line of over 64 columns");
    const auto part = from_base64_unpadded(line);
    if (!part) return refuse("a stanza's body is not canonical unpadded base64");
    append(body, *part);
    if (line.size() < k_columns) return body;
  }
}

Result<AgeStanza> stanza_of(std::string_view first_line, Lines& lines) {
  AgeStanza stanza;
  TRY_LET(stanza.arguments, arguments_of(first_line.substr(k_stanza_mark.size())));
  TRY_LET(stanza.body, body_of(lines));
  return stanza;
}

Result<std::array<std::uint8_t, k_age_mac_size>> mac_of(std::string_view line) {
  line.remove_prefix(k_mac_mark.size());
  if (!line.starts_with(' ')) return refuse("the header's last line is not '--- ' and a MAC");
  const auto raw = from_base64_unpadded(line.substr(1));
  if (!raw || raw->size() != k_age_mac_size) return refuse("the header MAC is not 32 bytes");
  std::array<std::uint8_t, k_age_mac_size> mac{};
  std::ranges::copy(*raw, mac.begin());
  return mac;
}

}  // namespace

Result<ReadAgeHeader> read_age_header(View file) {
  const auto text = as_text(file);
  if (!text.starts_with(k_version_line)) return refuse("this is not an age v1 file");
  Lines lines(text);
  TRY(lines.next());
  ReadAgeHeader read;
  auto& stanzas = read.header.stanzas;
  for (;;) {
    TRY_LET(const std::string_view line, lines.next());
    if (line.starts_with(k_mac_mark)) {
      if (stanzas.empty()) return refuse("the header has no recipient");
      TRY_LET(read.header.mac, mac_of(line));
      break;
    }
    if (!line.starts_with(k_stanza_mark)) return refuse("a stanza does not start with '->'");
    if (stanzas.size() == k_age_stanzas_max)
      return fault(FaultCode::limit_count, "recipients of an age file");
    TRY_LET(AgeStanza stanza, stanza_of(line, lines));
    stanzas.push_back(std::move(stanza));
  }
  // age.md "scrypt recipient": whoever knows the passphrase of one could pass for any sender, so
  // it stands alone.
  const auto is_scrypt = [](const AgeStanza& s) { return s.arguments.front() == "scrypt"; };
  if (stanzas.size() > 1 && std::ranges::any_of(stanzas, is_scrypt))
    return refuse("a scrypt stanza does not stand alone");
  read.size = lines.taken();
  return read;
}

Bytes age_header_to_authenticate(const std::vector<AgeStanza>& stanzas) {
  std::string text(k_version_line);
  for (const auto& stanza : stanzas) {
    text += k_stanza_mark;
    for (const auto& argument : stanza.arguments) text += ' ' + argument;
    text += '\n';
    const auto body = base64_unpadded(stanza.body);
    for (std::size_t at = 0; at <= body.size(); at += k_columns) {
      text += std::string_view(body).substr(at, k_columns);
      text += '\n';
    }
  }
  text += k_mac_mark;
  return to_bytes(text);
}

Bytes write_age_header(const AgeHeader& header) {
  Bytes bytes = age_header_to_authenticate(header.stanzas);
  append(bytes, as_bytes(" " + base64_unpadded(header.mac) + "\n"));
  CHECK(read_age_header(bytes).has_value());
  return bytes;
}

}  // namespace comity::formats
