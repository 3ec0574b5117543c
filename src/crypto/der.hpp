// DER (X.690 §10, §11) as far as certificates and signatures need it: a reader that accepts the one
// encoding of a value and refuses every other (BER's indefinite and padded lengths, padded
// integers, bytes left over), and a writer. It never recurses: the reading code names each level.
#pragma once

#include <initializer_list>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace comity::crypto::der {

inline constexpr std::uint8_t k_boolean = 0x01, k_integer = 0x02, k_bit_string = 0x03,
                              k_octet_string = 0x04, k_null = 0x05, k_oid = 0x06,
                              k_utf8_string = 0x0c, k_printable_string = 0x13, k_utc_time = 0x17,
                              k_generalized_time = 0x18, k_sequence = 0x30, k_set = 0x31;
/// A context-specific tag: [n] of a primitive, or of a constructed element.
constexpr std::uint8_t context(int n) {
  return static_cast<std::uint8_t>(0x80 | n);
}
constexpr std::uint8_t constructed(int n) {
  return static_cast<std::uint8_t>(0xa0 | n);
}

struct Element {
  std::uint8_t tag = 0;
  View content;
  View whole;  // with tag and length
};

/// Walks the elements of one level. Borrows the bytes. All its faults bear the code given, and
/// `why` as their detail.
class Reader {
 public:
  Reader(View bytes, FaultCode code) : rest_(bytes), code_(code) {}

  bool done() const { return rest_.empty(); }
  View rest() const { return rest_; }
  bool at(std::uint8_t tag) const { return !rest_.empty() && rest_[0] == tag; }

  Result<Element> take();
  Result<Element> take(std::uint8_t tag, const char* why = k_other);
  /// Takes a constructed element and reads inside it.
  Result<Reader> enter(std::uint8_t tag, const char* why = k_other);
  /// Takes an element that must be these bytes, tag and length included.
  Result<void> take_exactly(View encoded, const char* why);
  /// Whether the next element is these bytes; takes it if so.
  bool take_if(View encoded);
  /// An INTEGER that is not negative, as its magnitude without leading zeroes (zero: one zero
  /// byte).
  Result<View> take_unsigned();
  /// A BIT STRING of whole bytes.
  Result<View> take_bits();
  /// UTCTime for 1950 to 2049, GeneralizedTime outside (RFC 5280 §4.1.2.5), in seconds and Zulu.
  Result<Instant> take_time();
  /// Nothing may follow.
  Result<void> end(const char* why = k_more) const;

  std::unexpected<Fault> refuse(const char* why) const { return fault(code_, why); }

 private:
  static constexpr auto k_other = "another element stands where one was expected";
  static constexpr auto k_more = "something follows where nothing may";

  View rest_;
  FaultCode code_;
};

/// An element around the concatenation of `parts`.
Bytes wrap(std::uint8_t tag, std::initializer_list<View> parts);
/// A non-negative INTEGER from its big-endian magnitude.
Bytes unsigned_integer(View magnitude);
/// A BIT STRING of whole bytes.
Bytes bits(View bytes);
/// As Reader::take_time reads it. `at` is cut to its second and lies in the years 1970 to 9999.
Bytes time(Instant at);

}  // namespace comity::crypto::der
