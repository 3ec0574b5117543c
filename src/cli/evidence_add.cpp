// comity evidence add: bytes and what is said of them, to the node that seals them.
#include <fmt/format.h>

#include "cli/evidence_source.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/node.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/survey_page.hpp"
#include "cli/verbs.hpp"

namespace comity::cli {
namespace {

// What the manifest says when nobody said what the data was collected with: no more than is known.
constexpr const char* k_tool_unsaid = "not stated; sealed with comity " COMITY_VERSION;

struct Options {
  std::string request, name, custodian, collector, collected_at, tool, authorisation, received;
  std::vector<std::string> files, omissions, transformations;
  std::int64_t clock_offset_s = 0;
};

std::string_view media_name(evidence::Media media) {
  switch (media) {
    case evidence::Media::file:
      return "file";
    case evidence::Media::folder_tar:
      return "folder_tar";
    case evidence::Media::stream:
      return "stream";
  }
  return "stream";
}

Result<Json> description(const Options& options, const EvidenceSource& source) {
  const std::string name = options.name.empty() ? source.name : options.name;
  if (name.empty()) return fault(FaultCode::bad_usage, "give the item a name: --name");
  TRY(instant_from_text(options.collected_at));
  TRY_LET(auto omissions, remarks(options.omissions));
  for (const auto& left_out : source.omissions)
    omissions.push_back(Json::object({{"what", left_out.what}, {"reason", left_out.reason}}));
  TRY_LET(auto transformations, remarks(options.transformations));
  Json json = Json::object({{"name", name},
                            {"media", media_name(source.media)},
                            {"custodian", options.custodian},
                            {"collector", options.collector},
                            {"collected_at", options.collected_at},
                            {"clock_offset_s", options.clock_offset_s},
                            {"tool", options.tool.empty() ? k_tool_unsaid : options.tool},
                            {"authorisation", options.authorisation},
                            {"omissions", std::move(omissions)},
                            {"transformations", std::move(transformations)}});
  if (!options.received.empty()) {
    TRY_LET(const Digest received, read_fingerprint(options.received));
    json.set("received_sha256", received.hex());
  }
  return json;
}

void tell(Node& node, const Json& item) {
  const auto& context = node.context();
  if (context.json) return say(formats::pretty(item) + '\n');
  if (context.quiet) return say(text_at(item, "id") + '\n');
  const Json* manifest = item.find("manifest");
  const Json nothing = Json::object();
  const Json& said = manifest != nullptr ? *manifest : nothing;
  say(banner(node.exercise()) + "Sealed. Nobody else has it yet.\n" + survey_warning(said) +
      named_lines(
          {{"item", text_at(item, "id")},
           {"name", text_at(item, "name")},
           {"plaintext", bytes_words(static_cast<std::uint64_t>(number_at(said, "plaintext_len")))},
           {"sha-256", text_at(said, "plaintext_sha256")},
           {"chunk root", text_at(said, "chunk_root")},
           {"recognised", survey_words(said)},
           {"next", fmt::format("comity evidence release {} {} --as EXECUTOR --as APPROVER",
                                text_at(item, "exchange"), text_at(item, "id"))}}));
}

Result<int> add(const Options& options, Context& context) {
  TRY_LET(auto source, open_evidence(options.files));
  TRY_LET(const Json described, description(options, source));
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string exchange, node.exchange_id(options.request));
  TRY_LET(const Json begun, node.post("/v1/exchanges/" + exchange + "/items", described));
  const std::string id = text_at(begun, "item");
  context.kept =
      fmt::format("Nothing of item {} is kept. Once the cause is removed, add it again.", id);
  Progress progress(context.clock, "sealing", source.total);
  const std::string path = "/v1/items/" + id + "/content";
  Result<Json> item;
  if (source.descriptor >= 0) {
    const FollowedFile followed(source.descriptor, [&](std::uint64_t done) { progress.at(done); });
    item = node.put_file(path, source.descriptor);
  } else {
    ToldSource told(*source.bytes, [&](std::uint64_t done) { progress.at(done); });
    item = node.put(path, told, k_seal_stall_s);
  }
  if (!item) return std::unexpected(item.error());
  tell(node, *item);
  return 0;
}

}  // namespace

void add_evidence_add(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb(
      "add", "Seal a file, a folder or standard input as evidence for an accepted request",
      "  comity evidence add 9f2c41 disk.img --custodian \"Faso Net SA\" --collector \"Sgt. "
      "Traore\" \\\n"
      "      --collected-at 2026-03-02T08:30:00Z --authorisation \"Order 14/2026\" --as executor\n"
      "  comity evidence add 9f2c41 mail/ notes.txt --name mail.tar … --omission \"drafts|not "
      "covered\"\n"
      "  comity evidence add 9f2c41 disk.E01 disk.E02 --name disk.tar …\n"
      "  ssh host dd if=/dev/sdb | comity evidence add 9f2c41 - --name sdb.img …\n");
  verb.text("REQUEST", options->request, "The exchange, or the first digits", Presence::required)
      .texts("FILE…", options->files, "Files and folders; '-' alone: standard input",
             Presence::required)
      .text("--name", options->name, "The item's name [the file's]")
      .text("--custodian", options->custodian, "Who held the data", Presence::required)
      .text("--collector", options->collector, "Who took it from them", Presence::required)
      .text("--collected-at", options->collected_at, "When: 2026-01-31T23:59:59Z",
            Presence::required)
      .text("--authorisation", options->authorisation, "The order or decision under which",
            Presence::required)
      .number("--clock-offset-s", options->clock_offset_s,
              "The collecting machine's clock minus UTC, seconds [0]")
      .text("--tool", options->tool, "What it was collected with, and its version [not stated]")
      .text("--received-sha256", options->received, "As the custodian stated it; compared")
      .texts("--omission", options->omissions, "\"what|why\": left out; may come again")
      .texts("--transformation", options->transformations,
             "\"what|why\": done to the bytes; may come again");
  node_options(verb, context).does([options, &context] { return add(*options, context); });
}

}  // namespace comity::cli
