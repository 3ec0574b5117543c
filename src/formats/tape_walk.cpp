#include "formats/tape_walk.hpp"

#include <algorithm>
#include <charconv>

namespace comity::formats {
namespace {

// POSIX.1-1988, "Extended tar format": offsets and widths of the fields that are read.
struct Field {
  std::size_t offset, width;
};
constexpr Field k_name{0, 100}, k_mode{100, 8}, k_size{124, 12}, k_modified{136, 12},
    k_checksum{148, 8}, k_target{157, 100}, k_prefix{345, 155};
constexpr std::size_t k_type_at = 156, k_magic_at = 257;
constexpr std::uint32_t k_mode_bits = 07777;

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::format_tape, std::move(why));
}

std::string text_in(View block, Field field) {
  const auto raw = as_text(block.subspan(field.offset, field.width));
  return std::string(raw.substr(0, raw.find('\0')));
}

/// Octal digits, with spaces or zeros before and a space or NUL after; nothing at all is zero. Or,
/// with the first bit set, binary: what all of today's readers take for more than 8 GiB.
std::optional<std::uint64_t> number_in(View block, Field field) {
  auto raw = block.subspan(field.offset, field.width);
  std::uint64_t value = 0;
  if ((raw[0] & 0x80) != 0) {
    if (raw[0] != 0x80) return std::nullopt;  // negative, or beyond 2^64
    for (std::size_t i = 1; i < raw.size(); ++i) {
      if (value >> 56 != 0) return std::nullopt;
      value = value << 8 | raw[i];
    }
    return value;
  }
  while (!raw.empty() && raw[0] == ' ') raw = raw.subspan(1);
  while (!raw.empty() && raw[0] >= '0' && raw[0] <= '7') {
    value = value << 3 | static_cast<std::uint64_t>(raw[0] - '0');
    raw = raw.subspan(1);
  }
  const bool ended = std::ranges::all_of(raw, [](auto byte) { return byte == ' ' || byte == 0; });
  return ended ? std::optional(value) : std::nullopt;
}

bool checksum_holds(View block) {
  const auto said = number_in(block, k_checksum);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool own = i >= k_checksum.offset && i < k_checksum.offset + k_checksum.width;
    sum += own ? std::uint8_t{' '} : block[i];
  }
  return said == sum;
}

std::optional<TapeKind> kind_of(char type) {
  switch (type) {
    case '0':
    case '\0':
    case '7':
      return TapeKind::file;
    case '1':
      return TapeKind::hard_link;
    case '2':
      return TapeKind::symbolic_link;
    case '3':
    case '4':
      return TapeKind::device;
    case '5':
      return TapeKind::folder;
    case '6':
      return TapeKind::pipe;
    default:
      return std::nullopt;
  }
}

std::optional<std::uint64_t> decimal_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view name_of(TapeKind kind) {
  constexpr std::array<std::string_view, 6> k_names{"file",   "hard link", "symbolic link",
                                                    "device", "folder",    "pipe"};
  return k_names[static_cast<std::size_t>(kind)];
}

Result<std::size_t> TapeWalk::take(View bytes) {
  is_content_ = false;
  switch (place_) {
    case Place::end:
      return bytes.size();
    case Place::header: {
      const auto size = std::min(bytes.size(), header_.size() - filled_);
      std::ranges::copy(bytes.first(size), header_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += size;
      if (filled_ < header_.size()) return size;
      filled_ = 0;
      TRY(read_header());
      return size;
    }
    case Place::extension: {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
      append(extension_, bytes.first(size));
      left_ -= size;
      if (left_ == 0) TRY(read_extension());
      return size;
    }
    case Place::content:
    case Place::padding: {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
      is_content_ = place_ == Place::content;
      left_ -= size;
      if (left_ == 0 && is_content_)
        skip_padding(entry_->size);
      else if (left_ == 0)
        place_ = Place::header;
      return size;
    }
  }
  return bytes.size();
}

void TapeWalk::skip_padding(std::uint64_t size) {
  left_ = tape_padding(size);
  place_ = left_ == 0 ? Place::header : Place::padding;
}

Result<void> TapeWalk::read_header() {
  const View block(header_);
  if (std::ranges::all_of(block, [](auto byte) { return byte == 0; })) {
    if (is_extended_) return refuse("what extends a header is followed by none");
    place_ = Place::end;
    entry_.reset();
    return {};
  }
  if (!checksum_holds(block)) return refuse("a header's checksum does not hold");
  const char type = static_cast<char>(block[k_type_at]);
  const auto size = number_in(block, k_size);
  const auto mode = number_in(block, k_mode);
  const auto modified = number_in(block, k_modified);
  if (!size || !mode || !modified || *size > k_tape_file_max)
    return refuse("a header with numbers that are none");
  if (type == 'x' || type == 'g' || type == 'L' || type == 'K') {
    if (*size > k_tape_extension_max) return refuse("what extends a header is too long");
    entry_.reset();
    extension_kind_ = type;
    extension_.clear();
    is_extended_ = true;
    left_ = *size;
    place_ = Place::extension;
    return left_ == 0 ? read_extension() : Result<void>();
  }
  const auto kind = kind_of(type);
  if (!kind) return refuse("an entry of a kind that is not known");
  TapeEntry entry{.kind = *kind,
                  .path = text_in(block, k_name),
                  .target = text_in(block, k_target),
                  .modified = std::to_string(*modified),
                  .mode = static_cast<std::uint32_t>(*mode) & k_mode_bits,
                  .size = size_.value_or(*size)};
  if (as_text(block.subspan(k_magic_at, 6)) == std::string_view("ustar\0", 6))
    if (const auto prefix = text_in(block, k_prefix); !prefix.empty())
      entry.path = prefix + '/' + entry.path;
  if (path_) entry.path = *std::move(path_);
  if (target_) entry.target = *std::move(target_);
  if (modified_) entry.modified = *std::move(modified_);
  // Readers differ on the content of what can have none; so it has none here.
  if (entry.kind != TapeKind::file && entry.size != 0)
    return refuse("an entry that is no file and has content");
  path_.reset(), target_.reset(), modified_.reset(), size_.reset();
  is_extended_ = false;
  left_ = entry.size;
  place_ = left_ == 0 ? Place::header : Place::content;
  entry_ = std::move(entry);
  return {};
}

Result<void> TapeWalk::read_extension() {
  const auto size = extension_.size();
  auto text = as_text(extension_);
  if (extension_kind_ == 'L' || extension_kind_ == 'K') {
    auto& name = extension_kind_ == 'L' ? path_ : target_;
    name = std::string(text.substr(0, text.find('\0')));
  }
  // pax: "LENGTH KEY=VALUE\n", the length being that of the whole record.
  const bool is_pax = extension_kind_ == 'x' || extension_kind_ == 'g';
  while (is_pax && !text.empty()) {
    const auto space = text.find(' ');
    if (space == 0 || space == std::string_view::npos || space > 10)
      return refuse("a pax record without a length");
    const auto length = decimal_in(text.substr(0, space));
    if (!length || *length <= space + 1 || *length > text.size() || text[*length - 1] != '\n')
      return refuse("a pax record with a length that is none");
    const auto record = text.substr(space + 1, *length - space - 2);
    const auto equals = record.find('=');
    if (equals == std::string_view::npos) return refuse("a pax record without a value");
    const auto key = record.substr(0, equals);
    const auto value = record.substr(equals + 1);
    // A size for all that follows, or one of holes left out: readers differ on what they make of
    // it.
    const bool is_global = extension_kind_ == 'g';
    if ((is_global && (key == "path" || key == "linkpath" || key == "size" || key == "mtime")) ||
        key.starts_with("GNU.sparse"))
      return refuse("a pax record that changes where entries end");
    if (key == "path") path_ = std::string(value);
    if (key == "linkpath") target_ = std::string(value);
    if (key == "mtime") modified_ = std::string(value);
    if (key == "size") {
      size_ = decimal_in(value);
      if (!size_ || *size_ > k_tape_file_max) return refuse("a pax size that is none");
    }
    text.remove_prefix(*length);
  }
  extension_.clear();
  left_ = tape_padding(size);
  place_ = left_ == 0 ? Place::header : Place::padding;
  return {};
}

}  // namespace comity::formats
