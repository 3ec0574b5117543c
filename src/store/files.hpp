// Files of a node's home: made for their owner alone, replaced whole, durable before anybody relies
// on them. It must never follow a link in place of a file, nor leave half a file under its name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace comity::store {

using Path = std::filesystem::path;

inline constexpr unsigned k_secret_mode = 0600;     // read and written by the owner alone
inline constexpr unsigned k_public_mode = 0644;     // what may be shown to anybody
inline constexpr unsigned k_directory_mode = 0700;  // every directory of a home

/// Owns a file descriptor. Movable only.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int get() const { return descriptor_; }
  /// Gives it up: the caller closes it.
  int release();

 private:
  int descriptor_;
};

/// A fault of the errno that was just set: store.full where a disk or quota has no room, else
/// store.io. The detail names the file's last component only.
std::unexpected<Fault> file_fault(std::string_view what, const Path& path);

/// Opens without following a link at the end of the path; `flags` as of open(2).
Result<Descriptor> open_file(const Path& path, int flags, unsigned mode = k_secret_mode);
/// For reading; nothing if it is not there. Fault: store.io, also for anything but a plain file.
Result<std::optional<Descriptor>> open_plain(const Path& path);
Result<std::uint64_t> size_of(const Descriptor& file, const Path& path);

/// A whole file of at most `bytes_max`. Faults: store.io, also when it is not there; limit.size.
Result<Bytes> read_bounded(const Path& path, std::size_t bytes_max);
/// The same; nothing when it is not there.
Result<std::optional<Bytes>> read_if_there(const Path& path, std::size_t bytes_max);

/// Replaces the file in one step: whoever opens it finds the old bytes or the new ones, whole. Not
/// durable yet. Faults: store.io, store.full.
Result<void> replace_file(const Path& path, View bytes, unsigned mode);
/// The same, and on return it survives loss of power.
Result<void> write_durably(const Path& path, View bytes, unsigned mode);
/// Makes a file that was not there, durably. Fault: store.exists.
Result<void> create_durably(const Path& path, View bytes, unsigned mode);

/// Makes what was written to the file durable. Never tried twice: after a failed call the kernel
/// may have dropped the pages, and would say yes.
Result<void> sync_file(const Path& path);
/// Makes the names in a directory durable.
Result<void> sync_directory(const Path& path);

/// Makes a directory for its owner alone, and the missing ones above it up to `root`, which is
/// there. The names are not durable yet; `made` gets every directory whose names changed.
Result<void> make_directories(const Path& root, const Path& path,
                              std::vector<Path>* made = nullptr);
/// Makes one directory durably. Fault: store.exists.
Result<void> make_directory(const Path& path);
/// Removes a file or a whole directory, durably; nothing there is success.
Result<void> remove_durably(const Path& path);

/// That nobody but this process's user may read or write the file, which is no link. A file that is
/// not there is no breach. Fault: store.permissions.
Result<void> check_private(const Path& path);

}  // namespace comity::store
