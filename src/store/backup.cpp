#include "store/backup.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "store/sqlite_store.hpp"

namespace comity::store {
namespace {

constexpr std::size_t k_block = std::size_t{64} * 1024;

/// Reads a file in blocks; `take` gets each.
template <typename Take>
Result<std::uint64_t> each_block(const Path& path, Take&& take) {
  TRY_LET(const auto file, open_plain(path));
  if (!file) return fault(FaultCode::store_io, path.filename().string() + ": is not there");
  Secret block(k_block);
  std::uint64_t size = 0;
  for (;;) {
    const auto got = ::read(file->get(), block.writable().data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_fault("read", path);
    if (got == 0) return size;
    size += static_cast<std::uint64_t>(got);
    TRY(take(block.view().first(static_cast<std::size_t>(got))));
  }
}

struct Source {
  Path path;
  BackupFile file;
};

Result<Source> describe(const Path& path, std::string name) {
  crypto::Sha256 sha256;
  TRY_LET(const auto size, each_block(path, [&](View bytes) -> Result<void> {
            sha256.update(bytes);
            return {};
          }));
  return Source{path, {std::move(name), size, sha256.finish()}};
}

/// All that belongs into the backup of a home, the database first.
Result<std::vector<Source>> gather(const Home& home, const Path& database, bool evidence_keys) {
  std::vector<std::pair<Path, std::string>> names{{database, "node.db"},
                                                  {home.settings_file(), "comity.toml"},
                                                  {home.directory() / "entry.p7m", "entry.p7m"}};
  for (const char* name : {"authority.key", "authority.crt", "tls.key", "tls.crt",
                           "log-partner.key", "log-internal.key", "log-anchor.key"})
    names.emplace_back(home.keys() / name, std::string("keys/") + name);
  std::error_code error;
  for (const char* name :
       {"authority.next", "tls.next", "log-partner.next", "log-internal.next", "log-anchor.next"})
    if (std::filesystem::exists(home.keys() / name, error))
      names.emplace_back(home.keys() / name, std::string("keys/") + name);
  if (evidence_keys && std::filesystem::exists(home.keys() / "evidence", error)) {
    std::vector<std::pair<Path, std::string>> found;
    for (std::filesystem::directory_iterator at(home.keys() / "evidence", error), end;
         !error && at != end; at.increment(error)) {
      auto name = "keys/evidence/" + at->path().filename().string();
      if (is_backup_path(name, true)) found.emplace_back(at->path(), std::move(name));
      if (found.size() > k_backup_files_max / 2)
        return fault(FaultCode::limit_count, "evidence keys");
    }
    if (error) {
      errno = error.value();
      return file_fault("list", home.keys() / "evidence");
    }
    std::ranges::sort(found);
    std::ranges::move(found, std::back_inserter(names));
  }
  std::vector<Source> sources;
  for (auto& [path, name] : names) {
    TRY_LET(auto source, describe(path, std::move(name)));
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<std::vector<BackupLog>> logs_of(const Path& database) {
  TRY_LET(const auto rows, SqliteStore::open(database, Opening::existing));
  TRY_LET(const auto logs, rows->logs());
  std::vector<BackupLog> all;
  for (const auto& log : logs) all.push_back({log.name, log.origin, log.size, log.checkpoint});
  std::ranges::sort(all, {}, &BackupLog::name);
  return all;
}

Result<void> pad(SealedWriter& out, std::uint64_t size) {
  const Bytes zeros(formats::tape_padding(size));
  return out.write(zeros);
}

Result<void> put_file(SealedWriter& out, const Source& source, std::int64_t modified_s) {
  TRY(out.write(formats::tape_header({source.file.path, source.file.size, modified_s})));
  crypto::Sha256 sha256;
  TRY_LET(const auto size, each_block(source.path, [&](View bytes) -> Result<void> {
            sha256.update(bytes);
            return out.write(bytes);
          }));
  if (size != source.file.size || sha256.finish() != source.file.sha256)
    return fault(FaultCode::store_io, source.file.path + ": changed while it was read; try again");
  return pad(out, size);
}

/// The archive within, header by header.
class Tape {
 public:
  explicit Tape(SealedReader& reader) : reader_(reader) {}

  Result<std::optional<formats::TapeFile>> next() {
    formats::TapeBlock block{};
    TRY(fill(block));
    return formats::read_tape_header(block);
  }
  template <typename Take>
  Result<void> bytes(std::uint64_t size, Take&& take) {
    Secret block(k_block);
    for (std::uint64_t left = size; left > 0;) {
      const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
      TRY(fill(block.writable().first(want)));
      TRY(take(block.view().first(want)));
      left -= want;
    }
    Bytes padding(formats::tape_padding(size));
    TRY(fill(padding));
    return zeros(padding);
  }
  /// After the first block of zeros: one more, and nothing else.
  Result<void> end() {
    Bytes rest(formats::k_tape_block_size + 1);
    TRY_LET(const auto got, reader_.read(rest));
    if (got != formats::k_tape_block_size) return fault(FaultCode::format_tape, "its end");
    return zeros(rest);
  }

 private:
  Result<void> fill(std::span<std::uint8_t> into) {
    TRY_LET(const auto got, reader_.read(into));
    if (got != into.size()) return fault(FaultCode::format_tape, "it ends within a file");
    return {};
  }
  static Result<void> zeros(View bytes) {
    if (std::ranges::any_of(bytes, [](auto byte) { return byte != 0; }))
      return fault(FaultCode::format_tape, "bytes where none belong");
    return {};
  }

  SealedReader& reader_;
};

Result<BackupManifest> read_manifest(Tape& tape) {
  TRY_LET(const auto first, tape.next());
  if (!first || first->path != k_backup_manifest_path)
    return fault(FaultCode::format_tape, "it does not begin with its manifest");
  if (first->size > k_backup_manifest_bytes_max) return fault(FaultCode::limit_size, first->path);
  Bytes text;
  TRY(tape.bytes(first->size, [&](View bytes) -> Result<void> {
    append(text, bytes);
    return {};
  }));
  return read_backup_manifest(text);
}

Result<void> write_whole(const Descriptor& file, View bytes, const Path& path) {
  while (!bytes.empty()) {
    const auto done = ::write(file.get(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return file_fault("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
  }
  return {};
}

Result<void> take_file(Tape& tape, const BackupFile& expected, const Path& directory) {
  TRY_LET(const auto header, tape.next());
  if (!header || header->path != expected.path || header->size != expected.size)
    return fault(FaultCode::store_backup, expected.path + ": another file stands in its place");
  // The path is one of is_backup_path, so it leads nowhere but below.
  const Path path = directory / expected.path;
  TRY(make_directories(directory, path.parent_path()));
  TRY_LET(const auto file, open_file(path, O_WRONLY | O_CREAT | O_EXCL, k_secret_mode));
  crypto::Sha256 sha256;
  TRY(tape.bytes(expected.size, [&](View bytes) -> Result<void> {
    sha256.update(bytes);
    return write_whole(file, bytes, path);
  }));
  if (sha256.finish() != expected.sha256)
    return fault(FaultCode::store_backup, expected.path + ": is not what the manifest says");
  if (::fsync(file.get()) != 0) return file_fault("sync", path);
  return {};
}

}  // namespace

Path backup_scratch(const Home& home) {
  return home.directory() / "backup.db";
}

Result<BackupMade> write_backup(const Home& home, const Path& database_copy,
                                const BackupOrder& order, Instant now, Random& random) {
  BackupMade made{.manifest = {.id = order.id,
                               .state = home.settings().state,
                               .exercise = home.settings().exercise,
                               .version = COMITY_VERSION,
                               .made_at = {now.seconds() * 1000},
                               .evidence_keys = order.evidence_keys}};
  // Opening it reads it, so a copy that is damaged is met here and not years later.
  TRY_LET(made.manifest.logs, logs_of(database_copy));
  TRY_LET(const auto sources, gather(home, database_copy, order.evidence_keys));
  for (const auto& source : sources) made.manifest.files.push_back(source.file);
  const Bytes text = write_backup_manifest(made.manifest);
  TRY(read_backup_manifest(text));  // what could not be read back is not written

  TRY_LET(const auto out, SealedWriter::create(order.file, order.recipients, random));
  const auto modified_s = now.seconds();
  TRY(out->write(
      formats::tape_header({std::string(k_backup_manifest_path), text.size(), modified_s})));
  TRY(out->write(text));
  TRY(pad(*out, text.size()));
  for (const auto& source : sources) TRY(put_file(*out, source, modified_s));
  TRY(out->write(Bytes(2 * formats::k_tape_block_size)));
  TRY_LET(const auto written, out->finish());
  made.sha256 = written.sha256;
  made.size = written.size;
  return made;
}

Result<BackupManifest> unpack_backup(const Path& file, const formats::AgeIdentity& identity,
                                     const Path& directory) {
  TRY_LET(const auto reader, SealedReader::open(file, identity));
  Tape tape(*reader);
  TRY_LET(auto manifest, read_manifest(tape));
  for (const auto& expected : manifest.files) TRY(take_file(tape, expected, directory));
  TRY_LET(const auto after, tape.next());
  if (after) return fault(FaultCode::store_backup, after->path + ": the manifest does not name it");
  TRY(tape.end());
  for (const char* folder : {"", "keys", "keys/evidence"}) {
    std::error_code error;
    if (std::filesystem::exists(directory / folder, error)) TRY(sync_directory(directory / folder));
  }
  return manifest;
}

}  // namespace comity::store
