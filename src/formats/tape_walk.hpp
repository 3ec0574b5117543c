// Finds where each entry of a tape archive begins while its bytes pass by: what a folder item is
// cut at, so that each file in it can be proven alone. POSIX.1-2001 (pax), and the long names of
// GNU tar. It keeps one header and what extends it, and neither follows a path nor makes a file. It
// must never take a header that other readers would take for another length.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "formats/tape.hpp"

namespace comity::formats {

/// What extends one header (pax records, a long name): names, times, attributes.
inline constexpr std::size_t k_tape_extension_max = std::size_t{4} << 20;  // bytes

enum class TapeKind { file, hard_link, symbolic_link, device, folder, pipe };
std::string_view name_of(TapeKind kind);

/// One entry's header, extensions included. Names are bytes from elsewhere: to be shown as such.
struct TapeEntry {
  TapeKind kind{};
  std::string path;
  std::string target;    // of a link
  std::string modified;  // seconds since 1970, with a fraction where the archive has one
  std::uint32_t mode = 0;
  std::uint64_t size = 0;  // bytes of content

  bool operator==(const TapeEntry&) const = default;
};

/// A value. After a fault it must not be used.
class TapeWalk {
 public:
  /// The byte to come begins an entry: its extensions if it has any, else its header; or the end.
  bool at_entry() const { return place_ == Place::header && filled_ == 0 && !is_extended_; }
  /// Takes bytes, at least one, and none past the beginning of the next entry; gives how many.
  /// Fault: format.tape, naming the entry.
  Result<std::size_t> take(View bytes);
  /// The entry whose header has passed; none at the beginning and after the end of the archive.
  const std::optional<TapeEntry>& entry() const { return entry_; }
  /// True when the bytes that were taken last are content of entry().
  bool is_content() const { return is_content_; }
  /// The block of zeros that ends the archive has passed.
  bool ended() const { return place_ == Place::end; }

 private:
  enum class Place { header, extension, content, padding, end };

  Result<void> read_header();
  Result<void> read_extension();
  void skip_padding(std::uint64_t size);

  Place place_ = Place::header;
  std::array<std::uint8_t, k_tape_block_size> header_{};
  std::size_t filled_ = 0;    // of header_, or of the extension
  std::uint64_t left_ = 0;    // bytes until the place changes
  bool is_extended_ = false;  // an extension of the header to come has passed
  bool is_content_ = false;
  char extension_kind_ = 0;
  Bytes extension_;
  std::optional<std::string> path_, target_, modified_;  // as extensions say
  std::optional<std::uint64_t> size_;
  std::optional<TapeEntry> entry_;
};

}  // namespace comity::formats
