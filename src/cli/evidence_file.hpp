// A file that appears under its name only when it is whole and durable.
#pragma once

#include <filesystem>
#include <functional>

#include "crypto/digest.hpp"
#include "node/call.hpp"
#include "store/files.hpp"

namespace comity::cli {

/// Takes bytes into PATH.partial, hashing them. Without finish(), nothing stays.
class NewFile final : public node::Sink {
 public:
  /// Faults: store.exists when PATH or PATH.partial is there; store.io, store.full.
  static Result<NewFile> begin(const std::filesystem::path& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() override;

  /// Called with the bytes so far.
  void told(std::function<void(std::uint64_t)> told) { told_ = std::move(told); }
  Result<void> write(View bytes) override;
  /// Makes it durable under its own name; gives the SHA-256 of its bytes. Fault: also store.exists
  /// when something took the name meanwhile.
  Result<Digest> finish();
  std::uint64_t size() const { return size_; }

 private:
  NewFile(std::filesystem::path path, store::Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  std::filesystem::path partial() const { return path_.string() + ".partial"; }

  std::filesystem::path path_;
  store::Descriptor file_;
  crypto::Sha256 hash_;
  std::uint64_t size_ = 0;
  std::function<void(std::uint64_t)> told_;
};

}  // namespace comity::cli
