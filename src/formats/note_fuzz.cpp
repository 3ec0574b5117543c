// Any bytes as a signed note: refused, or split so that its pieces make it again.
#include <cstdlib>

#include "formats/note.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  const View bytes{data, size};
  static const auto verifier =
      *formats::parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  if (formats::open_note(bytes, {&verifier, 1})) std::abort();  // no one holds that key
  (void)formats::parse_vkey(as_text(bytes));
  const auto note = formats::parse_note(bytes);
  if (!note) return 0;
  auto again = note->text + '\n';
  for (const auto& line : note->others) {
    Bytes raw;
    for (int shift = 24; shift >= 0; shift -= 8)
      raw.push_back(static_cast<std::uint8_t>(line.key_id >> shift));
    append(raw, line.signature);
    again += "\xe2\x80\x94 " + line.name + ' ' + base64(raw) + '\n';
  }
  if (again != as_text(bytes)) std::abort();
  return 0;
}
