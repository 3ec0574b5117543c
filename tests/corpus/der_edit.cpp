#include "der_edit.hpp"

#include "base/check.hpp"

namespace comity::corpus {
namespace {

constexpr std::uint8_t k_constructed = 0x20;

/// Takes one element off `rest`.
Der take(View& rest) {
  CHECK(rest.size() >= 2);
  Der element;
  element.tag = rest[0];
  std::size_t length = rest[1], head = 2;
  if (length > 0x80) {
    head += length & 0x7f;
    length = 0;
    for (std::size_t i = 2; i < head; ++i) length = length << 8 | rest[i];
  }
  View content = rest.subspan(head, length);
  rest = rest.subspan(head + length);
  if (element.tag & k_constructed)
    while (!content.empty()) element.inside.push_back(take(content));
  else
    element.content = to_bytes(content);
  return element;
}

}  // namespace

Der Der::read(View encoded) {
  return take(encoded);
}

Der Der::primitive(std::uint8_t tag, View content) {
  Der element;
  element.tag = tag;
  element.content = to_bytes(content);
  return element;
}

Der Der::constructed(std::uint8_t tag, std::vector<Der> inside) {
  Der element;
  element.tag = tag;
  element.inside = std::move(inside);
  return element;
}

Bytes Der::write() const {
  Bytes body = content;
  for (const auto& one : inside) append(body, one.write());
  Bytes out = {tag};
  if (lengths == Lengths::indefinite) {
    out.push_back(0x80);
    body.insert(body.end(), {0, 0});
  } else if (body.size() < 0x80 && lengths == Lengths::shortest) {
    out.push_back(static_cast<std::uint8_t>(body.size()));
  } else {
    const int count = lengths == Lengths::padded ? 4
                      : body.size() < 0x100      ? 1
                      : body.size() < 0x10000    ? 2
                                                 : 3;
    out.push_back(static_cast<std::uint8_t>(0x80 | count));
    for (int i = count - 1; i >= 0; --i)
      out.push_back(static_cast<std::uint8_t>(body.size() >> (8 * i)));
  }
  append(out, body);
  return out;
}

Der& Der::at(std::initializer_list<std::size_t> path) {
  Der* here = this;
  for (const auto step : path) {
    CHECK(step < here->inside.size());
    here = &here->inside[step];
  }
  return *here;
}

const Der& Der::at(std::initializer_list<std::size_t> path) const {
  return const_cast<Der*>(this)->at(path);
}

}  // namespace comity::corpus
