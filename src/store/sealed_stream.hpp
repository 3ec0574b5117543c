// One file sealed with age, written or read from front to end in constant memory. Under its name
// it is whole and durable, or not there at all. What is read is true as far as it was given out;
// only the end says that it was all.
#pragma once

#include "crypto/digest.hpp"
#include "formats/age_keys.hpp"
#include "formats/age_stream.hpp"
#include "store/files.hpp"

namespace comity::store {

/// Resource. Without finish(), nothing of it stays.
class SealedWriter {
 public:
  struct Written {
    Digest sha256;  // of the sealed file
    std::uint64_t size = 0;
  };

  /// `path` must not be there. Faults: store.exists, store.io, store.full; crypto.key and
  /// format.field for recipients that can not be sealed to.
  static Result<std::unique_ptr<SealedWriter>> create(
      const Path& path, const std::vector<formats::AgeRecipient>& recipients, Random& random);
  SealedWriter(const SealedWriter&) = delete;
  SealedWriter& operator=(const SealedWriter&) = delete;
  ~SealedWriter();

  Result<void> write(View plaintext);
  /// The last chunk, then the name, each durable. Fault: also store.exists.
  Result<Written> finish();

 private:
  SealedWriter(Path path, Path partial, Descriptor file, const Secret& payload_key);
  Result<void> put(View sealed);
  Result<void> seal_held(bool last);

  Path path_, partial_;
  Descriptor file_;
  formats::AgeChunkCipher cipher_;
  crypto::Sha256 sha256_;
  Bytes held_;  // at most one chunk: whether it is the last is known with the next byte
  Bytes sealed_;
  std::uint64_t index_ = 0, size_ = 0;
};

/// Resource; used from front to end.
class SealedReader {
 public:
  /// Faults: store.io; format.age; crypto.open when it is not sealed for this identity.
  static Result<std::unique_ptr<SealedReader>> open(const Path& path,
                                                    const formats::AgeIdentity& identity);
  SealedReader(const SealedReader&) = delete;
  SealedReader& operator=(const SealedReader&) = delete;

  /// Fills `into` unless the plaintext ends before; gives how much there was.
  /// Faults: crypto.open for changed bytes, format.age for a file that was cut.
  Result<std::size_t> read(std::span<std::uint8_t> into);

 private:
  SealedReader(Path path, Descriptor file, const Secret& payload_key)
      : path_(std::move(path)), file_(std::move(file)), opener_(payload_key) {}
  Result<void> more();

  Path path_;
  Descriptor file_;
  formats::AgeStreamOpener opener_;
  Bytes raw_, released_;
  std::size_t taken_ = 0;  // of `released_`
  bool ended_ = false;
};

}  // namespace comity::store
