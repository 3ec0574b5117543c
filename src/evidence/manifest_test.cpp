#include "evidence/manifest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "evidence/evidence_gen.hpp"

namespace comity::evidence {
namespace {

Manifest sample_manifest() {
  return sample::manifest({.prefix_size = 200, .plaintext_size = 100'000}, {Digest{}});
}

/// The manifest's JSON after `change`, read back.
template <typename Change>
Result<Manifest> read_changed(Change change) {
  auto json = to_json(sample_manifest());
  change(json);
  return read_manifest(as_bytes(formats::canonical(json)));
}

}  // namespace

TEST(Manifest, ComesBackAsTheSameBytes) {
  auto manifest = sample_manifest();
  manifest.received_sha256 = Digest{};
  manifest.transformations = {{.what = "folder stored as a pax tar", .reason = "one item"}};
  const auto bytes = write_manifest(manifest);
  ASSERT_TRUE(bytes) << bytes.error().detail;
  EXPECT_EQ(*read_manifest(*bytes), manifest);
  EXPECT_NE(as_text(*bytes).find(R"("alg":"age-v1+rfc9162-sha256/65552")"), std::string_view::npos);
}

TEST(Manifest, CarriesWhatTheNodeRecognisedOrWhyNot) {
  auto manifest = sample_manifest();
  for (const auto& survey :
       {formats::Survey{.by = "comity 0.1.0", .missed = "too-slow"},
        formats::Survey{.by = "comity-survey 0.1.0",
                        .form = "ewf-e01",
                        .checks = {{.what = "md5", .stated = "00", .found = "01"}}}}) {
    manifest.survey = survey;
    const auto bytes = write_manifest(manifest);
    ASSERT_TRUE(bytes) << bytes.error().detail;
    EXPECT_EQ(*read_manifest(*bytes), manifest);
  }
  EXPECT_FALSE(read_changed([](formats::Json& json) {
    json.set("survey", formats::Json::object({{"by", "x"}, {"form", "a word of it"}}));
  }));
}

TEST(Manifest, RefusesNumbersThatDoNotAgree) {
  for (const auto* key : {"total_len", "chunks", "plaintext_len", "prefix_len"}) {
    const auto read = read_changed([&](formats::Json& json) {
      json.set(key,
               json.at(key).integer() + (std::string_view(key) == "plaintext_len" ? 65536 : 1));
    });
    ASSERT_FALSE(read) << key;
    EXPECT_EQ(read.error().code, FaultCode::format_manifest) << key;
  }
}

TEST(Manifest, RefusesAbsentUnknownAndOtherFields) {
  const auto whole = to_json(sample_manifest());
  for (const auto& [key, value] : whole.members()) {
    const auto name = key;
    EXPECT_FALSE(read_changed([&](formats::Json& json) { json.members().erase(name); })) << key;
    EXPECT_FALSE(read_changed([&](formats::Json& json) { json.set(name, nullptr); })) << key;
  }
  EXPECT_FALSE(read_changed([](formats::Json& json) { json.set("note", "x"); }));
  for (const auto* key : {"format", "alg"})
    EXPECT_EQ(read_changed([&](formats::Json& json) { json.set(key, "other/2"); }).error().code,
              FaultCode::format_version);
}

TEST(Manifest, HasOneSpellingOfATime) {
  EXPECT_FALSE(
      read_changed([](formats::Json& json) { json.set("sealed_at", "2023-11-14T22:15:00.000Z"); }));
  EXPECT_TRUE(
      read_changed([](formats::Json& json) { json.set("sealed_at", "2023-11-14T22:15:00.001Z"); }));
}

TEST(Manifest, NamesEachRecipientOnceAndAtLeastOne) {
  EXPECT_FALSE(
      read_changed([](formats::Json& json) { json.set("recipients", formats::Json::array()); }));
  EXPECT_FALSE(read_changed([](formats::Json& json) {
    json.set("recipients", formats::Json::array({Digest{}.hex(), Digest{}.hex()}));
  }));
}

TEST(Manifest, KeepsItsLimits) {
  const auto with_remarks = [](std::size_t count) {
    return read_changed([&](formats::Json& json) {
      auto list = formats::Json::array();
      for (std::size_t i = 0; i < count; ++i)
        list.push_back(formats::Json::object({{"what", "w"}, {"reason", "r"}}));
      json.set("omissions", std::move(list));
    });
  };
  EXPECT_TRUE(with_remarks(k_manifest_remarks_max));
  EXPECT_FALSE(with_remarks(k_manifest_remarks_max + 1));
  const auto with_text = [](std::size_t size) {
    return read_changed([&](formats::Json& json) { json.set("tool", std::string(size, 'a')); });
  };
  EXPECT_TRUE(with_text(k_manifest_text_max));
  EXPECT_FALSE(with_text(k_manifest_text_max + 1));
}

TEST(Manifest, DescribesNoItemLargerThanTheLimit) {
  const auto of_size = [](std::uint64_t size) {
    return write_manifest(
        sample::manifest({.prefix_size = 200, .plaintext_size = size}, {Digest{}}));
  };
  EXPECT_TRUE(of_size(k_item_size_max));
  EXPECT_FALSE(of_size(k_item_size_max + 1));
}

TEST(Manifest, TakesWhatAPersonTypedAsIfItCameFromOutside) {
  auto manifest = sample_manifest();
  manifest.custodian = "";
  EXPECT_FALSE(write_manifest(manifest));
  manifest = sample_manifest();
  manifest.name = "../escape";
  EXPECT_EQ(write_manifest(manifest).error().code, FaultCode::format_manifest);
  manifest = sample_manifest();
  manifest.custodian = "Example \u202eliaM";
  EXPECT_EQ(write_manifest(manifest).error().code, FaultCode::format_manifest);
  manifest = sample_manifest();
  manifest.omissions = {{.what = "drafts\u200b", .reason = "outside the order"}};
  EXPECT_EQ(write_manifest(manifest).error().code, FaultCode::format_manifest);
}

TEST(ItemName, IsAFileNameThatReadsAsItIs) {
  for (const auto* name :
       {"image.dd", ".bash_history", "Жалоба №3.pdf", "文件", "a b", "...", "نامه\u200cها.txt"})
    EXPECT_TRUE(is_safe_name(name)) << name;
  for (const auto* name :
       {"", ".", "..", "a/b", "/etc/passwd", "a\\b", "a\nb", "a\tb", "\x7f", "a\u0085",
        "exe\u202egpj.txt", "\u2066x", "x\u200e", "\ufeffx", "\xff", "\xc3", "a\u2028b"})
    EXPECT_FALSE(is_safe_name(name)) << name;
  EXPECT_TRUE(is_safe_name(std::string(255, 'a')));
  EXPECT_FALSE(is_safe_name(std::string(256, 'a')));
}

RC_GTEST_PROP(Manifest, HasNoSecondText, ()) {
  auto bytes = *write_manifest(sample_manifest());
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<std::uint8_t>();
  if (const auto read = read_manifest(bytes)) RC_ASSERT(*write_manifest(*read) == bytes);
}

}  // namespace comity::evidence
