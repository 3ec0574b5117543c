#include "survey/input.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "formats/asked_bytes.hpp"

namespace comity::survey {
namespace {

constexpr std::size_t k_block_bytes = std::size_t{256} << 10;

/// The bytes of a stream that has passed, asked for block by block: what reads an image goes on
/// where it was, in small steps.
class AskedInput final : public Input {
 public:
  AskedInput(int ask, std::uint64_t size) : ask_(ask), size_(size) {}
  std::optional<std::uint64_t> size() const override { return size_; }
  Result<std::size_t> read(std::span<std::uint8_t> into, std::uint64_t offset) override {
    std::size_t filled = 0;
    while (filled < into.size() && offset + filled < size_) {
      const auto at = offset + filled;
      if (at < begin_ || at >= begin_ + block_.size()) TRY(ask_for(at - at % k_block_bytes));
      if (at >= begin_ + block_.size()) break;
      const auto known = View(block_).subspan(static_cast<std::size_t>(at - begin_));
      const auto size = std::min(known.size(), into.size() - filled);
      std::ranges::copy(known.first(size), into.begin() + static_cast<std::ptrdiff_t>(filled));
      filled += size;
    }
    return filled;
  }

 private:
  Result<void> ask_for(std::uint64_t begin) {
    begin_ = begin;
    block_.clear();
    const auto wanted = std::min<std::uint64_t>(k_block_bytes, size_ - begin);
    const auto question =
        formats::asked_bytes({.offset = begin, .size = static_cast<std::uint32_t>(wanted)});
    if (::write(ask_, question.data(), question.size()) != std::ssize(question)) return lost();
    std::array<std::uint8_t, formats::k_asked_answer_bytes> head{};
    TRY(receive(head));
    const auto given = formats::asked_answer(head);
    if (given > wanted) return lost();
    Bytes block(given);
    TRY(receive(block));
    block_ = std::move(block);
    return {};
  }
  Result<void> receive(std::span<std::uint8_t> into) {
    while (!into.empty()) {
      const auto got = ::read(ask_, into.data(), into.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return lost();
      into = into.subspan(static_cast<std::size_t>(got));
    }
    return {};
  }
  static std::unexpected<Fault> lost() {
    return fault(FaultCode::store_io, "what is surveyed, again");
  }

  int ask_;
  std::uint64_t size_, begin_ = 0;
  Bytes block_;
};

}  // namespace

DescriptorInput::DescriptorInput(int descriptor, int ask) : descriptor_(descriptor), ask_(ask) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return;
  if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
  std::uint64_t size = 0;
  if (S_ISBLK(status.st_mode) && ::ioctl(descriptor, BLKGETSIZE64, &size) == 0) size_ = size;
}

Result<std::size_t> DescriptorInput::read(std::span<std::uint8_t> into, std::uint64_t offset) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const auto rest = into.subspan(filled);
    const auto got =
        size_ ? ::pread(descriptor_, rest.data(), rest.size(), static_cast<off_t>(offset + filled))
              : ::read(descriptor_, rest.data(), rest.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fault(FaultCode::store_io, "what is surveyed");
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::unique_ptr<Input> DescriptorInput::again(std::uint64_t size) {
  if (ask_ < 0) return nullptr;
  return std::make_unique<AskedInput>(ask_, size);
}

std::optional<std::uint64_t> MemoryInput::size() const {
  if (as_ != As::file) return std::nullopt;
  return bytes_.size();
}

std::unique_ptr<Input> MemoryInput::again(std::uint64_t) {
  if (as_ != As::stream_and_again) return nullptr;
  return std::make_unique<MemoryInput>(bytes_);
}

Result<std::size_t> MemoryInput::read(std::span<std::uint8_t> into, std::uint64_t offset) {
  const auto rest = bytes_.subspan(std::min<std::uint64_t>(offset, bytes_.size()));
  const auto size = std::min(rest.size(), into.size());
  std::ranges::copy(rest.first(size), into.begin());
  return size;
}

Result<std::size_t> Window::read(std::span<std::uint8_t> into, std::uint64_t offset) {
  if (offset >= size_) return std::size_t{0};
  return input_->read(into.first(std::min<std::uint64_t>(into.size(), size_ - offset)),
                      begin_ + offset);
}

Reel::Reel(Input& input) : input_(input), head_(k_head_bytes) {
  head_.resize(read(head_, 0).size());
  has_ended_ = false;  // a short beginning is told when it is read
}

View Reel::next() {
  if (at_ < head_.size()) {
    const auto rest = View(head_).subspan(at_);
    at_ = head_.size();
    return rest;
  }
  if (has_failed_) return {};
  block_.resize(k_block_bytes);
  const auto got = read(block_, at_);
  at_ += got.size();
  return got;
}

Input* Reel::by_position() {
  if (input_.size()) return &input_;
  if (again_) return again_.get();
  while (!next().empty()) {
  }
  if (!has_ended_) return nullptr;
  auto again = input_.again(at_);
  std::uint8_t last = 0;  // what was promised may be withheld all the same
  if (!again || at_ == 0 || again->read(std::span(&last, 1), at_ - 1).value_or(0) != 1)
    return nullptr;
  again_ = std::move(again);
  return again_.get();
}

View Reel::read(Bytes& into, std::uint64_t offset) {
  const auto got = input_.read(into, offset);
  has_failed_ = has_failed_ || !got;
  has_ended_ = got && *got == 0;
  return View(into).first(got.value_or(0));
}

}  // namespace comity::survey
