#include "store/log_files.hpp"

#include <algorithm>

#include "store/files.hpp"

namespace comity::store {
namespace {

Result<std::string> joined(std::string_view log, std::string_view path) {
  if (!is_log_path(log) || !is_log_path(path))
    return fault(FaultCode::format_field, "not the path of a log's file");
  return std::string(log) + '/' + std::string(path);
}

bool is_component(std::string_view text) {
  // A leading dot is for files of ours that nobody may ask for, and for "." and "..".
  return !text.empty() && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

bool is_log_path(std::string_view path) {
  if (path.size() > k_log_path_bytes_max) return false;
  for (;;) {
    const auto slash = path.find('/');
    if (!is_component(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Result<std::optional<Bytes>> DiskLogFiles::read(std::string_view log, std::string_view path) {
  TRY_LET(const std::string name, joined(log, path));
  return read_if_there(root_ / name, k_log_file_bytes_max);
}

Result<void> DiskLogFiles::write(std::string_view log, std::string_view path, View bytes) {
  TRY_LET(const std::string name, joined(log, path));
  const Path file = root_ / name;
  auto written = replace_file(file, bytes, k_secret_mode);
  if (!written) {
    // A folder holds a thousand tiles, so it is mostly there.
    std::vector<Path> changed;
    TRY(make_directories(root_, file.parent_path(), &changed));
    directories_.insert(changed.begin(), changed.end());
    TRY(replace_file(file, bytes, k_secret_mode));
  }
  files_.insert(file);
  directories_.insert(file.parent_path());
  return {};
}

Result<void> DiskLogFiles::sync() {
  // A file's bytes before its name: if we die here, a name that lasts leads to whole bytes.
  for (const auto& file : files_) TRY(sync_file(file));
  for (const auto& directory : directories_) TRY(sync_directory(directory));
  files_.clear();
  directories_.clear();
  return {};
}

Result<std::optional<Bytes>> MemoryLogFiles::read(std::string_view log, std::string_view path) {
  TRY_LET(const std::string name, joined(log, path));
  const auto found = files_.find(name);
  if (found == files_.end()) return std::nullopt;
  return found->second;
}

Result<void> MemoryLogFiles::write(std::string_view log, std::string_view path, View bytes) {
  TRY_LET(std::string name, joined(log, path));
  files_[std::move(name)] = to_bytes(bytes);
  return {};
}

Result<void> MemoryLogFiles::sync() {
  durable_ = files_;
  return {};
}

}  // namespace comity::store
