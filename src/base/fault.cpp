#include "base/fault.hpp"

#include <array>

#include "base/check.hpp"

namespace comity {
namespace {

constexpr auto k_rows = std::to_array<FaultRow>({
#define FAULT(name, code, http, exit, happened, next) \
  {FaultCode::name, code, http, exit, happened, next},
#include "base/faults.def"
#undef FAULT
});

}  // namespace

std::span<const FaultRow> fault_rows() {
  return k_rows;
}

const FaultRow& row_of(FaultCode code) {
  const auto index = static_cast<std::size_t>(code);
  CHECK(index < k_rows.size() && k_rows[index].code == code);
  return k_rows[index];
}

std::optional<FaultCode> fault_code(std::string_view name) {
  for (const auto& row : k_rows)
    if (row.name == name) return row.code;
  return std::nullopt;
}

}  // namespace comity
