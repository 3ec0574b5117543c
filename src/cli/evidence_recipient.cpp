// comity evidence recipient: an item for one more authority, by the word of two officers. What is
// written is an age file of its own: another header, and the item's sealed bytes as they are.
#include <algorithm>

#include "cli/draft.hpp"
#include "cli/evidence_file.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/verbs.hpp"
#include "evidence/manifest.hpp"

namespace comity::cli {
namespace {

struct Options {
  std::string item, recipient, state, authority, reason, consent, out;
};

/// Drops what stood before the chunks: the header that this one replaces.
class AfterPrefix final : public node::Sink {
 public:
  AfterPrefix(node::Sink& inner, std::uint64_t prefix, Progress& progress)
      : inner_(inner), left_(prefix), progress_(progress) {}
  Result<void> write(View bytes) override {
    progress_.at(done_ += bytes.size());
    const auto dropped = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= dropped;
    return inner_.write(bytes.subspan(dropped));
  }

 private:
  node::Sink& inner_;
  std::uint64_t left_;
  Progress& progress_;
  std::uint64_t done_ = 0;
};

Json statement(const Options& options, const std::string& item, const std::string& state) {
  Json json = Json::object({{"type", "statement"},
                            {"kind", "item.share"},
                            {"item", item},
                            {"recipient", options.recipient},
                            {"state", state},
                            {"authority", options.authority},
                            {"reason", options.reason}});
  if (!options.consent.empty()) json.set("consent", options.consent);
  return json;
}

Result<int> give(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string id, node.item_id(options.item));
  TRY_LET(const Json item, node.get("/v1/items/" + id));
  const Json* described = item.find("manifest");
  if (described == nullptr) return fault(FaultCode::evidence_incomplete, id);
  TRY_LET(const auto manifest, evidence::manifest_from_json(*described));
  TRY_LET(auto file, NewFile::begin(options.out));
  const std::string state =
      options.state.empty() ? node.home().settings().state.text() : options.state;
  TRY_LET(const auto outcome, carry_out(node, statement(options, id, state)));
  if (!outcome.sent) {
    show(node, outcome, "");
    return 0;
  }
  TRY_LET(const Json made,
          node.post("/v1/items/" + id + "/headers",
                    Json::object({{"permission", text_at(*outcome.sent, "permission")}})));
  context.kept = "No file was left; the statement and the new header are logged.";
  TRY_LET(const Bytes header, from_base64(text_at(made, "header")));
  TRY(file.write(header));
  {
    Progress progress(context.clock, "writing", manifest.sealed.total_size());
    AfterPrefix rest(file, manifest.sealed.prefix_size, progress);
    TRY(node.fetch("/v1/items/" + id + "/sealed", {}, rest));
  }
  TRY_LET(const Digest digest, file.finish());
  if (context.json) {
    say(formats::pretty(
            Json::object({{"item", id}, {"file", options.out}, {"sha256", digest.hex()}})) +
        '\n');
    return 0;
  }
  if (context.quiet) {
    say(options.out + '\n');
    return 0;
  }
  say(banner(node.exercise()) +
      "The item for one more recipient: 'age -d' opens it with that identity. Logged.\n" +
      named_lines({{"file", options.out},
                   {"recipient", options.recipient},
                   {"size", bytes_words(file.size())},
                   {"sha-256", digest.hex()}}));
  return 0;
}

}  // namespace

void add_evidence_recipient(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb(
      "recipient", "Give an item that came from another State to one more authority",
      "  comity evidence recipient 77ab03 --recipient age1… --authority \"Regional Court\" \\\n"
      "      --reason \"It hears the case\" -o disk.age --as executor --as approver\n\n"
      "In another State it needs the sender's consent: a supplement by one of its approvers whose\n"
      "text names the item and the recipient in full; name that act with --consent.\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .text("--recipient", options->recipient, "Its age recipient: age1…", Presence::required)
      .text("--authority", options->authority, "Who it is", Presence::required)
      .text("--reason", options->reason, "Why it may have the item", Presence::required)
      .text("--state", options->state, "In which State it is [this one]")
      .text("--consent", options->consent, "The sender's act of consent, where it is in another")
      .text("-o,--out", options->out, "The age file to write; must not be there",
            Presence::required);
  node_options(verb, context).does([options, &context] { return give(*options, context); });
}

}  // namespace comity::cli
