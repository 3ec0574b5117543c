#include "wire/listen.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>

#include "wire/limits.hpp"

namespace comity::wire {
namespace {

constexpr int k_backlog = 512;

Fault fault_at_bind(const error_code& error, const std::string& where) {
  if (error == asio::error::address_in_use) return {FaultCode::node_busy, where + " is in use"};
  return {FaultCode::bad_usage, "can not listen at " + where + ": " + error.message()};
}

/// Whether some process accepts connections at `path`.
bool is_alive(asio::io_context& io, const std::string& path) {
  local::socket probe(io);
  error_code error;
  error = probe.connect(local::endpoint(path), error);
  return error != asio::error::connection_refused;
}

}  // namespace

Result<tcp::acceptor> listen_tcp(asio::io_context& io, const std::string& host, std::uint16_t port,
                                 bool only_loopback) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return fault(FaultCode::bad_usage, host + " is not a numeric address");
  if (only_loopback && !address.is_loopback())
    return fault(FaultCode::bad_usage, host + " is not a loopback address");
  const tcp::endpoint endpoint(address, port);
  tcp::acceptor acceptor(io);
  error = acceptor.open(endpoint.protocol(), error);
  if (!error) error = acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) error = acceptor.bind(endpoint, error);
  if (!error) error = acceptor.listen(k_backlog, error);
  if (error) return std::unexpected(fault_at_bind(error, host + ":" + std::to_string(port)));
  return acceptor;
}

Result<local::acceptor> listen_local(asio::io_context& io, const std::string& path) {
  if (path.empty() || path.size() > k_socket_path_bytes_max)
    return fault(FaultCode::bad_usage, "a socket's path has 1 to 107 bytes: " + path);
  struct stat found = {};
  if (::lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) return fault(FaultCode::store_exists, path + " is not a socket");
    if (is_alive(io, path)) return fault(FaultCode::node_busy, path);
    ::unlink(path.c_str());
  }
  error_code error;
  local::acceptor acceptor(io);
  error = acceptor.open(local(), error);
  // The mode is the file's from its first moment (Linux takes it from the socket), whatever the
  // umask; and before listen(), connecting is refused to all.
  if (!error && ::fchmod(acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0)
    error.assign(errno, boost::system::system_category());
  if (!error) error = acceptor.bind(local::endpoint(path), error);
  if (error) return std::unexpected(fault_at_bind(error, path));
  if (::lstat(path.c_str(), &found) != 0 || (found.st_mode & 0177) != 0 ||
      found.st_uid != ::geteuid())
    return fault(FaultCode::store_permissions, path);
  error = acceptor.listen(k_backlog, error);
  if (error) return std::unexpected(fault_at_bind(error, path));
  return acceptor;
}

void remove_local(const std::string& path, std::uint64_t inode) {
  if (inode != 0 && inode_of(path) == inode) ::unlink(path.c_str());
}

std::uint64_t inode_of(const std::string& path) {
  struct stat found = {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

}  // namespace comity::wire
