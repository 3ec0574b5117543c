// Every age vector of C2SP CCTV against our reader: the class of failure it must have, and the
// hash of all plaintext released, also by a stream that fails half-way. Usage: … DIRECTORY, as
// export.mjs wrote it. Vectors for recipients that Comity does not have are reported as skipped.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "crypto/digest.hpp"
#include "formats/age_armor.hpp"
#include "formats/age_keys.hpp"
#include "formats/age_stream.hpp"
#include "formats/merkle.hpp"
#include "transfer/open.hpp"

namespace comity::formats {
namespace {

constexpr int k_vectors = 143;  // of cctv-age 0.2.0
constexpr std::string_view k_success = "success";

struct Vector {
  std::string name;
  std::multimap<std::string, std::string> head;
  Bytes file;

  std::string value(const std::string& key) const {
    const auto at = head.find(key);
    return at == head.end() ? "" : at->second;
  }
  /// What this vector needs that Comity does not offer, or nothing.
  std::string unsupported() const {
    if (head.contains("passphrase")) return "scrypt";
    return value("identity").starts_with("AGE-SECRET-KEY-PQ-") ? "hybrid" : "";
  }
};

/// How reading ended, in the vectors' words, and the hash of what was released until then.
struct Outcome {
  std::string end;
  std::string released_sha256;
};

Bytes bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Vector vector_of(const std::filesystem::path& head_path) {
  Vector vector{.name = head_path.stem()};
  std::ifstream in(head_path);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(": ");
    vector.head.emplace(line.substr(0, colon), line.substr(colon + 2));
  }
  auto file = head_path;
  vector.file = bytes_of(file.replace_extension(".age"));
  return vector;
}

/// Reads the payload in pieces of a size that fits nothing.
Outcome read_payload(View payload, const Secret& payload_key, Bytes& released) {
  AgeStreamOpener opener(payload_key);
  Result<void> end;
  while (end && !payload.empty()) {
    const auto piece = payload.first(std::min<std::size_t>(payload.size(), 9973));
    end = opener.push(piece, released);
    payload = payload.subspan(piece.size());
  }
  if (end) end = opener.finish(released);
  return {end ? std::string(k_success) : "payload failure", crypto::sha256(released).hex()};
}

/// With the length known, each chunk is opened in its place; the same verdict must come out.
bool opens_by_position(View payload, const Secret& payload_key) {
  const auto chunking = AgeChunking::from_sealed_size(payload.size());
  if (!chunking) return false;
  AgeChunkCipher cipher(payload_key);
  for (std::uint64_t k = chunking->count(); k-- > 0;) {
    Bytes out(chunking->plain_size_of(k));
    const auto sealed = payload.subspan(k * k_age_sealed_chunk_size, chunking->sealed_size_of(k));
    if (!cipher.open(k, chunking->is_last(k), sealed, out)) return false;
  }
  return true;
}

class Released final : public node::Sink {
 public:
  Result<void> write(View bytes) override {
    append(all, bytes);
    return {};
  }
  Bytes all;
};

/// The same by the threads and files that open real items: as if a sender had signed these bytes as
/// they are. What a vector refuses, no manifest makes open, and no chunk behind a bad one comes
/// out.
void expect_alike_in_parallel(View file, std::size_t prefix_size, const AgeIdentity& identity,
                              const Outcome& outcome, const Bytes& released) {
  const auto payload = file.subspan(prefix_size);
  const auto chunking = AgeChunking::from_sealed_size(payload.size());
  if (!chunking) {
    EXPECT_NE(outcome.end, k_success);  // no manifest can describe it
    return;
  }
  std::string pattern = std::filesystem::temp_directory_path() / "comity-age-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const transfer::ItemFiles files{pattern};
  evidence::ChunkTreeBuilder tree([&](const Tile& tile, View hashes) {
    return transfer::write_tile(files.tiles(), tile, hashes);
  });
  for (std::uint64_t k = 0; k < chunking->count(); ++k)
    ASSERT_TRUE(tree.add(
        leaf_hash(payload.subspan(k * k_age_sealed_chunk_size, chunking->sealed_size_of(k)))));
  ASSERT_TRUE(transfer::write_file(files.sealed(), file));
  const evidence::SealedShape shape{.prefix_size = prefix_size,
                                    .prefix_sha256 = crypto::sha256(file.first(prefix_size)),
                                    .plaintext_size = chunking->plaintext_size(),
                                    .plaintext_sha256 = crypto::sha256(released),
                                    .chunk_root = *tree.finish()};
  for (const unsigned workers : {1U, 4U}) {
    Released sink;
    const auto opened =
        transfer::open_sealed(files.directory, shape, identity, sink, {.workers = workers});
    EXPECT_EQ(opened.has_value(), outcome.end == k_success);
    if (opened) EXPECT_TRUE(sink.all == released);
    EXPECT_LE(sink.all.size(), released.size());
    EXPECT_TRUE(std::ranges::equal(
        sink.all, View(released).first(std::min(sink.all.size(), released.size()))));
  }
  std::filesystem::remove_all(files.directory);
}

Outcome read_file(const Vector& vector) {
  Bytes file = vector.file;
  if (vector.head.contains("armored")) {
    auto binary = read_age_armor(as_text(file));
    if (!binary) return {"armor failure", {}};
    file = *std::move(binary);
  }
  const auto read = read_age_header(file);
  if (!read) return {"header failure", {}};
  std::optional<Secret> file_key;
  std::optional<AgeIdentity> opening;
  const auto [first, last] = vector.head.equal_range("identity");
  for (auto at = first; at != last && !file_key; ++at) {
    const auto identity = AgeIdentity::from_text(at->second);
    EXPECT_TRUE(identity) << at->second;
    auto found = find_age_file_key(read->header, *identity);
    if (!found) return {"header failure", {}};
    file_key = *std::move(found);
    if (file_key) opening = *AgeIdentity::from_text(at->second);
  }
  if (!file_key) return {"no match", {}};
  if (!check_age_mac(read->header, *file_key)) return {"HMAC failure", {}};
  const View rest = View(file).subspan(read->size);
  if (rest.size() < k_age_nonce_size) return {"header failure", {}};
  AgeNonce nonce;
  std::ranges::copy(rest.first(k_age_nonce_size), nonce.begin());
  const auto payload_key = age_payload_key(*file_key, nonce);
  const View payload = rest.subspan(k_age_nonce_size);
  Bytes released;
  auto outcome = read_payload(payload, payload_key, released);
  expect_alike_in_parallel(file, file.size() - payload.size(), *opening, outcome, released);
  EXPECT_EQ(opens_by_position(payload, payload_key), outcome.end == k_success);
  if (vector.head.contains("file key")) EXPECT_EQ(hex(file_key->view()), vector.value("file key"));
  return outcome;
}

class AgeVector : public testing::Test {
 public:
  explicit AgeVector(const Vector& vector) : vector_(vector) {}
  void TestBody() override {
    if (const auto what = vector_.unsupported(); !what.empty())
      GTEST_SKIP() << "unsupported: " << what << " recipients";
    const auto outcome = read_file(vector_);
    EXPECT_EQ(outcome.end, vector_.value("expect")) << vector_.value("comment");
    if (vector_.head.contains("payload"))
      EXPECT_EQ(outcome.released_sha256, vector_.value("payload"));
  }

 private:
  const Vector& vector_;
};

}  // namespace
}  // namespace comity::formats

int main(int argc, char** argv) {
  using namespace comity::formats;
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
    return 2;
  }
  std::map<std::string, Vector> vectors;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1]))
    if (entry.path().extension() == ".head")
      vectors.emplace(entry.path().stem(), vector_of(entry.path()));
  std::map<std::string, int> unsupported;
  for (const auto& [name, vector] : vectors) {
    if (const auto what = vector.unsupported(); !what.empty()) ++unsupported[what];
    testing::RegisterTest("AgeVector", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [&vector] { return new AgeVector(vector); });
  }
  const int result = RUN_ALL_TESTS();
  int left_out = 0;
  for (const auto& [what, count] : unsupported) {
    std::printf("age vectors: %d unsupported (%s recipients)\n", count, what.c_str());
    left_out += count;
  }
  std::printf("age vectors: %d checked, of %d\n", static_cast<int>(vectors.size()) - left_out,
              static_cast<int>(vectors.size()));
  return vectors.size() == k_vectors ? result : 1;
}
