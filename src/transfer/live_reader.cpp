#include "transfer/live_reader.hpp"

#include <fcntl.h>

#include "evidence/opener.hpp"

namespace comity::transfer {
namespace {

using formats::k_age_chunk_size;
using formats::k_age_sealed_chunk_size;

/// The number of a record's line, 0 for other lines. They are our own: signed, and always alike.
std::uint64_t number_of(std::string_view line) {
  constexpr std::string_view k_before = ",\"n\":";
  const auto at = line.find(k_before);
  if (at == std::string_view::npos || !line.starts_with("{\"at\":")) return 0;
  std::uint64_t number = 0;
  for (const char c : line.substr(at + k_before.size())) {
    if (c < '0' || c > '9') break;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

/// The first number in a plaintext, 0 when there is none.
std::uint64_t first_number(View plaintext) {
  std::uint64_t first = 0;
  std::ignore = evidence::each_line(plaintext, [&](std::string_view line) -> Result<void> {
    first = number_of(line);
    return first == 0 ? Result<void>() : fault(FaultCode::conflict);  // found: no further
  });
  return first;
}

class Reader {
 public:
  explicit Reader(const LiveView& view) : view_(view), cipher_(view.payload_key) {}

  Result<void> open() {
    const LiveFiles files{{view_.directory}};
    const bool is_final = file_exists(files.item.sealed());
    TRY_LET(auto file, File::open(is_final ? files.item.sealed() : files.chunks(), O_RDONLY));
    file_ = std::move(file);
    return {};
  }
  Result<View> chunk(std::uint64_t index, const evidence::Head& head) {
    const formats::AgeChunking chunking(head.closed.value_or(head.chunks * k_age_chunk_size));
    const auto sealed = std::span(sealed_).first(chunking.sealed_size_of(index));
    const auto plain = std::span(plain_).first(chunking.plain_size_of(index));
    TRY_LET(const auto got,
            file_->read_at(sealed, view_.prefix_size + index * k_age_sealed_chunk_size));
    const bool last = head.closed && chunking.is_last(index);
    if (got != sealed.size() || !cipher_.open(index, last, sealed, plain))
      return evidence::bad_chunk(index);
    return View(plain);
  }
  /// The last chunk that begins at or before record `from`: numbers only grow.
  Result<std::uint64_t> chunk_of(std::uint64_t from, const evidence::Head& head) {
    std::uint64_t low = 0, high = head.chunks;
    while (high - low > 1) {
      const auto middle = low + (high - low) / 2;
      TRY_LET(const auto plain, chunk(middle, head));
      const auto first = first_number(plain);
      if (first == 0 || first > from)
        high = middle;
      else
        low = middle;
    }
    return low;
  }

 private:
  const LiveView& view_;
  formats::AgeChunkCipher cipher_;
  std::optional<File> file_;
  Bytes sealed_ = Bytes(k_age_sealed_chunk_size), plain_ = Bytes(k_age_chunk_size);
};

}  // namespace

Result<void> read_lines(const LiveView& view, std::uint64_t from,
                        const std::function<Result<void>(std::string_view line)>& take,
                        const std::function<Result<void>()>& quiet) {
  Reader reader(view);
  std::optional<std::uint64_t> next;
  while (view.goes_on()) {
    const auto head = view.wait(next.value_or(0));
    if (!head || head->head.chunks <= next.value_or(0)) {
      if (head && head->head.closed) return {};
      TRY(quiet());
      continue;
    }
    if (!next) {
      TRY(reader.open());
      next = 0;
      if (from > 1) {
        TRY_LET(next, reader.chunk_of(from, head->head));
      }
    }
    for (; *next < head->head.chunks; ++*next) {
      TRY_LET(const auto plain, reader.chunk(*next, head->head));
      TRY(evidence::each_line(plain, [&](std::string_view line) -> Result<void> {
        const auto number = number_of(line);
        return number != 0 && number < from ? Result<void>() : take(line);
      }));
    }
  }
  return {};
}

Result<void> read_bytes(const LiveView& view, const std::function<Result<void>(View bytes)>& take,
                        const std::function<Result<void>()>& quiet) {
  Reader reader(view);
  std::uint64_t next = 0;
  while (view.goes_on()) {
    const auto head = view.wait(next);
    if (!head || head->head.chunks <= next) {
      if (head && head->head.closed) return {};
      TRY(quiet());
      continue;
    }
    if (next == 0) TRY(reader.open());
    for (; next < head->head.chunks; ++next) {
      TRY_LET(const auto plain, reader.chunk(next, head->head));
      TRY(take(plain));
    }
  }
  return {};
}

}  // namespace comity::transfer
