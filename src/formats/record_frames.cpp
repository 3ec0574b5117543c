#include "formats/record_frames.hpp"

#include <algorithm>

namespace comity::formats {
namespace {

constexpr std::size_t k_length = 4;

std::unexpected<Fault> too_long() {
  return fault(FaultCode::limit_size,
               "a record of more than " + std::to_string(k_record_bytes_max) + " bytes");
}

}  // namespace

Result<void> RecordFrames::push(View bytes, const Take& take) {
  const bool is_joined = !held_.empty();
  if (is_joined) append(held_, bytes);
  View left = is_joined ? View(held_) : bytes;
  while (!left.empty()) {
    TRY_LET(const std::size_t taken,
            framing_ == Framing::lines ? take_line(left, take) : take_frame(left, take));
    if (taken == 0) break;
    left = left.subspan(taken);
  }
  if (is_joined)
    held_.erase(held_.begin(), held_.end() - static_cast<std::ptrdiff_t>(left.size()));
  else
    held_.assign(left.begin(), left.end());
  return {};
}

Result<void> RecordFrames::finish(const Take& take) {
  if (held_.empty()) return {};
  if (framing_ == Framing::lengths)
    return fault(FaultCode::format_records, "the stream ends inside a record");
  const auto last = std::exchange(held_, {});
  return take(last);
}

Result<std::size_t> RecordFrames::take_line(View bytes, const Take& take) const {
  const auto window = bytes.first(std::min(bytes.size(), k_record_bytes_max + 1));
  const auto end = std::ranges::find(window, std::uint8_t{'\n'});
  if (end == window.end()) {
    if (window.size() > k_record_bytes_max) return too_long();
    return std::size_t{0};
  }
  const auto line = window.first(static_cast<std::size_t>(end - window.begin()));
  const bool is_empty = std::ranges::all_of(line, [](auto c) { return c == ' ' || c == '\r'; });
  if (!is_empty) TRY(take(line));
  return line.size() + 1;
}

Result<std::size_t> RecordFrames::take_frame(View bytes, const Take& take) const {
  if (bytes.size() < k_length) return std::size_t{0};
  std::size_t size = 0;
  for (std::size_t i = 0; i < k_length; ++i) size = size << 8 | bytes[i];
  if (size > k_record_bytes_max) return too_long();
  if (size == 0) return fault(FaultCode::format_records, "a record of no bytes");
  if (bytes.size() - k_length < size) return std::size_t{0};
  TRY(take(bytes.subspan(k_length, size)));
  return k_length + size;
}

}  // namespace comity::formats
