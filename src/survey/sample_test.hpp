// Bytes of each form for the tests of this room, made here and plainly fictional: what is right can
// be bent in any place.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "survey/survey.hpp"

namespace comity::survey::sample {

/// Writes little-endian numbers and runs of bytes, one after another.
class Writer {
 public:
  Writer& number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i)
      bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return *this;
  }
  Writer& text(std::string_view words, std::size_t size = 0) {
    append(bytes, as_bytes(words));
    return zeros(size > words.size() ? size - words.size() : 0);
  }
  Writer& run(View more) {
    append(bytes, more);
    return *this;
  }
  Writer& zeros(std::size_t size) {
    bytes.resize(bytes.size() + size);
    return *this;
  }

  Bytes bytes;
};

inline Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  return bytes;
}

/// Packets of 60 bytes a second apart from 2026-03-09T08:30:00Z.
inline Bytes capture(std::size_t packets, std::uint64_t first_s = 1'773'045'000) {
  Writer out;
  out.number(0xA1B2C3D4, 4).number(2, 2).number(4, 2).zeros(8).number(65'535, 4).number(1, 4);
  for (std::size_t i = 0; i < packets; ++i)
    out.number(first_s + i, 4).zeros(4).number(60, 4).number(60, 4).run(pattern(60));
  return out.bytes;
}

inline std::uint32_t adler32(View bytes) {
  std::uint32_t a = 1, b = 0;
  for (const auto byte : bytes) {
    a = (a + byte) % 65'521;
    b = (b + a) % 65'521;
  }
  return b << 16 | a;
}

inline Bytes md5(View bytes) {
  Bytes digest(MD5_DIGEST_SIZE);
  md5_ctx state;
  ::nettle_md5_init(&state);
  ::nettle_md5_update(&state, bytes.size(), bytes.data());
  ::nettle_md5_digest(&state, digest.size(), digest.data());
  return digest;
}

inline Bytes sha1(View bytes) {
  Bytes digest(SHA1_DIGEST_SIZE);
  sha1_ctx state;
  ::nettle_sha1_init(&state);
  ::nettle_sha1_update(&state, bytes.size(), bytes.data());
  ::nettle_sha1_digest(&state, digest.size(), digest.data());
  return digest;
}

/// What an Expert Witness image of a medium says. Each may lie.
struct Image {
  Bytes medium = pattern(100 * 512);
  Bytes stated_md5 = md5(medium), stated_sha1 = sha1(medium);
  std::uint64_t stated_sectors = medium.size() / 512;
  std::uint16_t segment = 1;
  std::string last = "done";
  std::uint8_t set = 0;  // whose segment it is
};

inline constexpr std::size_t k_ewf_chunk = 64 * 512;

/// One segment of an image, uncompressed (EWF-E01), that holds these bytes of its medium.
inline Bytes ewf(const Image& image, std::size_t from, std::size_t to) {
  constexpr std::size_t k_chunk = k_ewf_chunk;
  const bool is_last = to == image.medium.size();
  Writer out;
  out.run(as_bytes(std::string_view("EVF\x09\x0d\x0a\xff\0", 8))).number(1, 1);
  out.number(image.segment, 2).zeros(2);
  const auto section = [&](std::string_view type, View body) {
    const auto begin = out.bytes.size(), next = begin + 76 + body.size();
    Writer head;
    head.text(type, 16).number(type == image.last ? begin : next, 8);
    head.number(76 + body.size(), 8).zeros(40);
    out.run(head.bytes).number(adler32(head.bytes), 4).run(body);
  };
  const auto all = (image.medium.size() + k_chunk - 1) / k_chunk;
  const auto chunks = (to - from + k_chunk - 1) / k_chunk;
  Writer volume;
  volume.number(1, 4).number(all, 4).number(64, 4).number(512, 4);
  volume.number(image.stated_sectors, 8).zeros(64 - 24);
  volume.run(Bytes(16, image.set)).zeros(1048 - 80);
  section(from == 0 ? "volume" : "data", Writer(volume).number(adler32(volume.bytes), 4).bytes);
  const auto base = out.bytes.size() + 76;
  Writer sectors, entries;
  for (std::size_t at = from; at < to; at += k_chunk) {
    const auto chunk = View(image.medium).subspan(at, std::min(k_chunk, to - at));
    entries.number(base + sectors.bytes.size(), 4);
    sectors.run(chunk).number(adler32(chunk), 4);
  }
  section("sectors", sectors.bytes);
  Writer table;
  table.number(chunks, 4).zeros(16);
  const auto table_sum = adler32(table.bytes);
  table.number(table_sum, 4).run(entries.bytes).number(adler32(entries.bytes), 4);
  section("table", table.bytes);
  section("table2", table.bytes);
  if (!is_last) {
    section(image.last, {});
    return out.bytes;
  }
  Writer digest;
  digest.run(image.stated_md5).run(image.stated_sha1).zeros(40);
  section("digest", Writer(digest).number(adler32(digest.bytes), 4).bytes);
  Writer hash;
  hash.run(image.stated_md5).zeros(16);
  section("hash", Writer(hash).number(adler32(hash.bytes), 4).bytes);
  section(image.last, {});
  return out.bytes;
}

/// An image in one segment.
inline Bytes ewf(const Image& image) {
  return ewf(image, 0, image.medium.size());
}

/// An image in segments of one chunk each.
inline std::vector<Bytes> ewf_segments(Image image) {
  std::vector<Bytes> segments;
  for (std::size_t at = 0; at < image.medium.size(); at += k_ewf_chunk) {
    const auto to = std::min(at + k_ewf_chunk, image.medium.size());
    image.segment = static_cast<std::uint16_t>(segments.size() + 1);
    image.last = to == image.medium.size() ? "done" : "next";
    segments.push_back(ewf(image, at, to));
  }
  return segments;
}

using Files = std::vector<std::pair<std::string, Bytes>>;

/// An archive by libarchive's writer: its format and filter as archive_write_set_format_by_name and
/// archive_write_add_filter_by_name know them.
inline Bytes archive_of(const Files& files, const char* format, const char* filter = nullptr) {
  Bytes out(std::size_t{4} << 20);
  std::size_t used = 0;
  auto* one = ::archive_write_new();
  CHECK(::archive_write_set_format_by_name(one, format) >= ARCHIVE_WARN);
  if (filter != nullptr) CHECK(::archive_write_add_filter_by_name(one, filter) >= ARCHIVE_WARN);
  CHECK(::archive_write_open_memory(one, out.data(), out.size(), &used) == ARCHIVE_OK);
  for (const auto& [name, bytes] : files) {
    auto* entry = ::archive_entry_new();
    ::archive_entry_set_pathname(entry, name.c_str());
    ::archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_entry_set_perm(entry, 0644);
    CHECK(::archive_write_header(one, entry) >= ARCHIVE_WARN);
    CHECK(::archive_write_data(one, bytes.data(), bytes.size()) ==
          static_cast<la_ssize_t>(bytes.size()));
    ::archive_entry_free(entry);
  }
  CHECK(::archive_write_free(one) == ARCHIVE_OK);
  out.resize(used);
  return out;
}

inline formats::Survey of(View bytes, MemoryInput::As as = MemoryInput::As::file) {
  MemoryInput input(bytes, as);
  return survey(input);
}

}  // namespace comity::survey::sample
