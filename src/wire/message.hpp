// One HTTP/1.1 message as it comes in, byte by byte: RFC 9112 framing and nothing more.
// Strict where the standard lets a lenient reader be smuggled past: one length only, no folding,
// no trailers, no body until end of file. What the fields mean is judged in head.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "wire/body.hpp"

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
};

class MessageReader {
 public:
  enum class Kind { request, answer, answer_without_body };

  explicit MessageReader(Kind kind) : kind_(kind) {}

  /// Offers bytes from the first of the message on. Returns how many the head took, or 0 when it
  /// is not whole yet: offer them again with more. Fault: peer.protocol (bad framing), limit.size
  /// (beyond k_head_bytes_max), limit.count (beyond k_head_fields_max).
  Result<std::size_t> take_head(View bytes);
  const Head& head() const { return head_; }

  using Piece = BodyReader::Piece;
  /// After the head, until done(). Fault: peer.protocol.
  Result<Piece> take_body(View bytes) { return body_.take(bytes); }
  bool done() const { return has_head_ && body_.done(); }
  std::uint64_t announced() const { return body_.announced(); }

 private:
  const Kind kind_;
  Head head_;
  BodyReader body_ = BodyReader::none();
  bool has_head_ = false;
};

}  // namespace comity::wire
