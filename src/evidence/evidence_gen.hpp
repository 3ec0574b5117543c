// Sample items for the tests of this room and of transfer: plainly fictional, made from a seed.
#pragma once

#include <map>

#include "base/check.hpp"
#include "evidence/sealer.hpp"

namespace comity::evidence::sample {

/// The same bytes for the same seed, on every machine. Not for keys of anything real.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) {  // splitmix64, one byte a step
      state_ += 0x9e3779b97f4a7c15;
      auto mixed = (state_ ^ state_ >> 30) * 0xbf58476d1ce4e5b9;
      mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
      byte = static_cast<std::uint8_t>(mixed >> 56);
    }
  }

 private:
  std::uint64_t state_;
};

inline Bytes plaintext(std::size_t size) {
  Bytes bytes(size);
  SeededRandom(size).fill(bytes);
  return bytes;
}

struct Item {
  formats::AgeIdentity identity;
  Bytes plaintext;
  Bytes file;
  SealedShape shape;
  std::map<std::string, Bytes> tiles;  // by path

  TileSource tile_source() const {
    return [this](const formats::Tile& tile) -> Result<Bytes> {
      const auto at = tiles.find(formats::path_of(tile));
      if (at == tiles.end()) return fault(FaultCode::evidence_unknown, formats::path_of(tile));
      return at->second;
    };
  }
};

inline Item item(std::size_t size, std::uint64_t seed = 1) {
  SeededRandom random(seed);
  Item made{.identity = formats::AgeIdentity::generate(random), .plaintext = plaintext(size)};
  Sealer sealer(
      *start_seal({made.identity.recipient()}, random),
      [&](const formats::Tile& tile, View hashes) -> Result<void> {
        CHECK(made.tiles.emplace(formats::path_of(tile), to_bytes(hashes)).second);
        return {};
      },
      made.file);
  CHECK(sealer.push(made.plaintext, made.file).has_value());
  made.shape = *sealer.finish(made.file);
  return made;
}

inline Manifest manifest(const SealedShape& shape, const std::vector<Digest>& recipients) {
  Manifest m;
  m.item.bytes.fill(1);
  m.exchange.bytes.fill(2);
  m.sealed = shape;
  m.recipients = recipients;
  m.name = "mailbox export.tar";
  m.custodian = "Example Mail (exercise), mail.example";
  m.collector = "Officer of the exercise, State A";
  m.collected_at = Instant{1'700'000'000'000};
  m.clock_offset_s = -2;
  m.tool = "exporter 3.1 (exercise)";
  m.authorisation = "Exercise order 7/2026";
  m.omissions = {{.what = "drafts folder", .reason = "outside the order"}};
  m.sealed_at = Instant{1'700'000'100'000};
  return m;
}

}  // namespace comity::evidence::sample
