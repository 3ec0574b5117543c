#!/usr/bin/env bash
# check.sh DIR FINGERPRINT-OF-KGZ FINGERPRINT-OF-BFA, or check.sh DIR STATE=FINGERPRINT STATE=FINGERPRINT
#
# Checks an export with tools by strangers only: openssl, jq, coreutils, age, and a Go program on
# golang.org/x/mod. It shares no code with Comity. Ends with 0 only if everything holds; the first thing that
# does not is named. With AGE_IDENTITY=FILE it also opens the sealed bytes. The Go program is built when GOLOG
# does not name it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 3 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
dir=$1
declare -A fingerprint
default=KGZ
for given in "$2" "$3"; do
  case $given in *=*) state=${given%%=*} ;; *) state=$default ;; esac
  fingerprint[$state]=$(tr -d ': ' <<<"${given##*=}" | tr A-F a-f)
  default=BFA
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILS: $*" >&2; exit 1; }
holds() { echo "holds: $*"; }
trap 'fail "a command failed at line $LINENO"' ERR
for tool in openssl jq sha256sum base64 cmp; do command -v $tool >/dev/null || fail "$tool is not installed"; done

if [ -z "${GOLOG:-}" ]; then  # on Debian's golang-golang-x-mod-dev
  GOLOG=$work/golog
  (cd "$here/../golog" && GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/cache GOFLAGS='' go build -o "$GOLOG" ./*.go)
fi

cd "$dir"
[ -z "$(find . -type l -o ! -type f ! -type d | head -1)" ] || fail "links or devices lie in the folder"
value() { jq -er "$1" "$2"; }
cms() {  # FILE STATE TIME OUT [openssl options…]: a CAdES signature under the root of that State at that time
  local file=$1 state=$2 time=$3 out=$4
  shift 4
  openssl cms -verify -cades -binary -inform DER -in "$file" -CAfile "states/$state/root.pem" -purpose any \
    -attime "$time" -out "$out" -signer "$work/signer.pem" "$@" 2>"$work/error" ||
    fail "$file: $(tail -1 "$work/error")"
  [ "$(wc -l <"$work/error")" -eq 1 ] || fail "$file: $(cat "$work/error")"
}
der_base64() { openssl x509 -in "$1" -outform DER | base64 -w0; }
hash_of() { sha256sum "$1" | cut -d' ' -f1; }

# 1. Whose signatures are these?
exporter=$(value .exporter index.json) partner=$(value .partner index.json)
made=$(value '.made_at | fromdate' index.json)
[ "$(ls states | sort | tr '\n' ' ')" = "$(printf '%s\n' "$exporter" "$partner" | sort | tr '\n' ' ')" ] ||
  fail "states/ is not about $exporter and $partner"
for state in "$exporter" "$partner"; do
  found=$(openssl x509 -in "states/$state/root.pem" -outform DER | sha256sum | cut -d' ' -f1)
  [ "${fingerprint[$state]:-}" = "$found" ] || fail "states/$state/root.pem: fingerprint $found was not given"
  : >"$work/entries.$state"
  for entry in states/"$state"/entry*.p7m; do
    openssl cms -verify -binary -inform DER -in "$entry" -CAfile "states/$state/root.pem" -purpose any \
      -attime "$made" -out "$work/entry.json" 2>"$work/error" || fail "$entry: $(tail -1 "$work/error")"
    [ "$(value .state "$work/entry.json")" = "$state" ] || fail "$entry: of another State"
    cat "$work/entry.json" >>"$work/entries.$state"
  done
  holds "$state: root $found is the one given; its entry is signed by it"
done
authority() {  # STATE CODE: the certificate that was just seen is that authority's, as an entry has it
  jq --arg code "$2" --arg certificate "$(der_base64 "$work/signer.pem")" \
    'select(any(.authorities[]; .code == $code and .certificate == $certificate))' "$work/entries.$1" \
    >"$work/found"
  [ -s "$work/found" ] || fail "the signer is not the authority $2 of $1"
}
key_base64() {  # VKEY: its raw key
  local key=${1#*+}
  base64 -d <<<"${key#*+}" | tail -c +2 | base64 -w0
}
for state in "$exporter" "$partner"; do
  other=$partner
  [ "$state" = "$exporter" ] || other=$exporter
  while read -r vkey; do
    name=${vkey%%+*}
    key=$(key_base64 "$vkey" 2>"$work/error") || fail "states/$state/logs.vkeys: holds no key"
    jq --arg name "$name" --arg other "$other" --arg key "$key" \
      'select((.logs.origin_prefix + "partner/" + $other == $name and .logs.partner == $key) or
              (.logs.origin_prefix + "internal" == $name and .logs.internal == $key))' \
      "$work/entries.$state" >"$work/found"
    [ -s "$work/found" ] || fail "states/$state/logs.vkeys: $name is not in the entry"
  done <"states/$state/logs.vkeys"
done

# 2. Is the folder whole?
cms index.p7m "$exporter" "$made" "$work/index.json"
cmp -s "$work/index.json" index.json || fail "index.json: is not what index.p7m signs"
authority "$exporter" "$(value .authority index.json)"
jq -r '.files[] | .sha256 + "  " + .path' index.json | sha256sum --check --strict --quiet >"$work/sums" 2>&1 ||
  fail "$(head -1 "$work/sums")"
{ jq -r '.files[].path' index.json; printf '%s\n' index.json index.p7m; } | LC_ALL=C sort >"$work/listed"
find . -type f | sed 's,^\./,,' | { grep -v '^evidence/[0-9a-f]*/chunks\.tiles/' || true; } | LC_ALL=C sort >"$work/there"
cmp -s "$work/listed" "$work/there" || fail "other files than indexed: $(comm -3 "$work/listed" "$work/there" | tr '\n\t' '  ')"
holds "index: signed by $exporter at $(value .made_at index.json); $(wc -l <"$work/listed") files are as listed"

# 3. Who said what?
officers() {  # STATE TIME: each officer's own signature over the substance, by a certificate with that role
  jq -cjS .substance "$work/act.json" >"$work/substance.json"
  local count duty
  count=$(jq '.officers | length' "$work/act.json")
  case $(value .substance.type "$work/act.json") in arrival) [ "$count" -eq 0 ] ;; delivery) [ "$count" -eq 2 ] ;;
    *) [ "$count" -eq 1 ] ;; esac || fail "$act: $count officers signed"
  : >"$work/people"
  for ((i = 0; i < count; i++)); do
    duty=$(value ".officers[$i].duty" "$work/act.json")
    value ".officers[$i].signature" "$work/act.json" | base64 -d >"$work/officer.p7s"
    cms "$work/officer.p7s" "$1" "$2" /dev/null -content "$work/substance.json"
    openssl x509 -in "$work/signer.pem" -noout -subject -nameopt RFC2253,sep_multiline |
      grep -Eq "^ *OU=officer:($duty$([ "$duty" = drafter ] && echo '|approver' || true))\$" ||
      fail "$act: who signed as $duty has no such role"
    openssl x509 -in "$work/signer.pem" -noout -pubkey | sha256sum >>"$work/people"
  done
  [ "$(sort -u "$work/people" | wc -l)" -eq "$count" ] || fail "$act: one officer signed twice"
}
parts() {  # of the act: each that is here binds; each that is not is named as absent
  local stem=${act%.p7m} i name row path
  for ((i = 0; i < $(jq '.substance.parts | length' "$work/act.json"); i++)); do
    name=$(value ".substance.parts[$i].name" "$work/act.json")
    path=$stem.parts/$name
    row=$(jq -ec --arg name "$name" '.[] | select(.name == $name)' "$stem.parts.json") || fail "$path: not listed"
    if [ "$(jq .present <<<"$row")" = true ]; then
      { jq -r .salt <<<"$row" | base64 -d; cat "$path"; } >"$work/salted"
      [ "$(hash_of "$work/salted")" = "$(value ".substance.parts[$i].digest" "$work/act.json")" ] ||
        fail "$path: is not what the act binds"
    else
      jq -e --arg path "$path" 'any(.absent[]; .path == $path)' index.json >/dev/null || fail "$path: is missing"
      echo "absent: $path: $(jq -r .why_absent <<<"$row")"
    fi
  done
}
declare -A last sequence id_of p7m_of addressee
links() {  # AUTHOR: the act follows its author's act before
  local previous number
  previous=$(jq -r '.order.previous // "none"' "$work/act.json") number=$(value .order.sequence "$work/act.json")
  [ "$previous" = "${last[$1]:-none}" ] && [ "$number" -eq $((${sequence[$1]:-0} + 1)) ] ||
    fail "$act: does not follow the act before it"
  last[$1]=$id sequence[$1]=$number
}
acts=0
while IFS=$'\t' read -r act author time; do
  cms "$act" "$author" "$time" "$work/act.json"
  authority "$author" "$(value .substance.from.authority "$work/act.json")"
  [ "$(value .substance.from.state "$work/act.json")" = "$author" ] || fail "$act: is not by $author"
  [ "$(value .substance.exchange "$work/act.json")" = "$(value .exchange index.json)" ] || fail "$act: is of another exchange"
  number=$(basename "$act" | cut -c1-4) id=$(hash_of "$work/act.json")
  id_of[$number]=$id p7m_of[$number]=$(hash_of "$act") addressee[$number]=$(value .substance.to.state "$work/act.json")
  officers "$author" "$time"
  parts
  if [ -e "${act%.p7m}.rejection.p7m" ]; then
    cms "${act%.p7m}.rejection.p7m" "${addressee[$number]}" "$made" "$work/rejection.json"
    [ "$(value .act "$work/rejection.json")" = "$id" ] || fail "${act%.p7m}.rejection.p7m: rejects another act"
  else
    links "$author"
  fi
  if [ "$(value .substance.type "$work/act.json")" = delivery ]; then
    item=$(value .substance.body.item "$work/act.json")
    echo "${act%.p7m}.parts/$(value .substance.body.manifest "$work/act.json")" >"$work/delivered.$item"
  fi
  acts=$((acts + 1))
  holds "$act: $author, $(jq '.officers | length' "$work/act.json") officers, $(jq '.substance.parts | length' "$work/act.json") parts"
done < <(jq -r '.acts[] | [.path, .author, (.check_at | fromdate)] | @tsv' index.json)
[ "$acts" -gt 0 ] && [ "$acts" -eq "$(find acts -maxdepth 1 -name '*.p7m' ! -name '*.rejection.p7m' | wc -l)" ] ||
  fail "acts/ has other acts than the index names"

# 4. Who logged it?
proof() {  # FILE STATE: the entry, proven under one of that State's keys
  local vkey
  while read -r vkey; do
    if "$GOLOG" receipt "$1" "$vkey" >"$work/proof" 2>"$work/error"; then
      sed 's/^entry [0-9]* of [0-9]*: //' "$work/proof" >"$work/entry.json"
      return
    fi
  done <"states/$2/logs.vkeys"
  fail "$1: $(tail -1 "$work/error")"
}
shopt -s nullglob
for receipt in receipts/*.tlog-proof; do
  number=$(basename "$receipt" .tlog-proof)
  [ -n "${id_of[$number]:-}" ] || fail "$receipt: there is no such act"
  proof "$receipt" "${addressee[$number]}"
  jq -e --arg act "${id_of[$number]}" --arg p7m "${p7m_of[$number]}" \
    '.kind == "act.received" and .facts.act == $act and .facts.p7m == $p7m' "$work/entry.json" >/dev/null ||
    fail "$receipt: is the receipt of something else"
  holds "$receipt: logged by ${addressee[$number]} at $(value .at "$work/entry.json")"
done
for entry in custody/*/*.tlog-proof; do
  proof "$entry" "$exporter"
  holds "$entry: $(value .kind "$work/entry.json") at $(value .at "$work/entry.json")"
done
for file in checkpoints/*.consistency; do
  state=$(basename "$file" | cut -c1-3)
  proven=
  while read -r vkey; do
    if "$GOLOG" consistency "$file" "$vkey" receipts/*.tlog-proof custody/*/*.tlog-proof checkpoints/* \
      2>"$work/error"; then proven=yes; fi
  done <"states/$state/logs.vkeys"
  [ -n "$proven" ] || fail "$file: $(tail -1 "$work/error")"
done
holds "receipts, custody entries and growth of the logs are proven"

# 5. Are the bytes those that were signed?
for folder in evidence/*/; do
  folder=${folder%/} item=$(basename "$folder")
  [ -e "$work/delivered.$item" ] || fail "$folder: no act delivers this item"
  bound=$(cat "$work/delivered.$item")
  if [ -e "$bound" ]; then cmp -s "$bound" "$folder/manifest.json" || fail "$folder/manifest.json: is not the one delivered"; fi
  plaintext=$(value .plaintext_sha256 "$folder/manifest.json")
  if [ -e "$folder/sealed.age" ]; then
    "$GOLOG" item "$folder" >"$work/chunks" 2>"$work/error" || fail "$folder: $(tail -1 "$work/error")"
    holds "$folder/sealed.age: $(cat "$work/chunks")"
  fi
  if [ -e "$folder/plaintext" ]; then
    [ "$(hash_of "$folder/plaintext")" = "$plaintext" ] || fail "$folder/plaintext: is not what the manifest describes"
    holds "$folder/plaintext: has the hash that the manifest signs"
  fi
  if [ -n "${AGE_IDENTITY:-}" ] && [ -e "$folder/sealed.age" ]; then
    whole=$folder/sealed.age
    if [ -e "$folder/header.age" ]; then
      whole=$work/whole.age
      { cat "$folder/header.age"; tail -c +$(($(value .prefix_len "$folder/manifest.json") + 1)) "$folder/sealed.age"; } >"$whole"
    fi
    [ "$(age -d -i "$AGE_IDENTITY" "$whole" | sha256sum | cut -d' ' -f1)" = "$plaintext" ] ||
      fail "$folder/sealed.age: opens to something else"
    holds "$folder/sealed.age: age opens it to the bytes that were hashed"
  fi
done
echo "All holds, by openssl, jq, coreutils, age and Go's x/mod."
