#include "cli/revocation_words.hpp"

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/officer_key.hpp"
#include "cli/page.hpp"

namespace comity::cli {
namespace {

Result<int> sign(const RevocationWords& words, Context& context) {
  const auto files = context.officer_files();
  if (files.size() != 2) return fault(FaultCode::officer_two, "name both: --as A --as B");
  const Instant now = context.clock.now();
  TRY_LET(const auto revocation, read_words(words, now));
  const Bytes content = directory::revocation_content(revocation);
  std::vector<Bytes> signatures;
  for (const auto& file : files) {
    TRY_LET(const auto officer, OfficerKey::load(file));
    TRY_LET(Bytes signature, officer.sign(content, revocation.made_at));
    signatures.push_back(std::move(signature));
  }
  const Bytes file = directory::revocation_file(content, signatures);
  // What a partner will ask of it is asked here first.
  TRY_LET(const Bytes p7m, read_input(words.entry));
  TRY_LET(auto entry, directory::open_entry(p7m, now));
  const directory::Accepted ours{.entry = std::move(entry), .p7m = p7m, .accepted_at = now};
  TRY(directory::open_revocation(file, ours, now));
  TRY(write_output(words.out, file));
  tell(revocation, words);
  return 0;
}

}  // namespace

Verb& revocation_options(Verb& verb, const std::shared_ptr<RevocationWords>& words) {
  return verb.text("--entry", words->entry, "The State's entry in force", Presence::required)
      .text("--certificate", words->certificate, "Its fingerprint [the whole entry]")
      .text("--reason", words->reason, "Why", Presence::required)
      .text("--from", words->from, "From when on nothing is to be relied on [now]")
      .text("-o,--out", words->out, "Where to write it", Presence::required);
}

Result<directory::Revocation> read_words(const RevocationWords& words, Instant now) {
  const Instant second{now.seconds() * 1000};
  TRY_LET(const Bytes p7m, read_input(words.entry));
  TRY_LET(const auto entry, directory::open_entry(p7m, now));
  directory::Revocation revocation{.state = entry.state,
                                   .exercise = entry.exercise,
                                   .serial = entry.serial,
                                   .certificate = {},
                                   .revoked_from = second,
                                   .made_at = second,
                                   .reason = words.reason};
  if (!words.certificate.empty()) {
    TRY_LET(revocation.certificate, read_fingerprint(words.certificate));
  }
  if (words.from) {
    TRY_LET(revocation.revoked_from, instant_from_text(*words.from));
  }
  return revocation;
}

void tell(const directory::Revocation& revocation, const RevocationWords& words) {
  say(banner(revocation.exercise));
  say(fmt::format("Revoked from {}: {}.\n", to_text(revocation.revoked_from),
                  revocation.certificate ? "certificate " + revocation.certificate->hex()
                                         : "the whole entry") +
      named_lines({{"file", words.out},
                   {"next", "Give it to every partner: 'comity directory revoke " + words.out +
                                "'; then issue a new entry."}}));
}

void add_directory_revocation(Verb& directory, Context& context) {
  auto words = std::make_shared<RevocationWords>();
  auto verb = directory.verb(
      "revocation", "Make a revocation for partners, signed by two officers, without the root",
      "  comity directory revocation --entry kgz/entry.p7m --certificate 3f9a… \\\n"
      "      --reason \"Laptop stolen\" -o stolen.revocation --as a --as b\n");
  revocation_options(verb, words);
  verb.texts("--as", context.officers, "An officer's key file, twice", Presence::required)
      .does([words, &context] { return sign(*words, context); });
}

}  // namespace comity::cli
