#include "cli/evidence_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/files.hpp"

namespace comity::cli {

Result<NewFile> NewFile::begin(const std::filesystem::path& wanted) {
  const std::filesystem::path path = std::filesystem::absolute(wanted);
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error)))
    return fault(FaultCode::store_exists, path.string());
  TRY(check_folder(path.parent_path()));
  const std::filesystem::path partial = path.string() + ".partial";
  if (std::filesystem::exists(std::filesystem::symlink_status(partial, error)))
    return fault(FaultCode::store_exists, partial.string() + ": of an earlier attempt");
  TRY_LET(auto file,
          store::open_file(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, store::k_secret_mode));
  return NewFile(path, std::move(file));
}

NewFile::NewFile(NewFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      hash_(other.hash_),
      size_(other.size_),
      told_(std::move(other.told_)) {}

NewFile::~NewFile() {
  if (file_.get() >= 0) ::unlink(partial().c_str());
}

Result<void> NewFile::write(View bytes) {
  hash_.update(bytes);
  size_ += bytes.size();
  while (!bytes.empty()) {
    const auto count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return store::file_fault("write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (told_) told_(size_);
  return {};
}

Result<Digest> NewFile::finish() {
  if (::fsync(file_.get()) != 0) return store::file_fault("sync", path_);
  // Never over something that appeared meanwhile.
  if (::renameat2(AT_FDCWD, partial().c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return fault(FaultCode::store_exists, path_.string());
    return store::file_fault("rename", path_);
  }
  file_ = store::Descriptor();
  TRY(store::sync_directory(path_.parent_path()));
  return hash_.finish();
}

}  // namespace comity::cli
