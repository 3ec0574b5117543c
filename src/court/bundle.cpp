#include "court/bundle.hpp"

#include <algorithm>

#include "court/consistency_file.hpp"
#include "court/parts_list.hpp"
#include "court/readme.hpp"
#include "court/state_files.hpp"
#include "crypto/cms.hpp"
#include "crypto/digest.hpp"
#include "evidence/manifest.hpp"
#include "formats/tlog_proof.hpp"

namespace comity::court {
namespace {

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::format_field, std::move(why));
}

/// Fills the bundle, one subject after the other.
class Composer {
 public:
  explicit Composer(const BundleInput& input) : input_(input) {
    auto& index = bundle_.index;
    index.exercise = input.exercise;
    index.exchange = input.exchange;
    index.exporter = input.exporter;
    index.partner = input.partner;
    index.authority = input.authority;
    index.purpose = input.purpose;
    index.made_at = {input.made_at.seconds() * 1000};
  }

  Result<Bundle> compose() {
    if (input_.acts.size() > k_act_number_max)
      return fault(FaultCode::limit_count, "an export of that many acts");
    for (std::size_t i = 0; i < input_.acts.size(); ++i) TRY(act(i + 1, input_.acts[i]));
    TRY(all_withheld());
    TRY(states());
    for (const auto& proof : input_.proofs) TRY(custody(proof));
    for (const auto& proof : input_.consistency) TRY(consistency(proof));
    for (const auto& item : input_.items) TRY(item_files(item));
    add({.role = Role::readme}, to_bytes(readme(bundle_.index)));
    return std::move(bundle_);
  }

 private:
  void add(const Place& place, Bytes bytes) {
    auto path = path_of(place);
    bundle_.index.files.push_back({path, place.role, bytes.size(), crypto::sha256(bytes)});
    bundle_.files.push_back({std::move(path), std::move(bytes)});
  }
  void absent(const Place& place, std::string why) {
    bundle_.index.absent.push_back({path_of(place), std::move(why)});
  }

  Result<void> act(std::uint64_t number, const BundleAct& given) {
    TRY_LET(auto opened, crypto::cms_open(given.p7m));
    TRY_LET(const auto act, exchange::read_act(opened.content));
    Place place{.role = Role::act, .number = number, .name{name_of(act.substance.type)}};
    bundle_.index.acts.push_back(
        {path_of(place), act.substance.from, Instant{opened.signing_time.seconds() * 1000}});
    add(place, given.p7m);
    TRY(parts(place, act.substance.parts, given.parts, exchange::act_id(opened.content)));
    if (!given.rejection.empty()) {
      place.role = Role::rejection;
      add(place, given.rejection);
    }
    const Place receipt{.role = Role::receipt, .number = number};
    if (!given.receipt.empty())
      add(receipt, to_bytes(given.receipt));
    else
      absent(receipt, given.rejection.empty() ? "the other State has not receipted this act"
                                              : "the other State rejected this act");
    return {};
  }

  Result<void> parts(Place place, const std::vector<exchange::PartBinding>& bindings,
                     const std::vector<BundlePart>& given, const Digest& act) {
    if (given.size() != bindings.size())
      return fault(FaultCode::act_part, "as many parts as the act binds are asked for");
    std::vector<ListedPart> list;
    for (const auto& binding : bindings) {
      const auto found = std::ranges::find(given, binding.name,
                                           [](const BundlePart& row) { return row.part.name; });
      if (found == given.end()) return fault(FaultCode::act_part, binding.name + " is not given");
      const auto why = why_absent(act, *found);
      place.role = Role::part;
      place.part = binding.name;
      ListedPart row{.name = binding.name, .media_type = binding.media_type};
      if (why.empty()) {
        if (found->part.binding() != binding)
          return fault(FaultCode::act_part, binding.name + " is not the part that is bound");
        row.salt = found->part.salt;
        add(place, found->part.bytes);
      } else {
        row.why_absent = why;
        absent(place, why);
      }
      list.push_back(std::move(row));
    }
    if (list.empty()) return {};
    place.role = Role::parts;
    place.part.clear();
    add(place, write_parts_list(list));
    return {};
  }

  std::string why_absent(const Digest& act, const BundlePart& part) {
    for (const auto& row : input_.withheld)
      if (row.act == act && row.part == part.part.name) {
        ++withheld_;
        return row.why.empty() ? "withheld" : "withheld: " + row.why;
      }
    return part.erased.empty() ? "" : "erased: " + part.erased;
  }

  /// A row that names no part would let that part out.
  Result<void> all_withheld() const {
    if (withheld_ == input_.withheld.size()) return {};
    return fault(FaultCode::act_part, "a part to be withheld is in no act here, or named twice");
  }

  Result<void> states() {
    for (const auto& code : {input_.exporter, input_.partner}) {
      const auto found = std::ranges::find(input_.states, code, &BundleState::state);
      if (found == input_.states.end()) return refuse("nothing is given about " + code.text());
      TRY(state(*found, code == input_.exporter ? input_.partner : input_.exporter));
    }
    if (input_.states.size() != 2) return refuse("an export is about two States");
    return {};
  }

  Result<void> state(const BundleState& given, const StateCode& other) {
    if (given.entries.empty()) return refuse("no entry of " + given.state.text() + " is given");
    if (given.entries.size() > k_entries_of_a_state_max)
      return fault(FaultCode::limit_count, "entries of " + given.state.text());
    std::vector<directory::Entry> entries;
    for (const auto& p7m : given.entries) {
      TRY_LET(auto entry, open_entry_file(p7m));
      if (entry.state != given.state)
        return refuse("an entry of another State than it is given for");
      add({.role = Role::entry,
           .state = given.state,
           .number = entries.empty() ? 0 : static_cast<std::uint64_t>(entry.serial)},
          p7m);
      entries.push_back(std::move(entry));
    }
    if (!std::ranges::is_sorted(entries, std::ranges::greater{}, &directory::Entry::serial))
      return refuse("entries are given newest first");
    add({.role = Role::root, .state = given.state}, to_bytes(root_file(entries)));
    const bool internal = !given.internal_checkpoint.empty();
    add({.role = Role::log_keys, .state = given.state},
        to_bytes(log_keys_file(entries, other, internal)));
    const Place place{.role = Role::checkpoint, .state = given.state};
    if (!given.checkpoint.empty())
      add(place, to_bytes(given.checkpoint));
    else
      absent(place, "no checkpoint of this log is known");
    if (internal) {
      if (given.state != input_.exporter) return refuse("internal logs are the exporter's own");
      add({.role = Role::checkpoint, .state = given.state, .internal = true},
          to_bytes(given.internal_checkpoint));
    }
    return {};
  }

  Result<void> custody(const BundleProof& given) {
    TRY_LET(const auto proof, formats::parse_tlog_proof(as_bytes(given.text)));
    add({.role = Role::custody, .number = proof.index, .internal = given.internal},
        to_bytes(given.text));
    return {};
  }

  Result<void> consistency(const BundleConsistency& given) {
    TRY_LET(const auto note, formats::parse_note(as_bytes(given.checkpoint)));
    TRY_LET(const auto checkpoint, formats::parse_checkpoint(note.text));
    add({.role = Role::consistency,
         .state = given.state,
         .old_size = given.old_size,
         .new_size = checkpoint.size},
        to_bytes(to_text(ConsistencyFile{given.old_size, given.hashes, given.checkpoint})));
    return {};
  }

  Result<void> item_files(const BundleItem& given) {
    TRY_LET(const auto manifest, evidence::read_manifest(given.manifest));
    if (manifest.exchange != input_.exchange) return refuse("an item of another exchange");
    const auto at = [&](Role role) { return Place{.role = role, .item = manifest.item}; };
    const auto refer = [&](Role role) {
      bundle_.references.push_back({manifest.item, role, path_of(at(role))});
    };
    add(at(Role::manifest), given.manifest);
    if (given.sealed) {
      refer(Role::sealed);
      refer(Role::tiles);
      bundle_.index.tiles.push_back(
          {manifest.item, manifest.sealed.chunks(), manifest.sealed.chunk_root});
    } else {
      absent(at(Role::sealed), given.why_no_sealed.empty() ? "not asked for" : given.why_no_sealed);
    }
    if (!given.header.empty()) {
      if (!given.sealed) return refuse("a header without the sealed bytes opens nothing");
      add(at(Role::header), given.header);
    }
    if (given.plaintext)
      refer(Role::plaintext);
    else
      absent(at(Role::plaintext),
             given.why_no_plaintext.empty() ? "not asked for" : given.why_no_plaintext);
    return {};
  }

  const BundleInput& input_;
  Bundle bundle_;
  std::size_t withheld_ = 0;
};

}  // namespace

Result<Bundle> compose(const BundleInput& input) {
  return Composer(input).compose();
}

}  // namespace comity::court
