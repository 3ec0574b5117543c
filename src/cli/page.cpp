#include "cli/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace comity::cli {
namespace {

std::string padded(std::string_view text, std::size_t width) {
  const std::size_t has = columns_of(text);
  return std::string(text) + std::string(width > has ? width - has : 0, ' ');
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string table(const std::vector<std::string>& head,
                  const std::vector<std::vector<std::string>>& rows, std::string_view none) {
  if (rows.empty()) return std::string(none) + '\n';
  std::vector<std::size_t> widths;
  for (const auto& name : head) widths.push_back(columns_of(name));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += i + 1 < cells.size() ? padded(cells[i], widths[i] + 2) : cells[i];
    return trimmed(std::move(text)) + '\n';
  };
  std::string text = line(head);
  for (const auto& row : rows) text += line(row);
  return text;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  const std::string margin(indent, ' ');
  std::string out;
  while (true) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    std::string row;
    while (!line.empty()) {
      const auto space = line.find(' ');
      const std::string_view word = line.substr(0, space);
      line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
      if (!row.empty() && indent + columns_of(row) + 1 + columns_of(word) > width) {
        out += trimmed(margin + row) + '\n';
        row.clear();
      }
      row += (row.empty() ? "" : " ") + std::string(word);
    }
    out += trimmed(margin + row) + '\n';
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string named_lines(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::size_t width = 0;
  for (const auto& [name, words] : lines)
    if (!words.empty()) width = std::max(width, columns_of(name));
  std::string text;
  for (const auto& [name, words] : lines) {
    if (words.empty()) continue;
    const std::string body = wrapped(words, width + 4);
    text += "  " + padded(name, width) + "  " + body.substr(std::min(body.size(), width + 4));
    if (body.size() <= width + 4) text += '\n';
  }
  return text;
}

std::string grouped(const Digest& fingerprint) {
  std::string text;
  for (const auto byte : fingerprint.bytes)
    text += fmt::format("{}{:02X}", text.empty() ? "" : ":", byte);
  return text;
}

Result<Digest> read_fingerprint(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c >= 'A' && c <= 'F')
      digits += static_cast<char>(c - 'A' + 'a');
    else if (c != ':' && c != ' ')
      digits += c;
  if (digits.size() != 2 * Digest{}.bytes.size())
    return fault(FaultCode::format_hex, "a fingerprint has 64 hexadecimal digits");
  return Digest::from_hex(digits);
}

std::string bytes_words(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> k_units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < k_units.size()) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, k_units[unit]);
}

std::string plural(std::uint64_t count, std::string_view one, std::string_view many) {
  if (count == 1) return fmt::format("1 {}", one);
  return many.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, many);
}

std::string banner(bool exercise) {
  return exercise ? "EXERCISE · nothing here is a real request\n" : "";
}

std::string fault_page(const Fault& fault, std::string_view kept) {
  const auto& row = row_of(fault.code);
  return "comity: " + std::string(row.happened) + '\n' +
         named_lines({{"detail", fault.detail},
                      {"kept", std::string(kept)},
                      {"next", std::string(row.next)},
                      {"code", std::string(row.name)}});
}

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void say_aside(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace comity::cli
