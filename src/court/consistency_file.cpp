#include "court/consistency_file.hpp"

#include "formats/text.hpp"

namespace comity::court {
namespace {

constexpr std::string_view k_old = "old ";
constexpr std::size_t k_bytes_max = formats::k_note_bytes_max + 8192;

std::unexpected<Fault> refuse(const char* why) {
  return fault(FaultCode::format_proof, why);
}

}  // namespace

std::string to_text(const ConsistencyFile& file) {
  std::string text = std::string(k_old) + std::to_string(file.old_size) + "\n";
  for (const auto& hash : file.hashes) text += base64(hash.view()) + "\n";
  return text + "\n" + file.checkpoint;
}

Result<ConsistencyFile> parse_consistency_file(View bytes) {
  if (bytes.size() > k_bytes_max) return fault(FaultCode::limit_size, "a consistency proof");
  auto rest = as_text(bytes);
  const auto next_line = [&]() -> Result<std::string_view> {
    const auto end = rest.find('\n');
    if (end == rest.npos) return refuse("a cut consistency proof");
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
  };
  ConsistencyFile file;
  TRY_LET(auto line, next_line());
  if (!line.starts_with(k_old)) return refuse("the old size is missing");
  TRY_LET(file.old_size, formats::decimal(line.substr(k_old.size()), FaultCode::format_proof));
  while (true) {
    TRY_LET(line, next_line());
    if (line.empty()) break;
    if (file.hashes.size() == formats::k_proof_hashes_max)
      return refuse("more hashes than any tree needs");
    const auto raw = from_base64(line);
    if (!raw || raw->size() != 32) return refuse("a hash that is not 32 bytes in base64");
    file.hashes.push_back(*Digest::from_bytes(*raw));
  }
  if (rest.empty()) return refuse("no checkpoint");
  file.checkpoint = rest;
  return file;
}

}  // namespace comity::court
