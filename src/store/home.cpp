#include "store/home.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace comity::store {
namespace {

/// Others may neither change a directory nor list it.
Result<void> check_directory(const Path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return file_fault("stat", path);
  const std::string name = path.filename().string();
  if (!S_ISDIR(status.st_mode)) return fault(FaultCode::store_io, name + ": is no directory");
  if (status.st_uid != ::geteuid())
    return fault(FaultCode::store_permissions, name + ": belongs to another user");
  if ((status.st_mode & 077) != 0)
    return fault(FaultCode::store_permissions, name + ": others may open it; 'chmod 700' it");
  return {};
}

/// Every file of a directory of keys, those below it too. Certificates lie among them and are
/// public, but nobody is helped by guessing which is which.
Result<void> check_secrets(const Path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  TRY(check_directory(path));
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    if (at->is_directory() && !at->is_symlink())
      TRY(check_secrets(at->path()));
    else
      TRY(check_private(at->path()));
  }
  if (!error) return {};
  errno = error.value();
  return file_fault("list", path);
}

}  // namespace

Result<Home> Home::create(const Path& directory, const Settings& settings) {
  TRY_LET(const std::string toml, write_settings(settings));
  std::error_code error;
  // A trailing slash would make the parent of "DIR/" the directory itself.
  Home home(std::filesystem::absolute(directory / "").parent_path().lexically_normal(), settings);
  const Path& top = home.directory_;
  if (std::filesystem::exists(top, error)) {
    if (!std::filesystem::is_directory(top, error) || !std::filesystem::is_empty(top, error))
      return fault(FaultCode::store_exists,
                   top.filename().string() + ": is not an empty directory");
    if (::chmod(top.c_str(), k_directory_mode) != 0) return file_fault("set permissions", top);
  } else {
    std::filesystem::create_directories(top.parent_path(), error);
    TRY(make_directory(top));
  }
  for (const auto& path : {home.logs(), home.evidence(), home.keys(), home.root()})
    TRY(make_directory(path));
  // The settings come last: a directory without them is no home, whatever else lies in it.
  TRY(create_durably(home.settings_file(), as_bytes(toml), k_secret_mode));
  return home;
}

Result<Home> Home::open(const Path& directory) {
  const Path top = std::filesystem::absolute(directory / "").parent_path().lexically_normal();
  const Path file = top / "comity.toml";
  TRY_LET(const auto toml, read_if_there(file, k_settings_bytes_max));
  if (!toml)
    return fault(FaultCode::no_file, top.string() + ": there is no node's home (no comity.toml)");
  TRY_LET(Settings settings, read_settings(*toml, file.filename().string()));
  Home home(top, std::move(settings));
  TRY(home.check_permissions());
  return home;
}

Result<void> Home::check_permissions() const {
  TRY(check_directory(directory_));
  for (const auto& path : {logs(), evidence()}) TRY(check_directory(path));
  for (const auto& path : {keys(), root()}) TRY(check_secrets(path));
  for (const char* suffix : {"", "-wal", "-shm", "-journal"})
    TRY(check_private(database() += suffix));
  return {};
}

}  // namespace comity::store
