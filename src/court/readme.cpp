#include "court/readme.hpp"

#include <algorithm>

namespace comity::court {
namespace {

constexpr std::string_view k_head = R"text(EXPORT OF AN EXCHANGE BETWEEN TWO STATES

This folder holds what two States said to each other about one request for electronic evidence, who
signed it, who logged it, and the evidence itself or what is shown of it. Everything in it can be
checked without any network and without trusting whoever gave it to you.

With Comity's own program:

  comity verify . --trust @EXPORTER@=FINGERPRINT --trust @PARTNER@=FINGERPRINT

By hand, with tools that its makers had no part in: openssl 3, jq, sha256sum and cmp; age to open
sealed bytes; Go with golang.org/x/mod for the proofs of the logs. Run all commands in this folder.
)text";

constexpr std::string_view k_trust = R"text(
1. WHOSE SIGNATURES ARE THESE?

  for state in @EXPORTER@ @PARTNER@; do
    echo "$state $(openssl x509 -in states/$state/root.pem -outform DER | sha256sum)"; done

The two numbers must be the fingerprints that the States themselves gave you over a channel that you
trust: not those in a letter that came with this folder. Nothing below is worth more than this step.
(root.pem may hold older roots after the first; a newer entry then says who announced whom.)

What each State says of itself (names, authorities, certificates, keys of its logs):

  openssl cms -verify -binary -inform DER -in states/@EXPORTER@/entry.p7m \
    -CAfile states/@EXPORTER@/root.pem -purpose any -attime @EPOCH@ | jq .
)text";

constexpr std::string_view k_revocation = R"text(
revocation-N.json is what a State said since that entry: that a certificate, or all of the entry, must
not be relied on any more. It counts if the root signed it, or two officers with the role `approver`:

  jq -r .content states/STATE/revocation-N.json | base64 -d > /tmp/revocation.json
  jq -r '.signatures[0]' states/STATE/revocation-N.json | base64 -d > /tmp/revocation.p7s   # and [1]
  openssl cms -verify -cades -binary -inform DER -in /tmp/revocation.p7s \
    -content /tmp/revocation.json -CAfile states/STATE/root.pem -purpose any \
    -attime "$(jq '.made_at | fromdate' /tmp/revocation.json)" -signer /tmp/s.pem

What the other State logged (its receipt) before `revoked_from` stays valid; what it logged later does
not, whatever time was signed. `certificate` is the SHA-256 of the certificate's DER.
)text";

constexpr std::string_view k_index = R"text(
2. IS THE FOLDER WHOLE?

  openssl cms -verify -cades -binary -inform DER -in index.p7m -CAfile states/@EXPORTER@/root.pem \
    -purpose any -attime @EPOCH@ -out /tmp/index.json && cmp /tmp/index.json index.json
  jq -r '.files[] | .sha256 + "  " + .path' index.json | sha256sum --check --strict --quiet
  find . -type f | sed 's,^\./,,' | grep -v -e '^index\.' -e '/chunks\.tiles/' | sort > /tmp/there
  jq -r '.files[].path' index.json | sort | cmp - /tmp/there
  jq -r '.absent[] | .path + ": " + .why' index.json        # what was left out, and why

-attime is the time at which the index was signed, @MADE_AT@, in seconds since 1970: certificates
end, signatures do not. The signer must be an authority of @EXPORTER@: add -signer /tmp/s.pem to see
the certificate, and compare it with .authorities[] of the entry in step 1.
)text";

constexpr std::string_view k_acts = R"text(
3. WHO SAID WHAT?

Each act is JSON signed by the authority that it names. Its number here is the order in which
@EXPORTER@ logged it. The time to check at is the one at which it was signed:

  jq -r '.acts[] | [.path, .author, (.check_at | fromdate)] | @tsv' index.json |
  while read -r act author time; do
    openssl cms -verify -cades -binary -inform DER -in "$act" -CAfile "states/$author/root.pem" \
      -purpose any -attime "$time" -out /tmp/act.json && jq . /tmp/act.json; done

Its identity is the SHA-256 of /tmp/act.json; `order` links it to its author's act before and names
the latest act of the other State that its author had seen. Officers sign the substance:

  jq -cjS .substance /tmp/act.json > /tmp/substance.json
  jq -r '.officers[0].signature' /tmp/act.json | base64 -d > /tmp/officer.p7s
  openssl cms -verify -cades -binary -inform DER -in /tmp/officer.p7s -content /tmp/substance.json \
    -CAfile states/AUTHOR/root.pem -purpose any -attime TIME -out /dev/null -signer /tmp/officer.pem
  openssl x509 -in /tmp/officer.pem -noout -subject     # function and roles of the officer

A part stands outside the signed act, so that it can be withheld; the act binds it by a salt:

  jq -r '.[] | select(.name == "NAME") | .salt' acts/NNNN-TYPE.parts.json | base64 -d > /tmp/salt
  cat /tmp/salt acts/NNNN-TYPE.parts/NAME | sha256sum   # .substance.parts[] | .digest of the act
)text";

constexpr std::string_view k_logs = R"text(
4. WHO LOGGED IT?

A receipt proves that the State to which an act was addressed holds it in its log, which can not be
changed afterwards. checkpoints/ has the logs' latest signed states that @EXPORTER@ knows; a .consistency
file proves that a log at a later size contains what it was at an earlier one. custody/ proves each
entry that @EXPORTER@ shows of its own logs: every access, opening and export that it logged.
The formats are C2SP's (c2sp.org/tlog-proof, tlog-checkpoint); a log's key is a line of
states/STATE/logs.vkeys. The hash of the entry, in the line `extra`, leads with the hashes below it to
the root in the checkpoint (RFC 9162, 2.1.3.2), which the log's key signed:

  prove() {  # FILE KEY
    index=$(sed -n 's/^index //p' "$1") last=$(($(sed '1,/^$/d' "$1" | sed -n 2p) - 1))
    ((index <= last)) || return 1
    root=$({ printf '\0'; sed -n 's/^extra //p' "$1" | base64 -d; } | sha256sum | cut -c1-64)
    for hash in $(sed '/^$/,$d' "$1" | grep -Ev '^(c2sp|extra|index)'); do
      hash=$(base64 -d <<< "$hash" | basenc --base16 -w0) pair=${root^^}$hash
      if ((index & 1 || index == last)); then
        pair=$hash${root^^}
        while ((index && !(index & 1))); do ((index >>= 1, last >>= 1)); done
      fi
      root=$({ printf '\1'; basenc --base16 -d <<< "$pair"; } | sha256sum | cut -c1-64)
      ((index >>= 1, last >>= 1))
    done
    [ "$last" = 0 ] || return 1
    [ "$(sed '1,/^$/d' "$1" | sed -n 3p | base64 -d | basenc --base16 -w0)" = "${root^^}" ] || return 1
    sed '1,/^$/d; /^$/,$d' "$1" > /tmp/note
    sed '1,/^$/d' "$1" | grep -aF " ${2%%+*} " | sed 's/.* //' | base64 -d | tail -c +5 > /tmp/note.sig
    { basenc --base16 -d <<< 302A300506032B6570032100; cut -d+ -f3- <<< "$2" | base64 -d | tail -c +2; } |
      openssl pkey -pubin -inform DER -out /tmp/log.pem
    openssl pkeyutl -verify -pubin -inkey /tmp/log.pem -rawin -in /tmp/note -sigfile /tmp/note.sig > /tmp/said
  }
  find . -name '*.tlog-proof' | sort > /tmp/proofs && cat states/*/logs.vkeys > /tmp/keys && by=none
  while read -r proof; do
    by=$(while read -r key; do prove "$proof" "$key" 2> /tmp/why && echo "${key%%+*}"; done < /tmp/keys || true)
    echo "$proof: ${by:-NOT PROVEN}"; [ -n "$by" ] || break; done < /tmp/proofs; [ -n "$by" ]

The same by strangers' code: some eighty lines of Go on golang.org/x/mod/sumdb (note.Open for the
checkpoint, then tlog.CheckRecord). What an entry says:

  sed -n 's/^extra //p' receipts/0001.tlog-proof | base64 -d | jq .

Its facts name the act (SHA-256 of its JSON) and its signature (SHA-256 of the .p7m file).
)text";

constexpr std::string_view k_items = R"text(
5. ARE THE BYTES THOSE THAT WERE SIGNED?

manifest.json of an item is, byte for byte, the part `manifest` of the act of delivery. It gives the
plaintext's SHA-256, and the root of a tree over the sealed bytes, so that a single changed chunk
can be named without any key (RFC 9162, chunks of 65,552 bytes after the first prefix_len bytes).

  jq . evidence/ITEM/manifest.json
  sha256sum evidence/ITEM/plaintext                     # where plaintext is here
  age -d -i KEYFILE evidence/ITEM/sealed.age | sha256sum    # with a key that it was sealed for
)text";

constexpr std::string_view k_header = R"text(
header.age lets one more reader open the same sealed bytes: put it in the place of the first
prefix_len bytes of sealed.age (see the manifest), and the result is an age file for that reader:

  (cat header.age; tail -c +$((prefix_len + 1)) sealed.age) | age -d -i KEYFILE > plaintext
)text";

constexpr std::string_view k_withheld_head = R"text(
WHAT IS WITHHELD HERE

@EXPORTER@ decided not to show these. Where it is a part, its act still binds it: the signatures hold,
and whoever has the part can prove that it is the one. Nobody can tell from this folder what it says.

)text";

constexpr std::string_view k_end = R"text(
WHAT ALL THIS DOES NOT PROVE

How the evidence was collected, beyond what its custodian and collector said and signed; that it is
complete; what happened to it after it was opened or left in this folder; that a State logged all
that it did; that no certificate was revoked but those that this folder tells of; who stood behind an
officer's key.
)text";

std::string one_line(std::string words) {
  std::ranges::replace_if(words, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }, ' ');
  return words;
}

std::string withheld_lines(const Index& index) {
  std::string text;
  for (const auto& row : index.absent)
    if (row.withheld()) text += "  " + row.path + "\n    " + one_line(row.why) + "\n";
  return text;
}

bool has(const Index& index, Role role) {
  return std::ranges::find(index.files, role, &IndexFile::role) != index.files.end();
}

std::string filled(std::string_view text, const Index& index) {
  std::string out(text);
  const auto replace = [&](std::string_view mark, const std::string& value) {
    for (auto at = out.find(mark); at != out.npos; at = out.find(mark, at + value.size()))
      out.replace(at, mark.size(), value);
  };
  replace("@EXPORTER@", index.exporter.text());
  replace("@PARTNER@", index.partner.text());
  replace("@EPOCH@", std::to_string(index.made_at.seconds()));
  replace("@MADE_AT@", to_text(index.made_at));
  return out;
}

}  // namespace

std::string readme(const Index& index) {
  std::string text(k_head);
  if (index.exercise)
    text += "\nTHIS IS AN EXERCISE. Persons, facts and States' acts here are made up.\n";
  text += "\nExchange   " + index.exchange.hex() +
          "\nBetween    @EXPORTER@ (which made this export, authority \"" + index.authority +
          "\") and @PARTNER@\nMade       @MADE_AT@, for " +
          (index.purpose == Purpose::court ? "a court" : "the defence") + "\n";
  text += k_trust;
  if (has(index, Role::revocation)) text += k_revocation;
  for (const auto section : {k_index, k_acts, k_logs, k_items}) text += section;
  if (has(index, Role::header)) text += k_header;
  // An officer's words are told as they are: nothing is filled into them.
  const auto withheld = withheld_lines(index);
  return filled(text + std::string(withheld.empty() ? "" : k_withheld_head), index) + withheld +
         filled(k_end, index);
}

}  // namespace comity::court
