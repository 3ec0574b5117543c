// One HTTP/1.1 message as it comes in, byte by byte: RFC 9112 framing and nothing more.
// Strict where the standard lets a lenient reader be smuggled past: one length only, no folding,
// no trailers, no body until end of file. What the fields mean is judged in head.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace comity::wire {

struct Head {
  std::string method;                                       // of a request
  std::string target;                                       // of a request, as sent
  int status = 0;                                           // of an answer
  std::vector<std::pair<std::string, std::string>> fields;  // in order, names in lower case
  bool keep_alive = true;
  bool chunked = false;
  std::optional<std::uint64_t> length;  // Content-Length

  bool has_body() const { return chunked || length.value_or(0) > 0; }
  /// The value of the first such field, or null.
  const std::string* field(std::string_view name) const;
};

class MessageReader {
 public:
  enum class Kind { request, answer, answer_without_body };

  explicit MessageReader(Kind kind);
  ~MessageReader();
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  /// Offers bytes from the first of the message on. Returns how many the head took, or 0 when it
  /// is not whole yet: offer them again with more. Fault: bad_usage-like framing faults are
  /// peer.protocol; limit.size beyond k_head_bytes_max; limit.count beyond k_head_fields_max.
  Result<std::size_t> take_head(View bytes);
  const Head& head() const;

  struct Piece {
    std::size_t consumed = 0;  // of the bytes offered; 0 when more are needed
    View body;                 // inside the bytes offered; may be empty although consumed > 0
  };
  /// After the head, until done(). Fault: peer.protocol.
  Result<Piece> take_body(View bytes);
  bool done() const;

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace comity::wire
