// Where the program finds the law: instruments, profiles and status registers (data/), and their
// readers. A node works under the directory that its settings name; this finds one to name.
#pragma once

#include <filesystem>

#include "law/profile.hpp"
#include "treaty/record.hpp"
#include "treaty/status.hpp"

namespace comity::cli {

/// `named` if it is not empty; else $COMITY_DATA; else what lies with the program: share/comity of
/// its prefix, or data/ of the source tree that it was built in. Absolute. Fault: store.io.
Result<std::filesystem::path> find_data(const std::string& named = {});

Result<std::vector<treaty::Instrument>> load_instruments(const std::filesystem::path& data);
/// Of all files of data/records; none where there is no such folder.
Result<std::vector<treaty::RecordKind>> load_record_kinds(const std::filesystem::path& data);
/// "exercise" or the name of another file of data/profiles/, without ".toml".
Result<law::Profile> load_profile(const std::filesystem::path& data, const std::string& name,
                                  const treaty::Instrument& instrument);
/// "real" or "exercise".
Result<treaty::StatusRegister> load_register(const std::filesystem::path& data,
                                             const std::string& name,
                                             const treaty::Instrument& instrument);

}  // namespace comity::cli
