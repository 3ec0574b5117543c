// An open file that goes from one process of this machine to another by a Unix socket (SCM_RIGHTS,
// unix(7)): what the officers' own command line hands over, so that evidence is read once and not
// copied through a socket. The node gets what its caller could open, and opens no path itself.
#pragma once

#include <utility>

#include "base/bytes.hpp"

namespace comity::wire {

/// Owns a descriptor, or none. Movable only.
class OpenFile {
 public:
  explicit OpenFile(int descriptor = -1) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept : descriptor_(other.release()) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  /// Who takes it closes it.
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

/// What has come, without waiting; 0 when the other end has closed. `passed` becomes the file that
/// came with these bytes, if one did. Faults: peer.timeout when nothing is there yet; peer.protocol
/// for more than one file at once, which are closed; peer.unreachable.
Result<std::size_t> receive_with_file(int socket, std::span<std::uint8_t> into, OpenFile& passed);

/// Sends some of `bytes` (not empty), and the file with the first. Faults: peer.timeout when there
/// is no room yet; peer.unreachable.
Result<std::size_t> send_with_file(int socket, View bytes, int file);

}  // namespace comity::wire
