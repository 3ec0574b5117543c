#include "custody/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "custody/sample_log.hpp"
#include "formats/merkle_tree.hpp"

namespace comity::custody {
namespace {

using formats::Json;

Expected expected_of(std::uint64_t index) {
  return {k_sample_origin, EntryKind::receipt_kept, Json::object({{"index", index}})};
}

}  // namespace

RC_GTEST_PROP(Batch, GivesAReceiptForEachEntryAndProvesThatTheLogOnlyGrew, ()) {
  SampleLog log;
  const auto before = *rc::gen::inRange<std::size_t>(0, 300);
  if (before > 0) (void)log.grow(before);
  const auto old_root = log.state.edge().root();
  const auto count = *rc::gen::inRange<std::size_t>(1, 300);
  auto batch = log.grow(count);

  const auto checkpoint = log.checkpoint();
  RC_ASSERT(checkpoint.size == before + count);
  RC_ASSERT(checkpoint.root == formats::root_of(log.leaves));
  RC_ASSERT(formats::check_consistency(before, old_root, checkpoint.size, checkpoint.root,
                                       batch.consistency()));
  const auto index = *rc::gen::inRange<std::uint64_t>(before, before + count);
  const auto text = batch.receipt(index);
  const auto receipt =
      check_receipt(as_bytes(text), std::span(&log.verifier, 1), expected_of(index));
  RC_ASSERT(receipt);
  RC_ASSERT(receipt->index == index);
  RC_ASSERT(receipt->entry == sample_entry(index));
  RC_ASSERT(receipt->checkpoint == checkpoint);

  formats::MerkleTree tree(log.leaves);
  RC_ASSERT(*make_receipt(index, log.entries[index], log.state.checkpoint(), tree) == text);
}

TEST(Batch, SignsNothingButWhatItHolds) {
  const auto key = sample_key();
  Batch batch(LogState::fresh(k_sample_origin));
  EXPECT_EQ(*batch.append(to_bytes("one")), 0U);
  const auto other = [&](std::string_view origin, std::string_view) {
    return formats::sign_checkpoint({std::string(origin), 7, Digest{}, {}}, key);
  };
  EXPECT_EQ(batch.seal(other).error().code, FaultCode::log_corrupt);
  const auto nobody = [](std::string_view, std::string_view) -> Result<std::string> {
    return fault(FaultCode::crypto_key, "no key");
  };
  EXPECT_EQ(batch.seal(nobody).error().code, FaultCode::crypto_key);
  EXPECT_TRUE(batch.seal(signer_with(key)));
}

TEST(Batch, RefusesAnEntryThatIsTooLarge) {
  Batch batch(LogState::fresh(k_sample_origin));
  EXPECT_TRUE(batch.append(Bytes(k_entry_bytes_max)));
  EXPECT_EQ(batch.append(Bytes(k_entry_bytes_max + 1)).error().code, FaultCode::log_entry);
}

TEST(LogState, ComesBackFromWhatWasStored) {
  SampleLog log;
  (void)log.grow(37);
  const auto stored = log.state.edge().bytes();
  auto state = LogState::load(k_sample_origin, stored, log.state.checkpoint());
  ASSERT_TRUE(state) << state.error().detail;
  log.state = *std::move(state);
  (void)log.grow(5);
  EXPECT_EQ(log.checkpoint().root, formats::root_of(log.leaves));
  EXPECT_TRUE(LogState::load(k_sample_origin, Bytes(8), ""));
}

TEST(LogState, IsNotLoadedWhenItsPiecesDisagree) {
  SampleLog log;
  (void)log.grow(37);
  const auto edge = log.state.edge().bytes();
  const auto note = log.state.checkpoint();
  (void)log.grow(1);
  EXPECT_FALSE(LogState::load(k_sample_origin, log.state.edge().bytes(), note)) << "older note";
  EXPECT_FALSE(LogState::load(k_sample_origin, edge, log.state.checkpoint())) << "older edge";
  EXPECT_FALSE(LogState::load("kgz.example/log/PRK", edge, note)) << "another log";
  EXPECT_FALSE(LogState::load(k_sample_origin, edge, "")) << "no checkpoint";
  auto damaged = edge;
  damaged.back() ^= 1;
  EXPECT_EQ(LogState::load(k_sample_origin, damaged, note).error().code, FaultCode::log_corrupt);
}

TEST(Receipt, MustBeTheOneExpected) {
  SampleLog log;
  auto batch = log.grow(10);
  const auto text = batch.receipt(4);
  const auto check = [&](const Expected& expected) {
    return check_receipt(as_bytes(text), std::span(&log.verifier, 1), expected);
  };
  EXPECT_TRUE(check(expected_of(4)));
  EXPECT_EQ(check(expected_of(5)).error().detail, "a receipt for another index");
  EXPECT_FALSE(check({k_sample_origin, EntryKind::act_received, {}}));
  EXPECT_FALSE(check({"kgz.example/log/PRK", EntryKind::receipt_kept, Json::object()}));
  EXPECT_FALSE(check({k_sample_origin, EntryKind::receipt_kept, Json::object({{"none", 1}})}));
  const auto stranger = formats::make_verifier(k_sample_origin, sample_key(6).public_key());
  EXPECT_EQ(check_receipt(as_bytes(text), std::span(&stranger, 1), expected_of(4)).error().code,
            FaultCode::crypto_signature);

  auto proof = *formats::parse_tlog_proof(as_bytes(text));
  proof.extra.reset();
  EXPECT_FALSE(
      check_receipt(as_bytes(to_text(proof)), std::span(&log.verifier, 1), expected_of(4)));
  proof.extra = log.entries[3];
  EXPECT_EQ(check_receipt(as_bytes(to_text(proof)), std::span(&log.verifier, 1), expected_of(3))
                .error()
                .code,
            FaultCode::log_proof);
}

RC_GTEST_PROP(Receipt, HoldsNoMoreOnceAByteIsChanged, ()) {
  static SampleLog log;
  static const std::string good = log.grow(100).receipt(63);
  auto changed = good;
  const auto at = *rc::gen::inRange<std::size_t>(0, good.size());
  changed[at] = static_cast<char>(changed[at] ^ *rc::gen::inRange(1, 256));
  RC_ASSERT(!check_receipt(as_bytes(changed), std::span(&log.verifier, 1), expected_of(63)));
}

TEST(Growth, KnowsItsOwnPartOfTheTreeOnly) {
  SampleLog log;
  (void)log.grow(6);
  Growth growth(log.state.edge());
  for (int i = 0; i < 3; ++i) growth.append(formats::leaf_hash({}));
  EXPECT_TRUE(growth.subtree(2, 0));  // a peak of the edge: leaves 0 to 3
  EXPECT_TRUE(growth.subtree(1, 2));  // the other: leaves 4 and 5
  EXPECT_TRUE(growth.subtree(3, 0));  // made of them and two new ones
  EXPECT_TRUE(growth.subtree(0, 8));
  EXPECT_EQ(growth.subtree(0, 0).error().code, FaultCode::log_proof);
  EXPECT_EQ(growth.subtree(1, 1).error().code, FaultCode::log_proof);
}

}  // namespace comity::custody
