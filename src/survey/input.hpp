// Bytes to be surveyed, by whichever way they come. They are an adversary's: their length is what
// reading finds, and nothing they say of themselves is believed before it is seen.
#pragma once

#include <cstdint>
#include <memory>
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
  /// The bytes of a stream by position, once it was read to its end and had `size` of them; null
  /// when they are gone. Borrows this.
  virtual std::unique_ptr<Input> again(std::uint64_t /*size*/) { return nullptr; }
};

/// A descriptor, borrowed. A file or a disk is read by position, so that whoever shares the
/// descriptor is not moved; anything else is a stream.
class DescriptorInput final : public Input {
 public:
  /// `ask`: where bytes of a stream may be asked for again (formats/asked_bytes.hpp); -1: nowhere.
  explicit DescriptorInput(int descriptor, int ask = -1);
  std::optional<std::uint64_t> size() const override { return size_; }
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override;
  std::unique_ptr<Input> again(std::uint64_t size) override;

 private:
  int descriptor_, ask_;
  std::optional<std::uint64_t> size_;
};

/// Bytes in memory, borrowed.
class MemoryInput final : public Input {
 public:
  enum class As { file, stream, stream_and_again };
  explicit MemoryInput(View bytes, As as = As::file) : bytes_(bytes), as_(as) {}
  std::optional<std::uint64_t> size() const override;
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override;
  std::unique_ptr<Input> again(std::uint64_t size) override;

 private:
  View bytes_;
  As as_;
};

/// A part of an input that is no stream; borrowed.
class Window final : public Input {
 public:
  Window(Input& input, std::uint64_t begin, std::uint64_t size)
      : input_(&input), begin_(begin), size_(size) {}
  std::optional<std::uint64_t> size() const override { return size_; }
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override;

 private:
  Input* input_;
  std::uint64_t begin_, size_;
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
  /// All bytes by position: of a stream those that can be had again, once it is read to its end.
  /// Null when they can not. What next() gave is gone then.
  Input* by_position();

 private:
  View read(Bytes& into, std::uint64_t offset);

  Input& input_;
  std::unique_ptr<Input> again_;
  Bytes head_, block_;
  std::uint64_t at_ = 0;
  bool has_failed_ = false, has_ended_ = false;
};

}  // namespace comity::survey
