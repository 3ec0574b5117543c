// The port to live items: records in, frames out, past the heart. All functions may block, and are
// called from threads of the process around. What may be done was decided by the desk before.
#pragma once

#include <optional>

#include "node/call.hpp"
#include "node/desk.hpp"

namespace comity::api {

class Live {
 public:
  virtual ~Live() = default;
  /// Takes records until the source ends; gives how many. `framing`: "lines", "lengths", "packets".
  virtual Result<std::uint64_t> take(const node::LiveOrder& order, const std::string& framing,
                                     node::Source& source) = 0;
  /// Frames for the partner, from a chunk on (spec/live.md §5).
  virtual Result<void> send(const ItemId& item, std::uint64_t from, node::Sink& sink) = 0;
  /// The partner's signed word that it holds so much.
  virtual Result<void> acknowledge(const ItemId& item, View note) = 0;
  /// Lines as they are verified, from a record on; as server-sent events if asked.
  virtual Result<void> read(const node::LiveOrder& order, std::uint64_t from, bool as_events,
                            node::Sink& sink) = 0;
  /// A line of JSON each time more is sealed here, or acknowledged by the partner.
  virtual Result<void> tell(const ItemId& item, node::Sink& sink) = 0;
  /// Whether it grows here now. Never blocks.
  virtual bool is_open(const ItemId& item) = 0;
  /// How far it has come; nothing where it is not open now. Never blocks.
  virtual std::optional<formats::Json> status(const ItemId& item) = 0;
};

}  // namespace comity::api
