#include "sim/image.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace comity::sim {
namespace {

constexpr std::size_t k_log_header_bytes = 32, k_frame_header_bytes = 24;
constexpr std::size_t k_page_bytes = 4096, k_reserved_bytes = 8;
constexpr std::size_t k_frame_bytes = k_frame_header_bytes + k_page_bytes;

std::uint64_t number(View bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | bytes[at + i];
  return value;
}

/// Without the bytes at its end, which the store adds as it writes a page to the database.
std::size_t hash_of(View page) {
  return std::hash<std::string_view>{}(as_text(page.first(k_page_bytes - k_reserved_bytes)));
}

std::uint64_t salts_of(View log) {
  return log.size() < k_log_header_bytes ? 0 : number(log, 16, 8);
}

View frame(View log, std::size_t index) {
  return log.subspan(k_log_header_bytes + index * k_frame_bytes, k_frame_bytes);
}

}  // namespace

Commit last_commit(View log) {
  return last_commit(log, {.salts = salts_of(log)});
}

Commit last_commit(View log, const Commit& before) {
  Commit commit = before;
  if (commit.salts != salts_of(log)) commit = {.salts = salts_of(log)};
  if (log.size() < k_log_header_bytes) return commit;
  const auto frames = (log.size() - k_log_header_bytes) / k_frame_bytes;
  for (auto i = commit.frames; i < frames; ++i) {
    if (number(frame(log, i), 8, 8) != commit.salts) break;
    if (number(frame(log, i), 4, 4) != 0) commit.frames = i + 1;
  }
  return commit;
}

Image image_of(View database, View log, const Commit& commit) {
  Image image;
  std::map<std::size_t, std::size_t> newest;  // page to frame
  std::size_t pages = database.size() / k_page_bytes;
  if (commit.salts == salts_of(log) && log.size() >= k_log_header_bytes)
    for (std::size_t i = 0; i < commit.frames; ++i) {
      newest[number(frame(log, i), 0, 4) - 1] = i;
      if (const auto size = number(frame(log, i), 4, 4)) pages = size;
    }
  for (std::size_t page = 0; page < pages; ++page) {
    const auto found = newest.find(page);
    if (found != newest.end())
      image.push_back(hash_of(frame(log, found->second).subspan(k_frame_header_bytes)));
    else if ((page + 1) * k_page_bytes <= database.size())
      image.push_back(hash_of(database.subspan(page * k_page_bytes, k_page_bytes)));
    else
      image.push_back(0);
  }
  return image;
}

}  // namespace comity::sim
