#include "court/part_bundle.hpp"

#include "formats/tape.hpp"

namespace comity::court {
namespace {

void add(Bytes& out, std::string_view name, View bytes, Instant at) {
  append(out, formats::tape_header(
                  {.path = std::string(name), .size = bytes.size(), .modified_s = at.seconds()}));
  append(out, bytes);
  out.resize(out.size() + formats::tape_padding(bytes.size()));
}

}  // namespace

std::string part_readme(const PartStatement& statement) {
  std::string text =
      "A part of an item of evidence, with what shows that it belongs to it.\n\n"
      "  bytes          the part: ";
  text += statement.kind == PartKind::entry ? "one entry of a folder; 'tar -xvf bytes' opens it\n"
                                            : "a run of the item's bytes\n";
  text += "  part.json      where it lies in the item " + statement.item.hex() +
          ", and how its ends lead to the signed root\n"
          "  manifest.json  the item's manifest\n"
          "  delivery.p7m   the act by which a State delivered the item; it binds the manifest\n"
          "  entry.p7m      that State's directory entry, with the certificates and the root\n\n"
          "With Comity, and the fingerprint of that State's root as the State itself told it:\n\n"
          "  comity verify THIS-FILE --trust STATE=FINGERPRINT\n\n"
          "By hand, with openssl, jq and Python alone: docs/part-proofs.md of Comity's source.\n"
          "The rest of the item is not here and can not be found out from this.\n";
  return text;
}

Result<Bytes> part_bundle_head(const PartBundle& bundle) {
  if (bundle.size > formats::k_tape_file_max) return fault(FaultCode::limit_size, "the run");
  Bytes out;
  const auto at = bundle.made_at;
  add(out, k_part_readme, as_bytes(part_readme(bundle.statement)), at);
  add(out, k_part_json, write_part_statement(bundle.statement), at);
  add(out, k_part_manifest, bundle.manifest, at);
  add(out, k_part_delivery, bundle.delivery, at);
  add(out, k_part_entry, bundle.entry, at);
  append(out,
         formats::tape_header(
             {.path = std::string(k_part_bytes), .size = bundle.size, .modified_s = at.seconds()}));
  return out;
}

Bytes part_bundle_tail(std::uint64_t size) {
  return Bytes(formats::tape_padding(size) + 2 * formats::k_tape_block_size);
}

}  // namespace comity::court
