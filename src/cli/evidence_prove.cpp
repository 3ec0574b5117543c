// comity evidence prove: a part of an item, and what shows that it is one, for somebody who may not
// see the rest. The item is read once, here; only the part leaves.
#include <fmt/format.h>

#include "cli/evidence_file.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/verbs.hpp"
#include "court/part_bundle.hpp"
#include "transfer/prove.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string item, file, range, out;
};

/// "A-B": the bytes from A to B, both counted from 0 and both included, as in HTTP.
Result<transfer::WantedRun> wanted_run(const Options& options) {
  if (options.file.empty() == options.range.empty())
    return fault(FaultCode::bad_usage, "name a file of the folder, or a range of bytes");
  if (!options.file.empty()) return transfer::WantedRun{.entry = options.file};
  const auto refuse = [] { return fault(FaultCode::bad_usage, "--range FIRST-LAST, in bytes"); };
  const auto dash = options.range.find('-');
  if (dash == std::string::npos) return refuse();
  const std::string_view text = options.range;
  const auto first = formats::decimal(text.substr(0, dash), FaultCode::bad_usage);
  const auto last = formats::decimal(text.substr(dash + 1), FaultCode::bad_usage);
  if (!first || !last || *first > *last || *last > evidence::k_item_size_max) return refuse();
  return transfer::WantedRun{.first = *first, .end = *last + 1};
}

Result<Bytes> paper(const Json& papers, std::string_view name) {
  return from_base64(text_at(papers, name));
}

/// Tells how far the reading has come.
class Told final : public node::Sink {
 public:
  Told(node::Sink& inner, Progress& progress) : inner_(inner), progress_(progress) {}
  Result<void> write(View bytes) override {
    TRY(inner_.write(bytes));
    progress_.at(done_ += bytes.size());
    return {};
  }

 private:
  node::Sink& inner_;
  Progress& progress_;
  std::uint64_t done_ = 0;
};

Result<transfer::ProvenRun> read_item(Node& node, const std::string& id,
                                      transfer::RunProver& prover, std::uint64_t size) {
  Progress progress(node.context().clock, "reading", size);
  Told told(prover, progress);
  TRY(node.fetch("/v1/items/" + id + "/content", {{"purpose", "open"}}, told));
  return prover.finish();
}

Result<int> prove(const Options& options, Context& context) {
  TRY_LET(auto wanted, wanted_run(options));
  const bool is_entry = !wanted.entry.empty();
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.item_id(options.item));
  TRY_LET(const Json item, node.get("/v1/items/" + id));
  const Json* described = item.find("manifest");
  if (described == nullptr) return fault(FaultCode::evidence_incomplete, id);
  TRY_LET(const auto manifest, evidence::manifest_from_json(*described));
  TRY_LET(auto bundle_file, NewFile::begin(options.out));
  context.kept = "No file was left; if the node let the item be opened, that is logged.";
  TRY_LET(const Json key, node.get("/v1/items/" + id + "/part-key"));
  TRY_LET(Bytes part_key, from_base64(text_at(key, "key")));
  TRY_LET(const auto prover, transfer::RunProver::begin(manifest, Secret(std::move(part_key)),
                                                        std::move(wanted), options.out + ".parts"));
  TRY_LET(const auto run, read_item(node, id, *prover, manifest.sealed.plaintext_size));
  TRY_LET(const Json papers,
          node.post("/v1/items/" + id + "/parts",
                    Json::object(
                        {{"first", run.first}, {"end", run.end}, {"sha256", run.sha256.hex()}})));
  TRY_LET(const Bytes salt, from_hex(text_at(papers, "manifest_salt")));
  court::PartBundle bundle{
      .statement = {.item = manifest.item,
                    .kind = is_entry ? court::PartKind::entry : court::PartKind::range,
                    .from = run.from,
                    .to = run.to},
      .size = run.end - run.first,
      .made_at = context.clock.now()};
  if (salt.size() != bundle.statement.manifest_salt.size())
    return fault(FaultCode::peer_protocol, "a salt of another size");
  std::ranges::copy(salt, bundle.statement.manifest_salt.begin());
  TRY_LET(bundle.manifest, paper(papers, "manifest"));
  TRY_LET(bundle.delivery, paper(papers, "delivery"));
  TRY_LET(bundle.entry, paper(papers, "entry"));
  TRY_LET(const Bytes head, court::part_bundle_head(bundle));
  TRY(bundle_file.write(head));
  TRY(prover->give(bundle_file));
  TRY(bundle_file.write(court::part_bundle_tail(bundle.size)));
  TRY(bundle_file.finish());
  if (context.json) {
    say(formats::pretty(Json::object({{"item", id},
                                      {"file", options.out},
                                      {"first", run.first},
                                      {"end", run.end},
                                      {"sha256", run.sha256.hex()}})) +
        '\n');
    return 0;
  }
  if (context.quiet) {
    say(options.out + '\n');
    return 0;
  }
  say(banner(node.exercise()) + "A part of the item, and what shows that it is one.\n" +
      named_lines({{"file", options.out},
                   {"part", is_entry ? options.file : "bytes " + options.range},
                   {"bytes", fmt::format("{} to {} of {}", run.first, run.end,
                                         manifest.sealed.plaintext_size)},
                   {"sha-256", run.sha256.hex()}}) +
      "\nWhoever has it checks it with 'comity verify', or by hand: docs/part-proofs.md.\n");
  return 0;
}

}  // namespace

void add_evidence_prove(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb(
      "prove", "Give out a part of an item, provable without the rest; it is logged",
      "  comity evidence prove 77ab03 --file mailbox/2026/03.eml -o mail.part --as approver\n"
      "  comity evidence prove 77ab03 --range 1048576-2097151 -o sectors.part --as approver\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .text("--file", options->file, "An entry of the folder, by its path in the archive")
      .text("--range", options->range,
            "FIRST-LAST: bytes, both included; widened to blocks of 64 KiB")
      .text("-o,--out", options->out, "The bundle; must not be there", Presence::required);
  node_options(verb, context).does([options, &context] { return prove(*options, context); });
}

}  // namespace comity::cli
