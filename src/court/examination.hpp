// One check of one export: the folder, its index, the report that grows, and what earlier steps
// established for later ones. Private to the room. Each step is a function of a file of its own;
// a step that can not go on says so in the report, and the others still run.
#pragma once

#include <map>
#include <set>

#include "court/folder.hpp"
#include "court/index.hpp"
#include "court/report.hpp"
#include "directory/trust.hpp"
#include "evidence/manifest.hpp"
#include "exchange/act.hpp"
#include "formats/checkpoint.hpp"
#include "treaty/instrument.hpp"

namespace comity::court {

/// Of files that are read whole.
inline constexpr std::size_t k_small_file_bytes_max = std::size_t{1} << 20;

/// What an export says of a State, as far as it holds.
struct KnownState {
  StateCode code;
  std::vector<directory::Accepted> entries;  // newest first

  /// The entry, newest first, under which this certificate was fit for that use at `at`.
  /// Fault: that of the newest entry which covers `at`.
  Result<const directory::Accepted*> entry_for(const crypto::Certificate& certificate,
                                               crypto::Usage usage, Instant at) const;
};

/// An act that opened and reads well. What else holds of it is in the report.
struct KnownAct {
  std::uint64_t number = 0;
  std::string path;
  exchange::Act act;
  Digest id, p7m;
  crypto::Certificate signer;
  Instant signed_at;
  std::optional<Instant> logged_at;  // by its addressee, as its receipt says
  bool is_void = false;              // rejected, or built on one that was
  std::set<std::string> bound;       // parts that are here and match

  const StateCode& author() const { return act.substance.from; }
};

/// A signed state of a log, as shown by some file here.
struct KnownHead {
  std::string path;
  formats::Checkpoint checkpoint;
};

/// A log of a State: who may sign for it, and the states of it that were shown.
struct KnownLog {
  StateCode state;
  bool internal = false;
  std::vector<formats::Verifier> verifiers;
  std::optional<formats::Checkpoint> latest;
  std::vector<KnownHead> heads;
};

class Examination {
 public:
  Examination(const Folder& folder, const Index& index, Report& report, const TrustedRoots& trusted,
              std::span<const treaty::Instrument> instruments);

  const Folder& folder;
  const Index& index;
  Report& report;
  const TrustedRoots& trusted;
  std::span<const treaty::Instrument> instruments;

  std::array<KnownState, 2> states;      // the exporter, the partner
  std::vector<KnownAct> acts;            // in the order of their numbers
  std::array<KnownLog, 2> partner_logs;  // of the exporter, of the partner; each with the other
  KnownLog internal_log;                 // of the exporter
  std::map<ItemId, evidence::Manifest> manifests;
  std::map<ItemId, Digest> manifest_digests;
  /// SHA-256 of the headers that the exporter's log says it made, each for one more reader.
  std::set<std::pair<ItemId, Digest>> logged_headers;

  /// The row of a file; nullptr: the index has none.
  const IndexFile* row(std::string_view path) const;
  const IndexFile* row(const Place& place) const { return row(path_of(place)); }
  std::vector<const IndexFile*> rows(Role role) const;  // by path

  /// The bytes of a file as the index has them, read whole. Where they are not, one failing line
  /// says so, once for each file, and nothing is given.
  std::optional<Bytes> read(std::string_view path);
  std::optional<Bytes> read(const Place& place) { return read(path_of(place)); }
  /// A line about a file that is not as indexed; once for each.
  void bad_file(const std::string& path, std::string_view why);
  /// Marks a file as one that something here refers to.
  void refer(const std::string& path) { referred_.insert(path); }
  bool referred(const std::string& path) const { return referred_.contains(path); }

  const KnownState* state(const StateCode& code) const;
  KnownLog* partner_log(const StateCode& of);
  const KnownAct* act(const Digest& id) const;
  KnownAct* act_number(std::uint64_t number);

 private:
  std::set<std::string> referred_, bad_;
};

/// The steps, in their order.
void check_files(Examination& exam);
void check_states(Examination& exam);
void check_index_signer(Examination& exam, const crypto::Certificate& signer, Instant signed_at);
void read_acts(Examination& exam);
void check_checkpoints(Examination& exam);
void check_receipts(Examination& exam);
void check_acts(Examination& exam);
void read_manifests(Examination& exam);
void check_custody(Examination& exam);
void check_consistency_files(Examination& exam);
void check_items(Examination& exam);
void check_absent(Examination& exam);

/// Reads a file once through a bounded buffer. `piece` sees the bytes in order. Gives the digest.
Result<Digest> stream(FolderFile& file, const std::function<void(View)>& piece = {});

}  // namespace comity::court
