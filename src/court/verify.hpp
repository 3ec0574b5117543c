// The check of an export, offline, without a node: given the folder and the fingerprints that the
// States told the checker themselves, it says line by line what holds, what fails, and what was not
// shown (spec/export.md §5). It believes nothing in the folder but what leads to those
// fingerprints, follows no link, changes nothing, and neither throws nor stops on a hostile folder.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <span>

#include "base/id.hpp"
#include "court/report.hpp"

namespace comity::treaty {
struct Instrument;
}

namespace comity::court {

/// `trusted`: the fingerprint of each State's root, from outside the folder. `instruments`: the
/// treaties that the checker knows, to tell which authority is competent for a measure; without the
/// one that an act names, that line is not_checked.
/// `told` hears now and then how many bytes were read so far.
Report verify(const std::filesystem::path& folder, const TrustedRoots& trusted,
              std::span<const treaty::Instrument> instruments = {},
              const std::function<void(std::uint64_t bytes)>& told = {});

}  // namespace comity::court
