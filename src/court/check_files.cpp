// Is the folder whole: every file is the one that the index lists, and nothing else is there.
#include <algorithm>

#include "court/examination.hpp"

namespace comity::court {
namespace {

constexpr std::size_t k_strays_told_max = 50;
constexpr std::size_t k_entries_max = 4 * k_index_files_max;

/// What may lie in the folder, and what its folders may be.
struct Expected {
  std::set<std::string, std::less<>> files, folders, tiles;

  explicit Expected(const Index& index) {
    files = {std::string(k_index_json), std::string(k_index_p7m)};
    for (const auto& file : index.files) add(file.path);
    for (const auto& item : index.tiles) {
      tiles.insert(path_of({.role = Role::tiles, .item = item.item}));
      add_folders(*tiles.rbegin());
      add_folders(path_of({.role = Role::tiles, .item = item.item}));
    }
  }

 private:
  void add(const std::string& path) {
    files.insert(path);
    add_folders(path);
  }
  void add_folders(const std::string& path) {
    for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
      folders.insert(path.substr(0, slash));
  }
};

void check_listing(Examination& exam) {
  const Expected expected(exam.index);
  std::size_t strays = 0, entries = 0;
  const auto stray = [&](const std::string& path, std::string_view why) {
    if (++strays <= k_strays_told_max) exam.report.fails("file", path, why);
  };
  const auto walked = exam.folder.walk("", [&](const std::string& path, EntryKind kind) {
    if (++entries > k_entries_max) return false;
    if (kind == EntryKind::folder) {
      if (expected.tiles.contains(path)) return false;  // looked into with the item
      if (expected.folders.contains(path)) return true;
      stray(path, "the index knows no such folder");
      return false;
    }
    if (kind == EntryKind::other)
      stray(path, "is a link, a device or out of reach; an export has plain files only");
    else if (!expected.files.contains(path))
      stray(path, "the index lists no such file");
    return true;
  });
  if (!walked) exam.report.fails("file", "", walked.error());
  if (entries > k_entries_max) exam.report.fails("file", "", "there is far more than was indexed");
  if (strays > k_strays_told_max)
    exam.report.fails("file", "", std::to_string(strays - k_strays_told_max) + " more strays");
}

/// The sealed bytes are left to their item, which reads them anyhow.
bool check_file(Examination& exam, const IndexFile& indexed) {
  auto file = exam.folder.open_file(indexed.path);
  if (!file) {
    exam.bad_file(indexed.path, file.error().detail);
    return false;
  }
  if (file->size() != indexed.size) {
    exam.bad_file(indexed.path, "has " + std::to_string(file->size()) + " bytes, the index says " +
                                    std::to_string(indexed.size));
    return false;
  }
  if (indexed.role == Role::sealed) return true;
  const auto digest = stream(*file);
  if (digest && *digest == indexed.sha256) return true;
  exam.bad_file(indexed.path, digest ? "is not the file that the index lists"
                                     : std::string_view(digest.error().detail));
  return false;
}

}  // namespace

void check_files(Examination& exam) {
  check_listing(exam);
  std::size_t good = 0;
  for (const auto& file : exam.index.files)
    if (check_file(exam, file)) ++good;
  exam.refer(path_of({.role = Role::readme}));
  if (exam.row(Place{.role = Role::readme}) == nullptr)
    exam.report.fails("file", "README.txt", "the index lists no such file");
  if (good == exam.index.files.size())
    exam.report.holds("files", "", std::to_string(good) + " files are those that the index lists");
}

void check_absent(Examination& exam) {
  for (const auto& absent : exam.index.absent)
    exam.report.add("absent", absent.path, Verdict::not_present, absent.why);
  // Whatever else fails leaves files behind that nothing led to; then this line says nothing.
  if (exam.report.count(Verdict::fails) != 0) return;
  for (const auto& file : exam.index.files)
    if (!exam.referred(file.path))
      exam.report.fails("file", file.path, "nothing in this export refers to it");
}

}  // namespace comity::court
