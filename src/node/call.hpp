// A call and its answer as values: what `wire` carries and `api` and the peers' door decide.
// Neither side sees the other's sockets or rules. Small bodies are whole; bulk bytes flow through
// a Source or Sink with a bounded buffer, so memory stays constant for an item of any size.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "node/line.hpp"

namespace comity::node {

/// Bytes that arrive. `read` blocks until some are there; returns 0 at the end.
/// Fault: peer.protocol, peer.timeout when the other end breaks off.
class Source {
 public:
  virtual ~Source() = default;
  virtual Result<std::size_t> read(std::span<std::uint8_t> into) = 0;
  /// The descriptor of a file or a disk all of whose bytes come here, the first one first;
  /// borrowed, and to be read by position alone. -1 of anything else.
  virtual int whole_file() { return -1; }
};

/// Bytes that leave. `write` blocks while the other end is slow (back-pressure).
/// Fault: peer.timeout, peer.unreachable when it has gone.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual Result<void> write(View bytes) = 0;
  /// Where the next bytes may be put, so that they need not be copied; empty where a sink has no
  /// such place, and they are written. Blocks and faults as write. `filled` says how many were put.
  virtual Result<std::span<std::uint8_t>> room() { return std::span<std::uint8_t>(); }
  virtual void filled(std::size_t) {}
};

/// Which door a call came in by. Nothing of one door is offered at another.
enum class Door { peer, socket, console };

struct Call {
  Door door = Door::socket;
  std::string method;                        // "GET"
  std::string path;                          // decoded, no query: "/v1/exchanges"
  std::map<std::string, std::string> query;  // decoded; a name that comes twice is refused by wire
  std::map<std::string, std::string> headers;  // names in lower case
  Bytes body;                                  // whole, bounded; empty when `source` is set
  std::shared_ptr<Source> source;              // for routes that take bulk bytes
  std::optional<StateCode> peer;  // at the peers' door: whose pinned certificate it was
  std::optional<std::pair<std::uint64_t, std::optional<std::uint64_t>>>
      range;           // bytes=first-[last]
  std::string target;  // path and query as sent: what an officer signs
};

/// Bytes of a file on the store's disk: opened by the answerer, sent and closed by wire.
struct FileBody {
  int descriptor = -1;  // owned by the answer; wire closes it
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  Cargo cargo;  // the item that it is part of
};

/// Produces a body while it is sent; runs on a thread of its own. A fault cuts the connection,
/// so that a broken body never looks like a whole one.
using Producer = std::function<Result<void>(Sink&)>;

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::map<std::string, std::string> headers;
  std::variant<Bytes, FileBody, Producer> body;
};

/// Called exactly once, from any thread.
using Reply = std::function<void(Answer)>;
/// Must not block: long work goes to another thread, or into a Producer.
using CallHandler = std::function<void(Call, Reply)>;
/// True when the route takes bulk bytes, so wire gives a Source instead of a whole body.
using TakesBulk = std::function<bool(const Call& head)>;

}  // namespace comity::node
