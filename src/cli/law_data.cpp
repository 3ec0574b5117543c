#include "cli/law_data.hpp"

#include <algorithm>
#include <cstdlib>

#include "cli/files.hpp"
#include "store/files.hpp"

namespace comity::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_data_bytes_max = std::size_t{4} << 20;

bool holds_data(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path / "instruments", error);
}

Result<Bytes> read(const fs::path& file) {
  return store::read_bounded(file, k_data_bytes_max);
}

}  // namespace

Result<fs::path> find_data(const std::string& named) {
  std::error_code error;
  const char* environment = std::getenv("COMITY_DATA");
  const std::string wanted = !named.empty() ? named : environment != nullptr ? environment : "";
  if (!wanted.empty()) {
    if (holds_data(wanted)) return fs::absolute(wanted).lexically_normal();
    return fault(FaultCode::no_file, wanted + ": holds no folder 'instruments'");
  }
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path shared = program.parent_path().parent_path() / "share/comity";
  if (holds_data(shared)) return shared;
  for (fs::path at = program.parent_path(); at.has_relative_path(); at = at.parent_path())
    if (holds_data(at / "data")) return at / "data";
  return fault(FaultCode::no_file, "the data directory was not found; name it with --data");
}

Result<treaty::Treaties> load_treaties(const fs::path& data) {
  std::vector<fs::path> paths = {data / "vocabulary.toml"};
  for (const auto* folder : {"words", "instruments"}) {
    std::error_code error;
    for (fs::directory_iterator at(data / folder, error), end; !error && at != end;
         at.increment(error))
      if (at->path().extension() == ".toml") paths.push_back(at->path());
    if (error) return fault(FaultCode::store_io, std::string(folder) + ": " + error.message());
  }
  std::ranges::sort(paths);
  std::vector<treaty::DataFile> files;
  for (const auto& path : paths) {
    TRY_LET(Bytes bytes, read(path));
    files.push_back({path.lexically_relative(data).generic_string(), std::move(bytes)});
  }
  TRY_LET(auto treaties, treaty::load_treaties(files));
  if (treaties.instruments.empty())
    return fault(FaultCode::store_io, (data / "instruments").string() + ": is empty");
  return treaties;
}

Result<std::vector<treaty::RecordKind>> load_record_kinds(const fs::path& data) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(data / "records", error), end; !error && at != end;
       at.increment(error))
    if (at->path().extension() == ".toml") files.push_back(at->path());
  std::ranges::sort(files);
  std::vector<treaty::RecordKind> kinds;
  for (const auto& file : files) {
    TRY_LET(const Bytes toml, read(file));
    TRY_LET(const auto some, treaty::load_record_kinds(toml, file.filename().string()));
    for (const auto& kind : some) {
      if (treaty::find_kind(kinds, kind.code))
        return fault(FaultCode::format_toml,
                     file.filename().string() + ": " + kind.code + " is in another file already");
      kinds.push_back(kind);
    }
  }
  return kinds;
}

Result<law::Profile> load_profile(const fs::path& data, const std::string& name,
                                  const treaty::Treaties& treaties) {
  const auto file = data / "profiles" / (name + ".toml");
  if (!check_file(file))
    return fault(FaultCode::no_file, "no profile '" + name + "' in " +
                                         (data / "profiles").string() +
                                         ": write that State's law there, or name one with "
                                         "--profile");
  return load_profile_file(file, treaties);
}

Result<law::Profile> load_profile_file(const fs::path& file, const treaty::Treaties& treaties) {
  TRY_LET(const Bytes toml, read(file));
  return law::load_profile(toml, file.filename().string(), treaties);
}

Result<treaty::StatusRegister> load_register(const fs::path& data, const std::string& world,
                                             const treaty::Instrument& instrument) {
  TRY_LET(const Bytes toml, read(data / "status" / world / (instrument.code + ".toml")));
  return treaty::load_status(toml, world + "/" + instrument.code + ".toml", instrument);
}

Result<treaty::Registers> load_registers(const fs::path& data, const std::string& world,
                                         const treaty::Treaties& treaties) {
  treaty::Registers registers;
  for (const auto& instrument : treaties.instruments) {
    std::error_code error;
    if (!fs::exists(data / "status" / world / (instrument.code + ".toml"), error)) continue;
    TRY_LET(auto one, load_register(data, world, instrument));
    registers.push_back(std::move(one));
  }
  return registers;
}

}  // namespace comity::cli
