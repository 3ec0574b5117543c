#include "formats/pcap.hpp"

#include <algorithm>

namespace comity::formats {
namespace {

constexpr std::size_t k_pcap_header = 24, k_pcap_record = 16;
constexpr std::size_t k_block_frame = 12;  // type, length, length again
constexpr std::uint32_t k_section = 0x0A0D0D0A, k_interface = 1, k_packet = 6, k_statistics = 5;
constexpr std::uint32_t k_simple_packet = 3;
constexpr std::uint16_t k_option_resolution = 9, k_option_dropped = 5;
constexpr std::size_t k_word = 4;

std::unexpected<Fault> refuse(const char* why) {
  return fault(FaultCode::format_pcap, why);
}

std::uint32_t big(View bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 |
         std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

std::uint32_t swapped(std::uint32_t word) {
  return word >> 24 | (word >> 8 & 0xff00) | (word << 8 & 0xff0000) | word << 24;
}

bool is_pcap_magic(std::uint32_t magic) {
  return magic == 0xA1B2C3D4 || magic == 0xA1B23C4D || magic == swapped(0xA1B2C3D4) ||
         magic == swapped(0xA1B23C4D);
}

/// Whole microseconds of a count in units of 10^-n s, or with the top bit set 2^-n s. The product
/// may be wider than 64 bits, the quotient is not for any time that counts.
std::int64_t microseconds(std::uint64_t count, std::uint8_t resolution) {
  const unsigned n = resolution & 0x7f;
  unsigned __int128 value = count;
  value *= 1'000'000;
  if ((resolution & 0x80) != 0) {
    value >>= n;
  } else {
    for (unsigned i = 0; i < n; ++i) value /= 10;
  }
  constexpr auto k_most = static_cast<unsigned __int128>(INT64_MAX);
  return static_cast<std::int64_t>(std::min(value, k_most));
}

}  // namespace

bool is_packet_stream(View bytes) {
  if (bytes.size() < k_word) return false;
  const auto magic = big(bytes, 0);
  return magic == k_section || is_pcap_magic(magic);
}

std::uint32_t PacketReader::word(View bytes, std::size_t at) const {
  const auto value = big(bytes, at);
  return is_big_endian_ ? value : swapped(value);
}

std::uint16_t PacketReader::half(View bytes, std::size_t at) const {
  return is_big_endian_ ? static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1])
                        : static_cast<std::uint16_t>(bytes[at + 1] << 8 | bytes[at]);
}

std::uint64_t PacketReader::time(View bytes, std::size_t at) const {
  return std::uint64_t{word(bytes, at)} << 32 | word(bytes, at + k_word);
}

Result<void> PacketReader::push(View bytes, const Take& take) {
  // What came before and was not whole is little; what is whole is read where it lies.
  const bool is_joined = !held_.empty();
  if (is_joined) append(held_, bytes);
  View left = is_joined ? View(held_) : bytes;
  while (!left.empty()) {
    TRY_LET(const std::size_t taken, form_ == Form::unknown ? begin(left)
                                     : form_ == Form::pcap  ? take_record(left, take)
                                                            : take_block(left, take));
    if (taken == 0) break;
    left = left.subspan(taken);
  }
  if (is_joined)
    held_.erase(held_.begin(), held_.end() - static_cast<std::ptrdiff_t>(left.size()));
  else
    held_.assign(left.begin(), left.end());
  return {};
}

Result<void> PacketReader::finish() const {
  if (form_ == Form::unknown && !held_.empty()) return refuse("neither pcap nor pcapng");
  if (!held_.empty()) return refuse("it ends inside a packet");
  return {};
}

Result<std::size_t> PacketReader::begin(View bytes) {
  if (bytes.size() < k_word) return std::size_t{0};
  const auto magic = big(bytes, 0);
  if (magic == k_section) {
    form_ = Form::pcapng;
    return take_block(bytes, {});
  }
  if (!is_pcap_magic(magic)) return refuse("neither pcap nor pcapng");
  if (bytes.size() < k_pcap_header) return std::size_t{0};
  is_big_endian_ = magic == 0xA1B2C3D4 || magic == 0xA1B23C4D;
  is_nanoseconds_ = word(bytes, 0) == 0xA1B23C4D;
  if (half(bytes, 4) != 2) return refuse("not version 2 of pcap");
  link_type_ = word(bytes, 20) & 0x0fffffff;  // above it: whether frames carry a checksum
  form_ = Form::pcap;
  return k_pcap_header;
}

Result<std::size_t> PacketReader::take_record(View bytes, const Take& take) {
  if (bytes.size() < k_pcap_record) return std::size_t{0};
  const std::size_t captured = word(bytes, 8);
  if (captured > k_packet_bytes_max) return fault(FaultCode::limit_size, "a packet");
  if (bytes.size() - k_pcap_record < captured) return std::size_t{0};
  const std::int64_t part = word(bytes, 4);
  TRY(take(
      {.link_type = link_type_,
       .time_us = std::int64_t{word(bytes, 0)} * 1'000'000 + (is_nanoseconds_ ? part / 1000 : part),
       .length = word(bytes, 12),
       .bytes = bytes.subspan(k_pcap_record, captured)}));
  return k_pcap_record + captured;
}

Result<std::size_t> PacketReader::take_block(View bytes, const Take& take) {
  if (bytes.size() < k_block_frame) return std::size_t{0};
  const bool is_section = big(bytes, 0) == k_section;
  if (is_section) TRY(section(bytes));
  const std::size_t size = word(bytes, k_word);
  if (size < k_block_frame || size % k_word != 0) return refuse("an impossible length of a block");
  if (size > k_pcapng_block_bytes_max) return fault(FaultCode::limit_size, "a block of pcapng");
  if (bytes.size() < size) return std::size_t{0};
  if (word(bytes, size - k_word) != size) return refuse("a block's two lengths differ");
  const auto body = bytes.subspan(8, size - k_block_frame);
  const auto type = word(bytes, 0);
  if (is_section) {
    if (body.size() < 16 || half(body, 4) != 1) return refuse("not version 1 of pcapng");
    interfaces_.clear();
  } else if (type == k_interface) {
    TRY(interface(body));
  } else if (type == k_packet) {
    TRY(packet(body, take));
  } else if (type == k_statistics) {
    TRY(statistics(body));
  } else if (type == k_simple_packet) {
    return refuse("a packet without its time");
  }
  return size;
}

/// Which end comes first is told by the section, and may change with each.
Result<void> PacketReader::section(View bytes) {
  const auto magic = big(bytes, 8);
  if (magic != 0x1A2B3C4D && magic != swapped(0x1A2B3C4D))
    return refuse("a section without its magic number");
  is_big_endian_ = magic == 0x1A2B3C4D;
  return {};
}

Result<View> PacketReader::option(View options, std::uint16_t code) const {
  while (options.size() >= k_word) {
    const auto its_code = half(options, 0);
    const std::size_t size = half(options, 2), padded = (size + 3) / k_word * k_word;
    if (its_code == 0) break;
    if (options.size() - k_word < padded) return refuse("an option longer than its block");
    if (its_code == code) return options.subspan(k_word, size);
    options = options.subspan(k_word + padded);
  }
  return View();
}

Result<void> PacketReader::interface(View body) {
  if (body.size() < 8) return refuse("a short interface block");
  if (interfaces_.size() == k_pcapng_interfaces_max)
    return fault(FaultCode::limit_count, "interfaces of a capture");
  Interface one{.link_type = half(body, 0)};
  TRY_LET(const View resolution, option(body.subspan(8), k_option_resolution));
  if (!resolution.empty()) one.resolution = resolution[0];
  interfaces_.push_back(one);
  return {};
}

Result<void> PacketReader::packet(View body, const Take& take) {
  if (body.size() < 20) return refuse("a short packet block");
  const auto number = word(body, 0);
  if (number >= interfaces_.size()) return refuse("a packet of an unknown interface");
  const std::size_t captured = word(body, 12);
  if (captured > k_packet_bytes_max) return fault(FaultCode::limit_size, "a packet");
  if (captured > body.size() - 20) return refuse("a packet longer than its block");
  const auto& from = interfaces_[number];
  return take({.link_type = from.link_type,
               .interface = number,
               .time_us = microseconds(time(body, 4), from.resolution),
               .length = word(body, 16),
               .bytes = body.subspan(20, captured)});
}

Result<void> PacketReader::statistics(View body) {
  if (body.size() < 12) return refuse("a short statistics block");
  const auto number = word(body, 0);
  if (number >= interfaces_.size()) return refuse("statistics of an unknown interface");
  TRY_LET(const View told, option(body.subspan(12), k_option_dropped));
  if (told.size() != 8) return {};
  const auto low = word(told, is_big_endian_ ? 4 : 0), high = word(told, is_big_endian_ ? 0 : 4);
  const auto now = std::uint64_t{high} << 32 | low;
  auto& before = interfaces_[number].dropped;  // it counts from the beginning each time
  if (now > before) dropped_ += now - before;
  before = std::max(before, now);
  return {};
}

}  // namespace comity::formats
