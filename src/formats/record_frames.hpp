// Where one record ends and the next begins in a stream of them: lines, or a length before each.
// What stands in a record is judged by whoever takes it.
#pragma once

#include <functional>

#include "base/bytes.hpp"

namespace comity::formats {

inline constexpr std::size_t k_record_bytes_max = 32'768;  // of one record, without its frame

enum class Framing {
  lines,    // each ends in a line feed; empty ones are none
  lengths,  // 4 bytes, big-endian, then so many
};

/// One stream. Keeps at most one record that has not come whole.
class RecordFrames {
 public:
  using Take = std::function<Result<void>(View record)>;

  explicit RecordFrames(Framing framing) : framing_(framing) {}
  /// Gives each whole record to `take`, whose fault is returned. After a fault it is spent.
  /// Fault: limit.size, as soon as a record is known to be too long; format.records for an empty
  /// frame.
  Result<void> push(View bytes, const Take& take);
  /// The stream ends here: a last line may lack its line feed. Fault: format.records inside a
  /// frame.
  Result<void> finish(const Take& take);

 private:
  Result<std::size_t> take_line(View bytes, const Take& take) const;
  Result<std::size_t> take_frame(View bytes, const Take& take) const;

  Framing framing_;
  Bytes held_;
};

}  // namespace comity::formats
