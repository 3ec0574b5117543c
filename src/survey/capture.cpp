// Captured packets: how many, of what link, from when to when. No packet is looked into.
#include <algorithm>
#include <array>
#include <limits>

#include "formats/pcap.hpp"
#include "survey/forms.hpp"

namespace comity::survey {
namespace {

/// The last second that RFC 3339 can write.
constexpr std::int64_t k_last_us = 253'402'300'799'999'999;

struct Link {
  std::uint32_t type;
  std::string_view name;
};

constexpr auto k_links = std::to_array<Link>({
    {0, "bsd-loopback"},
    {1, "ethernet"},
    {9, "ppp"},
    {101, "raw-ip"},
    {105, "wlan"},
    {113, "linux-cooked"},
    {127, "wlan-radiotap"},
    {187, "bluetooth-h4"},
    {189, "usb"},
    {228, "raw-ipv4"},
    {229, "raw-ipv6"},
    {276, "linux-cooked-2"},
});

std::string link_name(std::uint32_t type) {
  const auto known = std::ranges::find(k_links, type, &Link::type);
  return "link-" + (known != k_links.end() ? std::string(known->name) : std::to_string(type));
}

struct Count {
  std::uint64_t packets = 0, bytes = 0, cut = 0;
  std::int64_t first_us = std::numeric_limits<std::int64_t>::max(), last_us = -1;
};

}  // namespace

void read_capture(Reel& reel, Survey& into) {
  Count count;
  formats::PacketReader reader;
  const auto take = [&](const formats::Packet& packet) -> Result<void> {
    ++count.packets;
    count.bytes += packet.bytes.size();
    if (packet.bytes.size() < packet.length) ++count.cut;
    count_one(into, link_name(packet.link_type));
    if (packet.time_us < 0 || packet.time_us > k_last_us) {
      into.add_flaw("absurd-time");
      return {};
    }
    count.first_us = std::min(count.first_us, packet.time_us);
    count.last_us = std::max(count.last_us, packet.time_us);
    return {};
  };
  bool is_sound = true;
  for (auto bytes = reel.next(); is_sound && !bytes.empty(); bytes = reel.next())
    is_sound = reader.push(bytes, take).has_value();
  into.whole = is_sound && reel.has_ended();
  if (!is_sound)
    into.add_flaw("unreadable-on");
  else if (!reader.finish())
    into.add_flaw("truncated");
  add_number(into, "packets", count.packets);
  add_number(into, "packet_bytes", count.bytes);
  if (count.cut != 0) add_number(into, "packets_cut", count.cut);
  if (reader.dropped() != 0) add_number(into, "packets_lost", reader.dropped());
  if (count.last_us < 0) return;
  into.facts.emplace("first_at", to_text_ms({count.first_us / 1000}));
  into.facts.emplace("last_at", to_text_ms({count.last_us / 1000}));
}

}  // namespace comity::survey
