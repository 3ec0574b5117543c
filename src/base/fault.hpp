// The closed catalogue of faults: base/faults.def, one row a code. spec/errors.md is made from it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace comity {

enum class FaultCode {
#define FAULT(name, code, http, exit, happened, next) name,
#include "base/faults.def"
#undef FAULT
};

/// One row of the catalogue. `happened` and `next` are sentences for a person.
struct FaultRow {
  FaultCode code;
  std::string_view name;  // stable on the wire: "act.signature"
  int http_status;
  int exit_code;
  std::string_view happened;
  std::string_view next;
};

const FaultRow& row_of(FaultCode code);
std::optional<FaultCode> fault_code(std::string_view name);
/// All rows, in the order of the catalogue.
std::span<const FaultRow> fault_rows();

}  // namespace comity
