// Does this run of bytes belong to that item: who signed the item, and do the bytes lead from one
// signed place in it to another. It believes nothing in the bundle but what leads to a fingerprint
// that was given from outside, and neither throws nor stops on a hostile one.
#include <algorithm>

#include "court/examination.hpp"
#include "court/part_bundle.hpp"
#include "court/state_files.hpp"
#include "crypto/cms.hpp"
#include "crypto/digest.hpp"
#include "exchange/body.hpp"
#include "exchange/duty.hpp"
#include "formats/tape.hpp"

namespace comity::court {
namespace {

constexpr std::size_t k_readme_bytes_max = std::size_t{64} << 10;
constexpr std::size_t k_piece_bytes = std::size_t{1} << 18;

std::unexpected<Fault> refuse(std::string why) {
  return fault(FaultCode::evidence_hash, std::move(why));
}

/// Reads the archive member by member: exactly those that a bundle has, in their order.
class Members {
 public:
  explicit Members(const PartReader& read) : read_(read) {}

  /// The next member whole. Faults: format.tape; evidence.hash for another one; limit.size.
  Result<Bytes> whole(std::string_view name, std::size_t size_max) {
    TRY_LET(const auto size, begin(name));
    if (size > size_max) return fault(FaultCode::limit_size, std::string(name));
    Bytes bytes(static_cast<std::size_t>(size) + formats::tape_padding(size));
    TRY(fill(bytes));
    TRY(check_zeros(View(bytes).subspan(static_cast<std::size_t>(size))));
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
  }
  /// Opens the next member, of which the caller reads all; gives its size.
  Result<std::uint64_t> begin(std::string_view name) {
    formats::TapeBlock block;
    TRY(fill(block));
    TRY_LET(const auto file, formats::read_tape_header(block));
    if (!file || file->path != name) return refuse("the bundle lacks " + std::string(name));
    return file->size;
  }
  Result<void> fill(std::span<std::uint8_t> into) {
    for (std::size_t done = 0; done < into.size();) {
      TRY_LET(const std::size_t got, read_(into.subspan(done)));
      if (got == 0) return fault(FaultCode::format_tape, "the bundle ends in the middle");
      done += got;
    }
    return {};
  }
  /// After a member of that size: nothing else may come.
  Result<void> end(std::uint64_t size) {
    Bytes rest(part_bundle_tail(size).size());
    TRY(fill(rest));
    TRY(check_zeros(rest));
    std::uint8_t more = 0;
    TRY_LET(const std::size_t got, read_(std::span(&more, 1)));
    if (got != 0) return fault(FaultCode::format_tape, "bytes after the end");
    return {};
  }

 private:
  static Result<void> check_zeros(View bytes) {
    if (std::ranges::all_of(bytes, [](auto byte) { return byte == 0; })) return {};
    return fault(FaultCode::format_tape, "bytes where there are none");
  }

  const PartReader& read_;
};

struct Opened {
  PartStatement statement;
  evidence::Manifest manifest;
  Bytes manifest_bytes;
  crypto::CmsSigned delivery;
  exchange::Act act;
  KnownState state;
};

Result<Opened> open_papers(Members& members) {
  TRY_LET(const auto readme, members.whole(k_part_readme, k_readme_bytes_max));
  TRY_LET(const auto part, members.whole(k_part_json, k_part_statement_bytes_max));
  TRY_LET(auto manifest_bytes, members.whole(k_part_manifest, evidence::k_manifest_bytes_max));
  TRY_LET(const auto delivery_p7m, members.whole(k_part_delivery, crypto::k_cms_bytes_max));
  TRY_LET(const auto entry_p7m, members.whole(k_part_entry, crypto::k_cms_bytes_max));
  TRY_LET(auto statement, read_part_statement(part));
  if (as_text(readme) != part_readme(statement))
    return refuse("README.txt is not the text of such a bundle");
  TRY_LET(auto manifest, evidence::read_manifest(manifest_bytes));
  TRY_LET(auto delivery, crypto::cms_open(delivery_p7m));
  TRY_LET(auto act, exchange::read_act(delivery.content));
  TRY_LET(auto entry, open_entry_file(entry_p7m));
  KnownState state{.code = entry.state};
  state.entries.push_back(
      {.entry = std::move(entry), .p7m = entry_p7m, .status = directory::EntryStatus::in_force});
  return Opened{std::move(statement), std::move(manifest), std::move(manifest_bytes),
                std::move(delivery),  std::move(act),      std::move(state)};
}

void check_trust(const Opened& opened, const TrustedRoots& trusted, Report& report) {
  const auto& code = opened.state.code;
  const auto root = directory::fingerprint(opened.state.entries.front().entry);
  const auto given = trusted.find(code);
  if (given == trusted.end())
    report.add("state.trust", code.text(), Verdict::not_checked,
               "no fingerprint was given; the bundle says " + root.hex());
  else if (given->second.contains(root))
    report.holds("state.trust", code.text(), "root " + root.hex() + " is the one given");
  else
    report.fails("state.trust", code.text(), "root " + root.hex() + " is not the one given");
}

Result<void> check_author(const Opened& opened) {
  const auto& substance = opened.act.substance;
  const auto& entry = opened.state.entries.front().entry;
  if (substance.from != opened.state.code) return refuse("the act is another State's");
  if (substance.exercise != entry.exercise)
    return fault(FaultCode::directory_exercise, "act and entry are not of one kind");
  TRY(opened.state.entry_for(opened.delivery.signer, crypto::Usage::authority,
                             opened.delivery.signing_time));
  const auto found = std::ranges::find(entry.authorities, opened.delivery.signer,
                                       &directory::Authority::certificate);
  if (found == entry.authorities.end() || found->code != substance.from_authority)
    return fault(FaultCode::act_signature, "the signer is not the authority that the act names");
  return {};
}

Result<std::string> check_officers(const Opened& opened) {
  const auto content = exchange::substance_content(opened.act.substance);
  std::vector<exchange::Signer> signers;
  std::string words;
  for (const auto& officer : opened.act.officers) {
    TRY_LET(const auto signature, crypto::cms_open_detached(officer.signature, content));
    TRY(opened.state.entry_for(signature.signer, crypto::Usage::officer, signature.signing_time));
    signers.push_back(exchange::signer_of(officer.duty, signature.signer));
    words += (words.empty() ? "" : ", ") + officer.duty + ": " + signers.back().name;
  }
  TRY(exchange::check_duties(opened.act.substance, signers));
  return words;
}

Result<void> check_manifest(const Opened& opened) {
  const auto& substance = opened.act.substance;
  if (substance.type != exchange::ActType::delivery) return refuse("the act delivers nothing");
  TRY_LET(const auto body, exchange::body_as<exchange::DeliveryBody>(substance));
  const auto& manifest = opened.manifest;
  if (body.item != manifest.item || opened.statement.item != manifest.item ||
      substance.exchange != manifest.exchange)
    return refuse("act, manifest and part.json tell of different items");
  const auto binding =
      std::ranges::find(substance.parts, body.manifest, &exchange::PartBinding::name);
  if (binding == substance.parts.end()) return refuse("the act binds no manifest");
  const exchange::Part part{binding->name, binding->media_type, opened.statement.manifest_salt,
                            opened.manifest_bytes};
  if (part.binding() != *binding) return refuse("the manifest is not the one that the act binds");
  return {};
}

/// One entry of a folder, whole and alone.
class EntryCheck {
 public:
  /// An entry begins and ends where the signed tree says that entries do: not at what only looks
  /// like one, within a file that is an archive itself.
  static Result<void> check_ends(const Opened& opened) {
    const auto& statement = opened.statement;
    using evidence::Mark;
    if (opened.manifest.media != evidence::Media::folder_tar)
      return refuse("the item is no folder");
    if (!statement.to || statement.to->cut.mark != Mark::entry ||
        (statement.from && statement.from->cut.mark != Mark::entry))
      return refuse("the run is not what lies between two entries");
    return {};
  }
  Result<void> update(View bytes) {
    while (!bytes.empty()) {
      if (walk_.at_entry() && seen_ != 0) return refuse("the run is more than one entry");
      TRY_LET(const auto taken, walk_.take(bytes));
      if (walk_.ended()) return refuse("the run is the end of the folder, and no entry");
      if (walk_.is_content()) sha256_.update(bytes.first(taken));
      seen_ += taken;
      bytes = bytes.subspan(taken);
    }
    return {};
  }
  Result<std::string> finish() {
    if (!walk_.entry() || !walk_.at_entry()) return refuse("the run is less than one entry");
    const auto& entry = *walk_.entry();
    std::string words = std::string(name_of(entry.kind)) + " " + entry.path + ", mode " +
                        octal(entry.mode) + ", modified " + entry.modified + " s after 1970";
    if (!entry.target.empty()) words += ", to " + entry.target;
    if (entry.kind == formats::TapeKind::file)
      words += ", " + std::to_string(entry.size) + " bytes, SHA-256 " + sha256_.finish().hex();
    return words;
  }

 private:
  static std::string octal(std::uint32_t mode) {
    std::string text = "0000";
    for (std::size_t i = text.size(); i-- > 0; mode >>= 3)
      text[i] = static_cast<char>('0' + (mode & 7));
    return text;
  }

  formats::TapeWalk walk_;
  crypto::Sha256 sha256_;
  std::uint64_t seen_ = 0;
};

Result<void> check_bytes(Members& members, const Opened& opened, Report& report) {
  const auto& statement = opened.statement;
  const bool is_entry = statement.kind == PartKind::entry;
  auto run = evidence::RunCheck::begin(opened.manifest.sealed, statement.from, statement.to);
  Result<void> held = run ? Result<void>() : Result<void>(std::unexpected(run.error()));
  Result<void> entry_held = is_entry ? EntryCheck::check_ends(opened) : Result<void>();
  EntryCheck entry;
  crypto::Sha256 sha256;
  TRY_LET(const auto size, members.begin(k_part_bytes));
  Bytes piece(k_piece_bytes);
  for (std::uint64_t left = size; left > 0;) {
    const auto bytes = std::span(piece).first(std::min<std::uint64_t>(piece.size(), left));
    TRY(members.fill(bytes));
    left -= bytes.size();
    sha256.update(bytes);
    if (held) run->update(bytes);
    if (is_entry && entry_held) entry_held = entry.update(bytes);
  }
  TRY(members.end(size));
  if (held) held = run->finish();
  report.outcome("part.bytes", k_part_bytes, held,
                 held ? "bytes " + std::to_string(run->first()) + " to " +
                            std::to_string(run->end()) + " of the " +
                            std::to_string(opened.manifest.sealed.plaintext_size) +
                            " that were signed; SHA-256 of these: " + sha256.finish().hex()
                      : "");
  if (!is_entry) return {};
  Result<std::string> words = std::unexpected(Fault{});
  if (!held)
    words = std::unexpected(held.error());
  else if (!entry_held)
    words = std::unexpected(entry_held.error());
  else
    words = entry.finish();
  if (words)
    report.holds("part.entry", k_part_bytes, *words);
  else
    report.fails("part.entry", k_part_bytes, words.error());
  return {};
}

std::string words_of(const Opened& opened) {
  const auto& manifest = opened.manifest;
  return "a part of \"" + manifest.name + "\", item " + manifest.item.hex() + ", which " +
         opened.state.code.text() + " delivered; sealed at " + to_text(manifest.sealed_at) +
         (opened.act.substance.exercise ? "; an exercise" : "");
}

}  // namespace

Report verify_part(const PartReader& read, const TrustedRoots& trusted) {
  Report report;
  Members members(read);
  const auto opened = open_papers(members);
  if (!opened) {
    report.fails("part.bundle", "", opened.error());
    return report;
  }
  report.holds("part.bundle", opened->manifest.item.hex(), words_of(*opened));
  check_trust(*opened, trusted, report);
  report.outcome("act.signature", k_part_delivery, check_author(*opened),
                 opened->act.substance.from_authority + " of " + opened->state.code.text() +
                     " at " + to_text(opened->delivery.signing_time));
  if (const auto officers = check_officers(*opened))
    report.holds("act.officers", k_part_delivery, *officers);
  else
    report.fails("act.officers", k_part_delivery, officers.error());
  report.outcome("item.manifest", k_part_manifest, check_manifest(*opened),
                 "bound by the act of delivery");
  if (const auto checked = check_bytes(members, *opened, report); !checked)
    report.fails("part.bundle", k_part_bytes, checked.error());
  return report;
}

}  // namespace comity::court
