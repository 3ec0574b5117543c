#include "transfer/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>

#include "base/page_buffer.hpp"
#include "formats/sight.hpp"
#include "transfer/tar_writer.hpp"

namespace comity::transfer {
namespace {

constexpr std::size_t k_block = 1UL << 18;  // bytes of a file read at a time

/// Opens without following a link and without waiting for anybody, and leaves the access time
/// alone where the kernel lets us (we must own the file).
Result<File> open_at(int folder, const std::string& name, int flags) {
  flags |= O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  auto file = File::open_at(folder, name, flags | O_NOATIME);
  return file || errno != EPERM ? std::move(file) : File::open_at(folder, name, flags);
}

Result<struct stat> status_at(int folder, const std::string& name) {
  struct stat status{};
  if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return file_fault("stat", name);
  return status;
}

Result<struct stat> status_of(const File& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.descriptor(), &status) != 0) return file_fault("stat", path);
  return status;
}

bool same(const struct stat& a, const struct stat& b) {
  const auto same_time = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_mode == b.st_mode &&
         a.st_size == b.st_size && same_time(a.st_mtim, b.st_mtim) &&
         same_time(a.st_ctim, b.st_ctim);
}

Result<std::string> link_at(int folder, const std::string& name) {
  std::string target(k_folder_path_max + 1, '\0');
  const auto size = ::readlinkat(folder, name.c_str(), target.data(), target.size());
  if (size < 0) return file_fault("read link", name);
  if (static_cast<std::size_t>(size) > k_folder_path_max)
    return fault(FaultCode::limit_size, "the target of the link " + name);
  target.resize(static_cast<std::size_t>(size));
  return target;
}

Result<std::vector<std::string>> names_in(const File& folder, const std::string& path) {
  // A second descriptor, because closedir closes the one it was given.
  const int descriptor = ::openat(folder.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = descriptor < 0 ? nullptr : ::fdopendir(descriptor);
  if (listing == nullptr) return file_fault("list", path);
  const std::unique_ptr<DIR, int (*)(DIR*)> guard(listing, ::closedir);
  std::vector<std::string> names;
  for (errno = 0; const dirent* entry = ::readdir(listing); errno = 0) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (names.size() == k_folder_entries_max)
      return fault(FaultCode::limit_count, "entries of the folder " + path);
    names.push_back(name);
  }
  if (errno != 0) return file_fault("list", path);
  std::ranges::sort(names);
  return names;
}

Result<std::vector<std::pair<std::string, Bytes>>> attributes_of(const File& file,
                                                                 const std::string& path) {
  std::vector<std::pair<std::string, Bytes>> attributes;
  std::string names;
  auto size = ::flistxattr(file.descriptor(), nullptr, 0);
  if (size > 0) {  // most have none
    names.resize(k_attribute_max);
    size = ::flistxattr(file.descriptor(), names.data(), names.size());
  }
  if (size < 0) {
    if (errno == ENOTSUP) return attributes;
    return file_fault("list attributes", path);
  }
  for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
    const std::string name = names.c_str() + at;
    at += name.size() + 1;
    Bytes value(k_attribute_max);
    const auto got = ::fgetxattr(file.descriptor(), name.c_str(), value.data(), value.size());
    if (got < 0) return file_fault("read attribute", path);
    value.resize(static_cast<std::size_t>(got));
    attributes.emplace_back(name, std::move(value));
  }
  std::ranges::sort(attributes);
  return attributes;
}

std::string_view kind_of(mode_t mode) {
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISBLK(mode)) return "a block device";
  if (S_ISCHR(mode)) return "a character device";
  return "of a kind that is not known";
}

/// A path in words that a manifest can hold: its bytes where they show as they are, else escaped.
std::string shown(const std::string& path) {
  if (!formats::text_flaw(path, false) && path.size() <= evidence::k_manifest_text_max / 2)
    return path;
  return "name in hexadecimal " + hex(as_bytes(path)).substr(0, evidence::k_manifest_text_max - 64);
}

}  // namespace

/// The walk down the tree, a step at a time. Everything is reached by descriptor and one name, so
/// no path can be swapped for a link behind it.
class FolderSource::Walk {
 public:
  Walk(std::vector<Path> roots, Bytes& out) : roots_(std::move(roots)), writer_(out) {}

  /// Makes some more of the archive; false when all of it has been made.
  Result<bool> step() {
    if (file_) {
      TRY(read_block());
    } else if (!levels_.empty()) {
      TRY(next_entry());
    } else if (next_root_ < roots_.size()) {
      const Path& root = roots_[next_root_++];
      TRY(enter(AT_FDCWD, root, root.filename()));
    } else if (!finished_) {
      finished_ = true;
      TRY(writer_.finish());
    } else {
      return false;
    }
    return true;
  }
  const std::vector<evidence::Remark>& omissions() const { return omissions_; }

 private:
  struct Level {  // an open folder
    File folder;
    struct stat status;
    std::string path;
    std::vector<std::string> names;
    std::size_t next = 0;
  };
  struct OpenFile {
    File file;
    struct stat status;
    std::string path;
    std::uint64_t done = 0;  // bytes
  };

  Result<void> next_entry() {
    auto& level = levels_.back();
    if (level.next < level.names.size()) {
      const auto name = level.names[level.next++];
      return enter(level.folder.descriptor(), name, level.path + "/" + name);
    }
    TRY_LET(const struct stat after, status_of(level.folder, level.path));
    if (!same(level.status, after)) return fault(FaultCode::evidence_changed, level.path);
    levels_.pop_back();
    return {};
  }

  Result<void> enter(int folder, const std::string& name, const std::string& path) {
    if (path.size() > k_folder_path_max)
      return fault(FaultCode::limit_size, "a path in the folder");
    TRY_LET(const struct stat status, status_at(folder, name));
    if (S_ISDIR(status.st_mode)) return enter_folder(folder, name, path, status);
    if (S_ISREG(status.st_mode)) return enter_file(folder, name, path, status);
    if (S_ISLNK(status.st_mode)) {
      TRY_LET(const std::string target, link_at(folder, name));
      return writer_.begin({.path = path, .status = status, .link = target});
    }
    if (omissions_.size() == evidence::k_manifest_remarks_max)
      return fault(FaultCode::limit_count, "omissions of one item");
    omissions_.push_back({.what = shown(path),
                          .reason = "it is " + std::string(kind_of(status.st_mode)) +
                                    " and holds no bytes to keep"});
    return {};
  }

  Result<void> enter_folder(int folder, const std::string& name, const std::string& path,
                            const struct stat& seen) {
    if (levels_.size() == k_folder_depth_max)
      return fault(FaultCode::limit_depth, "folders within folders");
    TRY_LET(File file, open_at(folder, name, O_DIRECTORY));
    TRY_LET(const struct stat status, status_of(file, path));
    if (!same(seen, status)) return fault(FaultCode::evidence_changed, path);
    TRY_LET(auto attributes, attributes_of(file, path));
    TRY(writer_.begin({.path = path, .status = status, .attributes = std::move(attributes)}));
    TRY_LET(auto names, names_in(file, path));
    levels_.push_back(
        {.folder = std::move(file), .status = status, .path = path, .names = std::move(names)});
    return {};
  }

  Result<void> enter_file(int folder, const std::string& name, const std::string& path,
                          const struct stat& seen) {
    TRY_LET(File file, open_at(folder, name, 0));
    TRY_LET(const struct stat status, status_of(file, path));
    if (!same(seen, status)) return fault(FaultCode::evidence_changed, path);
    if (status.st_nlink > 1) {
      const auto [first, is_new] = links_.try_emplace({status.st_dev, status.st_ino}, path);
      if (!is_new)
        return writer_.begin({.path = path, .status = status, .hard_link = first->second});
    }
    TRY_LET(auto attributes, attributes_of(file, path));
    TRY(writer_.begin({.path = path, .status = status, .attributes = std::move(attributes)}));
    ::posix_fadvise(file.descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
    file_.emplace(std::move(file), status, path);
    return {};
  }

  /// The header has promised the size, so a file that grew or shrank can not be stored as it is.
  Result<void> read_block() {
    const auto left = static_cast<std::uint64_t>(file_->status.st_size) - file_->done;
    const auto wanted = block_.span().first(std::min<std::uint64_t>(k_block, left));
    TRY_LET(const std::size_t got, file_->file.read_at(wanted, file_->done));
    if (got < wanted.size()) return fault(FaultCode::evidence_changed, file_->path);
    if (got > 0) TRY(writer_.data(wanted));
    file_->done += got;
    if (got < left) return {};
    TRY_LET(const struct stat after, status_of(file_->file, file_->path));
    if (!same(file_->status, after)) return fault(FaultCode::evidence_changed, file_->path);
    file_.reset();
    return {};
  }

  std::vector<Path> roots_;
  std::size_t next_root_ = 0;
  TarWriter writer_;
  std::vector<Level> levels_;
  std::optional<OpenFile> file_;
  PageBuffer block_{k_block};
  std::map<std::pair<dev_t, ino_t>, std::string> links_;  // first path of files with several names
  std::vector<evidence::Remark> omissions_;
  bool finished_ = false;
};

Result<std::unique_ptr<FolderSource>> FolderSource::open(const std::vector<Path>& roots) {
  std::set<std::string> names;
  std::vector<Path> cleaned;
  for (const auto& root : roots) {
    const Path clean = root.has_filename() ? root : root.parent_path();  // "folder/" is "folder"
    const std::string name = clean.filename();
    if (name.empty() || name == "." || name == "..")
      return fault(FaultCode::format_field, "name a folder or file, not a way to it");
    if (!names.insert(name).second)
      return fault(FaultCode::format_field, "two of these have the name " + shown(name));
    cleaned.push_back(clean);
  }
  if (cleaned.empty()) return fault(FaultCode::format_field, "there is nothing to store");
  return std::unique_ptr<FolderSource>(new FolderSource(std::move(cleaned)));
}

FolderSource::FolderSource(std::vector<Path> roots)
    : walk_(std::make_unique<Walk>(std::move(roots), made_)) {}
FolderSource::~FolderSource() = default;

Result<std::size_t> FolderSource::read(std::span<std::uint8_t> into) {
  if (taken_ == made_.size()) {
    made_.clear();
    taken_ = 0;
    // Small files come many at a time, so that a million of them are not a million small reads.
    const auto enough = std::min(into.size(), k_block);
    for (bool more = true; more && made_.size() < enough;) {
      TRY_LET(more, walk_->step());
    }
  }
  const auto size = std::min(into.size(), made_.size() - taken_);
  std::copy_n(made_.begin() + static_cast<std::ptrdiff_t>(taken_), size, into.begin());
  taken_ += size;
  return size;
}

const std::vector<evidence::Remark>& FolderSource::omissions() const {
  return walk_->omissions();
}

}  // namespace comity::transfer
