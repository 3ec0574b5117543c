#include "cli/export_folder.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

#include "court/layout.hpp"

namespace comity::cli {

namespace fs = std::filesystem;

Result<ExportFolder> ExportFolder::make(const fs::path& directory) {
  const fs::path plain = fs::absolute(directory / "").parent_path();  // without a trailing slash
  ExportFolder folder(plain);
  std::error_code error;
  for (const auto& path : {plain, folder.partial()})
    if (fs::exists(fs::symlink_status(path, error)))
      return fault(FaultCode::store_exists, path.string());
  TRY(store::make_directory(folder.partial()));
  return folder;
}

Result<fs::path> ExportFolder::place(const std::string& path) const {
  if (!court::is_export_path(path))
    return fault(FaultCode::format_field, "'" + path + "': is no path of an export");
  const fs::path full = partial() / path;
  TRY(store::make_directories(partial(), full.parent_path()));
  return full;
}

Result<void> ExportFolder::write(const std::string& path, View bytes) const {
  TRY_LET(const fs::path full, place(path));
  return store::create_durably(full, bytes, store::k_public_mode);
}

Result<NewFile> ExportFolder::begin(const std::string& path) const {
  TRY_LET(const fs::path full, place(path));
  return NewFile::begin(full);
}

Result<void> ExportFolder::finish() const {
  if (::renameat2(AT_FDCWD, partial().c_str(), AT_FDCWD, directory_.c_str(), RENAME_NOREPLACE) !=
      0) {
    if (errno == EEXIST) return fault(FaultCode::store_exists, directory_.string());
    return store::file_fault("rename", directory_);
  }
  return store::sync_directory(directory_.parent_path());
}

}  // namespace comity::cli
