// comity evidence live, follow, end: records that are evidence while they come.
#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "cli/byte_feed.hpp"
#include "cli/draft.hpp"
#include "cli/evidence_source.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/record_feed.hpp"
#include "cli/verbs.hpp"
#include "cli/wait.hpp"

namespace comity::cli {
namespace {

constexpr const char* k_tool_unsaid = "not stated; sealed with comity " COMITY_VERSION;
constexpr std::string_view k_bytes = "bytes";  // the kind of an item that is no records
constexpr int k_heads_stall_s = 10;
constexpr std::int64_t k_durable_wait_ms = 60'000;

struct Options {
  std::string request, item, file = "-", records, framing;
  std::string name, custodian, collector, tool, authorisation, source, scope, from, until;
  std::vector<std::string> omissions, transformations;
  std::int64_t segment_ms = 10;
  std::int64_t from_record = 1;
  bool end = false;
};

std::string name_of(const Options& options) {
  if (!options.name.empty()) return options.name;
  if (options.records != k_bytes) return options.records + ".jsonl";
  if (options.file == "-") return "bytes";
  std::error_code error;  // what can not be looked at is told when it is opened
  const bool is_folder = std::filesystem::is_directory(options.file, error);
  return std::filesystem::path(options.file).filename().string() + (is_folder ? ".tar" : "");
}

Result<Json> opening(const Options& options, Context& context) {
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const std::string*>>{
           {"--records", &options.records},
           {"--source", &options.source},
           {"--scope", &options.scope},
           {"--until", &options.until},
           {"--custodian", &options.custodian},
           {"--collector", &options.collector},
           {"--authorisation", &options.authorisation}})
    if (value->empty())
      return fault(FaultCode::bad_usage,
                   fmt::format("{} is needed to open an item; --item goes on with one", name));
  TRY_LET(auto omissions, remarks(options.omissions));
  TRY_LET(auto transformations, remarks(options.transformations));
  const Instant now{context.clock.now().ms / 1000 * 1000};
  return Json::object({{"name", name_of(options)},
                       {"custodian", options.custodian},
                       {"collector", options.collector},
                       {"tool", options.tool.empty() ? std::string(k_tool_unsaid) : options.tool},
                       {"authorisation", options.authorisation},
                       {"omissions", std::move(omissions)},
                       {"transformations", std::move(transformations)},
                       {"records", options.records},
                       {"source", options.source},
                       {"scope", options.scope},
                       {"from", options.from.empty() ? to_text(now) : options.from},
                       {"until", options.until},
                       {"segment_ms", options.segment_ms}});
}

/// Reads lines of JSON that the node tells about the item, and hands on how many records are
/// durable.
class HeadSink final : public node::Sink {
 public:
  HeadSink(RecordFeed& feed, std::uint64_t base, const std::atomic<bool>& stops)
      : feed_(feed), base_(base), stops_(stops) {}
  Result<void> write(View bytes) override {
    if (stops_) return fault(FaultCode::node_stopping);
    return frames_.push(bytes, [&](View line) -> Result<void> {
      const auto told = formats::parse_json(line);
      if (!told) return {};
      const auto records = static_cast<std::uint64_t>(number_at(*told, "records"));
      if (records > base_) feed_.durable(records - base_);
      return {};
    });
  }

 private:
  RecordFeed& feed_;
  const std::uint64_t base_;
  const std::atomic<bool>& stops_;
  formats::RecordFrames frames_{formats::Framing::lines};
};

Result<std::uint64_t> feed_records(Node& node, const std::string& item, const std::string& framing,
                                   RecordFeed& feed) {
  auto& context = node.context();
  std::atomic<bool> stops = false;
  Pause pause, between;
  TRY_LET(const auto base, taken_at(node, item, between));
  std::thread heads([&] {
    // Another handle on the node: its answers come while ours is still being asked.
    auto listener = Node::reach(context);
    if (!listener) return;
    while (!stops) {
      HeadSink sink(feed, base, stops);
      const auto heard = listener->listen("/v1/items/" + item + "/heads", sink, k_heads_stall_s);
      if (!heard && !is_passing(heard.error().code)) return;
      pause.wait(k_again_ms);
    }
  });
  const auto fed = [&]() -> Result<std::uint64_t> {
    Patience patience(context.clock);
    for (;;) {
      const auto answer = node.put("/v1/items/" + item + "/records?framing=" + framing, feed);
      if (answer) {
        if (framing == "packets") return static_cast<std::uint64_t>(number_at(*answer, "records"));
        if (!feed.wait_durable(k_durable_wait_ms))
          return fault(FaultCode::peer_timeout, "the node does not say that all is durable");
        return feed.read_records();
      }
      // The node says what it took; the rest is sent again.
      TRY_LET(const auto taken,
              taken_again(node, item, answer.error(), feed.read_records(), patience, between));
      if (!feed.rewind(taken - std::min(taken, base))) return std::unexpected(answer.error());
    }
  }();
  stops = true;
  pause.end();
  feed.give_up();
  heads.join();
  return fed;
}

Result<std::string> framing_of(const Options& options, const std::string& records) {
  if (!options.framing.empty()) return options.framing;
  if (records == k_bytes) return std::string("bytes");
  return std::string(records == "packet-headers" ? "packets" : "lines");
}

Result<int> end_item(Node& node, const std::string& item) {
  TRY(node.post("/v1/items/" + item + "/end", Json::object()));
  return 0;
}

void tell_bytes(const Context& context, const std::string& item, std::uint64_t bytes) {
  if (context.json)
    say(formats::pretty(Json::object({{"item", item}, {"bytes", bytes}})) + '\n');
  else if (context.quiet)
    say(item + '\n');
  else
    say(fmt::format("{} taken, sealed and durable here; the item is closed.\n",
                    bytes_words(bytes)));
}

Result<int> live(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string exchange, node.exchange_id(options.request));
  std::string item;
  if (options.item.empty()) {
    TRY_LET(const Json described, opening(options, context));
    TRY_LET(const Json opened, node.post("/v1/exchanges/" + exchange + "/live", described));
    item = text_at(opened, "id");
    context.kept = fmt::format("Item {} is described; nothing was taken.", item);
    TRY_LET(const auto outcome,
            carry_out(node, Json::object(
                                {{"type", "delivery"}, {"exchange", exchange}, {"item", item}})));
    if (!outcome.sent) {
      show(node, outcome, "");
      say_aside(fmt::format("Once it is released: comity evidence live {} --item {}\n",
                            exchange.substr(0, 8), item));
      return 0;
    }
    if (!context.quiet)
      say_aside(fmt::format("Released by two officers until {}. Item {} takes records.\n",
                            options.until, item));
  } else {
    TRY_LET(item, node.item_id(options.item));
  }
  TRY_LET(const Json told, node.get("/v1/items/" + item));
  const auto* manifest = told.find("manifest");
  TRY_LET(const auto framing,
          framing_of(options, manifest ? text_at(*manifest, "records") : options.records));
  context.kept = fmt::format("What item {} says that it holds is sealed and durable.", item);
  if (framing == k_bytes) {
    TRY_LET(const auto bytes, feed_bytes(node, item, {options.file}));
    tell_bytes(context, item, bytes);
    return 0;
  }
  TRY_LET(auto source, open_evidence({options.file}));
  std::optional<formats::Framing> kept;
  if (framing == "lines") kept = formats::Framing::lines;
  if (framing == "lengths") kept = formats::Framing::lengths;
  RecordFeed feed(*source.bytes, kept);
  TRY_LET(const auto records, feed_records(node, item, framing, feed));
  if (options.end) TRY(end_item(node, item));
  if (context.json)
    say(formats::pretty(Json::object({{"item", item}, {"records", records}})) + '\n');
  else if (context.quiet)
    say(item + '\n');
  else
    say(fmt::format("{} taken, sealed and durable here.\n", plural(records, "record")));
  return 0;
}

/// Whole lines to standard output, at once; remembers the last record's number.
class LineSink final : public node::Sink {
 public:
  Result<void> write(View bytes) override {
    return frames_.push(bytes, [&](View line) -> Result<void> {
      const auto text = as_text(line);
      say(std::string(text) + '\n');
      if (const auto told = formats::parse_json(line)) {
        next_ = std::max(next_, static_cast<std::uint64_t>(number_at(*told, "n")) + 1);
        is_closed_ = is_closed_ || told->find("closed") != nullptr;
      }
      return {};
    });
  }
  void begin() { frames_ = formats::RecordFrames(formats::Framing::lines); }
  void from(std::uint64_t record) { next_ = record; }
  std::uint64_t next() const { return next_; }
  bool is_closed() const { return is_closed_; }

 private:
  formats::RecordFrames frames_{formats::Framing::lines};
  std::uint64_t next_ = 1;
  bool is_closed_ = false;
};

Result<int> follow(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string item, node.item_id(options.item));
  context.kept = "What was shown is verified; the opening is logged.";
  TRY_LET(const Json told, node.get("/v1/items/" + item));
  if (const auto* manifest = told.find("manifest");
      manifest != nullptr && text_at(*manifest, "records") == k_bytes) {
    TRY(follow_bytes(node, item));
    return 0;
  }
  LineSink sink;
  Pause between;
  sink.from(static_cast<std::uint64_t>(std::max<std::int64_t>(options.from_record, 1)));
  Patience patience(context.clock);
  for (;;) {
    sink.begin();
    const auto heard =
        node.fetch("/v1/items/" + item + "/records", {{"from", std::to_string(sink.next())}}, sink);
    if (sink.is_closed()) return 0;
    if (!heard && !patience.bears(heard.error(), sink.next()))
      return std::unexpected(heard.error());
    between.wait(k_again_ms);
  }
}

Result<int> end(const Options& options, Context& context) {
  TRY_LET(auto node, Node::reach(context));
  TRY_LET(const std::string item, node.item_id(options.item));
  TRY(end_item(node, item));
  say(context.quiet ? item + '\n' : "Ending. Its last line is sealed, and the node says so.\n");
  return 0;
}

}  // namespace

void add_evidence_live(Verb& evidence, Context& context) {
  auto options = std::make_shared<Options>();
  auto verb = evidence.verb(
      "live", "Send records as they come, sealed and signed, under an accepted request",
      "  probe | comity evidence live 9f2c41 --records flow --source \"Border router 2\" \\\n"
      "      --scope \"Flows of 192.0.2.7\" --until 2026-03-31T00:00:00Z --custodian \"Net SA\" "
      "\\\n"
      "      --collector \"Sgt. Traore\" --authorisation \"Order 78/2026\" --as executor --as "
      "approver\n"
      "  tcpdump -w - host 192.0.2.7 | comity evidence live 9f2c41 --item 77ab03 --as executor\n"
      "  comity evidence live 9f2c41 disk.img --records bytes … # sent while it is sealed\n");
  verb.text("REQUEST", options->request, "The exchange, or the first digits", Presence::required)
      .text("FILE", options->file, "A file or FIFO of records, or bytes ['-': standard input]")
      .text("--item", options->item, "Go on with an item that was opened and released")
      .text("--framing", options->framing, "lines, lengths or packets [by the kind of records]")
      .flag("--end", options->end, "Close the item when the source has ended")
      .heading("To open an item")
      .text("--records", options->records, "The kind: flow, session, packet-headers; or bytes")
      .text("--source", options->source, "Where the records come from")
      .text("--scope", options->scope, "What of it is taken")
      .text("--from", options->from, "No record before: 2026-01-31T23:59:59Z [now]")
      .text("--until", options->until, "No record from then on; the node stops by itself")
      .text("--name", options->name, "The item's name [the kind, .jsonl]")
      .text("--custodian", options->custodian, "Who holds the data")
      .text("--collector", options->collector, "Who takes it from them")
      .text("--authorisation", options->authorisation, "The order or decision under which")
      .text("--tool", options->tool, "What it is collected with, and its version [not stated]")
      .number("--segment-ms", options->segment_ms,
              "A record waits no longer than this to be sealed [10]")
      .texts("--omission", options->omissions, "\"what|why\": left out; may come again")
      .texts("--transformation", options->transformations,
             "\"what|why\": done to the records; may come again");
  node_options(verb, context).does([options, &context] { return live(*options, context); });

  verb = evidence.verb("follow", "Show the records of a live item as they are verified",
                       "  comity evidence follow 77ab03 --as approver | jq .record\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required)
      .number("--from", options->from_record, "Begin at this record [1]");
  node_options(verb, context).does([options, &context] { return follow(*options, context); });

  verb = evidence.verb("end", "Close a live item before its time",
                       "  comity evidence end 77ab03 --as executor\n");
  verb.text("ITEM", options->item, "The item, or the first digits", Presence::required);
  node_options(verb, context).does([options, &context] { return end(*options, context); });
}

}  // namespace comity::cli
