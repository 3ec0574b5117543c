#include "transfer/tar_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include "base/check.hpp"

namespace comity::transfer {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

la_ssize_t append_to(archive*, void* out, const void* bytes, size_t size) {
  const auto* begin = static_cast<const std::uint8_t*>(bytes);
  static_cast<Bytes*>(out)->insert(static_cast<Bytes*>(out)->end(), begin, begin + size);
  return static_cast<la_ssize_t>(size);
}

/// libarchive takes names to be in the locale's character set. For this thread, while this lives,
/// that is UTF-8, so the archive does not depend on who runs it. A name that is no UTF-8 is stored
/// as it is and marked "hdrcharset=BINARY" (POSIX.1-2008, pax).
class Utf8Names {
 public:
  Utf8Names() {
    if (names() != nullptr) before_ = ::uselocale(names());
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;
  ~Utf8Names() {
    if (names() != nullptr) ::uselocale(before_);
  }

 private:
  /// Made once: to make one for each entry would be a third of all work on a million small files.
  static locale_t names() {
    static const locale_t made = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return made;
  }
  locale_t before_ = nullptr;
};

}  // namespace

TarWriter::TarWriter(Bytes& out) : archive_(archive_write_new()) {
  const Utf8Names names;
  CHECK(archive_ != nullptr);
  CHECK(archive_write_set_format_pax(archive_) == ARCHIVE_OK);
  CHECK(archive_write_set_format_option(archive_, "pax", "xattrheader", "SCHILY") == ARCHIVE_OK);
  archive_write_set_bytes_per_block(archive_, 0);  // bytes go out as they come
  archive_write_set_bytes_in_last_block(archive_, 1);
  CHECK(archive_write_open(archive_, &out, nullptr, append_to, nullptr) == ARCHIVE_OK);
}

TarWriter::~TarWriter() {
  archive_write_free(archive_);
}

Result<void> TarWriter::begin(const TarEntry& from) {
  const Utf8Names names;
  const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  CHECK(entry != nullptr);
  const auto& status = from.status;
  archive_entry_set_pathname(entry.get(), from.path.c_str());
  archive_entry_set_mode(entry.get(), status.st_mode);
  archive_entry_set_uid(entry.get(), status.st_uid);
  archive_entry_set_gid(entry.get(), status.st_gid);
  archive_entry_set_mtime(entry.get(), status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  archive_entry_set_size(entry.get(), S_ISREG(status.st_mode) ? status.st_size : 0);
  if (!from.link.empty()) archive_entry_set_symlink(entry.get(), from.link.c_str());
  if (!from.hard_link.empty()) archive_entry_set_hardlink(entry.get(), from.hard_link.c_str());
  for (const auto& [name, value] : from.attributes)
    archive_entry_xattr_add_entry(entry.get(), name.c_str(), value.data(), value.size());
  // A warning is a name that is not UTF-8; it is stored all the same.
  const int outcome = archive_write_header(archive_, entry.get());
  if (outcome != ARCHIVE_OK && outcome != ARCHIVE_WARN) return refuse(from.path);
  return {};
}

Result<void> TarWriter::data(View bytes) {
  const auto taken = archive_write_data(archive_, bytes.data(), bytes.size());
  if (taken != static_cast<la_ssize_t>(bytes.size())) return refuse("an entry's bytes");
  return {};
}

Result<void> TarWriter::finish() {
  const Utf8Names names;
  if (archive_write_close(archive_) != ARCHIVE_OK) return refuse("the end");
  return {};
}

std::unexpected<Fault> TarWriter::refuse(const std::string& path) const {
  const char* why = archive_error_string(archive_);
  return fault(FaultCode::store_io, "tape archive: " + path + ": " + (why ? why : "refused"));
}

}  // namespace comity::transfer
