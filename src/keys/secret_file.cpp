#include "keys/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace comity::keys {
namespace {

constexpr unsigned k_file_mode = 0600;
constexpr unsigned k_directory_mode = 0700;

template <typename Call>
auto again(Call call) {
  decltype(call()) result;
  do result = call();
  while (result < 0 && errno == EINTR);
  return result;
}

/// A fault of the errno that was just set; its detail names the last component only.
std::unexpected<Fault> failed(std::string_view what, const Path& path) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT;
  return fault(full ? FaultCode::store_full : FaultCode::store_io,
               path.filename().string() + ": " + std::string(what) + ": " + std::strerror(error));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

Result<void> write_all(const Descriptor& file, View bytes, const Path& path) {
  while (!bytes.empty()) {
    const auto put = again([&] { return ::write(file.get(), bytes.data(), bytes.size()); });
    if (put < 0) return failed("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> sync_directory(const Path& path) {
  const Descriptor directory(
      again([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (directory.get() < 0) return failed("open", path);
  if (::fsync(directory.get()) != 0) return failed("sync", path);
  return {};
}

/// Beside the file, under a name that nobody asks for. Left behind by a crash, it holds a secret
/// that nothing was ever sealed for, or is the finished file's second name: so the next attempt
/// removes it, and never writes into it.
Path temporary_for(const Path& path) {
  return path.parent_path() / (".new-" + path.filename().string());
}

Result<Path> write_temporary(const Path& path, View bytes) {
  Path temporary = temporary_for(path);
  if (::unlink(temporary.c_str()) != 0 && errno != ENOENT) return failed("remove", temporary);
  const Descriptor file(again([&] {
    return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                  k_file_mode);
  }));
  if (file.get() < 0) return failed("create", path);
  if (::fchmod(file.get(), k_file_mode) != 0) return failed("set permissions", path);
  TRY(write_all(file, bytes, path));
  if (::fsync(file.get()) != 0) return failed("sync", path);
  return temporary;
}

/// Opens a plain file; nothing when there is none. O_NONBLOCK: a pipe must not hold us up.
Result<std::optional<struct stat>> open_plain(const Path& path, int& number) {
  number =
      again([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK); });
  if (number < 0) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP)
      return fault(FaultCode::store_permissions, path.filename().string() + ": is a link");
    return failed("open", path);
  }
  struct stat status{};
  if (::fstat(number, &status) != 0) return failed("stat", path);
  if (!S_ISREG(status.st_mode))
    return fault(FaultCode::store_io, path.filename().string() + ": is no plain file");
  return status;
}

/// Fills `into` with a file of `into`'s size.
Result<void> read_all(const Descriptor& file, std::span<std::uint8_t> into, const Path& path) {
  while (!into.empty()) {
    const auto got = again([&] { return ::read(file.get(), into.data(), into.size()); });
    if (got < 0) return failed("read", path);
    if (got == 0) return fault(FaultCode::store_io, path.filename().string() + ": is changing");
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace

Result<std::optional<Secret>> find_secret(const Path& path) {
  int number = -1;
  auto status = open_plain(path, number);
  const Descriptor file(number);
  if (!status) return std::unexpected(status.error());
  if (!*status) return std::nullopt;
  const std::string name = path.filename().string();
  if ((*status)->st_uid != ::geteuid())
    return fault(FaultCode::store_permissions, name + ": belongs to another user");
  if (((*status)->st_mode & 077) != 0)
    return fault(FaultCode::store_permissions, name + ": others may open it");
  const auto size = static_cast<std::size_t>((*status)->st_size);
  if (size > k_secret_bytes_max) return fault(FaultCode::limit_size, name);
  Secret secret(size);
  TRY(read_all(file, secret.writable(), path));
  return secret;
}

Result<Secret> read_secret(const Path& path) {
  TRY_LET(std::optional<Secret> secret, find_secret(path));
  if (!secret) return fault(FaultCode::store_io, path.filename().string() + ": is not there");
  return *std::move(secret);
}

Result<void> create_secret(const Path& path, View bytes) {
  TRY_LET(const Path temporary, write_temporary(path, bytes));
  // link() fails where a file is there already: no key is ever overwritten by another.
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0;
  const int error = errno;
  // If we die here, or this fails, the file has a second name: see clear_half.
  ::unlink(temporary.c_str());
  if (linked) return sync_directory(path.parent_path());
  if (error == EEXIST) return fault(FaultCode::store_exists, path.filename().string());
  errno = error;
  return failed("create", path);
}

Result<Bytes> read_public(const Path& path) {
  int number = -1;
  auto status = open_plain(path, number);
  const Descriptor file(number);
  if (!status) return std::unexpected(status.error());
  if (!*status) return fault(FaultCode::store_io, path.filename().string() + ": is not there");
  const auto size = static_cast<std::size_t>((*status)->st_size);
  if (size > k_public_bytes_max) return fault(FaultCode::limit_size, path.filename().string());
  Bytes bytes(size);
  TRY(read_all(file, bytes, path));
  return bytes;
}

Result<void> write_public(const Path& path, View bytes) {
  TRY_LET(const Path temporary, write_temporary(path, bytes));
  // If we die here, the old file stands.
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("rename", path);
  return sync_directory(path.parent_path());
}

Result<void> rename_durably(const Path& from, const Path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename", from);
  return sync_directory(to.parent_path());
}

Result<void> make_secret_directory(const Path& path) {
  if (::mkdir(path.c_str(), k_directory_mode) == 0) return sync_directory(path.parent_path());
  if (errno != EEXIST) return failed("make directory", path);
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return failed("stat", path);
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    return fault(FaultCode::store_permissions,
                 path.filename().string() + ": is not a directory of this user alone");
  return {};
}

Result<void> destroy_secret(const Path& path, Random& random) {
  const Descriptor file(
      again([&] { return ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW); }));
  if (file.get() < 0) return errno == ENOENT ? Result<void>{} : failed("open", path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return failed("stat", path);
  Bytes noise(static_cast<std::size_t>(status.st_size));
  random.fill(noise);
  TRY(write_all(file, noise, path));
  if (::fsync(file.get()) != 0) return failed("sync", path);
  // If we die here, the file is there and opens nothing: destroying it again finishes the work.
  if (::unlink(path.c_str()) != 0) return failed("remove", path);
  return sync_directory(path.parent_path());
}

Result<void> clear_half(const Path& path, Random& random) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0)
    return errno == ENOENT ? Result<void>{} : failed("stat", path);
  if (status.st_nlink < 2) return destroy_secret(path, random);
  if (::unlink(path.c_str()) != 0) return failed("remove", path);
  return sync_directory(path.parent_path());
}

}  // namespace comity::keys
