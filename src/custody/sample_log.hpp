// A log in memory for tests: entries, states, and the files that it would have on disk.
#pragma once

#include "custody/log.hpp"
#include "custody/tiles.hpp"

namespace comity::custody {

inline const std::string k_sample_origin = "kgz.example/log/BFA";

inline crypto::Ed25519Key sample_key(std::uint8_t byte = 5) {
  return *crypto::Ed25519Key::from_seed(Secret(Bytes(32, byte)));
}

inline Entry sample_entry(std::uint64_t number) {
  Salt salt{};
  for (std::size_t i = 0; i < 8; ++i) salt[i] = static_cast<std::uint8_t>(number >> 8 * i);
  return {EntryKind::receipt_kept, Instant{1700000000000 + static_cast<std::int64_t>(number)}, salt,
          formats::Json::object(
              {{"act", std::string(64, 'a')}, {"index", number}, {"checkpoint", number}})};
}

/// Grows by batches as a node does, files after each.
struct SampleLog {
  crypto::Ed25519Key key = sample_key();
  formats::Verifier verifier = formats::make_verifier(k_sample_origin, key.public_key());
  LogState state = LogState::fresh(k_sample_origin);
  TileFrontier frontier;
  std::map<std::string, Bytes> files;
  std::vector<Bytes> entries;
  std::vector<Digest> leaves;

  Batch grow(std::size_t count) {
    Batch batch(std::move(state));
    for (std::size_t i = 0; i < count; ++i) {
      entries.push_back(*write_entry(sample_entry(entries.size())));
      leaves.push_back(formats::leaf_hash(entries.back()));
      (void)*batch.append(entries.back());
    }
    state = *batch.seal(signer_with(key));
    for (auto& [path, bytes] : frontier.grow(batch.entries(), batch.leaf_hashes()))
      files[path] = std::move(bytes);
    files["checkpoint"] = to_bytes(state.checkpoint());
    return batch;
  }
  FileReader reader() const {
    return [this](const std::string& path) -> Result<Bytes> {
      const auto at = files.find(path);
      if (at == files.end()) return fault(FaultCode::store_io, path + " is missing");
      return at->second;
    };
  }
  formats::Checkpoint checkpoint() const {
    return *formats::open_checkpoint(as_bytes(state.checkpoint()), std::span(&verifier, 1));
  }
  Result<LogReport> check(const EntryVisitor& visit = {}) const {
    return check_log(files.at("checkpoint"), std::span(&verifier, 1), reader(), visit);
  }
};

}  // namespace comity::custody
