#include "cli/evidence_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "store/files.hpp"
#include "transfer/folder.hpp"

namespace comity::cli {
namespace {

namespace fs = std::filesystem;

/// A file, a disk or standard input, from where it stands to its end.
class DescriptorSource final : public node::Source {
 public:
  DescriptorSource(store::Descriptor file, fs::path path, std::optional<struct stat> before)
      : file_(std::move(file)), path_(std::move(path)), before_(before) {}

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    while (true) {
      const auto count = ::read(file_.get(), into.data(), into.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return store::file_fault("read", path_);
      if (count == 0) TRY(check_unchanged());
      return static_cast<std::size_t>(count);
    }
  }

 private:
  /// A regular file that changed while it was read is neither the one before nor the one after.
  Result<void> check_unchanged() const {
    if (!before_) return {};
    struct stat now{};
    if (::fstat(file_.get(), &now) != 0) return store::file_fault("stat", path_);
    const bool is_same = now.st_size == before_->st_size &&
                         now.st_mtim.tv_sec == before_->st_mtim.tv_sec &&
                         now.st_mtim.tv_nsec == before_->st_mtim.tv_nsec;
    if (is_same) return {};
    return fault(FaultCode::evidence_changed, path_.filename().string());
  }

  store::Descriptor file_;
  fs::path path_;
  std::optional<struct stat> before_;
};

/// An archive whose omissions were announced before it was read; others at the end mean that the
/// folder changed meanwhile, and the manifest would not say all.
class ArchiveSource final : public node::Source {
 public:
  ArchiveSource(std::unique_ptr<transfer::FolderSource> archive, std::size_t announced)
      : archive_(std::move(archive)), announced_(announced) {}

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    TRY_LET(const std::size_t count, archive_->read(into));
    if (count == 0 && archive_->omissions().size() != announced_)
      return fault(FaultCode::evidence_changed, "what the folder holds changed while it was read");
    return count;
  }

 private:
  std::unique_ptr<transfer::FolderSource> archive_;
  std::size_t announced_;
};

/// Reads the archive once without keeping it, to learn what it will leave out. Only folders that
/// hold sockets, pipes or devices pay for this.
Result<std::vector<evidence::Remark>> omissions_of(const std::vector<transfer::Path>& roots) {
  TRY_LET(const auto archive, transfer::FolderSource::open(roots));
  Bytes buffer(std::size_t{1} << 20);
  while (true) {
    TRY_LET(const std::size_t count, archive->read(buffer));
    if (count == 0) return archive->omissions();
  }
}

bool holds_special(const fs::path& root) {
  std::error_code error;
  const auto is_special = [](fs::file_status status) {
    return !fs::is_regular_file(status) && !fs::is_directory(status) && !fs::is_symlink(status);
  };
  if (is_special(fs::symlink_status(root, error))) return true;
  for (fs::recursive_directory_iterator at(root, error), end; !error && at != end;
       at.increment(error))
    if (is_special(at->symlink_status(error))) return true;
  return false;
}

Result<EvidenceSource> open_single(const fs::path& path) {
  store::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return store::file_fault("open", path);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return store::file_fault("stat", path);
  EvidenceSource source{.media = evidence::Media::file, .name = path.filename().string()};
  std::optional<struct stat> before;
  if (S_ISREG(status.st_mode)) {
    source.total = static_cast<std::uint64_t>(status.st_size);
    before = status;
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  } else if (S_ISBLK(status.st_mode)) {
    const auto end = ::lseek(file.get(), 0, SEEK_END);
    if (end < 0 || ::lseek(file.get(), 0, SEEK_SET) != 0) return store::file_fault("seek", path);
    source.total = static_cast<std::uint64_t>(end);
  } else {
    source.media = evidence::Media::stream;  // a pipe: nobody knows what came before
  }
  source.bytes = std::make_unique<DescriptorSource>(std::move(file), path, before);
  return source;
}

Result<EvidenceSource> open_archive(const std::vector<std::string>& files) {
  std::vector<transfer::Path> roots;
  bool special = false;
  for (const auto& file : files) {
    roots.emplace_back(fs::path(file / fs::path()).parent_path());
    special = special || holds_special(roots.back());
  }
  EvidenceSource source{.media = evidence::Media::folder_tar};
  if (special) {
    TRY_LET(source.omissions, omissions_of(roots));
  }
  TRY_LET(auto archive, transfer::FolderSource::open(roots));
  source.bytes = std::make_unique<ArchiveSource>(std::move(archive), source.omissions.size());
  if (roots.size() == 1) source.name = roots.front().filename().string() + ".tar";
  return source;
}

}  // namespace

Result<EvidenceSource> open_evidence(const std::vector<std::string>& files) {
  if (files.size() == 1 && files.front() == "-") {
    store::Descriptor input(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (input.get() < 0) return store::file_fault("open", "standard input");
    return EvidenceSource{.bytes = std::make_unique<DescriptorSource>(
                              std::move(input), "standard input", std::nullopt),
                          .media = evidence::Media::stream};
  }
  std::error_code error;
  if (files.size() == 1 && !fs::is_directory(files.front(), error))
    return open_single(files.front());
  return open_archive(files);
}

Result<std::size_t> ToldSource::read(std::span<std::uint8_t> into) {
  TRY_LET(const std::size_t count, inner_.read(into));
  done_ += count;
  told_(done_);
  return count;
}

}  // namespace comity::cli
