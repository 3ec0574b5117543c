#include "store/sealed_stream.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "evidence/sealer.hpp"

namespace comity::store {
namespace {

using formats::k_age_chunk_size;

Result<std::size_t> read_some(const Descriptor& file, const Path& path,
                              std::span<std::uint8_t> into) {
  for (;;) {
    const auto got = ::read(file.get(), into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return file_fault("read", path);
  }
}

}  // namespace

SealedWriter::SealedWriter(Path path, Path partial, Descriptor file, const Secret& payload_key)
    : path_(std::move(path)),
      partial_(std::move(partial)),
      file_(std::move(file)),
      cipher_(payload_key) {
  held_.reserve(k_age_chunk_size);
}

SealedWriter::~SealedWriter() {
  if (!partial_.empty()) ::unlink(partial_.c_str());
}

Result<std::unique_ptr<SealedWriter>> SealedWriter::create(
    const Path& path, const std::vector<formats::AgeRecipient>& recipients, Random& random) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, error)))
    return fault(FaultCode::store_exists, path.filename().string());
  TRY_LET(const auto start, evidence::start_seal(recipients, random));
  Path partial = path;
  partial += ".partial";
  // What a broken attempt left is ours to replace, whoever's link lies there is not.
  ::unlink(partial.c_str());
  TRY_LET(auto file, open_file(partial, O_WRONLY | O_CREAT | O_EXCL, k_secret_mode));
  std::unique_ptr<SealedWriter> writer(
      new SealedWriter(path, std::move(partial), std::move(file), start.payload_key));
  TRY(writer->put(start.prefix));
  return writer;
}

Result<void> SealedWriter::put(View bytes) {
  sha256_.update(bytes);
  size_ += bytes.size();
  while (!bytes.empty()) {
    const auto done = ::write(file_.get(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return file_fault("write", path_);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Result<void> SealedWriter::seal_held(bool last) {
  sealed_.resize(held_.size() + crypto::k_aead_tag_bytes);
  cipher_.seal(index_++, last, held_, sealed_);
  held_.clear();
  return put(sealed_);
}

Result<void> SealedWriter::write(View plaintext) {
  while (!plaintext.empty()) {
    if (held_.size() == k_age_chunk_size) TRY(seal_held(false));
    const auto take = std::min(plaintext.size(), k_age_chunk_size - held_.size());
    append(held_, plaintext.first(take));
    plaintext = plaintext.subspan(take);
  }
  return {};
}

Result<SealedWriter::Written> SealedWriter::finish() {
  TRY(seal_held(true));
  if (::fsync(file_.get()) != 0) return file_fault("sync", path_);
  // If we die here, a partial file lies there, which the next attempt replaces.
  // link() fails where a name is taken; rename() would overwrite.
  if (::link(partial_.c_str(), path_.c_str()) != 0) {
    if (errno == EEXIST) return fault(FaultCode::store_exists, path_.filename().string());
    return file_fault("create", path_);
  }
  ::unlink(partial_.c_str());
  partial_.clear();
  TRY(sync_directory(path_.parent_path()));
  return Written{sha256_.finish(), size_};
}

Result<std::unique_ptr<SealedReader>> SealedReader::open(const Path& path,
                                                         const formats::AgeIdentity& identity) {
  TRY_LET(auto file, open_plain(path));
  if (!file) return fault(FaultCode::store_io, path.filename().string() + ": is not there");
  Bytes front(formats::k_age_header_max + formats::k_age_nonce_size);
  std::size_t filled = 0;
  while (filled < front.size()) {
    TRY_LET(const auto got, read_some(*file, path, std::span(front).subspan(filled)));
    if (got == 0) break;
    filled += got;
  }
  front.resize(filled);
  TRY_LET(const auto read, formats::read_age_header(front));
  TRY_LET(const auto file_key, formats::open_age_header(read.header, identity));
  if (front.size() < read.size + formats::k_age_nonce_size)
    return fault(FaultCode::format_age, "it ends before its first chunk");
  formats::AgeNonce nonce;
  std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(read.size), nonce.size(), nonce.begin());
  std::unique_ptr<SealedReader> reader(
      new SealedReader(path, *std::move(file), formats::age_payload_key(file_key, nonce)));
  TRY(reader->opener_.push(View(front).subspan(read.size + nonce.size()), reader->released_));
  return reader;
}

Result<void> SealedReader::more() {
  released_.clear();
  taken_ = 0;
  raw_.resize(k_age_chunk_size);
  TRY_LET(const auto got, read_some(file_, path_, raw_));
  if (got > 0) return opener_.push(View(raw_).first(got), released_);
  ended_ = true;
  return opener_.finish(released_);
}

Result<std::size_t> SealedReader::read(std::span<std::uint8_t> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    if (taken_ == released_.size()) {
      if (ended_) break;
      TRY(more());
      continue;
    }
    const auto take = std::min(into.size() - filled, released_.size() - taken_);
    std::copy_n(released_.begin() + static_cast<std::ptrdiff_t>(taken_), take,
                into.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += take;
    taken_ += take;
  }
  return filled;
}

}  // namespace comity::store
