#include "crypto/der.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace comity::crypto::der {
namespace {

constexpr std::size_t k_length_bytes_max = 3;  // 16 MiB: above every size limit of this room

}  // namespace

Result<Element> Reader::take() {
  if (rest_.size() < 2) return refuse("it ends within an element");
  const std::uint8_t tag = rest_[0];
  if ((tag & 0x1f) == 0x1f) return refuse("a tag of several bytes");
  std::size_t header = 2, length = rest_[1];
  if (length >= 0x80) {
    const std::size_t count = length & 0x7f;
    // X.690 §10.1: a definite length in the fewest bytes; 0x80 alone is BER's indefinite form.
    if (count == 0) return refuse("an indefinite length");
    if (count > k_length_bytes_max || rest_.size() < 2 + count)
      return refuse("an impossible length");
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | rest_[2 + i];
    if (length < 0x80 || length >> (8 * (count - 1)) == 0) return refuse("a padded length");
    header += count;
  }
  if (rest_.size() - header < length) return refuse("it ends within an element");
  const Element element{tag, rest_.subspan(header, length), rest_.first(header + length)};
  rest_ = rest_.subspan(header + length);
  return element;
}

Result<Element> Reader::take(std::uint8_t tag, const char* why) {
  if (!at(tag)) return refuse(why);
  return take();
}

Result<Reader> Reader::enter(std::uint8_t tag, const char* why) {
  TRY_LET(const Element element, take(tag, why));
  return Reader(element.content, code_);
}

bool Reader::take_if(View encoded) {
  if (rest_.size() < encoded.size() || !std::equal(encoded.begin(), encoded.end(), rest_.begin()))
    return false;
  rest_ = rest_.subspan(encoded.size());
  return true;
}

Result<void> Reader::take_exactly(View encoded, const char* why) {
  if (!take_if(encoded)) return refuse(why);
  return {};
}

Result<View> Reader::take_unsigned() {
  TRY_LET(const Element element, take(k_integer));
  View value = element.content;
  if (value.empty() || value[0] >= 0x80) return refuse("an integer that is not positive");
  if (value[0] == 0 && value.size() > 1) {
    if (value[1] < 0x80) return refuse("a padded integer");  // X.690 §8.3.2
    value = value.subspan(1);
  }
  return value;
}

Result<View> Reader::take_bits() {
  TRY_LET(const Element element, take(k_bit_string));
  if (element.content.empty() || element.content[0] != 0)
    return refuse("a bit string that is not whole bytes");
  return element.content.subspan(1);
}

Result<Instant> Reader::take_time() {
  const bool is_short = at(k_utc_time);
  TRY_LET(const Element element, is_short ? take() : take(k_generalized_time));
  std::string digits(as_text(element.content));
  if (is_short && digits.size() == 13) digits.insert(0, digits[0] < '5' ? "20" : "19");
  if (digits.size() != 15) return refuse("a time of another shape");
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 4 || i == 6) text += '-';
    if (i == 8) text += 'T';
    if (i == 10 || i == 12) text += ':';
    text += digits[i];
  }
  const auto at = instant_from_text(text);
  if (!at) return refuse("no such time");
  const bool is_near = digits >= "1950" && digits < "2050";
  if (is_near != is_short) return refuse("a time in the wrong one of two forms");
  return *at;
}

Result<void> Reader::end(const char* why) const {
  if (!done()) return refuse(why);
  return {};
}

Bytes wrap(std::uint8_t tag, std::initializer_list<View> parts) {
  std::size_t length = 0;
  for (const View part : parts) length += part.size();
  CHECK(length >> (8 * k_length_bytes_max) == 0);
  Bytes out;
  out.reserve(length + 2 + k_length_bytes_max);
  out.push_back(tag);
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
  } else {
    const int count = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
    out.push_back(static_cast<std::uint8_t>(0x80 | count));
    for (int i = count - 1; i >= 0; --i)
      out.push_back(static_cast<std::uint8_t>(length >> (8 * i)));
  }
  for (const View part : parts) append(out, part);
  return out;
}

Bytes unsigned_integer(View magnitude) {
  while (magnitude.size() > 1 && magnitude[0] == 0) magnitude = magnitude.subspan(1);
  CHECK(!magnitude.empty());
  constexpr std::uint8_t zero[] = {0};
  return wrap(k_integer, {View(zero, magnitude[0] >= 0x80 ? 1 : 0), magnitude});
}

Bytes bits(View bytes) {
  constexpr std::uint8_t unused[] = {0};
  return wrap(k_bit_string, {unused, bytes});
}

Bytes time(Instant at) {
  std::string digits;
  for (const char c : to_text(at))
    if (c != '-' && c != ':' && c != 'T') digits += c;
  CHECK(at.ms >= 0 && digits.size() == 15);
  if (digits >= "2050") return wrap(k_generalized_time, {as_bytes(digits)});
  return wrap(k_utc_time, {as_bytes(digits).subspan(2)});
}

}  // namespace comity::crypto::der
