#include "store/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace comity::store {
namespace {

/// Repeats a call that a signal broke off.
template <typename Call>
auto again(Call call) {
  decltype(call()) result;
  do result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

/// Beside the file, under a name that no caller can ask for: ours never begin with a dot.
Path temporary_for(const Path& path) {
  return path.parent_path() / (".new-" + path.filename().string());
}

Result<void> write_all(const Descriptor& file, View bytes, const Path& path) {
  while (!bytes.empty()) {
    const auto put = again([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (put < 0) return file_fault("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

enum class Durable { no, yes };

/// Writes the temporary file whole. If we die here, it is removed by the next attempt, and never
/// written into: it may be the second name of a file that create_durably finished.
Result<Path> write_temporary(const Path& path, View bytes, unsigned mode, Durable durable) {
  Path temporary = temporary_for(path);
  constexpr int k_new = O_WRONLY | O_CREAT | O_EXCL;
  auto opened = open_file(temporary, k_new, mode);
  if (!opened) {
    ::unlink(temporary.c_str());
    opened = open_file(temporary, k_new, mode);
  }
  TRY_LET(const Descriptor file, std::move(opened));
  // The mask of the process must not decide who may read it, nor what an old file was.
  if (::fchmod(file.get(), mode) != 0) return file_fault("set permissions", path);
  TRY(write_all(file, bytes, path));
  if (durable == Durable::yes && ::fsync(file.get()) != 0) return file_fault("sync", path);
  return temporary;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Descriptor::~Descriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

int Descriptor::release() {
  return std::exchange(descriptor_, -1);
}

std::unexpected<Fault> file_fault(std::string_view what, const Path& path) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fault(full ? FaultCode::store_full : FaultCode::store_io,
               path.filename().string() + ": " + std::string(what) + ": " + std::strerror(error));
}

Result<Descriptor> open_file(const Path& path, int flags, unsigned mode) {
  Descriptor file(
      again([&] { return ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode); }));
  if (file.get() < 0) return file_fault("open", path);
  return file;
}

Result<std::optional<Descriptor>> open_plain(const Path& path) {
  // O_NONBLOCK: a pipe put in its place must not hold us up.
  Descriptor file(
      again([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); }));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return file_fault("open", path);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return file_fault("stat", path);
  if (!S_ISREG(status.st_mode))
    return fault(FaultCode::store_io, path.filename().string() + ": is no plain file");
  return file;
}

Result<std::uint64_t> size_of(const Descriptor& file, const Path& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return file_fault("stat", path);
  return static_cast<std::uint64_t>(status.st_size);
}

Result<std::optional<Bytes>> read_if_there(const Path& path, std::size_t bytes_max) {
  TRY_LET(const std::optional<Descriptor> file, open_plain(path));
  if (!file) return std::nullopt;
  TRY_LET(const std::uint64_t size, size_of(*file, path));
  const auto too_large = [&] {
    return fault(FaultCode::limit_size,
                 path.filename().string() + ": more than " + std::to_string(bytes_max) + " bytes");
  };
  if (size > bytes_max) return too_large();
  Bytes bytes(static_cast<std::size_t>(size) + 1);  // one more shows that the file has grown
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const auto got =
        again([&] { return ::read(file->get(), bytes.data() + filled, bytes.size() - filled); });
    if (got < 0) return file_fault("read", path);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > size) return fault(FaultCode::store_io, path.filename().string() + ": is changing");
  bytes.resize(filled);
  return bytes;
}

Result<Bytes> read_bounded(const Path& path, std::size_t bytes_max) {
  TRY_LET(std::optional<Bytes> bytes, read_if_there(path, bytes_max));
  if (!bytes) return fault(FaultCode::store_io, path.filename().string() + ": is not there");
  return *std::move(bytes);
}

Result<void> replace_file(const Path& path, View bytes, unsigned mode) {
  TRY_LET(const Path temporary, write_temporary(path, bytes, mode, Durable::no));
  if (::rename(temporary.c_str(), path.c_str()) != 0) return file_fault("rename", path);
  return {};
}

Result<void> write_durably(const Path& path, View bytes, unsigned mode) {
  TRY_LET(const Path temporary, write_temporary(path, bytes, mode, Durable::yes));
  // If we die here, the old file stands.
  if (::rename(temporary.c_str(), path.c_str()) != 0) return file_fault("rename", path);
  return sync_directory(path.parent_path());
}

Result<void> create_durably(const Path& path, View bytes, unsigned mode) {
  TRY_LET(const Path temporary, write_temporary(path, bytes, mode, Durable::yes));
  // link() does what rename() does not: it fails where a file is there already.
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0;
  const int error = errno;
  ::unlink(temporary.c_str());
  if (linked) return sync_directory(path.parent_path());
  if (error == EEXIST) return fault(FaultCode::store_exists, path.filename().string());
  errno = error;
  return file_fault("create", path);
}

Result<void> sync_file(const Path& path) {
  TRY_LET(const Descriptor file, open_file(path, O_RDONLY));
  if (::fdatasync(file.get()) != 0) return file_fault("sync", path);
  return {};
}

Result<void> sync_directory(const Path& path) {
  // A plain file name lies in the working directory.
  if (path.empty()) return sync_directory(".");
  // The path of a home may lead over a link; only what lies in it must not.
  Descriptor directory(
      again([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (directory.get() < 0) return file_fault("open", path);
  if (::fsync(directory.get()) != 0) return file_fault("sync", path);
  return {};
}

Result<void> make_directories(const Path& root, const Path& path, std::vector<Path>* made) {
  if (path == root || path.empty()) return {};
  if (::mkdir(path.c_str(), k_directory_mode) == 0) {
    if (made) made->push_back(path.parent_path());
    return {};
  }
  if (errno == ENOENT) {
    TRY(make_directories(root, path.parent_path(), made));
    if (::mkdir(path.c_str(), k_directory_mode) != 0) return file_fault("make directory", path);
    if (made) made->push_back(path.parent_path());
    return {};
  }
  struct stat status{};
  if (errno == EEXIST && ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return {};
  errno = ENOTDIR;
  return file_fault("make directory", path);
}

Result<void> make_directory(const Path& path) {
  if (::mkdir(path.c_str(), k_directory_mode) != 0) {
    if (errno == EEXIST) return fault(FaultCode::store_exists, path.filename().string());
    return file_fault("make directory", path);
  }
  return sync_directory(path.parent_path());
}

Result<void> remove_durably(const Path& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);  // removes links, never what they lead to
  if (error) {
    errno = error.value();
    return file_fault("remove", path);
  }
  return sync_directory(path.parent_path());
}

Result<void> check_private(const Path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return file_fault("stat", path);
  }
  const std::string name = path.filename().string();
  if (S_ISLNK(status.st_mode)) return fault(FaultCode::store_permissions, name + ": is a link");
  if (status.st_uid != ::geteuid())
    return fault(FaultCode::store_permissions, name + ": belongs to another user");
  if ((status.st_mode & 077) != 0)
    return fault(FaultCode::store_permissions, name + ": others may open it");
  return {};
}

}  // namespace comity::store
