// Archives through libarchive, in memory and without a file: entries, sizes as stated, what is
// encrypted, which forms lie within. No name is kept; that a path leads out is counted, since
// whoever unpacks should know. Nothing is unpacked but the beginning of each file within.
#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "survey/forms.hpp"

namespace comity::survey {
namespace {

constexpr std::uint64_t k_entries_max = 1'000'000;
constexpr std::uint64_t k_looked_into_max = 20'000;          // files whose beginning is looked at
constexpr std::size_t k_look_bytes = std::size_t{64} << 10;  // of each
constexpr std::uint64_t k_unpacked_max = std::uint64_t{1} << 40;  // bytes of one packed file

/// What libarchive reads from; it borrows the reel.
struct Feed {
  Reel& reel;
};

la_ssize_t feed(archive*, void* with, const void** block) {
  const auto bytes = static_cast<Feed*>(with)->reel.next();
  *block = bytes.data();
  return static_cast<la_ssize_t>(bytes.size());
}

la_int64_t skip(archive*, void* with, la_int64_t bytes) {
  auto& reel = static_cast<Feed*>(with)->reel;
  const auto size = reel.input().size();
  if (!size || bytes <= 0) return 0;
  const auto by = std::min<std::uint64_t>(static_cast<std::uint64_t>(bytes),
                                          *size - std::min(reel.at(), *size));
  reel.seek(reel.at() + by);
  return static_cast<la_int64_t>(by);
}

la_int64_t seek(archive*, void* with, la_int64_t offset, int whence) {
  auto& reel = static_cast<Feed*>(with)->reel;
  const auto size = static_cast<la_int64_t>(reel.input().size().value_or(0));
  const auto from = whence == SEEK_SET   ? la_int64_t{0}
                    : whence == SEEK_CUR ? static_cast<la_int64_t>(reel.at())
                                         : size;
  if (offset < -from || offset > size - from) return ARCHIVE_FATAL;
  reel.seek(static_cast<std::uint64_t>(from + offset));
  return from + offset;
}

struct Free {
  void operator()(archive* one) const { ::archive_read_free(one); }
};
using Archive = std::unique_ptr<archive, Free>;

/// Supports are named one by one: those that libarchive would start a program for are not among
/// them.
bool support(archive* one, bool only_packed) {
  for (const auto filter : {::archive_read_support_filter_gzip, ::archive_read_support_filter_bzip2,
                            ::archive_read_support_filter_xz, ::archive_read_support_filter_zstd,
                            ::archive_read_support_filter_lz4, ::archive_read_support_format_raw})
    if (filter(one) < ARCHIVE_WARN) return false;
  if (only_packed) return true;
  for (const auto format : {::archive_read_support_format_tar, ::archive_read_support_format_zip,
                            ::archive_read_support_format_7zip, ::archive_read_support_format_rar,
                            ::archive_read_support_format_rar5, ::archive_read_support_format_cab,
                            ::archive_read_support_format_cpio})
    if (format(one) < ARCHIVE_WARN) return false;
  return true;
}

Archive open(Feed& from, bool only_packed = false) {
  Archive archive(::archive_read_new());
  auto* one = archive.get();
  if (one == nullptr || !support(one, only_packed)) return nullptr;
  ::archive_read_set_callback_data(one, &from);
  ::archive_read_set_read_callback(one, feed);
  ::archive_read_set_skip_callback(one, skip);
  if (from.reel.input().size()) ::archive_read_set_seek_callback(one, seek);
  if (::archive_read_open1(one) < ARCHIVE_WARN) return nullptr;
  return archive;
}

/// The beginning of an entry's content; an error is told by the flaw.
Bytes beginning_of(archive* one, bool& is_broken) {
  Bytes bytes(k_look_bytes);
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got = ::archive_read_data(one, bytes.data() + filled, bytes.size() - filled);
    is_broken = is_broken || got < 0;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

/// Absolute, or with a step up: unpacked by the careless it lands elsewhere.
bool leads_out(std::string_view path) {
  if (path.starts_with('/') || path.starts_with('\\') || (path.size() > 1 && path[1] == ':'))
    return true;
  while (!path.empty()) {
    const auto end = std::min(path.find_first_of("/\\"), path.size());
    if (path.substr(0, end) == "..") return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

const char* path_of(archive_entry* entry) {
  const char* path = ::archive_entry_pathname(entry);
  // One of the two is there, whatever this machine's locale can spell.
  return path != nullptr ? path : ::archive_entry_pathname_utf8(entry);
}

struct Count {
  std::uint64_t entries = 0, files = 0, folders = 0, links = 0, others = 0;
  std::uint64_t bytes = 0, encrypted = 0, lead_out = 0, looked_into = 0;
  bool is_absurd = false;
};

void count_entry(archive_entry* entry, Count& count) {
  ++count.entries;
  const auto type = ::archive_entry_filetype(entry);
  if (::archive_entry_hardlink(entry) != nullptr || type == AE_IFLNK)
    ++count.links;
  else if (type == AE_IFDIR)
    ++count.folders;
  else if (type == AE_IFREG || type == 0)
    ++count.files;
  else
    ++count.others;
  const auto size = ::archive_entry_size_is_set(entry) != 0 ? ::archive_entry_size(entry) : 0;
  if (size < 0 || count.bytes > static_cast<std::uint64_t>(formats::k_json_integer_max))
    count.is_absurd = true;
  else
    count.bytes += static_cast<std::uint64_t>(size);
  if (::archive_entry_is_encrypted(entry) != 0) ++count.encrypted;
  const char* path = path_of(entry);
  if (path != nullptr && leads_out(path)) ++count.lead_out;
}

/// One packed file and no archive: unpacked to its end, which its own checksum then holds.
void read_packed(archive* one, Survey& into) {
  bool is_broken = false;
  const auto head = beginning_of(one, is_broken);
  count_one(into, "holds-" + std::string(form_of(head)));
  Bytes block(k_look_bytes);
  std::uint64_t unpacked = head.size();
  la_ssize_t got = is_broken ? 0 : 1;
  while (got > 0 && unpacked < k_unpacked_max) {
    got = ::archive_read_data(one, block.data(), block.size());
    if (got > 0) unpacked += static_cast<std::uint64_t>(got);
  }
  add_number(into, "unpacked_bytes", unpacked);
  if (is_broken || got < 0) into.add_flaw("unreadable-on");
  if (got > 0) into.add_flaw("stopped-at-limit");
  into.whole = got == 0 && !is_broken;
}

void tell(const Count& count, Survey& into) {
  add_number(into, "entries", count.entries);
  add_number(into, "files", count.files);
  if (count.folders != 0) add_number(into, "folders", count.folders);
  if (count.links != 0) add_number(into, "links", count.links);
  if (count.others != 0) add_number(into, "entries_other", count.others);
  add_number(into, "stated_bytes", count.bytes);
  if (count.encrypted != 0) add_number(into, "entries_encrypted", count.encrypted);
  if (count.lead_out != 0) add_number(into, "paths_leading_out", count.lead_out);
  if (count.is_absurd) into.add_flaw("absurd-number");
}

/// Where the bytes of an entry whose header was just read lie, when they lie in one run.
std::optional<std::uint64_t> place_of(archive* one, archive_entry* entry) {
  const bool is_tape = (::archive_format(one) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_TAR;
  const auto at = ::archive_filter_bytes(one, 0);
  if (!is_tape || ::archive_filter_count(one) > 1 || at < 0) return std::nullopt;
  if (::archive_entry_sparse_count(entry) > 0) return std::nullopt;
  return static_cast<std::uint64_t>(at);
}

/// Reads all entries; gives those that begin as a segment of an image.
std::vector<SegmentFile> read_entries(archive* one, archive_entry* entry, Survey& into) {
  std::vector<SegmentFile> segments;
  Count count;
  int got = ARCHIVE_OK;
  for (; got == ARCHIVE_OK || got == ARCHIVE_WARN; got = ::archive_read_next_header(one, &entry)) {
    count_entry(entry, count);
    if (count.entries == k_entries_max) break;
    const bool is_file = ::archive_entry_filetype(entry) == AE_IFREG &&
                         ::archive_entry_is_encrypted(entry) == 0 &&
                         ::archive_entry_hardlink(entry) == nullptr;
    if (!is_file || count.looked_into == k_looked_into_max) continue;
    ++count.looked_into;
    bool is_broken = false;
    const auto place = place_of(one, entry);
    const auto head = beginning_of(one, is_broken);
    if (is_broken) {
      into.add_flaw("broken-within");
      continue;
    }
    const auto form = form_of(head);
    count_one(into, "holds-" + std::string(form));
    if (form != "ewf-e01") continue;
    const char* path = path_of(entry);
    const auto size = ::archive_entry_size(entry);
    if (place && path != nullptr && size > 0)
      segments.push_back(segment_file(path, *place, static_cast<std::uint64_t>(size)));
    else
      into.add_flaw("image-not-checked");
  }
  tell(count, into);
  if (::archive_read_has_encrypted_entries(one) > 0) into.add_flaw("encrypted");
  if (count.entries == k_entries_max) into.add_flaw("stopped-at-limit");
  if (got == ARCHIVE_FATAL || got == ARCHIVE_FAILED) into.add_flaw("unreadable-on");
  into.whole = got == ARCHIVE_EOF;
  return segments;
}

}  // namespace

void read_archive(Reel& reel, Survey& into) {
  Feed from{reel};
  auto archive = open(from);
  archive_entry* entry = nullptr;
  int got = archive ? ::archive_read_next_header(archive.get(), &entry) : ARCHIVE_FATAL;
  const bool is_packed = archive && ::archive_filter_count(archive.get()) > 1;
  if (got == ARCHIVE_EOF && is_packed) {
    // Zeros pass for an archive of nothing, and begin many a packed image of a volume.
    if (!reel.input().size()) return into.add_flaw("stream-not-checked");
    reel.seek(0);
    archive = open(from, true);
    got = archive ? ::archive_read_next_header(archive.get(), &entry) : ARCHIVE_FATAL;
  }
  if (got == ARCHIVE_EOF) {
    into.whole = true;
    return add_number(into, "entries", 0);
  }
  if (got != ARCHIVE_OK && got != ARCHIVE_WARN) {
    const bool is_encrypted = archive && ::archive_read_has_encrypted_entries(archive.get()) > 0;
    return into.add_flaw(is_encrypted ? "encrypted" : "unreadable-on");
  }
  const auto format = ::archive_format(archive.get()) & ARCHIVE_FORMAT_BASE_MASK;
  const bool is_raw = format == ARCHIVE_FORMAT_RAW || format == 0;
  if (is_raw && !is_packed) return into.add_flaw("unreadable-on");
  if (is_raw) return read_packed(archive.get(), into);
  if (is_packed) {
    into.facts.emplace("packed_by", into.form);
    if (format == ARCHIVE_FORMAT_TAR) into.form = "tar";
    if (format == ARCHIVE_FORMAT_CPIO) into.form = "cpio";
  }
  auto segments = read_entries(archive.get(), entry, into);
  archive.reset();  // it borrows what the reel gave
  read_images(reel, std::move(segments), into);
}

}  // namespace comity::survey
