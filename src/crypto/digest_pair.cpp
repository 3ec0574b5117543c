#include "crypto/digest_pair.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "crypto/digest.hpp"

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace comity::crypto {
namespace {

#ifdef __x86_64__

constexpr std::size_t k_block = 64;

alignas(16) constexpr std::array<std::uint32_t, 64> k_round = {  // FIPS 180-4 §4.2.2
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// The chaining values of both, in the order that the instructions want: ABEF and CDGH.
struct State {
  std::array<__m128i, 2> abef, cdgh;
};

#define COMITY_SHA __attribute__((target("sha,sse4.1,ssse3")))

COMITY_SHA State initial() {  // FIPS 180-4 §5.3.3
  const auto abef = _mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f,
                                  static_cast<int>(0x9b05688c));
  const auto cdgh = _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19);
  return {{abef, abef}, {cdgh, cdgh}};
}

COMITY_SHA __m128i words(const std::uint8_t* bytes) {
  const auto big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)), big_endian);
}

/// So many blocks of each message; four rounds of one, then four of the other.
COMITY_SHA void compress(State& state, const std::uint8_t* first, const std::uint8_t* second,
                         std::size_t blocks) {
  std::array<const std::uint8_t*, 2> at = {first, second};
  for (; blocks > 0; --blocks) {
    const State before = state;
    __m128i schedule[2][4];
    for (int m = 0; m < 2; ++m)
      for (int i = 0; i < 4; ++i) schedule[m][i] = words(at[m] + 16 * i);
#pragma clang loop unroll(full)
    for (int four = 0; four < 16; ++four) {
      const auto constants =
          _mm_load_si128(reinterpret_cast<const __m128i*>(k_round.data() + 4 * four));
#pragma clang loop unroll(full)
      for (int m = 0; m < 2; ++m) {
        auto* w = schedule[m];
        const auto added = _mm_add_epi32(w[four & 3], constants);
        state.cdgh[m] = _mm_sha256rnds2_epu32(state.cdgh[m], state.abef[m], added);
        state.abef[m] =
            _mm_sha256rnds2_epu32(state.abef[m], state.cdgh[m], _mm_shuffle_epi32(added, 0x0e));
        if (four >= 12) continue;
        // §6.2.2: the word sixteen rounds on, from those that are two, seven and fifteen before it.
        const auto last = w[(four + 3) & 3];
        const auto sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[four & 3], w[(four + 1) & 3]),
                                       _mm_alignr_epi8(last, w[(four + 2) & 3], 4));
        w[four & 3] = _mm_sha256msg2_epu32(sum, last);
      }
    }
    for (int m = 0; m < 2; ++m) {
      state.abef[m] = _mm_add_epi32(state.abef[m], before.abef[m]);
      state.cdgh[m] = _mm_add_epi32(state.cdgh[m], before.cdgh[m]);
      at[m] += k_block;
    }
  }
}

COMITY_SHA Digest digest_of(const State& state, int m) {
  std::array<std::uint32_t, 4> abef, cdgh;  // the highest word first
  _mm_storeu_si128(reinterpret_cast<__m128i*>(abef.data()), state.abef[m]);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(cdgh.data()), state.cdgh[m]);
  const std::uint32_t order[] = {abef[3], abef[2], cdgh[3], cdgh[2],
                                 abef[1], abef[0], cdgh[1], cdgh[0]};
  Digest digest;
  for (std::size_t i = 0; i < 32; ++i)
    digest.bytes[i] = static_cast<std::uint8_t>(order[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

/// The beginning, the blocks as they lie, and the end with its padding (§5.1.1).
COMITY_SHA std::pair<Digest, Digest> both(View prefix, View first, View second) {
  auto state = initial();
  const std::uint64_t total = prefix.size() + first.size();
  std::array<std::array<std::uint8_t, k_block>, 2> joint{};
  std::array<View, 2> rest = {first, second};
  if (!prefix.empty() && total >= k_block) {
    const auto taken = k_block - prefix.size();
    for (int m = 0; m < 2; ++m) {
      const auto after = std::ranges::copy(prefix, joint[m].begin()).out;
      std::ranges::copy(rest[m].first(taken), after);
      rest[m] = rest[m].subspan(taken);
    }
    compress(state, joint[0].data(), joint[1].data(), 1);
    prefix = {};
  }
  const auto blocks = prefix.empty() ? rest[0].size() / k_block : 0;
  compress(state, rest[0].data(), rest[1].data(), blocks);
  std::array<std::array<std::uint8_t, 2 * k_block>, 2> tail{};
  std::size_t tail_blocks = 0;
  for (int m = 0; m < 2; ++m) {
    const auto left = rest[m].subspan(blocks * k_block);
    auto after = std::ranges::copy(prefix, tail[m].begin()).out;
    after = std::ranges::copy(left, after).out;
    *after = 0x80;
    tail_blocks = prefix.size() + left.size() + 9 > k_block ? 2 : 1;
    for (std::size_t i = 0; i < 8; ++i)
      tail[m][tail_blocks * k_block - 1 - i] = static_cast<std::uint8_t>(total * 8 >> (8 * i));
  }
  compress(state, tail[0].data(), tail[1].data(), tail_blocks);
  return {digest_of(state, 0), digest_of(state, 1)};
}

bool ask_processor() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (b & bit_SHA) == 0) return false;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_1) != 0 && (c & bit_SSSE3) != 0;
}

#endif

}  // namespace

bool has_digest_pair() {
#ifdef __x86_64__
  static const bool has = ask_processor();
  return has;
#else
  return false;
#endif
}

std::pair<Digest, Digest> sha256_pair(View prefix, View first, View second) {
  CHECK(first.size() == second.size() && prefix.size() <= k_pair_prefix);
#ifdef __x86_64__
  if (has_digest_pair()) return both(prefix, first, second);
#endif
  return {sha256({prefix, first}), sha256({prefix, second})};
}

}  // namespace comity::crypto
