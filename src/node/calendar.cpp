#include "node/calendar.hpp"

namespace comity::node {
namespace {

constexpr std::size_t k_line_octets = 75;  // RFC 5545 §3.1

std::string text_of(const formats::Json& object, std::string_view key) {
  const auto* value = object.find(key);
  return value != nullptr && value->is_text() ? value->text() : std::string();
}

bool is_true(const formats::Json& object, std::string_view key) {
  const auto* value = object.find(key);
  return value != nullptr && *value == formats::Json(true);
}

/// "2026-05-01T00:00:00Z" → "20260501T000000Z".
std::string stamp(const std::string& time) {
  std::string basic;
  for (const char c : time)
    if (c != '-' && c != ':') basic += c;
  return basic;
}

void line(std::string& calendar, const std::string& name, const std::string& value) {
  std::string text = name + ":";
  for (const char c : value) {
    if (c == ',' || c == ';' || c == '\\') text += '\\';
    text += c;
  }
  for (std::size_t at = 0; at < text.size();) {
    const auto room = at == 0 ? k_line_octets : k_line_octets - 1;
    calendar += (at == 0 ? "" : " ") + text.substr(at, room) + "\r\n";
    at += room;
  }
}

}  // namespace

std::string calendar_of(const formats::Json& due) {
  std::string calendar;
  const bool exercise = is_true(due, "exercise");
  line(calendar, "BEGIN", "VCALENDAR");
  line(calendar, "VERSION", "2.0");
  line(calendar, "PRODID", "-//Comity//due//EN");
  const auto* list = due.find("due");
  if (list != nullptr && list->is_array())
    for (const auto& one : list->items()) {
      const auto at = stamp(text_of(one, "at"));
      line(calendar, "BEGIN", "VEVENT");
      line(calendar, "UID",
           text_of(one, "exchange") + "-" + text_of(one, "clock") + "-" +
               text_of(one, "act").substr(0, 16) + "@comity");
      line(calendar, "DTSTAMP", stamp(text_of(due, "now")));
      line(calendar, "DTSTART", at);
      line(calendar, "SUMMARY",
           std::string(exercise ? "EXERCISE: " : "") + text_of(one, "clock") +
               (is_true(one, "held") ? " (held)" : "") + ", " + text_of(one, "partner") + ", " +
               text_of(one, "exchange").substr(0, 8));
      line(calendar, "DESCRIPTION",
           text_of(one, "measure") + ", exchange " + text_of(one, "exchange") +
               (is_true(one, "ours") ? ", waits for us" : ", waits for the other State"));
      line(calendar, "END", "VEVENT");
    }
  line(calendar, "END", "VCALENDAR");
  return calendar;
}

}  // namespace comity::node
