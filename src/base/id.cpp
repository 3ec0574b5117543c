#include "base/id.hpp"

namespace comity {

Result<StateCode> StateCode::from_text(std::string_view text) {
  StateCode code;
  if (text.size() != code.letters_.size())
    return fault(FaultCode::format_field, "a State is named by three capital letters");
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < 'A' || text[i] > 'Z')
      return fault(FaultCode::format_field, "a State is named by three capital letters");
    code.letters_[i] = text[i];
  }
  return code;
}

}  // namespace comity
