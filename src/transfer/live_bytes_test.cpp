// An item that is sent while it is sealed: the bytes of one source, as they are, at the receiver
// before the sender has read the last of them; and a source that is given again is never another.
#include <sys/resource.h>

#include <csignal>

#include "transfer/live_reader.hpp"
#include "transfer/live_rig_test.hpp"
#include "transfer/live_taker.hpp"

namespace comity::transfer {
namespace {

using sample::BytesSink;
using sample::plaintext;

/// Gives `first` bytes, then breaks off; or all of them.
class Broken final : public node::Source {
 public:
  Broken(View bytes, std::size_t first) : bytes_(bytes), left_(first) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    if (bytes_.empty()) return std::size_t{0};
    if (left_ == 0) return fault(FaultCode::peer_unreachable, "broken off");
    const auto size = std::min({into.size(), bytes_.size(), left_, std::size_t{10'007}});
    std::copy_n(bytes_.begin(), size, into.begin());
    bytes_ = bytes_.subspan(size);
    left_ -= size;
    return size;
  }

 private:
  View bytes_;
  std::size_t left_;
};

/// While it lives, no file of this process can grow beyond so many bytes.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) : before_(::signal(SIGXFSZ, SIG_IGN)) {
    CHECK(::getrlimit(RLIMIT_FSIZE, &usual_) == 0);
    const rlimit small{.rlim_cur = bytes, .rlim_max = usual_.rlim_max};
    CHECK(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() {
    CHECK(::setrlimit(RLIMIT_FSIZE, &usual_) == 0);
    ::signal(SIGXFSZ, before_);
  }

 private:
  rlimit usual_{};
  void (*before_)(int);
};

class LiveBytes : public Live {
 protected:
  LiveBytes() {
    one.opening.records = "bytes";
    one.opening.name = "disk.img";
    is_bytes = true;
  }
  static Result<std::uint64_t> take(LiveWriter& to, View bytes,
                                    std::size_t first = ~std::size_t{0}) {
    Broken source(bytes, first);
    return take_file(source, to);
  }
  /// What the receiver holds, opened with the recipient's identity.
  Bytes opened(const evidence::SealedShape& shape) {
    const auto files = LiveFiles{{came}};
    const auto file = file_exists(files.item.sealed()) ? files.item.sealed() : files.chunks();
    const auto bytes = evidence::open_item(shape, sent_file(file), one.identity);
    EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().detail);
    return bytes ? *bytes : Bytes();
  }
  LiveView view(const LiveWriter& writer) {
    return {.directory = sent,
            .prefix_size = one.opening.prefix.size(),
            .payload_key = one.payload_key.clone(),
            .wait = [&](std::uint64_t chunks) { return writer.wait_past(chunks, 1); },
            .goes_on = [] { return true; }};
  }
};

TEST_F(LiveBytes, OfAnySizeAreTheSourceAndAnAgeFileAtTheReceiver) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, k_age_chunk_size - 1, k_age_chunk_size,
        k_age_chunk_size + 1, 2 * k_age_chunk_size, 700'001UL}) {
    SCOPED_TRACE(size);
    (void)remove_tree(Path(sent) / "x");
    for (const auto& folder : {Path(sent), Path(came)})
      for (const auto& entry : std::filesystem::directory_iterator(folder))
        std::filesystem::remove_all(entry.path());
    const auto plain = plaintext(size);
    const auto from = writer();
    const auto to = follower();
    const auto taken = take(*from, plain);
    ASSERT_TRUE(taken) << taken.error().detail;
    EXPECT_EQ(*taken, size);
    const auto ended = *from->finish("source");
    EXPECT_EQ(ended.why, "source");
    EXPECT_EQ(ended.shape.plaintext_size, size);
    EXPECT_EQ(ended.shape.plaintext_sha256, crypto::sha256(plain));
    ASSERT_TRUE(pass(*from, *to));
    EXPECT_TRUE(to->is_closed());
    EXPECT_EQ(opened(ended.shape), plain);
  }
}

// The chunk is written, and the disk fails when the head is to be kept: nothing of it counts.
TEST_F(LiveBytes, ThatTheReceiversDiskDidNotKeepAreAskedForAgain) {
  const auto from = writer();
  const auto to = follower();
  const auto plain = plaintext(100);
  ASSERT_TRUE(take(*from, plain));
  const auto ended = *from->finish("source");
  ASSERT_EQ(*to->begin(), 0U);
  const auto bytes = stream(*from, 0);
  {
    const SmallFiles only(TwoSlots::k_slot_bytes);  // the first head goes into the second place
    ASSERT_TRUE(to->write(bytes));
    const auto again = to->begin();
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(*again, 0U);
    EXPECT_FALSE(to->head());
  }
  ASSERT_TRUE(to->write(bytes));
  EXPECT_EQ(*to->begin(), 1U);
  EXPECT_EQ(opened(ended.shape), plain);
}

TEST_F(LiveBytes, ReachTheReceiverBeforeTheSourceEnds) {
  const auto plain = plaintext(5 * k_age_chunk_size);
  const auto from = writer();
  const auto to = follower();
  ASSERT_EQ(take(*from, plain, 3 * k_age_chunk_size + 100).error().code,
            FaultCode::peer_unreachable);
  while (from->wait_past(2, k_soon_ms)->head.chunks < 3) {
  }
  ASSERT_TRUE(pass(*from, *to));
  EXPECT_EQ(to->chunks(), 3U);
  EXPECT_FALSE(to->is_closed());
}

TEST_F(LiveBytes, OfASourceThatBrokeOffAreTakenUpWhereTheyStand) {
  const auto plain = plaintext(5 * k_age_chunk_size + 17);
  for (const std::size_t first : {std::size_t{0}, std::size_t{100}, k_age_chunk_size,
                                  3 * k_age_chunk_size, 4 * k_age_chunk_size + 5}) {
    const auto from = writer();
    if (!from->is_closed()) {
      ASSERT_EQ(take(*from, plain, first).error().code, FaultCode::peer_unreachable);
    }
  }
  const auto from = writer();
  ASSERT_TRUE(take(*from, plain));
  const auto ended = *from->finish("source");
  EXPECT_EQ(ended.shape.plaintext_sha256, crypto::sha256(plain));
  const auto to = follower();
  ASSERT_TRUE(pass(*from, *to));
  EXPECT_EQ(opened(ended.shape), plain);
}

// More chunks than may lie between two heads, and no head tells of one of them.
TEST_F(LiveBytes, ThatTheSendersDiskKeptWithoutAHeadAreSentInPieces) {
  const auto plain = plaintext((2 * k_frame_chunks_max + 7) * k_age_chunk_size);
  ASSERT_TRUE(take(*writer(), plain, plain.size() - 1).error().code == FaultCode::peer_unreachable);
  const LiveFiles files{{sent}};
  for (const auto& file : {files.state(), files.heads(), files.leaves()})
    ASSERT_TRUE(remove_tree(file));
  const auto from = writer();
  const auto to = follower();
  const auto passed = pass(*from, *to);
  ASSERT_TRUE(passed) << passed.error().detail;
  EXPECT_EQ(to->chunks(), from->head()->head.chunks);
}

TEST_F(LiveBytes, OfAnotherSourceAreRefusedAtTheFirstChunkThatDiffers) {
  const auto plain = plaintext(3 * k_age_chunk_size + 500);
  auto other = plain;
  other[k_age_chunk_size + 9] ^= 1;
  auto tail = plain;
  tail[3 * k_age_chunk_size + 20] ^= 1;
  const auto from = writer();
  ASSERT_FALSE(take(*from, plain, 3 * k_age_chunk_size + 400));
  const auto refused = take(*from, other);
  ASSERT_EQ(refused.error().code, FaultCode::evidence_changed);
  EXPECT_THAT(refused.error().detail, testing::HasSubstr("byte 65536"));
  EXPECT_EQ(take(*from, tail).error().code, FaultCode::evidence_changed);
  EXPECT_EQ(take(*from, View(plain).first(2 * k_age_chunk_size)).error().code,
            FaultCode::evidence_changed);
  ASSERT_TRUE(take(*from, plain));
  EXPECT_EQ(from->finish("source")->shape.plaintext_sha256, crypto::sha256(plain));
}

TEST_F(LiveBytes, ThatEndBeforeTheirSourceSaySo) {
  const auto plain = plaintext(2 * k_age_chunk_size + 7);
  {
    const auto from = writer();
    ASSERT_FALSE(take(*from, plain, 2 * k_age_chunk_size + 3));
    while (from->wait_past(1, k_soon_ms)->head.chunks < 2) {
    }
  }
  const auto from = writer(true);  // another life: what was not sealed is gone
  const auto ended = *from->finish("officer");
  EXPECT_EQ(ended.why, "officer");
  EXPECT_EQ(ended.shape.plaintext_size, 2 * k_age_chunk_size + 1);
  EXPECT_EQ(take(*from, plain).error().code, FaultCode::evidence_ended);
  const auto to = follower();
  ASSERT_TRUE(pass(*from, *to));
  auto cut = Bytes(plain.begin(), plain.begin() + 2 * k_age_chunk_size);
  cut.push_back('\n');
  EXPECT_EQ(opened(ended.shape), cut);
}

TEST_F(LiveBytes, AreClosedOnceAlsoByTheNextLife) {
  const auto plain = plaintext(k_age_chunk_size + 7);
  Digest root;
  {
    const auto from = writer();
    ASSERT_TRUE(take(*from, plain));
    root = from->finish("source")->shape.chunk_root;
  }
  const auto from = writer(true);
  EXPECT_TRUE(from->is_closed());
  const auto again = *from->finish("source");
  EXPECT_EQ(again.shape.chunk_root, root);
  EXPECT_EQ(again.shape.plaintext_sha256, crypto::sha256(plain));
}

TEST_F(LiveBytes, AreReadWhileTheyCome) {
  const auto plain = plaintext(4 * k_age_chunk_size + 9);
  const auto from = writer();
  ASSERT_FALSE(take(*from, plain, 2 * k_age_chunk_size + 1));
  Bytes seen;
  std::thread source([&] { EXPECT_TRUE(take(*from, plain)); });
  ASSERT_TRUE(read_bytes(
      view(*from),
      [&](View bytes) -> Result<void> {
        append(seen, bytes);
        return {};
      },
      [] { return Result<void>(); }));
  source.join();
  EXPECT_EQ(seen, plain);
}

TEST_F(LiveBytes, StopAtTheEndOfTheAuthorisation) {
  const auto from = writer();
  clock.set(one.opening.until);
  EXPECT_EQ(take(*from, plaintext(10)).error().code, FaultCode::evidence_ended);
}

}  // namespace
}  // namespace comity::transfer
