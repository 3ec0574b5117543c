#include "court/verify.hpp"

#include "court/examination.hpp"
#include "crypto/cms.hpp"

namespace comity::court {
namespace {

/// The index, from its signature if that opens, else from the bare file, so that the rest can still
/// be told. Only the former can end well.
struct OpenedIndex {
  Index index;
  std::optional<crypto::CmsSigned> signature;
};

std::optional<OpenedIndex> open_index(const Folder& folder, Report& report) {
  const auto p7m = folder.read_file(k_index_p7m, crypto::k_cms_bytes_max);
  const auto json = folder.read_file(k_index_json, k_index_bytes_max);
  if (!p7m) report.fails("index.signature", k_index_p7m, p7m.error());
  if (!json) report.fails("index.content", k_index_json, json.error());
  OpenedIndex opened;
  if (p7m) {
    auto signature = crypto::cms_open(*p7m);
    if (signature)
      opened.signature = *std::move(signature);
    else
      report.fails("index.signature", k_index_p7m, signature.error());
  }
  if (!json && !opened.signature) return std::nullopt;
  if (json && opened.signature) {
    if (opened.signature->content == *json)
      report.holds("index.content", k_index_json, "is what is signed");
    else
      report.fails("index.content", k_index_json, "is not what is signed");
  }
  auto index = read_index(opened.signature ? opened.signature->content : *json);
  if (!index) {
    report.fails("index.content", k_index_json, index.error());
    return std::nullopt;
  }
  opened.index = *std::move(index);
  return opened;
}

std::string words_of(const Index& index) {
  return "an export by " + index.exporter.text() + " of its exchange with " + index.partner.text() +
         ", made at " + to_text(index.made_at) + " for " +
         (index.purpose == Purpose::court ? "a court" : "the defence") +
         (index.exercise ? "; an exercise" : "");
}

}  // namespace

Report verify(const std::filesystem::path& path, const TrustedRoots& trusted,
              std::span<const treaty::Instrument> instruments,
              const std::function<void(std::uint64_t)>& told) {
  Report report;
  const auto folder = Folder::open(path, told);
  if (!folder) {
    report.fails("folder", "", folder.error());
    return report;
  }
  const auto opened = open_index(*folder, report);
  if (!opened) return report;
  Examination exam(*folder, opened->index, report, trusted, instruments);
  report.holds("export", opened->index.exchange.hex(), words_of(opened->index));
  check_files(exam);
  check_states(exam);
  if (opened->signature)
    check_index_signer(exam, opened->signature->signer, opened->signature->signing_time);
  check_checkpoints(exam);
  read_acts(exam);
  check_receipts(exam);
  check_acts(exam);
  read_manifests(exam);
  check_custody(exam);
  check_consistency_files(exam);
  check_items(exam);
  check_absent(exam);
  return report;
}

}  // namespace comity::court
