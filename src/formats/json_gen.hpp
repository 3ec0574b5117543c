// Arbitrary JSON values for property tests.
#pragma once

#include <rapidcheck.h>

#include "formats/json.hpp"

namespace comity::formats {

inline rc::Gen<std::string> any_plain_text() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\xc3\xa9", "\xd9\x85", "\xe4\xb8\xad",
          "\xf0\x9f\x98\x80", "\xe2\x80\xa8"})),
      [](const std::vector<std::string>& pieces) {
        std::string text;
        for (const auto& piece : pieces) text += piece;
        return text;
      });
}

inline rc::Gen<Json> any_json(int depth = 3) {
  const auto leaf = rc::gen::oneOf(
      rc::gen::just(Json()),
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool b) { return Json(b); }),
      rc::gen::map(rc::gen::inRange<std::int64_t>(-k_json_integer_max, k_json_integer_max + 1),
                   [](std::int64_t n) { return Json(n); }),
      rc::gen::map(any_plain_text(), [](std::string text) { return Json(std::move(text)); }));
  if (depth == 0) return leaf;
  const auto key = rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~'));
  return rc::gen::oneOf(
      leaf,
      rc::gen::map(rc::gen::resize(6, rc::gen::container<Json::Array>(any_json(depth - 1))),
                   [](Json::Array items) { return Json(std::move(items)); }),
      rc::gen::map(rc::gen::resize(6, rc::gen::container<Json::Object>(key, any_json(depth - 1))),
                   [](Json::Object members) { return Json(std::move(members)); }));
}

}  // namespace comity::formats
