#include "transfer/fetch.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/page_buffer.hpp"
#include "evidence/opener.hpp"
#include "formats/merkle.hpp"
#include "transfer/arriving_file.hpp"
#include "transfer/pipeline.hpp"

namespace comity::transfer {
namespace {

using evidence::ChunkRange;
using evidence::SealedShape;
using formats::k_age_sealed_chunk_size;
using formats::k_tile_width;

/// One range request: 256 MiB, so that a request's turn-around is lost in it, and its leaf hashes
/// take 128 KiB of memory.
constexpr std::uint64_t k_range_chunks = 4096;

struct Block {
  std::uint64_t first_chunk = 0;
  std::size_t chunks = 0;
  std::array<Digest, k_block_chunks> leaves;  // what they must be
  PageBuffer sealed{k_block_sealed};
  std::size_t filled = 0;            // bytes
  std::vector<std::uint64_t> good;   // checked and written
  std::optional<std::uint64_t> bad;  // the first that is not what was signed
};

/// The item's tiles, from disk where an earlier run left them, else from the sender. Either is
/// checked alike.
class Tiles {
 public:
  Tiles(const SealedShape& shape, const ItemFiles& files, const formats::TileFetch& sender)
      : root_(files.tiles()), sender_(sender), shape_(shape) {
    begin();
  }

  Result<std::span<const Digest>> leaves(std::uint64_t tile_index) {
    for (;;) {
      from_disk_.clear();
      auto leaves = tiles_->leaves(tile_index);
      if (leaves || leaves.error().code != FaultCode::evidence_chunk || from_disk_.empty())
        return leaves;
      // Tiles are not synced one by one, so a crash may have torn some: the sender is asked again.
      // All that was read is read anew, since some of what is removed here was right.
      for (const auto& tile : from_disk_) TRY(remove_tree(root_ / formats::path_of(tile)));
      begin();
    }
  }

 private:
  void begin() {
    tiles_.emplace(
        shape_.chunks(), shape_.chunk_root, [this](const formats::Tile& tile) { return get(tile); },
        [this](const formats::Tile& tile, View hashes) { return keep(tile, hashes); });
  }
  Result<Bytes> get(const formats::Tile& tile) {
    if (auto bytes = read_tile(root_, tile)) {
      from_disk_.insert(tile);
      return bytes;
    }
    return sender_(tile);
  }
  Result<void> keep(const formats::Tile& tile, View hashes) {
    if (from_disk_.contains(tile)) return {};
    return write_tile(root_, tile, hashes);
  }

  Path root_;
  const formats::TileFetch& sender_;
  std::set<formats::Tile> from_disk_;  // in this call
  const SealedShape& shape_;
  std::optional<evidence::ChunkTiles> tiles_;
};

/// Cuts what arrives for one range into blocks for the workers. It takes nothing past the range.
class Arrival final : public node::Sink {
 public:
  using Refusal = std::function<Result<void>()>;

  /// `leaves` are those of the range. `refusal` is asked before each piece is taken.
  Arrival(const SealedShape& shape, ChunkRange range, std::span<const Digest> leaves,
          Pipeline<Block>& pipeline, Refusal refusal)
      : shape_(shape),
        range_(range),
        leaves_(leaves),
        pipeline_(pipeline),
        refusal_(std::move(refusal)),
        next_(range.first) {}

  Result<void> write(View bytes) override {
    TRY(refusal_());
    while (!bytes.empty()) {
      if (block_ == nullptr) TRY(begin_block());
      const auto room = block_size_ - block_->filled;
      const auto part = bytes.first(std::min(room, bytes.size()));
      std::ranges::copy(part, block_->sealed.data() + block_->filled);
      block_->filled += part.size();
      bytes = bytes.subspan(part.size());
      if (block_->filled == block_size_) submit();
    }
    return {};
  }

  /// The rest of the block under way: what is put there is not copied once more.
  Result<std::span<std::uint8_t>> room() override {
    TRY(refusal_());
    if (block_ == nullptr) TRY(begin_block());
    return block_->sealed.span().subspan(block_->filled, block_size_ - block_->filled);
  }
  void filled(std::size_t bytes) override {
    block_->filled += bytes;
    if (block_->filled == block_size_) submit();
  }

  /// The range has ended, by its end or by a fault: chunks that came whole are kept.
  void end() {
    if (block_ == nullptr) return;
    block_->chunks = block_->filled / k_age_sealed_chunk_size;  // a short last one is not whole
    if (block_->chunks > 0)
      submit();
    else
      pipeline_.give_back(std::exchange(block_, nullptr));
  }
  bool whole() const { return next_ == range_.first + range_.count && block_ == nullptr; }

 private:
  Result<void> begin_block() {
    const auto left = range_.first + range_.count - next_;
    if (left == 0) return fault(FaultCode::peer_protocol, "more bytes than were asked for");
    block_ = pipeline_.acquire();
    if (block_ == nullptr) return fault(FaultCode::evidence_incomplete, "the disk failed");
    block_->first_chunk = next_;
    block_->chunks = std::min<std::uint64_t>(left, k_block_chunks);
    block_->filled = 0;
    std::ranges::copy(leaves_.subspan(next_ - range_.first, block_->chunks),
                      block_->leaves.begin());
    const auto last = next_ + block_->chunks - 1;
    block_size_ =
        (block_->chunks - 1) * k_age_sealed_chunk_size + shape_.chunking().sealed_size_of(last);
    return {};
  }
  void submit() {
    next_ = block_->first_chunk + block_->chunks;
    pipeline_.submit(std::exchange(block_, nullptr));
  }

  const SealedShape& shape_;
  const ChunkRange range_;
  const std::span<const Digest> leaves_;
  Pipeline<Block>& pipeline_;
  const Refusal refusal_;
  std::uint64_t next_;
  Block* block_ = nullptr;
  std::size_t block_size_ = 0;  // bytes
};

class Fetch {
 public:
  Fetch(const SealedShape& shape, const ItemFiles& files, const FetchPorts& ports,
        const FetchOptions& options)
      : shape_(shape),
        files_(files),
        ports_(ports),
        options_(options),
        arriving_(files, shape),
        tiles_(shape, files, ports.tile) {}

  Result<void> run() {
    TRY(arriving_.open(options_.save_interval));
    TRY(take_prefix());
    if (arriving_.resumed()) TRY(recognise());
    if (auto taken = take_chunks(); !taken) {
      // What came is kept for the next time. If even that fails, the older bitmap stands, and the
      // disk is what must be spoken of.
      TRY(arriving_.save());
      return taken;
    }
    if (arriving_.resumed()) TRY(complete_tiles());
    TRY(sync_tree(files_.tiles()));
    return arriving_.publish();
  }

 private:
  Result<void> take_prefix() {
    Bytes prefix(shape_.prefix_size);
    TRY(arriving_.file().read_at(prefix, 0));
    if (arriving_.resumed() && evidence::check_prefix(shape_, prefix)) return {};
    class PrefixSink final : public node::Sink {
     public:
      explicit PrefixSink(std::size_t size) : size_(size) {}
      Result<void> write(View bytes) override {
        if (bytes.size() > size_ - bytes_.size())
          return fault(FaultCode::peer_protocol, "more bytes than were asked for");
        append(bytes_, bytes);
        return {};
      }
      View bytes() const { return bytes_; }

     private:
      std::size_t size_;
      Bytes bytes_;
    } sink(prefix.size());
    TRY(ports_.range(0, prefix.size(), sink));
    TRY(evidence::check_prefix(shape_, sink.bytes()));
    return arriving_.file().write_at(sink.bytes(), 0);
  }

  /// After a crash the file holds chunks that the last saved bitmap does not know. At the front of
  /// each gap they are recognised by their hashes, up to the first that is not there.
  Result<void> recognise() {
    Bytes sealed(k_age_sealed_chunk_size);
    for (auto gap = arriving_.next_missing(0, 1); gap;) {
      const auto chunk = gap->first;
      TRY_LET(const auto leaves, tiles_.leaves(chunk / k_tile_width));
      const auto bytes = std::span(sealed).first(shape_.chunking().sealed_size_of(chunk));
      TRY_LET(const std::size_t got, arriving_.file().read_at(bytes, shape_.offset_of(chunk)));
      if (got == bytes.size() && formats::leaf_hash(bytes) == leaves[chunk % k_tile_width]) {
        TRY(arriving_.mark(std::span(&chunk, 1)));
        gap = arriving_.next_missing(chunk + 1, 1);
        continue;
      }
      const auto rest = arriving_.next_missing(chunk, shape_.chunks());
      gap = arriving_.next_missing(rest->first + rest->count, 1);
    }
    return {};
  }

  Result<void> take_chunks() {
    const auto workers = workers_for(options_.workers);
    Pipeline<Block> pipeline(
        blocks_for(workers), workers, [this](Block& block, unsigned) { return check(block); },
        [this](Block& block) { return record(block); });
    const auto fed = feed(pipeline);
    TRY(pipeline.finish());
    TRY(first_bad());  // before `fed`, which is then only the sender's broken pipe
    TRY(fed);
    CHECK(arriving_.complete());
    return {};
  }

  Result<void> feed(Pipeline<Block>& pipeline) {
    std::vector<Digest> leaves;
    std::uint64_t from = 0;
    while (const auto range = arriving_.next_missing(from, k_range_chunks)) {
      from = range->first + range->count;
      if (options_.stop.stop_requested()) return stopped_fault();
      TRY(load_leaves(*range, leaves));
      Arrival arrival(shape_, *range, leaves, pipeline, [this] { return refusal(); });
      const auto size = shape_.offset_of(from - 1) + shape_.chunking().sealed_size_of(from - 1) -
                        shape_.offset_of(range->first);
      auto ranged = ports_.range(shape_.offset_of(range->first), size, arrival);
      arrival.end();
      TRY(ranged);
      if (!arrival.whole()) return fault(FaultCode::peer_protocol, "fewer bytes than asked for");
    }
    return {};
  }

  Result<void> load_leaves(ChunkRange range, std::vector<Digest>& leaves) {
    leaves.clear();
    for (auto chunk = range.first; chunk < range.first + range.count;) {
      TRY_LET(const auto tile, tiles_.leaves(chunk / k_tile_width));
      const auto part = tile.subspan(chunk % k_tile_width);
      const auto wanted = std::min<std::uint64_t>(part.size(), range.first + range.count - chunk);
      leaves.insert(leaves.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(wanted));
      chunk += wanted;
    }
    return {};
  }

  /// Why no more bytes are taken, if so.
  Result<void> refusal() {
    if (options_.stop.stop_requested()) return stopped_fault();
    return first_bad();
  }

  /// On a worker: a chunk is hashed before it is written, and a bad one is not written.
  Result<void> check(Block& block) {
    block.good.clear();
    block.bad.reset();
    const auto& file = arriving_.file();
    const auto chunk = [&](std::size_t i) {
      return block.sealed.view().subspan(i * k_age_sealed_chunk_size,
                                         shape_.chunking().sealed_size_of(block.first_chunk + i));
    };
    std::array<View, k_block_chunks> chunks;
    std::array<Digest, k_block_chunks> found;
    for (std::size_t i = 0; i < block.chunks; ++i) chunks[i] = chunk(i);
    formats::leaf_hashes(std::span(std::as_const(chunks)).first(block.chunks),
                         std::span(found).first(block.chunks));
    for (std::size_t i = 0; i < block.chunks;) {
      std::size_t end = i;
      while (end < block.chunks && found[end] == block.leaves[end])
        block.good.push_back(block.first_chunk + end++);
      if (end > i) {
        const auto last = chunk(end - 1);
        const View run(chunk(i).data(), last.data() + last.size());
        TRY(file.write_at(run, shape_.offset_of(block.first_chunk + i)));
      }
      if (end < block.chunks && !block.bad) block.bad = block.first_chunk + end;
      i = end + 1;
    }
    return {};
  }

  /// In order, on one thread.
  Result<void> record(Block& block) {
    TRY(arriving_.mark(block.good));
    arriving_.file().write_behind(shape_.offset_of(block.first_chunk));
    if (options_.progress) options_.progress(arriving_.bytes_present());
    if (block.bad) {
      const std::lock_guard lock(bad_mutex_);
      if (!bad_) bad_ = block.bad;
    }
    return {};
  }

  Result<void> first_bad() {
    const std::lock_guard lock(bad_mutex_);
    if (bad_) return evidence::bad_chunk(*bad_);
    return {};
  }

  /// The tiles of chunks that an earlier run took may have been lost with it.
  Result<void> complete_tiles() {
    for (std::uint64_t tile = 0; tile * k_tile_width < shape_.chunks(); ++tile)
      TRY(tiles_.leaves(tile));
    return {};
  }

  const SealedShape shape_;
  const ItemFiles files_;
  const FetchPorts& ports_;
  const FetchOptions& options_;
  ArrivingFile arriving_;
  Tiles tiles_;
  std::mutex bad_mutex_;
  std::optional<std::uint64_t> bad_;  // the first chunk in order that was not what was signed
};

}  // namespace

Result<void> fetch_item(const SealedShape& shape, const Path& directory, const FetchPorts& ports,
                        const FetchOptions& options) {
  const ItemFiles files{directory};
  if (file_exists(files.sealed())) {  // it got that name whole and durable
    TRY_LET(const File file, File::open(files.sealed(), O_RDONLY));
    TRY_LET(const std::uint64_t size, file.size());
    if (size != shape.total_size())
      return fault(FaultCode::store_corrupt, "sealed.age has another length than was signed");
    return remove_tree(files.bitmap());
  }
  Fetch fetch(shape, files, ports, options);
  return fetch.run();
}

Result<std::uint64_t> chunks_present(const SealedShape& shape, const Path& directory) {
  const ItemFiles files{directory};
  if (file_exists(files.sealed())) return shape.chunks();
  if (!file_exists(files.sealed_partial())) return std::uint64_t{0};
  const auto bitmap = read_bitmap(files, shape);
  return bitmap ? bitmap->present() : 0;
}

}  // namespace comity::transfer
