#include "wire/body.hpp"

#include <algorithm>
#include <charconv>

#include "base/check.hpp"

namespace comity::wire {
namespace {

auto broken(const char* what) {
  return fault(FaultCode::peer_protocol, what);
}

}  // namespace

Result<BodyReader::Piece> BodyReader::take(View bytes) {
  CHECK(!done());
  if (bytes.empty()) return Piece{};
  switch (state_) {
    case State::counted:
    case State::chunk: {
      const auto size = std::size_t(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= size;
      if (left_ == 0) state_ = state_ == State::counted ? State::done : State::chunk_end;
      return Piece{size, bytes.first(size)};
    }
    case State::size_line:
      return take_size_line(as_text(bytes));
    case State::chunk_end:
      return take_end_of_line(as_text(bytes), State::size_line);
    case State::last_end:
      return take_end_of_line(as_text(bytes), State::done);
    case State::done:
      break;
  }
  return Piece{};
}

Result<BodyReader::Piece> BodyReader::take_size_line(std::string_view text) {
  const auto is_hex = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  const auto end = std::size_t(std::find_if_not(text.begin(), text.end(), is_hex) - text.begin());
  if (end > k_chunk_digits_max) return broken("a chunk's size has too many digits");
  if (end == text.size()) return Piece{};
  if (end == 0) return broken("a chunk without a size");
  if (text[end] != '\r') return broken("a chunk's size is followed by something else");
  if (end + 1 == text.size()) return Piece{};
  if (text[end + 1] != '\n') return broken("a bare CR after a chunk's size");
  const auto digits = text.substr(0, end);
  std::from_chars(digits.data(), digits.data() + digits.size(), left_, 16);
  state_ = left_ > 0 ? State::chunk : State::last_end;
  return Piece{end + 2, {}};
}

Result<BodyReader::Piece> BodyReader::take_end_of_line(std::string_view text, State next) {
  if (text[0] != '\r') return broken("a chunk does not end where it should");
  if (text.size() == 1) return Piece{};
  if (text[1] != '\n') return broken("a bare CR after a chunk");
  state_ = next;
  return Piece{2, {}};
}

}  // namespace comity::wire
