#include "court/bundle.hpp"

#include <algorithm>

#include "court/consistency_file.hpp"
#include "court/parts_list.hpp"
#include "court/readme.hpp"
#include "court/state_files.hpp"
#include "crypto/cms.hpp"
#include "crypto/digest.hpp"
#include "directory/revocation.hpp"
#include "evidence/manifest.hpp"
#include "formats/tlog_proof.hpp"

namespace comity::court {
namespace {

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::format_field, std::move(why));
}

const BundleInput k_nothing;

/// Fills a piece with one subject, or all of them one after the other.
class Composer {
 public:
  explicit Composer(const BundleInput& about) : about_(about) {}

  Result<Bundle> take() && { return std::move(bundle_); }

  Result<void> act(std::uint64_t number, const BundleAct& given) {
    if (number > k_act_number_max)
      return fault(FaultCode::limit_count, "an export of that many acts");
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

  Result<void> state(const BundleState& given) {
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
    TRY(revocations(given, entries.front().serial));
    add({.role = Role::root, .state = given.state}, to_bytes(root_file(entries)));
    const auto& other = given.state == about_.exporter ? about_.partner : about_.exporter;
    const bool internal = !given.internal_checkpoint.empty();
    add({.role = Role::log_keys, .state = given.state},
        to_bytes(log_keys_file(entries, other, internal)));
    const Place place{.role = Role::checkpoint, .state = given.state};
    if (!given.checkpoint.empty())
      add(place, to_bytes(given.checkpoint));
    else
      absent(place, "no checkpoint of this log is known");
    if (internal) {
      if (given.state != about_.exporter) return refuse("internal logs are the exporter's own");
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

  Result<void> item(const BundleItem& given) {
    TRY_LET(const auto manifest, evidence::read_manifest(given.manifest));
    if (manifest.exchange != about_.exchange) return refuse("an item of another exchange");
    const auto at = [&](Role role) { return Place{.role = role, .item = manifest.item}; };
    const auto refer = [&](Role role) {
      bundle_.references.push_back({manifest.item, role, path_of(at(role))});
    };
    if (!given.why_withheld.empty()) {
      for (const auto role : {Role::manifest, Role::sealed, Role::plaintext})
        absent(at(role), withheld_words(given.why_withheld));
      return {};
    }
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

  void readme_of(const Index& index) { add({.role = Role::readme}, to_bytes(readme(index))); }

 private:
  void add(const Place& place, Bytes bytes) {
    auto path = path_of(place);
    bundle_.index.files.push_back({path, place.role, bytes.size(), crypto::sha256(bytes)});
    bundle_.files.push_back({std::move(path), std::move(bytes)});
  }
  void absent(const Place& place, std::string why) {
    bundle_.index.absent.push_back({path_of(place), std::move(why)});
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

  static std::string withheld_words(const std::string& why) {
    return std::string(k_withheld) + (why.empty() ? "" : ": " + why);
  }
  std::string why_absent(const Digest& act, const BundlePart& part) const {
    for (const auto& row : about_.withheld)
      if (row.act == act && row.part == part.part.name) return withheld_words(row.why);
    return part.erased.empty() ? "" : "erased: " + part.erased;
  }

  Result<void> revocations(const BundleState& given, std::int64_t serial) {
    if (given.revocations.size() > k_revocations_of_a_state_max)
      return fault(FaultCode::limit_count, "revocations of " + given.state.text());
    std::uint64_t number = 0;
    for (const auto& file : given.revocations) {
      TRY_LET(const auto revocation, directory::revocation_in(file));
      if (revocation.state != given.state || revocation.serial < serial)
        return refuse("a revocation of another State, or older than its newest entry");
      add({.role = Role::revocation, .state = given.state, .number = ++number}, file);
    }
    return {};
  }

  const BundleInput& about_;
  Bundle bundle_;
};

}  // namespace

void Bundle::add(Bundle piece) {
  const auto move_all = [](auto& from, auto& into) {
    into.insert(into.end(), std::make_move_iterator(from.begin()),
                std::make_move_iterator(from.end()));
  };
  move_all(piece.files, files);
  move_all(piece.references, references);
  move_all(piece.index.acts, index.acts);
  move_all(piece.index.files, index.files);
  move_all(piece.index.tiles, index.tiles);
  move_all(piece.index.absent, index.absent);
}

Index index_about(const BundleInput& about) {
  return {.exercise = about.exercise,
          .exchange = about.exchange,
          .exporter = about.exporter,
          .partner = about.partner,
          .authority = about.authority,
          .purpose = about.purpose,
          .made_at = {about.made_at.seconds() * 1000}};
}

Result<Bundle> compose_act(const BundleInput& about, std::uint64_t number, const BundleAct& act) {
  Composer composer(about);
  TRY(composer.act(number, act));
  return std::move(composer).take();
}

Result<Bundle> compose_state(const BundleInput& about, const BundleState& state) {
  Composer composer(about);
  TRY(composer.state(state));
  return std::move(composer).take();
}

Result<Bundle> compose_custody(const BundleProof& proof) {
  Composer composer(k_nothing);
  TRY(composer.custody(proof));
  return std::move(composer).take();
}

Result<Bundle> compose_consistency(const BundleConsistency& proof) {
  Composer composer(k_nothing);
  TRY(composer.consistency(proof));
  return std::move(composer).take();
}

Result<Bundle> compose_item(const BundleInput& about, const BundleItem& item) {
  Composer composer(about);
  TRY(composer.item(item));
  return std::move(composer).take();
}

Bundle compose_readme(const Index& index) {
  Composer composer(k_nothing);
  composer.readme_of(index);
  return *std::move(composer).take();
}

Result<void> check_withheld(const BundleInput& about, const Index& index) {
  const auto refuse_part = [](std::string why) {
    return fault(FaultCode::act_part, std::move(why));
  };
  const auto kept_back = std::ranges::count_if(index.absent, [](const IndexAbsent& row) {
    return row.withheld() && place_of(row.path)->role == Role::part;
  });
  // A row that names no part would let that part out.
  if (static_cast<std::size_t>(kept_back) != about.withheld.size())
    return refuse_part("a part to be withheld is in no act here, or named twice");
  for (const auto& row : about.withheld) {
    if (row.sha256.is_zero()) continue;
    const auto same = std::ranges::find(index.files, row.sha256, &IndexFile::sha256);
    if (same != index.files.end())
      return refuse_part(same->path + " has the bytes of " + row.part +
                         ", which is to be withheld: withhold both or neither");
  }
  return {};
}

Result<Bundle> compose(const BundleInput& input) {
  Bundle bundle{.index = index_about(input)};
  const auto take = [&](Result<Bundle> piece) -> Result<void> {
    if (!piece) return std::unexpected(std::move(piece).error());
    bundle.add(*std::move(piece));
    return {};
  };
  for (std::size_t i = 0; i < input.acts.size(); ++i)
    TRY(take(compose_act(input, i + 1, input.acts[i])));
  for (const auto& code : {input.exporter, input.partner}) {
    const auto found = std::ranges::find(input.states, code, &BundleState::state);
    if (found == input.states.end()) return refuse("nothing is given about " + code.text());
    TRY(take(compose_state(input, *found)));
  }
  if (input.states.size() != 2) return refuse("an export is about two States");
  for (const auto& proof : input.proofs) TRY(take(compose_custody(proof)));
  for (const auto& proof : input.consistency) TRY(take(compose_consistency(proof)));
  for (const auto& item : input.items) TRY(take(compose_item(input, item)));
  TRY(check_withheld(input, bundle.index));
  bundle.add(compose_readme(bundle.index));
  return bundle;
}

}  // namespace comity::court
