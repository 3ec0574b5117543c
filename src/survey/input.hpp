// Bytes to be surveyed, by whichever way they come. They are an adversary's: their length is what
// reading finds, and nothing they say of themselves is believed before it is seen.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace comity::survey {

/// Where bytes come from. Used by one thread.
class Input {
 public:
  virtual ~Input() = default;
  /// How many there are, when any of them can be read at any time; none of a stream.
  virtual std::optional<std::uint64_t> size() const = 0;
  /// Fills `into` unless the bytes end before; gives how many there were. Of a stream `offset` is
  /// where the last read ended. Fault: store.io.
  virtual Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) = 0;
};

/// A descriptor, borrowed. A file or a disk is read by position, so that whoever shares the
/// descriptor is not moved; anything else is a stream.
class DescriptorInput final : public Input {
 public:
  explicit DescriptorInput(int descriptor);
  std::optional<std::uint64_t> size() const override { return size_; }
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override;

 private:
  int descriptor_;
  std::optional<std::uint64_t> size_;
};

/// Bytes in memory, borrowed, as a file or as a stream.
class MemoryInput final : public Input {
 public:
  explicit MemoryInput(View bytes, bool is_stream = false) : bytes_(bytes), is_stream_(is_stream) {}
  std::optional<std::uint64_t> size() const override;
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override;

 private:
  View bytes_;
  bool is_stream_;
};

/// How far into the bytes what they are can be seen: a file system's mark lies at 64 KiB.
inline constexpr std::size_t k_head_bytes = std::size_t{128} << 10;

/// Reads an input once, in order, after a look at its beginning.
class Reel {
 public:
  explicit Reel(Input& input);
  /// The first bytes, k_head_bytes unless there are fewer. They come again from next().
  View head() const { return head_; }
  /// The next bytes in order, borrowed until the next call; none at the end.
  View next();
  /// Goes on at another place of an input that is no stream.
  void seek(std::uint64_t offset) { at_ = offset; }
  std::uint64_t at() const { return at_; }
  /// The bytes could not be read on: the disk or the sender failed.
  bool has_failed() const { return has_failed_; }
  bool has_ended() const { return has_ended_; }
  Input& input() { return input_; }

 private:
  View read(Bytes& into, std::uint64_t offset);

  Input& input_;
  Bytes head_, block_;
  std::uint64_t at_ = 0;
  bool has_failed_ = false, has_ended_ = false;
};

}  // namespace comity::survey
