#include "court/examination.hpp"

#include <algorithm>

#include "crypto/digest.hpp"

namespace comity::court {
namespace {

constexpr std::size_t k_buffer_bytes = std::size_t{256} * 1024;

}  // namespace

Result<const directory::Accepted*> KnownState::entry_for(const crypto::Certificate& certificate,
                                                         crypto::Usage usage, Instant at) const {
  std::optional<Fault> why;
  const directory::Accepted* covers_it = nullptr;
  for (const auto& accepted : entries) {
    const auto usable = directory::usable_at(accepted, certificate, usage, at);
    // Two entries may cover one time: the older one until the newer was accepted. An authority is
    // judged by the one that names its certificate.
    const auto& authorities = accepted.entry.authorities;
    if (usable && (usage != crypto::Usage::authority ||
                   std::ranges::find(authorities, certificate,
                                     &directory::Authority::certificate) != authorities.end()))
      return &accepted;
    if (usable) {
      if (!covers_it) covers_it = &accepted;
      continue;
    }
    const bool covers = at >= accepted.entry.valid_from && at < accepted.entry.valid_to;
    if (!why || (why->code == FaultCode::directory_expired && covers)) why = usable.error();
  }
  if (covers_it) return covers_it;
  return std::unexpected(
      why.value_or(Fault{FaultCode::directory_unknown, "no entry of this State holds here"}));
}

Examination::Examination(const Folder& folder_in, const Index& index_in, Report& report_in,
                         const TrustedRoots& trusted_in,
                         std::span<const treaty::Instrument> instruments_in)
    : folder(folder_in),
      index(index_in),
      report(report_in),
      trusted(trusted_in),
      instruments(instruments_in) {
  states[0].code = index.exporter;
  states[1].code = index.partner;
  for (std::size_t i = 0; i < states.size(); ++i) partner_logs[i].state = states[i].code;
  internal_log.state = index.exporter;
  internal_log.internal = true;
}

const IndexFile* Examination::row(std::string_view path) const {
  const auto found = std::ranges::lower_bound(index.files, path, {}, &IndexFile::path);
  return found != index.files.end() && found->path == path ? &*found : nullptr;
}

std::vector<const IndexFile*> Examination::rows(Role role) const {
  std::vector<const IndexFile*> found;
  for (const auto& file : index.files)
    if (file.role == role) found.push_back(&file);
  return found;
}

std::optional<Bytes> Examination::read(std::string_view path) {
  const auto* indexed = row(path);
  const std::string name(path);
  if (indexed == nullptr) {
    bad_file(name, "the index lists no such file");
    return std::nullopt;
  }
  refer(name);
  auto bytes = folder.read_file(path, k_small_file_bytes_max);
  if (!bytes) {
    bad_file(name, bytes.error().detail);
  } else if (bytes->size() != indexed->size || crypto::sha256(*bytes) != indexed->sha256) {
    bad_file(name, "is not the file that the index lists");
  } else {
    return *std::move(bytes);
  }
  return std::nullopt;
}

void Examination::bad_file(const std::string& path, std::string_view why) {
  if (bad_.insert(path).second) report.fails("file", path, why);
}

const KnownState* Examination::state(const StateCode& code) const {
  const auto found = std::ranges::find(states, code, &KnownState::code);
  return found == states.end() ? nullptr : &*found;
}

KnownLog* Examination::partner_log(const StateCode& of) {
  const auto found = std::ranges::find(partner_logs, of, &KnownLog::state);
  return found == partner_logs.end() ? nullptr : &*found;
}

const KnownAct* Examination::act(const Digest& id) const {
  const auto found = std::ranges::find(acts, id, &KnownAct::id);
  return found == acts.end() ? nullptr : &*found;
}

KnownAct* Examination::act_number(std::uint64_t number) {
  const auto found = std::ranges::find(acts, number, &KnownAct::number);
  return found == acts.end() ? nullptr : &*found;
}

Result<Digest> stream(FolderFile& file, const std::function<void(View)>& piece) {
  crypto::Sha256 hash;
  Bytes buffer(k_buffer_bytes);
  std::uint64_t total = 0;
  while (true) {
    TRY_LET(const std::size_t got, file.read(buffer));
    const auto bytes = View(buffer).first(got);
    hash.update(bytes);
    total += got;
    if (total > file.size()) return fault(FaultCode::store_io, "it grew while it was read");
    if (piece && got != 0) piece(bytes);
    if (got < buffer.size()) return hash.finish();
  }
}

}  // namespace comity::court
