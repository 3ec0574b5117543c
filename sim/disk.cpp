#include "sim/disk.hpp"

#include <algorithm>

namespace comity::sim {

void Disk::File::remember(std::size_t from, std::size_t to) {
  to = std::min(to, durable_size_);
  for (auto sector = from / k_sector_bytes; sector * k_sector_bytes < to; ++sector) {
    const auto [known, is_new] = before_.try_emplace(sector);
    if (!is_new) continue;
    const auto begin = std::min(sector * k_sector_bytes, bytes_.size());
    const auto end = std::min(begin + k_sector_bytes, bytes_.size());
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin),
              bytes_.begin() + static_cast<std::ptrdiff_t>(end), known->second.begin());
  }
}

Disk::FilePtr Disk::find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

Disk::FilePtr Disk::open(const std::string& name) {
  auto& file = names_[name];
  if (!file) {
    file = std::make_shared<File>();
    file->name_ = name;
    if (changed_.insert(name).second) durable_[name] = nullptr;
  }
  return file;
}

View Disk::read(const File& file) const {
  return file.bytes_;
}

void Disk::plan(Trouble trouble, std::size_t after) {
  trouble_ = trouble;
  changes_left_ = after;
  met_ = false;
}

Disk::Verdict Disk::next() {
  ++effects_;
  if (dead_) return {0, End::failed};
  if (full_) return {1000, End::done};  // growth alone fails
  if (trouble_ == Trouble::none || met_ || changes_left_-- > 0) return {1000, End::done};
  met_ = true;
  switch (trouble_) {
    case Trouble::none:
      break;
    case Trouble::death:
      dead_ = true;
      return {static_cast<int>(chance_.between(0, 1000)), End::failed};
    case Trouble::fails:
      return {0, End::failed};
    case Trouble::fails_half_done:
      return {static_cast<int>(chance_.between(1, 999)), End::failed};
    case Trouble::fails_done:
      return {1000, End::failed};
    case Trouble::full:
      full_ = true;
      return {1000, End::done};
  }
  return {1000, End::done};
}

void Disk::put(File& file, std::size_t offset, View bytes) {
  if (bytes.empty()) return;
  file.remember(offset, offset + bytes.size());
  if (file.bytes_.size() < offset + bytes.size()) {
    if (file.bytes_.capacity() < offset + bytes.size())
      file.bytes_.reserve(2 * (offset + bytes.size()));
    file.bytes_.resize(offset + bytes.size());
  }
  std::ranges::copy(bytes, file.bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
}

Disk::End Disk::write(File& file, std::size_t offset, View bytes) {
  const auto verdict = next();
  if (full_ && offset + bytes.size() > file.bytes_.size()) return End::full;
  put(file, offset,
      bytes.first(bytes.size() * static_cast<std::size_t>(verdict.applied_in_1000) / 1000));
  return verdict.end;
}

Disk::End Disk::truncate(File& file, std::size_t size) {
  const auto verdict = next();
  if (verdict.applied_in_1000 < 500) return verdict.end;
  if (size < file.bytes_.size()) file.remember(size, file.bytes_.size());
  file.bytes_.resize(size);
  return verdict.end;
}

Disk::End Disk::sync(File& file) {
  const auto verdict = next();
  if (verdict.applied_in_1000 < 1000) return verdict.end;
  if (lies_in_1000_ > 0 && chance_.happens(lies_in_1000_)) {
    lied_ = true;
    return verdict.end;
  }
  file.durable_size_ = file.bytes_.size();
  file.before_.clear();
  if (changed_.contains(file.name_) && find(file.name_).get() == &file) {
    changed_.erase(file.name_);
    durable_.erase(file.name_);
  }
  return verdict.end;
}

Disk::End Disk::remove(const std::string& name, bool durably) {
  const auto verdict = next();
  const auto found = names_.find(name);
  if (verdict.applied_in_1000 < 500 || found == names_.end()) return verdict.end;
  if (changed_.insert(name).second) durable_[name] = found->second;
  names_.erase(found);
  if (durably && verdict.end == End::done) {
    changed_.erase(name);
    durable_.erase(name);
  }
  return verdict.end;
}

Disk::End Disk::replace(const std::string& name, View bytes) {
  const auto verdict = next();
  if (full_ && !bytes.empty()) return End::full;
  // A file written in part bears another name still.
  if (verdict.applied_in_1000 < 1000) return verdict.end;
  auto& file = names_[name];
  if (changed_.insert(name).second) durable_[name] = file;
  file = std::make_shared<File>();
  file->name_ = name;
  file->bytes_ = to_bytes(bytes);
  return verdict.end;
}

Disk::End Disk::sync_names() {
  const auto verdict = next();
  if (verdict.applied_in_1000 < 1000) return verdict.end;
  if (lies_in_1000_ > 0 && chance_.happens(lies_in_1000_)) {
    lied_ = true;
    return verdict.end;
  }
  changed_.clear();
  durable_.clear();
  return verdict.end;
}

void Disk::power_on() {
  dead_ = false;
  calm();
}

void Disk::lose(File& file) {
  const auto written = file.bytes_.size();
  const auto was = file.durable_size_;
  // How long it is now: as it was, as it became, or grown in part. It is never cut in part.
  auto size = chance_.happens(500) ? was : written;
  if (written > was && chance_.happens(300)) size = was + chance_.below(written - was + 1);
  const auto place = [](std::size_t at) { return static_cast<std::ptrdiff_t>(at); };
  file.bytes_.resize(std::max(size, written));
  for (const auto& [sector, bytes] : file.before_) {
    const auto begin = sector * k_sector_bytes;
    if (begin < written && chance_.happens(500)) continue;  // this one reached the platter
    // Torn: its first bytes did.
    const auto kept = begin < written && chance_.happens(100) ? chance_.below(k_sector_bytes) : 0;
    const auto end = std::min({begin + k_sector_bytes, was, file.bytes_.size()});
    for (auto at = begin + kept; at < end; ++at) file.bytes_[at] = bytes[at - begin];
  }
  const auto first_new = (was + k_sector_bytes - 1) / k_sector_bytes * k_sector_bytes;
  for (auto begin = first_new; begin < written; begin += k_sector_bytes)
    if (chance_.happens(500))
      std::fill(file.bytes_.begin() + place(begin),
                file.bytes_.begin() + place(std::min(begin + k_sector_bytes, file.bytes_.size())),
                std::uint8_t{0});
  file.bytes_.resize(size);
  file.durable_size_ = size;
  file.before_.clear();
}

void Disk::cut_power() {
  for (const auto& name : changed_) {
    if (chance_.happens(500)) continue;  // the new name lasts
    if (const auto& before = durable_[name])
      names_[name] = before;
    else
      names_.erase(name);
  }
  changed_.clear();
  durable_.clear();
  for (const auto& [name, file] : names_)
    if (file->bytes_.size() != file->durable_size_ || !file->before_.empty()) lose(*file);
}

std::optional<std::string> Disk::spoil() {
  std::size_t all = 0;
  for (const auto& [name, file] : names_) all += file->bytes_.size();
  if (all == 0) return std::nullopt;
  auto at = chance_.below(all);
  for (const auto& [name, file] : names_) {
    if (at >= file->bytes_.size()) {
      at -= file->bytes_.size();
      continue;
    }
    if (chance_.happens(700)) {
      file->bytes_[at] ^= static_cast<std::uint8_t>(1U << chance_.below(8));
    } else {
      const auto begin = at / k_sector_bytes * k_sector_bytes;
      const auto end = std::min(begin + k_sector_bytes, file->bytes_.size());
      for (auto i = begin; i < end; ++i) file->bytes_[i] = 0;
    }
    return name;
  }
  return std::nullopt;
}

std::map<std::string, Bytes> Disk::copy() const {
  std::map<std::string, Bytes> image;
  for (const auto& [name, file] : names_) image[name] = file->bytes_;
  return image;
}

void Disk::restore(const std::map<std::string, Bytes>& image) {
  names_.clear();
  durable_.clear();
  changed_.clear();
  for (const auto& [name, bytes] : image) {
    auto& file = names_[name];
    file = std::make_shared<File>();
    file->name_ = name;
    file->bytes_ = bytes;
    file->durable_size_ = bytes.size();
  }
}

void Disk::mend(const std::string& name, const Bytes& bytes) {
  const auto file = find(name);
  if (!file || file->bytes_.size() != bytes.size()) return;  // another by now
  file->bytes_ = bytes;
}

}  // namespace comity::sim
