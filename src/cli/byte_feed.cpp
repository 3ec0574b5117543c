#include "cli/byte_feed.hpp"

#include <algorithm>

#include "cli/evidence_source.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"

namespace comity::cli {
namespace {

/// Bytes to standard output, each once: what an earlier try wrote is passed over.
class ByteSink final : public node::Sink {
 public:
  Result<void> write(View bytes) override {
    const auto known = std::min<std::uint64_t>(written_ - std::min(at_, written_), bytes.size());
    at_ += bytes.size();
    const auto fresh = bytes.subspan(static_cast<std::size_t>(known));
    if (fresh.empty()) return {};
    say(std::string(as_text(fresh)));
    written_ = at_;
    return {};
  }
  void begin() { at_ = 0; }
  std::uint64_t written() const { return written_; }

 private:
  std::uint64_t at_ = 0, written_ = 0;
};

/// Gives the source from its first byte on. `furthest` is how far any try has read it.
Result<std::uint64_t> given(Node& node, const std::string& item,
                            const std::vector<std::string>& files, std::uint64_t& furthest) {
  TRY_LET(auto source, open_evidence(files));
  Progress progress(node.context().clock, "sealing", source.total);
  ToldSource told(*source.bytes, [&](std::uint64_t done) {
    progress.at(done);
    furthest = std::max(furthest, done);
  });
  TRY_LET(const Json answer, node.put("/v1/items/" + item + "/records?framing=bytes", told));
  return static_cast<std::uint64_t>(number_at(answer, "records"));
}

/// Of an item that was closed while nobody heard the node: it sealed the last byte and died before
/// it could say so, or it was closed before. The source tells which.
Result<std::uint64_t> held(Node& node, const std::string& item,
                           const std::vector<std::string>& files) {
  TRY_LET(const Json told, node.get("/v1/items/" + item));
  const auto* manifest = told.find("manifest");
  TRY_LET(const Digest sha256, hash_of_evidence(files, node.context().clock));
  if (manifest == nullptr || text_at(*manifest, "plaintext_sha256") != sha256.hex())
    return fault(FaultCode::evidence_ended, "the item was closed, and does not hold this source");
  return static_cast<std::uint64_t>(number_at(*manifest, "plaintext_len"));
}

}  // namespace

Result<std::uint64_t> feed_bytes(Node& node, const std::string& item,
                                 const std::vector<std::string>& files) {
  Pause between;
  Patience patience(node.context().clock);
  std::uint64_t furthest = 0;
  const bool is_once = files.size() == 1 && files.front() == "-";
  TRY(taken_at(node, item, between));
  for (;;) {
    auto all = given(node, item, files, furthest);
    if (all || is_once) return all;
    const auto again = taken_again(node, item, all.error(), furthest, patience, between);
    if (!again && again.error().code == FaultCode::evidence_ended) return held(node, item, files);
    TRY(again);
  }
}

Result<void> follow_bytes(Node& node, const std::string& item) {
  ByteSink sink;
  Pause between;
  Patience patience(node.context().clock);
  // The end of a connection is no end of the item: the manifest says how long it is.
  const auto is_shown = [&]() -> Result<bool> {
    TRY_LET(const Json told, node.get("/v1/items/" + item));
    if (is_true_at(told, "is_open")) return false;
    const auto* manifest = told.find("manifest");
    const auto whole = manifest ? number_at(*manifest, "plaintext_len") : 0;
    if (sink.written() == static_cast<std::uint64_t>(whole)) return true;
    return fault(FaultCode::evidence_ended,
                 "the item was closed before its end was shown here: 'comity evidence open'");
  };
  for (;;) {
    sink.begin();
    const auto heard = node.fetch("/v1/items/" + item + "/records", {}, sink);
    const auto shown = heard ? is_shown() : std::unexpected(heard.error());
    if (shown && *shown) return {};
    if (!shown && !patience.bears(shown.error(), sink.written()))
      return std::unexpected(shown.error());
    between.wait(k_again_ms);
  }
}

}  // namespace comity::cli
