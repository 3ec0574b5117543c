#!/usr/bin/env bash
# Two sovereign nodes, Burkina Faso and Kyrgyzstan, as an exercise with fictional persons: a
# preservation request, then a request for stored data, accepted under conditions, and one that is
# refused after consultation; a real disk image sealed, streamed and verified; a node killed in the
# middle of the transfer; an export that stock tools accept; a preservation about to lapse.
# Only the public command line is used. Ends non-zero if anything fails; stops what it started.
# usage: tools/demo.sh COMITY FOLDER
set -Eeuo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
comity=$(realpath "$1")
mkdir -p "$2"
demo=$(realpath "$2")
rm -rf "${demo:?}"/*
cd "$demo"
samples=$source_dir/data/samples/demo
pids=()
started=$EPOCHREALTIME
timeline=$demo/timeline.txt
: >"$timeline"

stop_all() {
  local pid
  for pid in "${pids[@]}"; do
    kill -CONT "$pid" 2>/dev/null || true
    kill -TERM "$pid" 2>/dev/null || true
  done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
}
failed() {
  echo "demo: FAILED at line $1 (see $demo/*.log)" >&2
  tail -n 5 "$demo"/*.log >&2 || true
}
trap 'failed $LINENO' ERR
trap stop_all EXIT

say() {
  local elapsed
  elapsed=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%6.2f s", b - a }')
  printf '%s  %-4s %s\n' "$elapsed" "$1" "$2" | tee -a "$timeline"
}
kgz() { "$comity" "$@" --home "$demo/kgz"; }
bfa() { "$comity" "$@" --home "$demo/bfa"; }
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# A node is up when its socket answers; the process ending first is a failure.
serve() {
  local state=$1
  "$comity" serve "$demo/$state" >>"$demo/$state.log" 2>&1 &
  serving=$!
  pids+=("$serving")
  until curl -sf --unix-socket "$demo/$state/socket" http://localhost/healthz >/dev/null 2>&1; do
    kill -0 "$serving"
  done
}

echo "EXERCISE: all persons, cases and registers here are fictional."
say "" "Each State makes its own home: root, keys, settings, directory entry"
kgz_print=$("$comity" init kgz --state KGZ --name "Kyrgyz Republic" --authority "Exercise Authority, Bishkek" \
  --listen "127.0.0.1:$(free_port)" --exercise --contact "Duty officer|+996 312 000000|At any hour; exercise only" -q)
bfa_print=$("$comity" init bfa --state BFA --name "Burkina Faso" --authority "Exercise Authority, Ouagadougou" \
  --listen "127.0.0.1:$(free_port)" --exercise --contact "Duty officer|+226 25 000000|At any hour; exercise only" -q)
printf 'KGZ=%s\nBFA=%s\n' "$kgz_print" "$bfa_print" >fingerprints

serve kgz; kgz_pid=$serving
serve bfa; bfa_pid=$serving
say "" "Both nodes serve: officers at a Unix socket, the other State over TLS 1.3 with pinned keys"

mkdir officers
# officer STATE NAME ROLE… [-- --as …]: a key with the officer, a certificate from the root, added here
officer() {
  local state=$1 name=$2 roles=() file
  shift 2
  file=$demo/officers/$state-$name
  while [ $# -gt 0 ] && [ "$1" != -- ]; do roles+=(--role "$1"); shift; done
  [ $# -gt 0 ] && shift
  "$comity" officer new "$file" --state "${state^^}" --name "${state^^} $name (exercise)" >/dev/null
  "$comity" root certify "$state/root" --request "$file.csr" "${roles[@]}" -o "$file.crt" >/dev/null
  "$comity" officer add --certificate "$file.crt" --home "$demo/$state" "$@" >/dev/null
}
for state in kgz bfa; do
  officer $state approver approver
  officer $state executor approver executor
  # From here on it takes two to add a third.
  officer $state drafter drafter -- --as "officers/$state-approver" --as "officers/$state-executor"
  mv "$state/root" "officers/$state-root-offline"
done
k_two=(--as officers/kgz-approver --as officers/kgz-executor)
b_two=(--as officers/bfa-approver --as officers/bfa-executor)
say "" "Three officers each, with keys of their own; the State roots go offline"

kgz directory own -o kgz.p7m >/dev/null
bfa directory own -o bfa.p7m >/dev/null
kgz directory accept bfa.p7m --fingerprint "$bfa_print" --how "Read aloud by telephone (exercise)" "${k_two[@]}" >/dev/null
bfa directory accept kgz.p7m --fingerprint "$kgz_print" --how "Read aloud by telephone (exercise)" "${b_two[@]}" >/dev/null
kgz directory confirm BFA --words "Called the duty officer of the accepted entry (exercise)" --as officers/kgz-approver >/dev/null
bfa directory confirm KGZ --words "Called the duty officer of the accepted entry (exercise)" --as officers/bfa-approver >/dev/null
say "" "Two officers of each State accept the other's entry by its fingerprint, and call back"

# 1. Preservation (article 42)
draft=$(bfa request new --to KGZ --measure preservation --fields "$samples/preservation.json" --as officers/bfa-drafter -q)
preservation=$(bfa request approve "$draft" --as officers/bfa-approver --send -q)
preservation=$(bfa request list --json --as officers/bfa-approver | jq -r '.exchanges[0].id')
say BFA "asks for preservation (art. 42): drafted by one officer, signed by another"
kgz request wait "$preservation" --phase open --deadline-s 20 --as officers/kgz-approver -q >/dev/null
bfa request wait "$preservation" --act request --standing receipted --deadline-s 20 --as officers/bfa-approver -q >/dev/null
say BFA "holds the receipt: KGZ's log proves that the request arrived"
kgz request assess "$preservation" --as officers/kgz-approver --json >assessment-preservation.json
answers() { # the named officer's answers to what no machine can know
  jq '{answers: [.questions[] | {code, answer: (if .accept_if == "yes" then "yes" else "no" end),
       reasons: "Exercise: examined by the approving officer; nothing in the file speaks against it."}]}' "$1"
}
answers assessment-preservation.json >answers-preservation.json
kgz request accept "$preservation" --answers answers-preservation.json --as officers/kgz-approver >/dev/null
bfa request wait "$preservation" --phase accepted --deadline-s 20 --as officers/bfa-approver -q >/dev/null
say KGZ "secures the data and says until when; a named officer answered every question"

# 2. Stored data (article 44)
draft=$(bfa request new --to KGZ --measure stored-data --fields "$samples/stored-data.json" --linked "$preservation" \
  --as officers/bfa-drafter -q)
bfa request approve "$draft" --as officers/bfa-approver --send -q >/dev/null
request=$(bfa request list --json --as officers/bfa-approver | jq -r '.exchanges[] | select(.measure == "stored-data") | .id')
say BFA "asks for the stored data (art. 44), with a sealing key made for this request alone"
kgz request wait "$request" --phase open --deadline-s 20 --as officers/kgz-approver -q >/dev/null
kgz request assess "$request" --as officers/kgz-approver --json >assessment.json
answers assessment.json >answers.json
retention=$(date -u -d '+2 years' +%Y-%m-%dT00:00:00Z)
kgz request accept "$request" --answers answers.json --condition "use-limitation:Only in the investigation named" \
  --condition "retention:Deleted after two years" --retention "$retention" --as officers/kgz-approver >/dev/null
bfa request wait "$request" --phase accepted --deadline-s 20 --as officers/bfa-approver -q >/dev/null
say KGZ "accepts under two conditions: every finding has its article, every question its answer and reasons"
bfa request reply "$request" --agree --as officers/bfa-approver >/dev/null
kgz request wait "$request" --act reply --deadline-s 20 --as officers/kgz-approver -q >/dev/null
say BFA "agrees to the conditions, by an approver; they bind what will come"

# 2b. One that is refused, after consultation; and a preservation of other data
jq '.data[0].identifier = "user-0815@mail.example"' "$samples/stored-data.json" >other-request.json
jq '.data[0].identifier = "user-0815@mail.example"' "$samples/preservation.json" >other-preservation.json
draft=$(bfa request new --to KGZ --measure stored-data --fields other-request.json --as officers/bfa-drafter -q)
refused=$(bfa request approve "$draft" --as officers/bfa-approver --send -q)
kgz request wait "$refused" --phase open --deadline-s 20 --as officers/kgz-approver -q >/dev/null
kgz request consult "$refused" --about R21B --text "Would the subscriber's data alone serve the purpose? (exercise)" \
  --as officers/kgz-approver >/dev/null
bfa request wait "$refused" --act consultation --deadline-s 20 --as officers/bfa-approver -q >/dev/null
consultation=$(bfa request show "$refused" --json --as officers/bfa-approver | jq -r '.acts[] | select(.type == "consultation") | .id')
bfa request supplement "$refused" --answers "$consultation" --text "They would not: the content is needed. (exercise)" \
  --as officers/bfa-drafter >/dev/null
kgz request wait "$refused" --act supplement --deadline-s 20 --as officers/kgz-approver -q >/dev/null
kgz request refuse "$refused" --ground R21B --reasons "Disclosure would prejudice an essential interest. (exercise)" \
  --as officers/kgz-approver >/dev/null
bfa request wait "$refused" --phase refused --deadline-s 20 --as officers/bfa-approver -q >/dev/null
say KGZ "refuses another request: consulted first, on a ground, with reasons"
draft=$(bfa request new --to KGZ --measure preservation --fields other-preservation.json --as officers/bfa-drafter -q)
lapsing=$(bfa request approve "$draft" --as officers/bfa-approver --send -q)
kgz request wait "$lapsing" --phase open --deadline-s 20 --as officers/kgz-approver -q >/dev/null
kgz request assess "$lapsing" --as officers/kgz-approver --json >assessment-lapsing.json
answers assessment-lapsing.json >answers-lapsing.json
kgz request accept "$lapsing" --answers answers-lapsing.json --as officers/kgz-approver >/dev/null
bfa request wait "$lapsing" --phase accepted --deadline-s 20 --as officers/bfa-approver -q >/dev/null

# 3. Evidence
xz -dc /usr/share/forensics-samples/fs.ext4.xz >disk.img
image_hash=$(sha256sum disk.img | cut -d' ' -f1)
item=$(kgz evidence add "$request" disk.img --custodian "Mail Example (fictional)" --collector "Exercise Unit, Bishkek" \
  --collected-at "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --authorisation "Fictional order 12/2026" --tool "dd 9.1" \
  --received-sha256 "$image_hash" --as officers/kgz-executor -q)
say KGZ "seals a disk image of $(stat -c %s disk.img) bytes; nothing has left yet"
kgz evidence release "$request" "$item" "${k_two[@]}" >/dev/null
say KGZ "releases it: executor and a second officer signed"
# The receiving node dies in the middle: the sender is held still while the first chunks are there.
until [ -e "bfa/evidence/$item/sealed.age.partial" ] || [ -e "bfa/evidence/$item/sealed.age" ]; do kill -0 "$bfa_pid"; done
kill -STOP "$kgz_pid"
if [ -e "bfa/evidence/$item/sealed.age" ]; then cut="after the last chunk"; else cut="in the middle of the transfer"; fi
kill -KILL "$bfa_pid"
{ wait "$bfa_pid"; } 2>/dev/null || true
say BFA "node killed (-9) $cut"
kill -CONT "$kgz_pid"
serve bfa; bfa_pid=$serving
bfa evidence wait --request "$request" --state arrived --deadline-s 60 --as officers/bfa-approver -q >/dev/null
say BFA "comes back, resumes from what was verified; every chunk checked against the signed root"
kgz request wait "$request" --act arrival --deadline-s 20 --as officers/kgz-approver -q >/dev/null
say KGZ "has BFA's signed word of arrival, and its receipts"
bfa evidence open "$item" -o opened.img --as officers/bfa-approver >/dev/null
[ "$(sha256sum opened.img | cut -d' ' -f1)" = "$image_hash" ]
say BFA "opens it: the very bytes that KGZ hashed"

# 4. The court's bundle
bfa export "$request" -o export --for court --as officers/bfa-approver >/dev/null
say BFA "exports the case for the court"
age-keygen -o counsel.key 2>/dev/null
bfa export "$request" -o copy --for defence --recipient "$(age-keygen -y counsel.key)" \
  --withhold "1/persons=Protects a person named (exercise)" --as officers/bfa-approver >/dev/null
say BFA "exports a copy for the defence: one part withheld, the evidence opened to counsel's own key"
kgz log check kgz >/dev/null 2>&1 || "$comity" log check kgz
"$comity" log check bfa >/dev/null
say "" "All custody logs of both States re-derived from their entries"
"$comity" verify export --trust "KGZ=$kgz_print" --trust "BFA=$bfa_print" >verify.txt
tail -n 12 verify.txt
say "" "comity verify: $(grep -c '^ok\|^  ok\| ok ' verify.txt || true) checks hold"
"$source_dir/tests/interop/export/check.sh" export "$kgz_print" "$bfa_print" >stock.txt
say "" "openssl, jq, sha256sum and Go's x/mod agree, without trusting Comity"
"$comity" verify copy --trust "KGZ=$kgz_print" --trust "BFA=$bfa_print" >verify-copy.txt
grep -q "withheld: Protects a person named" verify-copy.txt
# As the copy's README.txt says: a header for counsel's key, then the chunks as they were sealed.
prefix_len=$(jq .prefix_len "copy/evidence/$item/manifest.json")
opened=$( (cat "copy/evidence/$item/header.age"; tail -c +$((prefix_len + 1)) "copy/evidence/$item/sealed.age") |
  age -d -i counsel.key | sha256sum | cut -d' ' -f1)
[ "$opened" = "$image_hash" ]
say "" "age opens counsel's copy to the bytes that KGZ hashed; what is withheld is named"
# 5. What eighty-five days will bring, if nothing is done
day=$(date -u -d '+85 days' +%F)
bfa due --on "$day" --as officers/bfa-approver >due.txt
bfa due --on "$day" --json --as officers/bfa-approver | jq -e --arg id "$lapsing" \
  '.due[] | select(.exchange == $id and .clock == "preservation" and .nearness == "week")' >/dev/null
bfa due --calendar due.ics --as officers/bfa-approver >/dev/null
grep -q 'SUMMARY:EXERCISE: preservation' due.ics
say BFA "is warned: in 85 days a preservation lapses within the week, and no request for its data was made"
stop_all
pids=()
echo
echo "The export is in $demo/export, counsel's copy in $demo/copy; the two fingerprints in $demo/fingerprints. Check it yourself:"
echo "  $comity verify $demo/export --trust KGZ=$kgz_print --trust BFA=$bfa_print"
