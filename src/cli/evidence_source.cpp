#include "cli/evidence_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "cli/progress.hpp"
#include "crypto/digest.hpp"
#include "store/files.hpp"
#include "transfer/descriptor_source.hpp"
#include "transfer/folder.hpp"

namespace comity::cli {
namespace {

namespace fs = std::filesystem;
using transfer::DescriptorSource;

constexpr std::chrono::milliseconds k_looked_at_every{250};
constexpr std::size_t k_hashed_at_once_bytes = std::size_t{1} << 20;

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
  TRY_LET(auto file, transfer::File::open(path, O_RDONLY | O_NOCTTY));
  TRY_LET(auto opened, DescriptorSource::of(std::move(file)));
  EvidenceSource source{.media = evidence::Media::file, .name = path.filename().string()};
  source.total = opened.total();
  if (!source.total)
    source.media = evidence::Media::stream;  // a pipe: nobody knows what came before
  source.descriptor = source.total ? opened.file().descriptor() : -1;
  source.bytes = std::make_unique<DescriptorSource>(std::move(opened));
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
    const int input = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (input < 0) return store::file_fault("open", "standard input");
    TRY_LET(auto opened, DescriptorSource::of(transfer::File::adopt(input, "standard input")));
    return EvidenceSource{.bytes = std::make_unique<DescriptorSource>(std::move(opened)),
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

FollowedFile::FollowedFile(int descriptor, std::function<void(std::uint64_t)> told)
    : descriptor_(descriptor), told_(std::move(told)), thread_([this] { run(); }) {}

FollowedFile::~FollowedFile() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  ends_.notify_all();
  thread_.join();
}

void FollowedFile::run() {
  std::unique_lock lock(mutex_);
  while (!ends_.wait_for(lock, k_looked_at_every, [&] { return is_over_; }))
    if (const auto at = ::lseek(descriptor_, 0, SEEK_CUR); at >= 0)
      told_(static_cast<std::uint64_t>(at));
}

Result<Digest> hash_of_evidence(const std::vector<std::string>& files, Clock& clock) {
  TRY_LET(auto source, open_evidence(files));
  Progress progress(clock, "reading", source.total);
  ToldSource told(*source.bytes, [&](std::uint64_t done) { progress.at(done); });
  crypto::Sha256 hash;
  Bytes buffer(k_hashed_at_once_bytes);
  while (true) {
    TRY_LET(const std::size_t count, told.read(buffer));
    if (count == 0) return hash.finish();
    hash.update(View(buffer).first(count));
  }
}

}  // namespace comity::cli
