// A folder of a test's own and a seeded State root in it, for the tests of this room.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "crypto/digest.hpp"
#include "keys/node_keys.hpp"
#include "keys/root.hpp"

namespace comity::keys::sample {

/// Bytes that look random and are the same in every run.
class Seeded final : public Random {
 public:
  explicit Seeded(std::string_view seed) : state_(crypto::sha256(as_bytes(seed))) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) {
      state_ = crypto::sha256(state_.view());
      byte = state_.bytes[0];
    }
  }

 private:
  Digest state_;
};

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "comity-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  operator const std::filesystem::path&() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline Instant at(std::string_view text) {
  return instant_from_text(text).value();
}
inline const Validity k_validity{at("2026-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z")};
inline const Instant k_now = at("2026-03-01T12:00:00Z");

constexpr auto k_owner_only =
    std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
inline std::filesystem::perms mode_of(const std::filesystem::path& path) {
  return std::filesystem::symlink_status(path).permissions();
}
inline void permit(const std::filesystem::path& path, std::filesystem::perms more) {
  std::filesystem::permissions(path, more, std::filesystem::perm_options::add);
}

/// A node's keys, made and certified as `comity init` does it.
class NodeWithKeys : public testing::Test {
 protected:
  NodeWithKeys()
      : root(StateRoot::make(folder / "root", StateCode::from_text("KGZ").value(), "Exercise root",
                             k_validity, random)
                 .value()),
        made(make_node_keys(keys, random).value()),
        authority(root.issue_authority(made.authority_spki, "Exercise authority",
                                       {"central-authority"}, k_validity, random)
                      .value()),
        tls(root.issue_tls(made.tls_spki, "Exercise node", {"127.0.0.1", "kgz.example"}, k_validity,
                           random)
                .value()) {}
  void SetUp() override {
    ASSERT_TRUE(install_certificate(keys, CertifiedKey::authority, authority));
    ASSERT_TRUE(install_certificate(keys, CertifiedKey::tls, tls));
  }

  Seeded random{"keys"};
  Folder folder;
  std::filesystem::path keys = folder / "keys";
  StateRoot root;
  PublicKeys made;
  crypto::Certificate authority, tls;
};

}  // namespace comity::keys::sample
