// Where a body ends: counted by Content-Length or cut into chunks (RFC 9112 §6, §7.1).
// Written here and not left to Beast, whose parser of chunks asserts on a last chunk that comes
// byte by byte (1.81), so that any caller could stop the process. Plainer than the standard lets
// be: no extensions and no trailers, for which we have no use and others have had bad ones.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace comity::wire {

class BodyReader {
 public:
  struct Piece {
    std::size_t consumed = 0;  // of the bytes offered; 0 when more are needed
    View body;                 // inside the bytes offered; may be empty although consumed > 0
  };

  static BodyReader none() { return BodyReader(State::done, 0); }
  static BodyReader of_length(std::uint64_t bytes) {
    return BodyReader(bytes > 0 ? State::counted : State::done, bytes);
  }
  static BodyReader chunked() { return BodyReader(State::size_line, 0); }

  /// Until done(). Never needs more than k_chunk_line_bytes_max bytes at once to go on.
  /// Fault: peer.protocol.
  Result<Piece> take(View bytes);
  bool done() const { return state_ == State::done; }
  /// Bytes that were announced and did not come yet: of the whole, or of the chunk under way.
  std::uint64_t announced() const { return left_; }

 private:
  enum class State { counted, size_line, chunk, chunk_end, last_end, done };
  BodyReader(State state, std::uint64_t left) : state_(state), left_(left) {}

  Result<Piece> take_size_line(std::string_view text);
  Result<Piece> take_end_of_line(std::string_view text, State next);

  State state_;
  std::uint64_t left_;  // of the counted body or of the chunk
};

inline constexpr std::size_t k_chunk_digits_max = 15;  // so that no size overflows
inline constexpr std::size_t k_chunk_line_bytes_max = k_chunk_digits_max + 2;

}  // namespace comity::wire
