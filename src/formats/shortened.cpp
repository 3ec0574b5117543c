#include "formats/shortened.hpp"

#include "formats/text.hpp"

namespace comity::formats {

std::string shortened(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  text.resize(bytes_max);
  while (!text.empty() && !is_utf8(text)) text.pop_back();
  return text;
}

}  // namespace comity::formats
