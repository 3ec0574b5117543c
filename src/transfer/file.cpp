#include "transfer/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace comity::transfer {
namespace {

constexpr std::uint64_t k_write_behind = 8UL
                                         << 20;  // bytes; smaller steps cost more than they save

/// Repeats a call that a signal broke off.
template <typename Call>
auto again(Call call) {
  decltype(call()) result;
  do result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

}  // namespace

std::unexpected<Fault> file_fault(std::string_view what, const Path& path) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fault(full ? FaultCode::store_full : FaultCode::store_io,
               path.filename().string() + ": " + std::string(what) + ": " + std::strerror(error));
}

Result<File> File::open(const Path& path, int flags) {
  return open_at(AT_FDCWD, path, flags);
}

Result<File> File::open_at(int folder, const Path& path, int flags) {
  const int descriptor =
      again([&] { return ::openat(folder, path.c_str(), flags | O_CLOEXEC, 0600); });
  if (descriptor < 0) return file_fault("open", path);
  return File(descriptor, path.filename());
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      name_(std::move(other.name_)),
      behind_(other.behind_) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(name_, other.name_);
  std::swap(behind_, other.behind_);
  return *this;
}

File::~File() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::uint64_t> File::size() const {
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) return file_fault("stat", name_);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::size_t> File::read_at(std::span<std::uint8_t> into, std::uint64_t offset) const {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const auto got = again([&] {
      return ::pread(descriptor_, into.data() + filled, into.size() - filled,
                     static_cast<off_t>(offset + filled));
    });
    if (got < 0) return file_fault("read", name_);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

Result<void> File::write_at(View bytes, std::uint64_t offset) const {
  while (!bytes.empty()) {
    const auto put = again([&] {
      return ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    });
    if (put < 0) return file_fault("write", name_);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<void> File::set_size(std::uint64_t size) const {
  if (again([&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); }) != 0)
    return file_fault("set the length of", name_);
  return {};
}

Result<void> File::reserve(std::uint64_t from, std::uint64_t length) const {
  const auto done = again([&] {
    return ::fallocate(descriptor_, 0, static_cast<off_t>(from), static_cast<off_t>(length));
  });
  if (done != 0 && errno != EOPNOTSUPP) return file_fault("reserve", name_);
  return {};
}

void File::write_behind(std::uint64_t offset) {
  if (offset < behind_) behind_ = offset;  // a transfer went back to a gap
  if (offset - behind_ < k_write_behind) return;
  ::sync_file_range(descriptor_, static_cast<off_t>(behind_), static_cast<off_t>(offset - behind_),
                    SYNC_FILE_RANGE_WRITE);
  behind_ = offset;
}

Result<void> File::sync_data() const {
  // Never tried twice: after a failed fsync the kernel may have dropped the pages and say yes.
  if (::fdatasync(descriptor_) != 0) return file_fault("sync", name_);
  return {};
}

bool file_exists(const Path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

Result<void> make_directories(const Path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return {};
  errno = error.value();
  return file_fault("make directory", path);
}

Result<void> rename_path(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return file_fault("rename", from);
  return {};
}

Result<void> remove_tree(const Path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (!error) return {};
  errno = error.value();
  return file_fault("remove", path);
}

Result<void> sync_directory(const Path& path) {
  TRY_LET(const File directory, File::open(path, O_RDONLY | O_DIRECTORY));
  if (::fsync(directory.descriptor()) != 0) return file_fault("sync", path);
  return {};
}

Result<void> sync_tree(const Path& path) {
  TRY_LET(const File directory, File::open(path, O_RDONLY | O_DIRECTORY));
  if (::syncfs(directory.descriptor()) != 0) return file_fault("sync", path);
  return {};
}

Result<Bytes> read_file(const Path& path, std::size_t size_max) {
  TRY_LET(const File file, File::open(path, O_RDONLY));
  TRY_LET(const std::uint64_t size, file.size());
  if (size > size_max) return fault(FaultCode::limit_size, path.filename());
  Bytes bytes(size);
  TRY_LET(const std::size_t got, file.read_at(bytes, 0));
  bytes.resize(got);
  return bytes;
}

Result<void> write_file(const Path& path, View bytes) {
  TRY_LET(const File file, File::open(path, O_WRONLY | O_CREAT | O_TRUNC));
  return file.write_at(bytes, 0);
}

}  // namespace comity::transfer
