#include "store/evidence_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "store/log_files.hpp"
#include "store/room.hpp"

namespace comity::store {
namespace {

constexpr std::size_t k_tile_bytes_max = std::size_t{256} * 32;

}  // namespace

Result<void> EvidenceFiles::make(const ItemId& item) const {
  auto made = make_directory(directory(item));
  if (!made && made.error().code == FaultCode::store_exists) return {};
  return made;
}

Result<std::optional<std::uint64_t>> EvidenceFiles::sealed_size(const ItemId& item) const {
  TRY_LET(const std::optional<Descriptor> file, open_plain(sealed(item)));
  if (!file) return std::nullopt;
  TRY_LET(const std::uint64_t size, size_of(*file, sealed(item)));
  return size;
}

Result<void> EvidenceFiles::check_room(const ItemId& item, std::uint64_t total) const {
  constexpr std::uint64_t k_block_bytes = 512;  // of st_blocks, stat(2)
  struct stat status{};
  if (::lstat(sealed(item).c_str(), &status) == 0) return {};
  const bool is_begun = ::lstat(sealed_partial(item).c_str(), &status) == 0;
  const std::uint64_t there =
      is_begun ? static_cast<std::uint64_t>(status.st_blocks) * k_block_bytes : 0;
  if (total > 0 && there >= total) return {};
  return store::check_room(root_, total - std::min(total, there));
}

Result<void> EvidenceFiles::check_room() const {
  return store::check_room(root_, 0);
}

Result<Descriptor> EvidenceFiles::open_sealed(const ItemId& item) const {
  TRY_LET(std::optional<Descriptor> file, open_plain(sealed(item)));
  if (file) return *std::move(file);
  std::error_code error;
  const bool begun = std::filesystem::exists(directory(item), error);
  return fault(begun ? FaultCode::evidence_incomplete : FaultCode::evidence_unknown, item.hex());
}

Result<std::optional<Bytes>> EvidenceFiles::tile(const ItemId& item, std::string_view path) const {
  if (!is_log_path(path)) return fault(FaultCode::format_field, "not the path of a tile");
  return read_if_there(tiles(item) / path, k_tile_bytes_max);
}

Result<void> EvidenceFiles::remove(const ItemId& item) const {
  return remove_durably(directory(item));
}

Result<std::vector<ItemId>> EvidenceFiles::items() const {
  std::vector<ItemId> items;
  std::error_code error;
  for (std::filesystem::directory_iterator at(root_, error), end; !error && at != end;
       at.increment(error))
    if (auto item = ItemId::from_hex(at->path().filename().string())) items.push_back(*item);
  if (error) {
    errno = error.value();
    return file_fault("list", root_);
  }
  std::ranges::sort(items);
  return items;
}

}  // namespace comity::store
