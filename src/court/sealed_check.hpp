// An item's sealed bytes and hash tiles in an export, against the signed shape: one pass over the
// file, constant memory, every wrong chunk and tile named. Private to the room.
#pragma once

#include "court/folder.hpp"
#include "evidence/manifest.hpp"

namespace comity::court {

struct TileProblem {
  std::string path;
  std::string why;
};

struct SealedFindings {
  std::vector<std::string> problems;  // of sealed.age: the first few, then their number
  std::vector<TileProblem> tile_problems;
  std::uint64_t chunks = 0, tiles = 0;  // that were looked at
  Digest sha256;                        // of the whole file
  Bytes prefix;                         // its first bytes, as many as the shape says
};

SealedFindings check_sealed_item(const Folder& folder, const ItemId& item,
                                 const evidence::SealedShape& shape);

}  // namespace comity::court
