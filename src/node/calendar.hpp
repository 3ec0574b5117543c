// What is due as an iCalendar file (RFC 5545), for the calendars that people look at. It tells
// codes, dates and the exchange's number: never a name, a fact or a reason.
#pragma once

#include <string>

#include "formats/json.hpp"

namespace comity::node {

/// `due` is what Desk::due gives.
std::string calendar_of(const formats::Json& due);

}  // namespace comity::node
