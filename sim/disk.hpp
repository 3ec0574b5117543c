// A disk as kills, power cuts and bad hardware see it: what was written, what of it is durable, and
// what breaks on the way. A member's rows (sqlite_disk.hpp) and the files of its logs lie on one.
// Not its sealed items, whose bytes never pass the heart: transfer_test and tests/process break
// those. It decides nothing: its troubles are planned by the stage.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.hpp"
#include "sim/chance.hpp"

namespace comity::sim {

/// What becomes of one change of the disk.
enum class Trouble {
  none,
  death,            // the process dies before it; in a long write, within it
  fails,            // an error, and nothing was done
  fails_half_done,  // an error, and some of it was done
  fails_done,       // an error, and all of it was done
  full,             // no room is left, now and until mended
};

class Disk {
 public:
  static constexpr std::size_t k_sector_bytes = 512;
  enum class End { done, failed, full };

  class File;
  using FilePtr = std::shared_ptr<File>;

  explicit Disk(Chance chance) : chance_(std::move(chance)) {}

  // What software does. Each change is one effect and may be the last.
  FilePtr find(const std::string& name) const;
  FilePtr open(const std::string& name);  // made if it is not there
  View read(const File& file) const;
  End write(File& file, std::size_t offset, View bytes);
  End truncate(File& file, std::size_t size);
  /// The file's bytes, and its name, become durable. Or the disk lies.
  End sync(File& file);
  End remove(const std::string& name, bool durably);
  /// The name leads to these bytes from now on. Nothing of it is durable yet.
  End replace(const std::string& name, View bytes);
  End sync_names();

  // What befalls it.
  /// The change that comes after `after` others meets this trouble.
  void plan(Trouble trouble, std::size_t after);
  void calm() { plan(Trouble::none, 0); }
  /// The planned trouble happened since it was planned.
  bool was_met() const { return met_; }
  bool is_dead() const { return dead_; }
  bool is_full() const { return full_; }
  void make_room() { full_ = false; }
  /// One sync in so many says yes and does nothing.
  void let_syncs_lie(int in_1000) { lies_in_1000_ = in_1000; }
  /// Some sync lied, and what it promised was not made durable since.
  bool has_lied() const { return lied_; }
  /// The process that used it is gone. Without power, some of what was not synced is gone too.
  void kill() { dead_ = true; }
  void power_on();
  void cut_power();
  /// Turns over one bit, or fills one sector with nothing. Gives the file's name; nothing if there
  /// is no byte to spoil.
  std::optional<std::string> spoil();

  /// As it is now, durable in all: an image of a whole disk to be brought back later.
  std::map<std::string, Bytes> copy() const;
  void restore(const std::map<std::string, Bytes>& image);
  /// Puts a file right again, durably.
  void mend(const std::string& name, const Bytes& bytes);
  std::size_t effects() const { return effects_; }

 private:
  struct Verdict {
    int applied_in_1000;
    End end;
  };
  Verdict next();
  void put(File& file, std::size_t offset, View bytes);
  void lose(File& file);

  Chance chance_;
  std::map<std::string, FilePtr> names_;
  std::map<std::string, FilePtr> durable_;  // of `changed_` alone: what they led to
  std::set<std::string> changed_;
  Trouble trouble_ = Trouble::none;
  std::size_t changes_left_ = 0, effects_ = 0;
  int lies_in_1000_ = 0;
  bool met_ = false, dead_ = false, full_ = false, lied_ = false;
};

class Disk::File {
 public:
  const Bytes& bytes() const { return bytes_; }

 private:
  friend class Disk;
  using Sector = std::array<std::uint8_t, k_sector_bytes>;
  void remember(std::size_t from, std::size_t to);

  std::string name_;
  Bytes bytes_;
  std::size_t durable_size_ = 0;
  std::map<std::size_t, Sector> before_;  // durable sectors that were changed since
};

}  // namespace comity::sim
