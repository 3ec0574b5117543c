#include "node/item_words.hpp"

#include "formats/sight.hpp"

namespace comity::node {

Result<std::string> item_words(formats::Fields& fields, std::string_view key) {
  TRY_LET(auto text, fields.text(key, evidence::k_manifest_text_max));
  if (const auto flaw = formats::text_flaw(text, false)) return fields.refuse(key, *flaw);
  return text;
}

Result<std::vector<evidence::Remark>> item_remarks(formats::Fields& fields, std::string_view key) {
  std::vector<evidence::Remark> remarks;
  TRY_LET(const auto items, fields.optional_array(key, evidence::k_manifest_remarks_max));
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto one = formats::item_fields(fields, key, i, items[i]);
    evidence::Remark remark;
    TRY_LET(remark.what, item_words(one, "what"));
    TRY_LET(remark.reason, item_words(one, "reason"));
    TRY(one.end());
    remarks.push_back(std::move(remark));
  }
  return remarks;
}

}  // namespace comity::node
