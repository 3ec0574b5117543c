// Where the program finds the law: instruments, profiles and status registers (data/), and their
// readers. A node works under the directory that its settings name; this finds one to name.
#pragma once

#include <filesystem>

#include "law/profile.hpp"
#include "treaty/basis.hpp"
#include "treaty/record.hpp"

namespace comity::cli {

/// `named` if it is not empty; else $COMITY_DATA; else what lies with the program: share/comity of
/// its prefix, or data/ of the source tree that it was built in. Absolute. Fault: store.io.
Result<std::filesystem::path> find_data(const std::string& named = {});

/// The instrument that a node works under while its charter holds one.
inline constexpr std::string_view k_convention = "un-cybercrime-2024";

/// vocabulary.toml, words/ and instruments/, as one.
Result<treaty::Treaties> load_treaties(const std::filesystem::path& data);
/// Of all files of data/records; none where there is no such folder.
Result<std::vector<treaty::RecordKind>> load_record_kinds(const std::filesystem::path& data);
/// The name of a file of data/profiles/ without ".toml".
Result<law::Profile> load_profile(const std::filesystem::path& data, const std::string& name,
                                  const treaty::Treaties& treaties);
/// A profile anywhere. Fault: store.io, format.toml.
Result<law::Profile> load_profile_file(const std::filesystem::path& file,
                                       const treaty::Treaties& treaties);
/// `world` is "real" or "exercise": data/status/WORLD/INSTRUMENT.toml.
Result<treaty::StatusRegister> load_register(const std::filesystem::path& data,
                                             const std::string& world,
                                             const treaty::Instrument& instrument);
/// Every register of that world that is there.
Result<treaty::Registers> load_registers(const std::filesystem::path& data,
                                         const std::string& world,
                                         const treaty::Treaties& treaties);

}  // namespace comity::cli
