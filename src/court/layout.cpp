#include "court/layout.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "formats/text.hpp"

namespace comity::court {
namespace {

constexpr std::array<std::string_view, 18> k_roles = {
    "readme",      "root",     "entry",  "revocation", "log-keys",  "checkpoint",
    "consistency", "act",      "parts",  "part",       "rejection", "receipt",
    "custody",     "manifest", "sealed", "header",     "plaintext", "tiles"};

/// Reads a path from left to right; every step says whether it could.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool take_decimal(std::uint64_t& value) {
    const auto digits = rest_.substr(0, rest_.find_first_not_of("0123456789"));
    const auto read = formats::decimal(digits, FaultCode::format_field);
    if (!read) return false;
    value = *read;
    return take(digits);
  }
  bool take_act_number(std::uint64_t& value) {
    if (rest_.size() < 4) return false;
    value = 0;
    for (const char c : rest_.substr(0, 4)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    rest_.remove_prefix(4);
    return value > 0;
  }
  bool take_state(StateCode& state) {
    const auto read = StateCode::from_text(rest_.substr(0, 3));
    if (!read) return false;
    state = *read;
    rest_.remove_prefix(3);
    return true;
  }
  bool take_item(ItemId& item) {
    const auto read = ItemId::from_hex(rest_.substr(0, 32));
    if (!read) return false;
    item = *read;
    rest_.remove_prefix(32);
    return true;
  }
  /// As long as letters a to z go on.
  bool take_word(std::string& word) {
    const auto end = std::ranges::find_if(rest_, [](char c) { return c < 'a' || c > 'z'; });
    word.assign(rest_.begin(), end);
    rest_.remove_prefix(word.size());
    return !word.empty();
  }
  /// The last component.
  bool take_rest(std::string& name) {
    name = rest_;
    rest_ = {};
    return !name.empty() && !name.contains('/');
  }
  bool end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_state_file(Reader& reader, Place& place) {
  if (!reader.take_state(place.state) || !reader.take("/")) return false;
  if (reader.take("root.pem")) {
    place.role = Role::root;
  } else if (reader.take("logs.vkeys")) {
    place.role = Role::log_keys;
  } else if (reader.take("revocation-")) {
    place.role = Role::revocation;
    return reader.take_decimal(place.number) && place.number != 0 && reader.take(".json");
  } else if (reader.take("entry")) {
    place.role = Role::entry;
    if (reader.take("-") && (!reader.take_decimal(place.number) || place.number == 0)) return false;
    return reader.take(".p7m");
  } else {
    return false;
  }
  return true;
}

bool read_checkpoint_file(Reader& reader, Place& place) {
  if (!reader.take_state(place.state) || !reader.take(".")) return false;
  place.internal = reader.take("internal.");
  place.role = Role::checkpoint;
  if (reader.take("checkpoint")) return true;
  place.role = Role::consistency;
  return !place.internal && reader.take_decimal(place.old_size) && reader.take("-") &&
         reader.take_decimal(place.new_size) && reader.take(".consistency");
}

bool read_act_file(Reader& reader, Place& place) {
  if (!reader.take_act_number(place.number) || !reader.take("-") || !reader.take_word(place.name) ||
      !reader.take("."))
    return false;
  if (reader.take("p7m")) {
    place.role = Role::act;
  } else if (reader.take("rejection.p7m")) {
    place.role = Role::rejection;
  } else if (reader.take("parts.json")) {
    place.role = Role::parts;
  } else {
    place.role = Role::part;
    return reader.take("parts/") && reader.take_rest(place.part);
  }
  return true;
}

bool read_item_file(Reader& reader, Place& place) {
  if (!reader.take_item(place.item) || !reader.take("/")) return false;
  for (const auto& [name, role] : {std::pair{"manifest.json", Role::manifest},
                                   {"sealed.age", Role::sealed},
                                   {"header.age", Role::header},
                                   {"plaintext", Role::plaintext},
                                   {"chunks.tiles", Role::tiles}})
    if (reader.take(name)) {
      place.role = role;
      return true;
    }
  return false;
}

bool read_place(Reader& reader, Place& place) {
  if (reader.take("README.txt")) return true;
  if (reader.take("states/")) return read_state_file(reader, place);
  if (reader.take("checkpoints/")) return read_checkpoint_file(reader, place);
  if (reader.take("acts/")) return read_act_file(reader, place);
  if (reader.take("evidence/")) return read_item_file(reader, place);
  if (reader.take("receipts/")) {
    place.role = Role::receipt;
    return reader.take_act_number(place.number) && reader.take(".tlog-proof");
  }
  if (!reader.take("custody/")) return false;
  place.role = Role::custody;
  place.internal = reader.take("internal/");
  return (place.internal || reader.take("partner/")) && reader.take_decimal(place.number) &&
         reader.take(".tlog-proof");
}

std::string four_digits(std::uint64_t number) {
  CHECK(number > 0 && number <= k_act_number_max);
  const auto digits = std::to_string(number);
  return std::string(4 - digits.size(), '0') + digits;
}

}  // namespace

std::string_view name_of(Role role) {
  return k_roles[static_cast<std::size_t>(role)];
}

Result<Role> role_from(std::string_view name) {
  const auto found = std::ranges::find(k_roles, name);
  if (found == k_roles.end()) return fault(FaultCode::format_field, "no role of a file");
  return static_cast<Role>(found - k_roles.begin());
}

std::string act_stem(std::uint64_t number, std::string_view type) {
  return "acts/" + four_digits(number) + "-" + std::string(type);
}

std::string item_folder(const ItemId& item) {
  return "evidence/" + item.hex() + "/";
}

std::string path_of(const Place& place) {
  const auto state = "states/" + place.state.text() + "/";
  const auto checkpoint =
      "checkpoints/" + place.state.text() + (place.internal ? ".internal." : ".");
  switch (place.role) {
    case Role::readme:
      return "README.txt";
    case Role::root:
      return state + "root.pem";
    case Role::entry:
      return state +
             (place.number == 0 ? "entry.p7m" : "entry-" + std::to_string(place.number) + ".p7m");
    case Role::revocation:
      return state + "revocation-" + std::to_string(place.number) + ".json";
    case Role::log_keys:
      return state + "logs.vkeys";
    case Role::checkpoint:
      return checkpoint + "checkpoint";
    case Role::consistency:
      return checkpoint + std::to_string(place.old_size) + "-" + std::to_string(place.new_size) +
             ".consistency";
    case Role::act:
      return act_stem(place.number, place.name) + ".p7m";
    case Role::parts:
      return act_stem(place.number, place.name) + ".parts.json";
    case Role::part:
      return act_stem(place.number, place.name) + ".parts/" + place.part;
    case Role::rejection:
      return act_stem(place.number, place.name) + ".rejection.p7m";
    case Role::receipt:
      return "receipts/" + four_digits(place.number) + ".tlog-proof";
    case Role::custody:
      return (place.internal ? "custody/internal/" : "custody/partner/") +
             std::to_string(place.number) + ".tlog-proof";
    case Role::manifest:
      return item_folder(place.item) + "manifest.json";
    case Role::sealed:
      return item_folder(place.item) + "sealed.age";
    case Role::header:
      return item_folder(place.item) + "header.age";
    case Role::plaintext:
      return item_folder(place.item) + "plaintext";
    case Role::tiles:
      return item_folder(place.item) + "chunks.tiles";
  }
  CHECK(false);
  return {};
}

std::optional<Place> place_of(std::string_view path) {
  if (!is_export_path(path)) return std::nullopt;
  Reader reader(path);
  Place place;
  if (!read_place(reader, place) || !reader.end()) return std::nullopt;
  return place;
}

bool is_export_path(std::string_view path) {
  if (path.empty() || path.size() > k_export_path_bytes_max) return false;
  std::size_t folders = 0;
  bool begins = true;  // of a component
  for (const char c : path) {
    if (c == '/') {
      if (begins || ++folders > k_export_depth_max) return false;
      begins = true;
      continue;
    }
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || (!begins && (c == '.' || c == '-'));
    if (!plain) return false;
    begins = false;
  }
  return !begins;
}

}  // namespace comity::court
