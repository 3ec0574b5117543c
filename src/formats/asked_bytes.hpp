// How a surveying process asks for bytes of a stream again, once it has passed (spec/survey.md §5):
// fixed numbers, little-endian, one question and one answer at a time. Both ends take what comes as
// an outsider's.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace comity::formats {

/// Where the process finds the other end, when there is one.
inline constexpr int k_ask_descriptor = 3;
/// Bytes of one question; of what stands before the bytes of an answer; that one may ask for.
inline constexpr std::size_t k_asked_question_bytes = 12, k_asked_answer_bytes = 4;
inline constexpr std::uint32_t k_asked_bytes_max = std::uint32_t{1} << 20;

struct AskedBytes {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;  // more than k_asked_bytes_max are not given
  bool operator==(const AskedBytes&) const = default;
};

inline std::array<std::uint8_t, k_asked_question_bytes> asked_bytes(const AskedBytes& asked) {
  std::array<std::uint8_t, k_asked_question_bytes> question{};
  for (std::size_t i = 0; i < 8; ++i)
    question[i] = static_cast<std::uint8_t>(asked.offset >> (8 * i));
  for (std::size_t i = 0; i < 4; ++i)
    question[8 + i] = static_cast<std::uint8_t>(asked.size >> (8 * i));
  return question;
}

inline AskedBytes asked_bytes(std::span<const std::uint8_t, k_asked_question_bytes> question) {
  AskedBytes asked;
  for (std::size_t i = 0; i < 8; ++i) asked.offset |= std::uint64_t{question[i]} << (8 * i);
  for (std::size_t i = 0; i < 4; ++i) asked.size |= std::uint32_t{question[8 + i]} << (8 * i);
  return asked;
}

/// How many bytes follow; fewer than were asked for where they end.
inline std::array<std::uint8_t, k_asked_answer_bytes> asked_answer(std::uint32_t size) {
  std::array<std::uint8_t, k_asked_answer_bytes> head{};
  for (std::size_t i = 0; i < 4; ++i) head[i] = static_cast<std::uint8_t>(size >> (8 * i));
  return head;
}

inline std::uint32_t asked_answer(std::span<const std::uint8_t, k_asked_answer_bytes> head) {
  std::uint32_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size |= std::uint32_t{head[i]} << (8 * i);
  return size;
}

}  // namespace comity::formats
