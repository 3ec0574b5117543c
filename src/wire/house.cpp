#include "wire/house.hpp"

#include <algorithm>

#include "wire/connection.hpp"

namespace comity::wire {

void House::enter(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  inside_.insert(connection);
  if (is_stopping_) connection->end_when_idle();
}

void House::leave(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  inside_.erase(connection);
  left_.notify_all();
}

void House::wait_outside(const std::shared_ptr<Connection>& connection) {
  std::shared_ptr<Connection> oldest;
  const std::lock_guard lock(mutex_);
  if (outside_.size() >= options.limits.antechamber_max) {
    oldest = outside_.front().lock();
    outside_.pop_front();
    if (oldest) oldest->cut();
  }
  outside_.push_back(connection);
}

void House::come_in(const Connection* connection) {
  const std::lock_guard lock(mutex_);
  std::erase_if(outside_, [&](const auto& weak) {
    const auto waiting = weak.lock();
    return !waiting || waiting.get() == connection;
  });
}

bool House::admit(Doorway& door, const std::optional<StateCode>& peer) {
  const std::lock_guard lock(mutex_);
  if (door.connections >= options.limits.connections_max) return false;
  if (peer) {
    auto& count = of_peer_[*peer];
    if (count >= options.limits.peer_connections_max) return false;
    ++count;
  }
  ++door.connections;
  return true;
}

void House::dismiss(Doorway& door, const std::optional<StateCode>& peer) {
  const std::lock_guard lock(mutex_);
  --door.connections;
  if (peer && --of_peer_[*peer] == 0) of_peer_.erase(*peer);
}

bool House::empty_by(Moment deadline) {
  std::unique_lock lock(mutex_);
  is_stopping_ = true;
  for (const auto& connection : inside_) connection->end_when_idle();
  return left_.wait_until(lock, deadline, [&] { return inside_.empty(); });
}

void House::cut_all() {
  std::unique_lock lock(mutex_);
  for (const auto& connection : inside_) connection->cut();
  left_.wait(lock, [&] { return inside_.empty(); });
}

}  // namespace comity::wire
