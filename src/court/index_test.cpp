// Paths, the index and the small lists: one form each, read strictly.
#include "court/index.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "court/consistency_file.hpp"
#include "court/parts_list.hpp"

namespace comity::court {
namespace {

const StateCode k_kgz = *StateCode::from_text("KGZ"), k_bfa = *StateCode::from_text("BFA");

std::vector<Place> places() {
  ItemId item;
  item.bytes.fill(0xab);
  return {
      {.role = Role::readme},
      {.role = Role::root, .state = k_kgz},
      {.role = Role::entry, .state = k_kgz},
      {.role = Role::entry, .state = k_kgz, .number = 12},
      {.role = Role::revocation, .state = k_kgz, .number = 1},
      {.role = Role::log_keys, .state = k_kgz},
      {.role = Role::checkpoint, .state = k_kgz},
      {.role = Role::checkpoint, .state = k_kgz, .internal = true},
      {.role = Role::consistency, .state = k_kgz, .old_size = 3, .new_size = 17},
      {.role = Role::act, .number = 1, .name = "request"},
      {.role = Role::parts, .number = 9999, .name = "request"},
      {.role = Role::part, .number = 20, .name = "request", .part = "a.b-c_d"},
      {.role = Role::rejection, .number = 300, .name = "query"},
      {.role = Role::receipt, .number = 7},
      {.role = Role::custody, .number = 0},
      {.role = Role::custody, .number = 70000, .internal = true},
      {.role = Role::manifest, .item = item},
      {.role = Role::sealed, .item = item},
      {.role = Role::header, .item = item},
      {.role = Role::plaintext, .item = item},
      {.role = Role::tiles, .item = item},
  };
}

TEST(Layout, EveryPlaceHasOnePath) {
  std::set<std::string> paths;
  for (const auto& place : places()) {
    const auto path = path_of(place);
    EXPECT_TRUE(paths.insert(path).second) << path;
    EXPECT_EQ(place_of(path), place) << path;
  }
}

TEST(Layout, OtherPathsMeanNothing) {
  for (const auto* path : {"",
                           "/",
                           "README",
                           "readme.txt",
                           "../README.txt",
                           "acts/1-request.p7m",
                           "acts/0000-request.p7m",
                           "acts/0001-Request.p7m",
                           "acts/0001-request.p7m/",
                           "acts/0001-request.parts/",
                           "acts/0001-request.parts/../x",
                           "acts/0001-request.parts/.x",
                           "acts/0001-request.parts/a/b",
                           "states/kgz/root.pem",
                           "states/KGZ/entry-0.p7m",
                           "states/KGZ/entry-01.p7m",
                           "checkpoints/KGZ.01-2.consistency",
                           "checkpoints/KGZ.internal.1-2.consistency",
                           "custody/anchor/1.tlog-proof",
                           "custody/partner/01.tlog-proof",
                           "receipts/00001.tlog-proof",
                           "evidence/AB/manifest.json",
                           "index.json",
                           "acts/0001-request.p7m\n"})
    EXPECT_FALSE(place_of(path).has_value()) << path;
}

RC_GTEST_PROP(Layout, WhateverHasAMeaningHasThatSpelling, (const std::string& tail)) {
  for (const auto& place : places()) {
    const auto path = path_of(place).substr(0, 12) + tail;
    if (const auto read = place_of(path)) RC_ASSERT(path_of(*read) == path);
  }
}

Index sample_index() {
  Index index{.exercise = true, .exporter = k_bfa, .partner = k_kgz, .authority = "justice"};
  index.exchange.bytes.fill(2);
  index.made_at = *instant_from_text("2026-03-01T12:00:00Z");
  ItemId item;
  index.files = {{"README.txt", Role::readme, 10, Digest{}},
                 {"acts/0001-request.p7m", Role::act, 20, Digest{}}};
  index.acts = {{"acts/0001-request.p7m", k_bfa, index.made_at}};
  index.tiles = {{item, 3, Digest{}}};
  index.absent = {{"receipts/0001.tlog-proof", "not receipted"}};
  return index;
}

TEST(Index, ReadsBackWhatWasWritten) {
  const auto index = sample_index();
  EXPECT_EQ(*read_index(*index_content(index)), index);
  auto shuffled = index;
  std::swap(shuffled.files[0], shuffled.files[1]);
  EXPECT_EQ(*index_content(shuffled), *index_content(index));
}

TEST(Index, RefusesWhatContradictsItself) {
  const auto refused = [](auto&& change) {
    auto index = sample_index();
    change(index);
    return !index_content(index).has_value();
  };
  EXPECT_TRUE(refused([](Index& i) { i.files.push_back(i.files[0]); }));
  EXPECT_TRUE(refused([](Index& i) { i.files[0].path = "../README.txt"; }));
  EXPECT_TRUE(refused([](Index& i) { i.files[0].role = Role::act; }));
  EXPECT_TRUE(refused([](Index& i) { i.absent[0].path = "acts/0001-request.p7m"; }));
  EXPECT_TRUE(refused([](Index& i) { i.absent[0].path = "elsewhere"; }));
  EXPECT_TRUE(refused([](Index& i) { i.acts[0].path = "README.txt"; }));
  EXPECT_TRUE(refused([](Index& i) { i.acts[0].author = *StateCode::from_text("NIC"); }));
  EXPECT_TRUE(refused([](Index& i) { i.partner = i.exporter; }));
  EXPECT_TRUE(refused([](Index& i) { i.tiles.push_back(i.tiles[0]); }));
}

TEST(Index, BoundsItsLists) {
  auto index = sample_index();
  index.files.clear();
  for (std::size_t i = 0; i <= k_index_files_max; ++i)
    index.files.push_back({path_of({.role = Role::custody, .number = i}), Role::custody, 1, {}});
  EXPECT_EQ(index_content(index).error().code, FaultCode::limit_count);
  index.files.pop_back();
  EXPECT_TRUE(index_content(index).has_value());
  index.absent.clear();
  for (std::uint64_t i = 1; i <= 1000; ++i)  // few enough, and still too long for one envelope
    index.absent.push_back({path_of({.role = Role::receipt, .number = i}), std::string(1000, 'x')});
  EXPECT_EQ(index_content(index).error().code, FaultCode::limit_size);
}

TEST(Index, RefusesOtherDocuments) {
  std::string text(as_text(*index_content(sample_index())));
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return read_index(as_bytes(changed));
  };
  EXPECT_EQ(with("comity-export/1", "comity-export/2").error().code, FaultCode::format_version);
  EXPECT_FALSE(with("\"exercise\"", "\"exercize\"").has_value());
  EXPECT_FALSE(with("12:00:00Z", "12:00:00.5Z").has_value());
  EXPECT_FALSE(with("\"court\"", "\"press\"").has_value());
  EXPECT_FALSE(with("{\"absent\"", " {\"absent\"").has_value());
  EXPECT_FALSE(read_index(as_bytes("")).has_value());
}

TEST(PartsList, ReadsBackWhatWasWritten) {
  const std::vector<ListedPart> parts = {{"facts", "text/plain", Salt{1, 2, 3}, ""},
                                         {"persons", "text/plain", std::nullopt, "withheld"}};
  EXPECT_EQ(*read_parts_list(write_parts_list(parts)), parts);
}

TEST(PartsList, NeverHasTheSaltOfAnAbsentPart) {
  for (
      const auto* text :
      {R"([{"media_type":"a/b","name":"x","present":false,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","why_absent":"w"}])",
       R"([{"media_type":"a/b","name":"x","present":true}])",
       R"([{"media_type":"a/b","name":"x","present":true,"salt":"AAAA"}])",
       R"([{"media_type":"a/b","name":"x","present":false}])", R"({})", "", "[1]"})
    EXPECT_FALSE(read_parts_list(as_bytes(text)).has_value()) << text;
}

TEST(ConsistencyFile, ReadsBackWhatWasWritten) {
  ConsistencyFile file{17, std::vector<Digest>(3), "origin\n20\nroot\n\n"};
  file.hashes[1].bytes.fill(9);
  EXPECT_EQ(*parse_consistency_file(as_bytes(to_text(file))), file);
  file.hashes.resize(formats::k_proof_hashes_max);
  EXPECT_TRUE(parse_consistency_file(as_bytes(to_text(file))).has_value());
  file.hashes.resize(formats::k_proof_hashes_max + 1);
  EXPECT_FALSE(parse_consistency_file(as_bytes(to_text(file))).has_value());
}

TEST(ConsistencyFile, RefusesWhatIsCut) {
  const auto text = to_text(ConsistencyFile{17, std::vector<Digest>(3), "checkpoint"});
  for (std::size_t size = 0; size + 10 <= text.size(); ++size)
    EXPECT_FALSE(parse_consistency_file(as_bytes(text.substr(0, size))).has_value()) << size;
}

}  // namespace
}  // namespace comity::court
