// A whole fictional exchange between two States with real signatures and real logs, and the export
// that one of them makes of it: what the tests of this room, and of those above, check. Everything
// comes from seeds, so a failure repeats.
#pragma once

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "court/bundle.hpp"
#include "court/state_files.hpp"
#include "court/verify.hpp"
#include "crypto/cms.hpp"
#include "crypto/digest.hpp"
#include "custody/log.hpp"
#include "evidence/evidence_gen.hpp"
#include "exchange/body.hpp"
#include "exchange/duty.hpp"
#include "exchange/life.hpp"
#include "formats/merkle_tree.hpp"

namespace comity::court::sample {

namespace fs = std::filesystem;
using evidence::sample::SeededRandom;
using exchange::Side;
using formats::Json;

inline Instant at(std::string_view text) {
  return *instant_from_text(text);
}
inline const Instant k_begin = at("2026-01-01T00:00:00Z");
inline const Instant k_end = at("2030-01-01T00:00:00Z");
inline const Instant k_first_act = at("2026-03-01T12:00:00Z");

/// A custody log in memory that seals after every entry.
struct Log {
  std::string origin;
  crypto::Ed25519Key key;
  custody::LogState state;
  std::vector<Bytes> entries;
  std::vector<Digest> leaves;

  Log(std::string origin_in, Random& random)
      : origin(std::move(origin_in)),
        key(crypto::Ed25519Key::generate(random)),
        state(custody::LogState::fresh(origin)) {}

  std::uint64_t add(custody::EntryKind kind, Instant when, Random& random, Json facts) {
    const auto bytes =
        *custody::write_entry(custody::make_entry(kind, when, random, std::move(facts)));
    custody::Batch batch(std::move(state));
    const auto index = *batch.append(bytes);
    entries.push_back(bytes);
    leaves.push_back(formats::leaf_hash(bytes));
    state = *batch.seal(custody::signer_with(key));
    return index;
  }
  /// At the present size.
  std::string receipt(std::uint64_t index) const {
    formats::MerkleTree tree(leaves);
    return *custody::make_receipt(index, entries[index], state.checkpoint(), tree);
  }
  std::vector<Digest> consistency(std::uint64_t old_size) const {
    formats::MerkleTree tree(leaves);
    return *formats::consistency_proof(tree, old_size, leaves.size());
  }
};

struct Nation {
  StateCode code;
  SeededRandom random;
  crypto::P256Key root_key, authority_key, approver_key, executor_key, tls_key;
  crypto::Certificate root, authority, approver, executor, tls;
  Log partner, internal;

  Nation(std::string_view name, std::string_view other, std::uint64_t seed)
      : code(*StateCode::from_text(name)),
        random(seed),
        root_key(crypto::P256Key::generate(random)),
        authority_key(crypto::P256Key::generate(random)),
        approver_key(crypto::P256Key::generate(random)),
        executor_key(crypto::P256Key::generate(random)),
        tls_key(crypto::P256Key::generate(random)),
        root(*crypto::issue_root(root_key, {code, "Root of " + code.text(), {}}, k_begin, k_end,
                                 random)),
        authority(certify(authority_key, "Ministry of Justice", {"authority:central-authority"},
                          crypto::Usage::authority)),
        approver(
            certify(approver_key, "Duty prosecutor", {"officer:approver"}, crypto::Usage::officer)),
        executor(certify(executor_key, "Technical officer", {"officer:executor"},
                         crypto::Usage::officer)),
        tls(certify(tls_key, "node", {}, crypto::Usage::tls)),
        partner(prefix() + "partner/" + std::string(other), random),
        internal(prefix() + "internal", random) {}

  std::string prefix() const { return "node-" + code.text() + ".example/"; }
  crypto::Certificate certify(const crypto::P256Key& key, const std::string& name,
                              std::vector<std::string> roles, crypto::Usage usage) {
    const auto hosts = usage == crypto::Usage::tls ? std::vector<std::string>{"node.example"}
                                                   : std::vector<std::string>{};
    return *crypto::issue(root_key, root, key.public_spki(), {code, name, std::move(roles)}, usage,
                          k_begin, k_end, random, hosts);
  }
  directory::Entry entry(std::int64_t serial = 1) {
    return {
        .state = code,
        .names = {{"en", "State " + code.text()}},
        .exercise = true,
        .serial = serial,
        .issued_at = at("2026-02-01T00:00:00Z"),
        .valid_from = at("2026-02-01T00:00:00Z"),
        .valid_to = at("2027-02-01T00:00:00Z"),
        .root = root,
        .next_root = std::nullopt,
        .authorities =
            {{"justice", {{"en", "Ministry of Justice"}}, {"central-authority"}, authority}},
        .endpoint = {"node.example", 8443},
        .tls = {tls},
        .logs = {prefix(), partner.key.public_key(), internal.key.public_key(),
                 crypto::Ed25519Public{random.draw<32>()}},
        .languages = {"en"},
        .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour"}},
        .revoked = {},
        .published = {"un-cybercrime-2024", {"convention"}, "required", {}, {"subscriber"}, 90}};
  }
  Bytes sign(View content, Instant when) const {
    return *crypto::cms_sign(content, authority_key, authority, when,
                             crypto::CmsForm::encapsulated);
  }
  exchange::OfficerSignature sign_as(const exchange::Duty& duty, View substance,
                                     Instant when) const {
    const bool executes = duty.name == "executor";
    return {duty.name,
            *crypto::cms_sign(substance, executes ? executor_key : approver_key,
                              executes ? executor : approver, when, crypto::CmsForm::detached)};
  }
};

/// Both States, their acts so far, and what their logs say of them. BFA asks, KGZ is asked.
class Exchange {
 public:
  Nation asking, asked;
  ExchangeId id;
  Instant now = k_first_act;
  std::vector<BundleAct> acts;
  std::vector<Digest> ids;
  exchange::Life life;
  evidence::sample::Item item;
  evidence::Manifest manifest;
  Bytes manifest_bytes;

  explicit Exchange(std::size_t item_size = 200'000, std::uint64_t seed = 1)
      : asking("BFA", "KGZ", 10 + seed),
        asked("KGZ", "BFA", 20 + seed),
        item(evidence::sample::item(item_size)) {
    id.bytes.fill(2);  // that of the sample manifest
    manifest = evidence::sample::manifest(item.shape, {item.identity.recipient().id()});
    manifest.exchange = id;
    manifest_bytes = *evidence::write_manifest(manifest);
  }

  Nation& of(Side side) { return side == Side::requester ? asking : asked; }

  exchange::Part part(std::string name, std::string media_type, View bytes) {
    return {std::move(name), std::move(media_type), random_.draw<16>(), to_bytes(bytes)};
  }

  exchange::Act make(Side side, const exchange::Body& body,
                     const std::vector<exchange::Part>& parts) {
    auto& author = of(side);
    exchange::Act act;
    auto& substance = act.substance;
    substance.exercise = true;
    substance.exchange = id;
    substance.draft = DraftId{random_.draw<16>()};
    substance.type = exchange::type_of(body);
    substance.from = author.code;
    substance.to = of(exchange::other(side)).code;
    substance.from_authority = substance.to_authority = "justice";
    substance.instrument = "un-cybercrime-2024";
    substance.measure = "stored-data";
    substance.body = exchange::to_json(body);
    for (const auto& each : parts) substance.parts.push_back(each.binding());
    act.order = {life.next_sequence(side), life.last(side), life.seen_now(side), now,
                 now.plus_s(30 * k_day_s)};
    const auto content = exchange::substance_content(substance);
    for (const auto& duty : exchange::duties_of(substance))
      if (duty.required) act.officers.push_back(author.sign_as(duty, content, now));
    return act;
  }

  /// Signed, logged by both, receipted. Gives the act's id.
  Digest put(Side side, const exchange::Act& act, const std::vector<exchange::Part>& parts) {
    auto& author = of(side);
    auto& taker = of(exchange::other(side));
    const auto content = exchange::act_content(act);
    BundleAct made{.p7m = author.sign(content, now)};
    for (const auto& each : parts) made.parts.push_back({each, ""});
    const auto digest = exchange::act_id(content);
    const auto facts = Json::object({{"act", digest.hex()},
                                     {"exchange", id.hex()},
                                     {"p7m", crypto::sha256(made.p7m).hex()},
                                     {"sequence", act.order.sequence},
                                     {"side", name_of(side)},
                                     {"type", name_of(act.substance.type)}});
    author.partner.add(custody::EntryKind::act_sent, now, random_, facts);
    now = now.plus_s(1);
    made.receipt = taker.partner.receipt(
        taker.partner.add(custody::EntryKind::act_received, now, random_, facts));
    life.add(exchange::step_of(act, digest, side));
    acts.push_back(std::move(made));
    ids.push_back(digest);
    now = now.plus_s(60);
    return digest;
  }
  Digest act(Side side, const exchange::Body& body, const std::vector<exchange::Part>& parts = {}) {
    return put(side, make(side, body, parts), parts);
  }

  /// Request, acceptance, delivery, arrival.
  void play() {
    const auto words = [&](std::string name, std::string_view text) {
      return part(std::move(name), "text/plain; charset=utf-8", as_bytes(text));
    };
    act(Side::requester,
        exchange::RequestBody{Json::object({{"offences", Json::array({"art-7"})}}),
                              item.identity.recipient().text(), std::nullopt},
        {words("facts", "Facts of the exercise."), words("persons", "Person A, fictional.")});
    const auto acceptance = act(Side::requested, exchange::AcceptanceBody{},
                                {words("reasons", "Complete and in scope.")});
    asked.partner.add(custody::EntryKind::item_sealed, now, random_, item_facts());
    const auto delivery =
        act(Side::requested, exchange::DeliveryBody{acceptance, manifest.item, "manifest"},
            {part("manifest", "application/json", manifest_bytes)});
    act(Side::requester,
        exchange::ArrivalBody{delivery, manifest.item, now, item.shape.chunk_root});
    asking.partner.add(custody::EntryKind::item_arrived, now, random_, item_facts());
    asking.internal.add(custody::EntryKind::read_request, now, random_,
                        Json::object({{"exchange", id.hex()}, {"officer", officer(asking)}}));
    asking.partner.add(custody::EntryKind::item_exported, now, random_,
                       Json::object({{"item", manifest.item.hex()}, {"officer", officer(asking)}}));
  }

  /// The exporter made this header for one more reader, and logged it.
  void log_header(View header, const formats::AgeRecipient& reader) {
    asking.partner.add(custody::EntryKind::item_exported, now, random_,
                       Json::object({{"exchange", id.hex()},
                                     {"header", crypto::sha256(header).hex()},
                                     {"item", manifest.item.hex()},
                                     {"officer", officer(asking)},
                                     {"recipient", reader.id().hex()}}));
  }

  Json item_facts() const {
    return Json::object({{"exchange", id.hex()},
                         {"item", manifest.item.hex()},
                         {"manifest", crypto::sha256(manifest_bytes).hex()}});
  }
  static std::string officer(const Nation& nation) { return nation.approver.fingerprint().hex(); }

  BundleInput input() {
    BundleInput input{.exercise = true,
                      .exchange = id,
                      .exporter = asking.code,
                      .partner = asked.code,
                      .authority = "justice",
                      .purpose = Purpose::court,
                      .made_at = now,
                      .acts = acts};
    for (auto* nation : {&asking, &asked}) {
      input.states.push_back({nation->code,
                              {*directory::sign_entry(nation->entry(), nation->root_key)},
                              nation->partner.state.checkpoint(),
                              nation == &asking ? nation->internal.state.checkpoint() : "",
                              {}});
      for (const auto size : receipted_sizes(*nation, acts))
        input.consistency.push_back({nation->code, size, nation->partner.consistency(size),
                                     nation->partner.state.checkpoint()});
    }
    for (const auto* log : {&asking.partner, &asking.internal})
      for (std::uint64_t index = 0; index < log->entries.size(); ++index)
        input.proofs.push_back({log == &asking.internal, log->receipt(index)});
    input.items.push_back({.manifest = manifest_bytes, .sealed = true, .plaintext = true});
    return input;
  }

  /// Sizes, but the present one, at which that State receipted acts.
  static std::set<std::uint64_t> receipted_sizes(const Nation& nation,
                                                 const std::vector<BundleAct>& acts) {
    std::set<std::uint64_t> sizes;
    for (const auto& act : acts) {
      if (act.receipt.empty()) continue;
      const auto proof = *formats::parse_tlog_proof(as_bytes(act.receipt));
      const auto checkpoint =
          *formats::parse_checkpoint(formats::parse_note(as_bytes(proof.checkpoint))->text);
      if (checkpoint.origin == nation.partner.origin &&
          checkpoint.size < nation.partner.leaves.size())
        sizes.insert(checkpoint.size);
    }
    return sizes;
  }

  TrustedRoots fingerprints() const {
    return {{asking.code, {asking.root.fingerprint()}}, {asked.code, {asked.root.fingerprint()}}};
  }

 private:
  SeededRandom random_{33};
};

inline void write_file(const fs::path& path, View bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << as_text(bytes);
  CHECK(file.flush().good());
}

inline Bytes read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return to_bytes(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// An export on disk, in a folder of its own that goes with it.
class Export {
 public:
  /// Signed by the exporter of the exchange, as `comity export` does.
  Export(const Exchange& exchange, const BundleInput& input) {
    std::string pattern = fs::temp_directory_path() / "comity-court-XXXXXX";
    CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
    auto bundle = compose(input);
    if (!bundle) std::fprintf(stderr, "%s\n", bundle.error().detail.c_str());
    CHECK(bundle.has_value());
    for (const auto& file : bundle->files) write_file(path_ / file.path, file.bytes);
    for (const auto& reference : bundle->references) place(exchange.item, reference, bundle->index);
    sign(exchange, bundle->index);
  }
  Export(const Export&) = delete;
  Export& operator=(const Export&) = delete;
  ~Export() { fs::remove_all(path_); }

  const fs::path& path() const { return path_; }
  /// The index after whatever a test changed in the folder, signed anew.
  void sign(const Exchange& exchange, const Index& index) const {
    const auto content = *index_content(index);
    write_file(path_ / k_index_json, content);
    write_file(path_ / k_index_p7m, exchange.asking.sign(content, index.made_at));
  }
  Index index() const { return *read_index(read_file(path_ / k_index_json)); }

  /// Every file but the folder itself, relative.
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(path_))
      if (entry.is_regular_file()) found.push_back(fs::relative(entry.path(), path_));
    std::ranges::sort(found);
    return found;
  }

 private:
  void place(const evidence::sample::Item& item, const BundleReference& reference, Index& index) {
    if (reference.role == Role::tiles) {
      for (const auto& [tile, bytes] : item.tiles) write_file(path_ / reference.path / tile, bytes);
      return;
    }
    const auto& bytes = reference.role == Role::sealed ? item.file : item.plaintext;
    write_file(path_ / reference.path, bytes);
    index.files.push_back({reference.path, reference.role, bytes.size(), crypto::sha256(bytes)});
  }

  fs::path path_;
};

}  // namespace comity::court::sample
