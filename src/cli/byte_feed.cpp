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

}  // namespace

Result<std::uint64_t> feed_bytes(Node& node, const std::string& item,
                                 const std::vector<std::string>& files) {
  auto& context = node.context();
  Pause between;
  const bool is_once = files.size() == 1 && files.front() == "-";
  for (auto give_up_at = context.clock.now().plus_s(k_reconnect_within_s);;) {
    TRY(taken_at(node, item, between));
    TRY_LET(auto source, open_evidence(files));
    std::uint64_t read = 0;
    Result<Json> answer;
    {
      Progress progress(context.clock, "sealing", source.total);
      ToldSource told(*source.bytes, [&](std::uint64_t done) { progress.at(read = done); });
      answer = node.put("/v1/items/" + item + "/records?framing=bytes", told);
    }
    if (answer) return static_cast<std::uint64_t>(number_at(*answer, "records"));
    if (is_once || !is_passing(answer.error().code) || context.clock.now() > give_up_at)
      return std::unexpected(answer.error());
    between.wait(k_again_ms);
  }
}

Result<void> follow_bytes(Node& node, const std::string& item) {
  auto& context = node.context();
  ByteSink sink;
  Pause between;
  for (auto give_up_at = context.clock.now().plus_s(k_reconnect_within_s);;) {
    sink.begin();
    const auto before = sink.written();
    const auto heard = node.fetch("/v1/items/" + item + "/records", {}, sink);
    if (heard) {
      // The end of a connection is no end of the item: the manifest says how long it is.
      TRY_LET(const Json told, node.get("/v1/items/" + item));
      const auto* manifest = told.find("manifest");
      if (!is_true_at(told, "is_open")) {
        const auto whole = manifest ? number_at(*manifest, "plaintext_len") : 0;
        if (sink.written() == static_cast<std::uint64_t>(whole)) return {};
        return fault(FaultCode::evidence_ended,
                     "the item was closed before its end was shown here: 'comity evidence open'");
      }
    }
    if (sink.written() > before) give_up_at = context.clock.now().plus_s(k_reconnect_within_s);
    if (!heard && (!is_passing(heard.error().code) || context.clock.now() > give_up_at))
      return heard;
    between.wait(k_again_ms);
  }
}

}  // namespace comity::cli
