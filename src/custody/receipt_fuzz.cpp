// Any bytes as a receipt: never accepted, for nobody here holds the log's key; never a crash.
#include <cstdlib>

#include "custody/log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  static const auto verifier =
      *formats::parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
  const custody::Expected expected{"example.com/foo", custody::EntryKind::act_received,
                                   formats::Json::object()};
  if (custody::check_receipt({data, size}, {&verifier, 1}, expected)) std::abort();
  return 0;
}
