#include "court/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "court/layout.hpp"

namespace comity::court {
namespace {

constexpr int k_read_only = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;

std::unexpected<Fault> system_fault(int error, std::string_view path) {
  const auto why = std::generic_category().message(error);
  const auto code = error == ENOENT || error == ENOTDIR ? FaultCode::not_found
                    : error == ELOOP                    ? FaultCode::format_field
                                                        : FaultCode::store_io;
  return fault(code, std::string(path) + ": " + (error == ELOOP ? "is a link" : why));
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

EntryKind kind_of(int folder, const char* name) {
  struct stat status{};
  if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return EntryKind::other;
  if (S_ISREG(status.st_mode)) return EntryKind::file;
  return S_ISDIR(status.st_mode) ? EntryKind::folder : EntryKind::other;
}

/// Takes the descriptor over. False when the visitor ended the walk.
bool walk_from(int descriptor, const std::string& below, std::size_t depth,
               const Folder::Visitor& visit) {
  const Directory directory(::fdopendir(descriptor));
  if (!directory) {
    ::close(descriptor);
    return visit(below, EntryKind::other);
  }
  while (const auto* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    auto path = below.empty() ? std::string(name) : below + "/" + std::string(name);
    const auto kind = kind_of(::dirfd(directory.get()), entry->d_name);
    if (kind != EntryKind::folder) {
      if (!visit(path, kind)) return false;
      continue;
    }
    if (depth >= k_export_depth_max) {
      if (!visit(path, EntryKind::other)) return false;
      continue;
    }
    if (!visit(path, kind)) continue;
    const int inner = ::openat(::dirfd(directory.get()), entry->d_name, k_read_only | O_DIRECTORY);
    if (inner < 0) {
      if (!visit(path, EntryKind::other)) return false;
    } else if (!walk_from(inner, path, depth + 1, visit)) {
      return false;
    }
  }
  return true;
}

}  // namespace

FolderFile::FolderFile(FolderFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      reading_(std::move(other.reading_)) {}

FolderFile::~FolderFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> FolderFile::read(std::span<std::uint8_t> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const auto got = ::read(descriptor_, into.data() + done, into.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_fault(errno, "a file");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  reading_->bytes += done;
  if (reading_->told) reading_->told(reading_->bytes);
  return done;
}

Folder::Folder(Folder&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), reading_(std::move(other.reading_)) {}

Folder::~Folder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Folder> Folder::open(const std::filesystem::path& path,
                            std::function<void(std::uint64_t)> told) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (descriptor < 0)
    return fault(FaultCode::store_io,
                 path.string() + ": " + std::generic_category().message(errno));
  return Folder(descriptor, std::make_shared<FolderReading>(FolderReading{0, std::move(told)}));
}

Result<int> Folder::open_folder(std::string_view path) const {
  int at = ::openat(descriptor_, ".", k_read_only | O_DIRECTORY);
  if (at < 0) return system_fault(errno, path);
  for (auto rest = path; !rest.empty();) {
    const auto slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    rest = slash == rest.npos ? std::string_view{} : rest.substr(slash + 1);
    const int next = ::openat(at, name.c_str(), k_read_only | O_DIRECTORY);
    const int error = errno;
    ::close(at);
    if (next < 0) return system_fault(error, path);
    at = next;
  }
  return at;
}

Result<FolderFile> Folder::open_file(std::string_view path) const {
  if (!is_export_path(path))
    return fault(FaultCode::format_field, std::string(path) + " is no path in an export");
  const auto slash = path.rfind('/');
  const auto parent = slash == path.npos ? std::string_view{} : path.substr(0, slash);
  const std::string name(slash == path.npos ? path : path.substr(slash + 1));
  TRY_LET(const int folder, open_folder(parent));
  // O_NONBLOCK: a pipe must not hold us up before we see that it is one.
  const int descriptor = ::openat(folder, name.c_str(), k_read_only | O_NONBLOCK);
  const int error = errno;
  ::close(folder);
  if (descriptor < 0) return system_fault(error, path);
  struct stat status{};
  FolderFile file(descriptor, reading_);
  if (::fstat(descriptor, &status) != 0) return system_fault(errno, path);
  if (!S_ISREG(status.st_mode))
    return fault(FaultCode::format_field, std::string(path) + " is no plain file");
  file.size_ = static_cast<std::uint64_t>(status.st_size);
  return file;
}

Result<Bytes> Folder::read_file(std::string_view path, std::size_t size_max) const {
  TRY_LET(FolderFile file, open_file(path));
  if (file.size() > size_max)
    return fault(FaultCode::limit_size,
                 std::string(path) + " has " + std::to_string(file.size()) + " bytes");
  Bytes bytes(file.size());
  TRY_LET(const std::size_t got, file.read(bytes));
  if (got != bytes.size()) return fault(FaultCode::store_io, std::string(path) + " was cut");
  return bytes;
}

Result<void> Folder::walk(const std::string& path, const Visitor& visit) const {
  TRY_LET(const int folder, open_folder(path));
  const auto depth =
      path.empty() ? 0U : 1U + static_cast<unsigned>(std::count(path.begin(), path.end(), '/'));
  walk_from(folder, path, depth, visit);
  return {};
}

}  // namespace comity::court
