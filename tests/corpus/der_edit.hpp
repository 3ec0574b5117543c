// A small DER editor: an encoding as a tree that can be cut and pasted, and written again, also in
// the ways that BER allows and DER forbids. Only for making forgeries; it trusts what it reads.
#pragma once

#include <initializer_list>

#include "base/bytes.hpp"

namespace comity::corpus {

class Der {
 public:
  enum class Lengths { shortest, padded, indefinite };

  /// The first element of `encoded`, with all that it contains.
  static Der read(View encoded);
  static Der primitive(std::uint8_t tag, View content);
  static Der constructed(std::uint8_t tag, std::vector<Der> inside);

  Bytes write() const;
  /// The element down a path of positions: {1, 0, 4}.
  Der& at(std::initializer_list<std::size_t> path);
  const Der& at(std::initializer_list<std::size_t> path) const;

  std::uint8_t tag = 0;
  Bytes content;            // of a primitive element
  std::vector<Der> inside;  // of a constructed one
  Lengths lengths = Lengths::shortest;
};

}  // namespace comity::corpus
