// The files below states/STATE: what a reader needs to know whose signatures these are. All but the
// entries follows from the entries, so a check makes them anew and compares.
#pragma once

#include <span>

#include "directory/trust.hpp"
#include "formats/note.hpp"

namespace comity::court {

/// Of one State in one export: an exchange of years spans a few.
inline constexpr std::size_t k_entries_of_a_state_max = 64;
/// Since its newest entry; a renewed entry takes them up.
inline constexpr std::size_t k_revocations_of_a_state_max = 1000;

/// Opens an entry at the time at which it was issued: whether it is trusted is another question.
/// Faults: as directory::open_entry.
Result<directory::Entry> open_entry_file(View p7m);

/// root.pem: the roots of `entries` (newest first), each once. Stock tools take it as a -CAfile.
std::string root_file(std::span<const directory::Entry> entries);

/// A State's log with another one, and its internal log, as C2SP verifiers.
/// A log and those that follow it after restores, under numbered names and the same key
/// (spec/log-entries.md §6).
inline constexpr unsigned k_log_successors_max = 16;
std::vector<formats::Verifier> with_successors(const formats::Verifier& log);
formats::Verifier partner_log(const directory::Entry& entry, const StateCode& other);
formats::Verifier internal_log(const directory::Entry& entry);

/// logs.vkeys: the partner log's key under each entry, newest first and each once; then, if it is
/// shown, the internal log's. A vkey a line.
std::string log_keys_file(std::span<const directory::Entry> entries, const StateCode& other,
                          bool internal);

}  // namespace comity::court
