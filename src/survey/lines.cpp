// Text as lines: how many, in which encoding, and of a log whose lines begin with a time, from when
// to when. No line is kept.
#include <algorithm>
#include <cstring>
#include <string>

#include "survey/forms.hpp"

namespace comity::survey {
namespace {

constexpr std::size_t k_stamp_bytes = 24;  // the front of a line: "2026-01-31T23:59:59.123Z"

struct Count {
  std::uint64_t lines = 0;
  bool has_high = false, has_control = false, is_utf8 = true;
  std::size_t wanted = 0;  // continuation bytes of a character still to come
  bool is_at_start = true;
  std::string front;  // of the line
  std::optional<Instant> first, last;
};

void end_line(Count& count) {
  ++count.lines;
  count.is_at_start = true;
  auto& front = count.front;
  const bool may_be_time = front.size() > 10 && front[4] == '-' && front[10] == 'T';
  const auto end = may_be_time ? front.find('Z') : std::string::npos;
  if (end != std::string::npos)
    if (const auto at = instant_from_text(std::string_view(front).substr(0, end + 1))) {
      count.first = count.first ? std::min(*count.first, *at) : *at;
      count.last = count.last ? std::max(*count.last, *at) : *at;
    }
  front.clear();
}

/// UTF-8's shape: enough to tell it from the 8-bit encodings.
void follow(Count& count, std::uint8_t byte) {
  if (count.wanted != 0) {
    count.is_utf8 = count.is_utf8 && (byte & 0xc0) == 0x80;
    --count.wanted;
  } else if (byte >= 0x80) {
    count.has_high = true;
    count.wanted = (byte & 0xe0) == 0xc0   ? 1
                   : (byte & 0xf0) == 0xe0 ? 2
                   : (byte & 0xf8) == 0xf0 ? 3
                                           : 0;
    count.is_utf8 = count.is_utf8 && count.wanted != 0;
  }
}

/// A run of bytes without a line's end in it. Text is mostly ASCII: whether it is, is found for
/// many bytes at once.
void take_run(Count& count, View run) {
  if (run.empty()) return;
  count.is_at_start = false;
  std::uint8_t any = 0;
  for (const auto byte : run) any |= byte;
  if (any >= 0x80 || count.wanted != 0)
    for (const auto byte : run)
      if (count.wanted != 0 || byte >= 0x80) follow(count, byte);
  if (std::memchr(run.data(), 0, run.size()) != nullptr) count.has_control = true;
  const auto more = std::min(run.size(), k_stamp_bytes - count.front.size());
  count.front += as_text(run.first(more));
}

void take(Count& count, View bytes) {
  while (!bytes.empty()) {
    const auto* end =
        static_cast<const std::uint8_t*>(std::memchr(bytes.data(), '\n', bytes.size()));
    const auto size = end == nullptr ? bytes.size() : static_cast<std::size_t>(end - bytes.data());
    take_run(count, bytes.first(size));
    if (end == nullptr) return;
    if (count.wanted != 0) follow(count, '\n');
    end_line(count);
    bytes = bytes.subspan(size + 1);
  }
}

std::string_view encoding_of(const Count& count, View head) {
  if (has_at(head, 0, "\xff\xfe")) return "utf-16le";
  if (has_at(head, 0, "\xfe\xff")) return "utf-16be";
  if (!count.has_high) return "ascii";
  return count.is_utf8 && count.wanted == 0 ? "utf-8" : "8-bit";
}

}  // namespace

void read_lines(Reel& reel, Survey& into) {
  Count count;
  for (auto bytes = reel.next(); !bytes.empty(); bytes = reel.next()) take(count, bytes);
  const auto encoding = encoding_of(count, reel.head());
  if (!count.is_at_start) {
    end_line(count);
    if (!encoding.starts_with("utf-16")) into.add_flaw("no-last-line-end");
  }
  into.whole = reel.has_ended();
  add_number(into, "lines", count.lines);
  into.facts.emplace("encoding", std::string(encoding));
  if (count.has_control && !encoding.starts_with("utf-16")) into.add_flaw("binary-within");
  if (!count.first) return;
  into.facts.emplace("first_at", to_text_ms(*count.first));
  into.facts.emplace("last_at", to_text_ms(*count.last));
}

}  // namespace comity::survey
