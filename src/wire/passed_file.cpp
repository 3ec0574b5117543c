#include "wire/passed_file.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace comity::wire {
namespace {

/// Room for two, so that a second one is seen and refused, and not dropped without a word.
constexpr std::size_t k_files_seen = 2;

std::unexpected<Fault> socket_fault() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
    return fault(FaultCode::peer_timeout);
  return fault(FaultCode::peer_unreachable, std::strerror(errno));
}

}  // namespace

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::size_t> receive_with_file(int socket, std::span<std::uint8_t> into, OpenFile& passed) {
  iovec place{into.data(), into.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(k_files_seen * sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  const auto got = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return socket_fault();
  std::size_t files = 0;
  for (auto* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i, ++files) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof descriptor, sizeof descriptor);
      passed = OpenFile(descriptor);  // one that was there before is closed
    }
  }
  if (files <= 1 && (message.msg_flags & MSG_CTRUNC) == 0) return static_cast<std::size_t>(got);
  passed = OpenFile();
  return fault(FaultCode::peer_protocol, "more than one file was handed over");
}

Result<std::size_t> send_with_file(int socket, View bytes, int file) {
  iovec place{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  auto* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof file);
  std::memcpy(CMSG_DATA(part), &file, sizeof file);
  const auto sent = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return socket_fault();
  return static_cast<std::size_t>(sent);
}

}  // namespace comity::wire
