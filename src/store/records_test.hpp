// Records with something in every field, for the tests of this room.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "crypto/digest.hpp"
#include "node/ports.hpp"

namespace comity::store::sample {

inline Digest digest(std::string_view seed) {
  return crypto::sha256(as_bytes(seed));
}
template <typename T>
T id(std::string_view seed) {
  const Digest full = digest(seed);
  return T::from_bytes(full.view().first(T{}.bytes.size())).value();
}
inline StateCode state(std::string_view code) {
  return StateCode::from_text(code).value();
}

inline node::ExchangeRecord exchange(std::string_view seed = "x",
                                     std::string_view partner = "BFA") {
  return {.id = id<ExchangeId>(seed),
          .partner = state(partner),
          .our_side = node::Side::requested,
          .instrument = "convention-2024",
          .measure = "preservation",
          .phase = "asked",
          .life = R"({"acts":[]})",
          .opened_at = Instant{1'000},
          .changed_at = Instant{2'001},
          .linked = id<ExchangeId>("earlier")};
}

inline node::ActRecord act(std::string_view seed, std::uint64_t log_index,
                           std::string_view exchange = "x") {
  return {.id = digest(seed),
          .exchange = id<ExchangeId>(exchange),
          .side = node::Side::requester,
          .sequence = log_index + 1,
          .type = node::ActType::supplement,
          .draft = id<DraftId>(seed),
          .p7m = Bytes{0, 1, 255, 0},
          .logged_at = Instant{-5},
          .log_index = log_index,
          .standing = node::Standing::receipted,
          .receipt = "c2sp.org/tlog-proof@v1\n",
          .rejection = {}};
}

inline node::PartRecord part(std::string_view owner, std::string name) {
  node::PartRecord record{.owner = std::string(owner), .part = {}, .erased = "retention ended"};
  record.part.name = std::move(name);
  record.part.media_type = "text/plain";
  record.part.salt.fill(7);
  record.part.bytes = Bytes{'f', 0, 'x'};
  return record;
}

inline node::DraftRecord draft(std::string_view seed, std::string state = "open") {
  return {.id = id<DraftId>(seed),
          .kind = "act",
          .type = "request",
          .exchange = std::nullopt,
          .content = to_bytes("{}"),
          .created_by = digest("officer").hex(),
          .created_at = Instant{77},
          .signatures = {{"approver", Bytes{1, 2, 0}}, {"executor", {}}},
          .state = std::move(state)};
}

inline node::OutboxRecord outbox(std::string_view act, std::string_view partner,
                                 std::uint64_t sequence, std::int64_t next_try_ms,
                                 std::string_view exchange = "x") {
  return {.act = digest(act),
          .partner = state(partner),
          .exchange = id<ExchangeId>(exchange),
          .sequence = sequence,
          .next_try_at = Instant{next_try_ms},
          .attempts = 3,
          .last_fault = "peer.unreachable"};
}

inline node::LogRecord log(const std::string& name, std::uint64_t size = 0) {
  return {.name = name,
          .origin = "kgz.comity.example/" + name,
          .size = size,
          .edge = Bytes{9, 9},
          .checkpoint = "a note\n",
          .installed = size / 2};
}

inline node::LogEntryRecord entry(std::string log, std::uint64_t index,
                                  std::optional<ExchangeId> exchange = std::nullopt) {
  return {.log = std::move(log),
          .index = index,
          .entry = to_bytes("entry " + std::to_string(index)),
          .kind = "act",
          .exchange = exchange,
          .item = exchange ? std::optional(id<ItemId>("item")) : std::nullopt};
}

inline node::DirectoryRecord directory(std::string_view code, std::int64_t serial) {
  return {.state = state(code),
          .serial = serial,
          .p7m = Bytes{0x30, 0x82},
          .status = "in_force",
          .accepted_at = Instant{5},
          .how = "by telephone, \"twice\"",
          .officers = {digest("a").hex(), "Ж"},
          .revoked_from = Instant{6}};
}

inline node::ItemRecord item(std::string_view seed, std::string_view exchange = "x") {
  return {.id = id<ItemId>(seed),
          .exchange = id<ExchangeId>(exchange),
          .ours = true,
          .state = node::ItemState::announced,
          .name = "диск.img",
          .manifest = to_bytes("{\"a\":1}"),
          .delivery = digest("delivery"),
          .added_by = digest("officer").hex(),
          .changed_at = Instant{8}};
}

/// A directory of a test's own, gone with it.
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

inline std::filesystem::perms mode_of(const std::filesystem::path& path) {
  return std::filesystem::symlink_status(path).permissions();
}
constexpr auto k_owner_only =
    std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

/// Runs `work` in a child for which no file may grow beyond `bytes`, as on a disk without room.
/// 0 if it returned true.
template <typename Work>
int in_full_disk(rlim_t bytes, Work&& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::_exit(::setrlimit(RLIMIT_FSIZE, &limit) == 0 && work() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace comity::store::sample
