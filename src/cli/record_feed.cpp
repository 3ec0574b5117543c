#include "cli/record_feed.hpp"

#include <algorithm>
#include <chrono>

namespace comity::cli {
namespace {

constexpr std::size_t k_piece_bytes = std::size_t{64} * 1024;

Bytes framed(formats::Framing framing, View record) {
  Bytes bytes;
  bytes.reserve(record.size() + 4);
  if (framing == formats::Framing::lengths)
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<std::uint8_t>(record.size() >> shift));
  append(bytes, record);
  if (framing == formats::Framing::lines) bytes.push_back('\n');
  return bytes;
}

}  // namespace

RecordFeed::RecordFeed(node::Source& inner, std::optional<formats::Framing> framing)
    : inner_(inner),
      framing_(framing),
      frames_(framing.value_or(formats::Framing::lines)),
      piece_(k_piece_bytes) {}

/// Reads some more from the source, without the lock: it may block for hours.
Result<void> RecordFeed::fill(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  const auto got = inner_.read(piece_);
  std::vector<Bytes> records;
  const auto take = [&](View record) -> Result<void> {
    records.push_back(framed(*framing_, record));
    return {};
  };
  Result<void> done;
  if (!got)
    done = std::unexpected(got.error());
  else
    done = *got > 0 ? frames_.push(View(piece_).first(*got), take) : frames_.finish(take);
  lock.lock();
  for (auto& record : records) {
    bytes_ += record.size();
    kept_.push_back(std::move(record));
  }
  if (got && *got == 0) ended_ = true;
  return done;
}

Result<std::size_t> RecordFeed::read(std::span<std::uint8_t> into) {
  if (!framing_) {
    TRY_LET(const auto got, inner_.read(into));
    if (got == 0) {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    return got;
  }
  std::unique_lock lock(mutex_);
  for (;;) {
    std::size_t done = 0;
    while (next_ < first_ + kept_.size() && done < into.size()) {
      const auto& record = kept_[next_ - first_];
      const auto part = std::min(record.size() - at_, into.size() - done);
      std::copy_n(record.begin() + static_cast<std::ptrdiff_t>(at_), part,
                  into.begin() + static_cast<std::ptrdiff_t>(done));
      done += part;
      at_ += part;
      if (at_ == record.size()) {
        ++next_;
        at_ = 0;
      }
    }
    if (done > 0) return done;
    if (ended_) return std::size_t{0};
    changed_.wait(lock, [&] { return bytes_ < k_feed_bytes_max || given_up_; });
    if (given_up_) return fault(FaultCode::node_stopping);
    TRY(fill(lock));
  }
}

void RecordFeed::durable(std::uint64_t records) {
  const std::lock_guard lock(mutex_);
  durable_ = std::max(durable_, records);
  // What is being sent now is not durable yet.
  while (first_ < std::min(durable_, next_) && !kept_.empty()) {
    bytes_ -= kept_.front().size();
    kept_.pop_front();
    ++first_;
  }
  changed_.notify_all();
}

bool RecordFeed::rewind(std::uint64_t records) {
  const std::lock_guard lock(mutex_);
  if (!framing_ || records < first_ || records > first_ + kept_.size()) return false;
  next_ = records;
  at_ = 0;
  return true;
}

std::uint64_t RecordFeed::read_records() {
  const std::lock_guard lock(mutex_);
  return first_ + kept_.size();
}

bool RecordFeed::has_ended() {
  const std::lock_guard lock(mutex_);
  return ended_;
}

bool RecordFeed::wait_durable(std::int64_t wait_ms) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(wait_ms),
                           [&] { return durable_ >= first_ + kept_.size() || given_up_; });
}

void RecordFeed::give_up() {
  const std::lock_guard lock(mutex_);
  given_up_ = true;
  changed_.notify_all();
}

}  // namespace comity::cli
