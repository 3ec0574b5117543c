// Any bytes as a stream of records, whole and in two pieces: the same records, none too long.
#include <vector>

#include "base/check.hpp"
#include "formats/record_frames.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace comity;
  using namespace comity::formats;
  if (size == 0) return 0;
  const View bytes(data + 1, size - 1);
  const auto framing = (data[0] & 1) != 0 ? Framing::lines : Framing::lengths;
  const auto read = [&](std::size_t cut) {
    std::vector<Bytes> records;
    RecordFrames frames(framing);
    const auto take = [&](View record) -> Result<void> {
      CHECK(!record.empty() && record.size() <= k_record_bytes_max);
      records.push_back(to_bytes(record));
      return {};
    };
    if (frames.push(bytes.first(cut), take) && frames.push(bytes.subspan(cut), take))
      std::ignore = frames.finish(take);
    return records;
  };
  CHECK(read(bytes.size()) == read(data[0] % (bytes.size() + 1)));
  return 0;
}
