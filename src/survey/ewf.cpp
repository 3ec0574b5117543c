// Expert Witness images through libewf, read from memory-like handles and never by a path: what the
// image says of the medium, and whether the hashes that it carries are those of what is in it. All
// of the medium is read for that; its own text (case, examiner, notes) is not looked at. Which
// segments an image has is told by segments.cpp.
// Debian's libewf brings the libbfio that it was built with; its header names the one call by
// handles only where it is told so.
#define HAVE_LIBBFIO 1  // NOLINT(readability-identifier-naming)
#include <libewf.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>

#include <algorithm>
#include <array>
#include <deque>

#include "survey/forms.hpp"

namespace comity::survey {
namespace {

constexpr std::size_t k_read_bytes = std::size_t{1} << 20;

/// One segment as libbfio asks for it. `io` is what libewf hands back to each function.
struct Segment {
  Input& input;
  std::uint64_t at = 0;
  bool is_open = false;
};

Segment& segment(intptr_t* io) {
  return *reinterpret_cast<Segment*>(io);
}

int free_segment(intptr_t** io, libbfio_error_t**) {
  *io = nullptr;  // not its own
  return 1;
}

int clone_segment(intptr_t** to, intptr_t* from, libbfio_error_t**) {
  *to = from;
  return 1;
}

int open_segment(intptr_t* io, int, libbfio_error_t**) {
  segment(io).is_open = true;
  return 1;
}

int close_segment(intptr_t* io, libbfio_error_t**) {
  segment(io).is_open = false;
  return 0;
}

ssize_t read_segment(intptr_t* io, std::uint8_t* into, std::size_t size, libbfio_error_t**) {
  auto& from = segment(io);
  const auto got = from.input.read(std::span(into, size), from.at);
  if (!got) return -1;
  from.at += *got;
  return static_cast<ssize_t>(*got);
}

ssize_t write_segment(intptr_t*, const std::uint8_t*, std::size_t, libbfio_error_t**) {
  return -1;
}

off64_t seek_segment(intptr_t* io, off64_t offset, int whence, libbfio_error_t**) {
  auto& from = segment(io);
  const auto base = whence == SEEK_SET   ? std::int64_t{0}
                    : whence == SEEK_CUR ? static_cast<std::int64_t>(from.at)
                                         : static_cast<std::int64_t>(from.input.size().value_or(0));
  if (offset < -base || offset > std::int64_t{1} << 62) return -1;
  from.at = static_cast<std::uint64_t>(base + offset);
  return static_cast<off64_t>(from.at);
}

int segment_exists(intptr_t*, libbfio_error_t**) {
  return 1;
}

int segment_is_open(intptr_t* io, libbfio_error_t**) {
  return segment(io).is_open ? 1 : 0;
}

int segment_size(intptr_t* io, size64_t* size, libbfio_error_t**) {
  *size = segment(io).input.size().value_or(0);
  return 1;
}

/// An open image. Ends what libewf and libbfio allocated.
class Image {
 public:
  explicit Image(std::span<Window> segments) {
    is_open_ = ::libbfio_pool_initialize(&pool_, 0, LIBBFIO_POOL_UNLIMITED_NUMBER_OF_OPEN_HANDLES,
                                         nullptr) == 1;
    for (auto& one : segments) is_open_ = is_open_ && add(one);
    is_open_ = is_open_ && ::libewf_handle_initialize(&image_, nullptr) == 1 &&
               ::libewf_handle_open_file_io_pool(image_, pool_, LIBEWF_OPEN_READ, nullptr) == 1;
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image() {
    if (image_ != nullptr) {
      if (is_open_) ::libewf_handle_close(image_, nullptr);
      ::libewf_handle_free(&image_, nullptr);
    }
    if (pool_ != nullptr) ::libbfio_pool_free(&pool_, nullptr);
  }

  bool is_open() const { return is_open_; }
  libewf_handle_t* get() const { return image_; }

 private:
  bool add(Window& window) {
    segments_.push_back({window});
    libbfio_handle_t* handle = nullptr;
    int entry = 0;
    return ::libbfio_handle_initialize(&handle, reinterpret_cast<intptr_t*>(&segments_.back()),
                                       free_segment, clone_segment, open_segment, close_segment,
                                       read_segment, write_segment, seek_segment, segment_exists,
                                       segment_is_open, segment_size, 0, nullptr) == 1 &&
           ::libbfio_pool_append_handle(pool_, &entry, handle, LIBBFIO_OPEN_READ, nullptr) == 1;
  }

  std::deque<Segment> segments_;  // where they lie is told to libbfio
  libbfio_pool_t* pool_ = nullptr;
  libewf_handle_t* image_ = nullptr;
  bool is_open_ = false;
};

/// The medium that an image holds.
class Medium final : public Input {
 public:
  Medium(const Image& image, std::uint64_t size) : image_(image), size_(size) {}
  std::optional<std::uint64_t> size() const override { return size_; }
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override {
    if (offset >= size_) return std::size_t{0};
    const auto wanted = std::min<std::uint64_t>(into.size(), size_ - offset);
    const auto got = ::libewf_handle_read_random(image_.get(), into.data(), wanted,
                                                 static_cast<off64_t>(offset), nullptr);
    if (got < 0) return fault(FaultCode::store_io, "the image");
    return static_cast<std::size_t>(got);
  }

 private:
  const Image& image_;
  std::uint64_t size_;
};

/// The hashes of a medium, and how far it could be read.
struct Hashes {
  std::uint64_t bytes = 0;
  std::array<std::uint8_t, MD5_DIGEST_SIZE> md5{};
  std::array<std::uint8_t, SHA1_DIGEST_SIZE> sha1{};
};

Hashes hash(Medium& medium) {
  Hashes found;
  md5_ctx md5;
  sha1_ctx sha1;
  ::nettle_md5_init(&md5);
  ::nettle_sha1_init(&sha1);
  Bytes block(k_read_bytes);
  for (;;) {
    const auto got = medium.read(block, found.bytes).value_or(0);
    if (got == 0) break;
    ::nettle_md5_update(&md5, got, block.data());
    ::nettle_sha1_update(&sha1, got, block.data());
    found.bytes += got;
  }
  ::nettle_md5_digest(&md5, found.md5.size(), found.md5.data());
  ::nettle_sha1_digest(&sha1, found.sha1.size(), found.sha1.data());
  return found;
}

void add_stated(std::string_view what, View stated, View found, bool was_whole, Survey& into) {
  if (std::ranges::all_of(stated, [](auto byte) { return byte == 0; })) return;
  formats::SurveyCheck check{.what = std::string(what), .stated = hex(stated)};
  if (was_whole) check.found = hex(found);
  into.checks.push_back(std::move(check));
}

void check_hashes(const Image& image, const Hashes& found, bool was_whole, Survey& into) {
  auto md5 = found.md5;
  auto sha1 = found.sha1;
  if (::libewf_handle_get_md5_hash(image.get(), md5.data(), md5.size(), nullptr) == 1)
    add_stated("md5", md5, found.md5, was_whole, into);
  if (::libewf_handle_get_sha1_hash(image.get(), sha1.data(), sha1.size(), nullptr) == 1)
    add_stated("sha1", sha1, found.sha1, was_whole, into);
  if (into.checks.empty()) into.add_flaw("no-hash-carried");
  if (into.disagrees()) into.add_flaw("hash-disagrees");
}

void read_medium(const Image& image, Survey& into) {
  size64_t size = 0;
  std::uint32_t sector = 0, errors = 0;
  if (::libewf_handle_get_media_size(image.get(), &size, nullptr) != 1)
    return into.add_flaw("unreadable-on");
  if (::libewf_handle_get_bytes_per_sector(image.get(), &sector, nullptr) == 1)
    add_number(into, "sector_bytes", sector);
  if (::libewf_handle_get_number_of_acquiry_errors(image.get(), &errors, nullptr) == 1 &&
      errors != 0)
    add_number(into, "acquisition_errors", errors);
  Medium medium(image, size);
  add_number(into, "medium_bytes", size);
  const auto found = hash(medium);
  if (::libewf_handle_get_number_of_checksum_errors(image.get(), &errors, nullptr) == 1 &&
      errors != 0) {
    add_number(into, "checksum_errors", errors);
    into.add_flaw("checksum-disagrees");
  }
  const bool was_whole = found.bytes == size;
  if (!was_whole) into.add_flaw("truncated");
  into.whole = was_whole;
  check_hashes(image, found, was_whole, into);
  if (was_whole) read_disk(medium, std::nullopt, into);
}

}  // namespace

void read_image(std::span<Window> segments, Survey& into) {
  const Image image(segments);
  if (!image.is_open()) return into.add_flaw("unreadable-on");
  read_medium(image, into);
}

}  // namespace comity::survey
