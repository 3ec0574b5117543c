#include "transfer/descriptor_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace comity::transfer {
namespace {

constexpr std::uint64_t k_stat_block = 512;  // what st_blocks counts in, whatever the disk's own

bool same_content(const struct stat& a, const struct stat& b) {
  const auto same = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         same(a.st_mtim, b.st_mtim) && same(a.st_ctim, b.st_ctim);
}

}  // namespace

Result<DescriptorSource> DescriptorSource::of(File file) {
  DescriptorSource source(std::move(file));
  const int descriptor = source.file_.descriptor();
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return file_fault("stat", source.file_.name());
  if (S_ISREG(status.st_mode)) {
    const auto at = ::lseek(descriptor, 0, SEEK_CUR);
    if (at < 0) return file_fault("seek", source.file_.name());
    source.at_ = static_cast<std::uint64_t>(at);
    source.total_ = static_cast<std::uint64_t>(std::max<off_t>(0, status.st_size - at));
    source.before_ = status;
    source.is_sparse_ = static_cast<std::uint64_t>(status.st_blocks) * k_stat_block <
                        static_cast<std::uint64_t>(status.st_size);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  } else if (S_ISBLK(status.st_mode)) {
    const auto at = ::lseek(descriptor, 0, SEEK_CUR);
    const auto end = at < 0 ? at : ::lseek(descriptor, 0, SEEK_END);
    if (end < 0 || ::lseek(descriptor, at, SEEK_SET) != at)
      return file_fault("seek", source.file_.name());
    source.total_ = static_cast<std::uint64_t>(end - at);
  }
  return source;
}

Result<std::size_t> DescriptorSource::read(std::span<std::uint8_t> into) {
  if (is_sparse_) {
    if (at_ >= data_end_) TRY(find_extent());
    if (at_ < data_at_) return skip_hole(into);
    into = into.first(std::min<std::uint64_t>(into.size(), data_end_ - at_));
  }
  for (;;) {
    const auto got = ::read(file_.descriptor(), into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_fault("read", file_.name());
    if (got == 0 && before_) TRY(check_unchanged());
    at_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }
}

/// The zeros of a hole. What is written into it meanwhile changes the file's times, and is noticed.
Result<std::size_t> DescriptorSource::skip_hole(std::span<std::uint8_t> into) {
  const auto size = std::min<std::uint64_t>(into.size(), data_at_ - at_);
  std::ranges::fill(into.first(size), std::uint8_t{0});
  at_ += size;
  if (::lseek(file_.descriptor(), static_cast<off_t>(at_), SEEK_SET) < 0)
    return file_fault("seek", file_.name());
  return size;
}

/// Where the next bytes on the disk lie, at or after where reading stands.
Result<void> DescriptorSource::find_extent() {
  const auto end = static_cast<std::uint64_t>(before_->st_size);
  const auto seek = [&](std::uint64_t from, int whence) {
    return ::lseek(file_.descriptor(), static_cast<off_t>(from), whence);
  };
  auto data = at_ < end ? seek(at_, SEEK_DATA) : static_cast<off_t>(at_);
  if (data < 0 && errno == ENXIO) data = static_cast<off_t>(end);  // a hole up to the end
  if (data < 0) is_sparse_ = false;                                // this disk knows no holes
  const auto hole = data < 0 || static_cast<std::uint64_t>(data) >= end
                        ? static_cast<off_t>(end)
                        : seek(static_cast<std::uint64_t>(data), SEEK_HOLE);
  if (seek(at_, SEEK_SET) < 0 || hole < 0) return file_fault("seek", file_.name());
  data_at_ = static_cast<std::uint64_t>(std::max<off_t>(data, 0));
  // At the end of the file one more read finds that it is the end, or that the file grew.
  data_end_ = std::max(static_cast<std::uint64_t>(hole), at_ + 1);
  return {};
}

/// A file that changed while it was read is neither the one before nor the one after.
Result<void> DescriptorSource::check_unchanged() const {
  struct stat now{};
  if (::fstat(file_.descriptor(), &now) != 0) return file_fault("stat", file_.name());
  if (!same_content(*before_, now) || at_ != static_cast<std::uint64_t>(now.st_size))
    return fault(FaultCode::evidence_changed, file_.name());
  return {};
}

}  // namespace comity::transfer
