// What is to be sealed, as one stream: a file or disk, a folder or several files as a tape archive,
// or standard input. It never writes, and says so when what it reads changes under it.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/time.hpp"
#include "evidence/manifest.hpp"
#include "node/call.hpp"

namespace comity::cli {

/// An opened source and what is known of it before a byte is read.
struct EvidenceSource {
  std::unique_ptr<node::Source> bytes;
  evidence::Media media{};
  std::string name;                         // proposed for the item
  std::optional<std::uint64_t> total;       // bytes, when known
  int descriptor = -1;                      // of `bytes`: of a file or disk that can be handed over
  std::vector<evidence::Remark> omissions;  // entries that hold no bytes to keep
};

/// "-" alone is standard input. Faults: store.io, request.usage, as transfer::FolderSource; while
/// reading also evidence.changed.
Result<EvidenceSource> open_evidence(const std::vector<std::string>& files);

/// SHA-256 of the bytes that open_evidence gives of these files, read to their end; how far it has
/// come is shown on a terminal. Faults: those of open_evidence and of reading.
Result<Digest> hash_of_evidence(const std::vector<std::string>& files, Clock& clock);

/// Tells `told` how many bytes have been read so far.
class ToldSource final : public node::Source {
 public:
  ToldSource(node::Source& inner, std::function<void(std::uint64_t)> told)
      : inner_(inner), told_(std::move(told)) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override;

 private:
  node::Source& inner_;
  std::function<void(std::uint64_t)> told_;
  std::uint64_t done_ = 0;
};

/// Tells `told` now and then, from a thread of its own, how far a file that was handed to the node
/// has been read: its position is shared.
class FollowedFile {
 public:
  FollowedFile(int descriptor, std::function<void(std::uint64_t)> told);
  FollowedFile(const FollowedFile&) = delete;
  FollowedFile& operator=(const FollowedFile&) = delete;
  ~FollowedFile();

 private:
  void run();

  const int descriptor_;
  const std::function<void(std::uint64_t)> told_;
  std::mutex mutex_;
  std::condition_variable ends_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace comity::cli
