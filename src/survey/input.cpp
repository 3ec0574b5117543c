#include "survey/input.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace comity::survey {
namespace {

constexpr std::size_t k_block_bytes = std::size_t{256} << 10;

}  // namespace

DescriptorInput::DescriptorInput(int descriptor) : descriptor_(descriptor) {
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

std::optional<std::uint64_t> MemoryInput::size() const {
  if (is_stream_) return std::nullopt;
  return bytes_.size();
}

Result<std::size_t> MemoryInput::read(std::span<std::uint8_t> into, std::uint64_t offset) {
  const auto rest = bytes_.subspan(std::min<std::uint64_t>(offset, bytes_.size()));
  const auto size = std::min(rest.size(), into.size());
  std::ranges::copy(rest.first(size), into.begin());
  return size;
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

View Reel::read(Bytes& into, std::uint64_t offset) {
  const auto got = input_.read(into, offset);
  has_failed_ = has_failed_ || !got;
  has_ended_ = got && *got == 0;
  return View(into).first(got.value_or(0));
}

}  // namespace comity::survey
