#include "store/cells.hpp"

#include <array>
#include <utility>

#include "base/check.hpp"
#include "formats/json.hpp"

namespace comity::store {
namespace {

using formats::Json;

// Values by name, so that a row can be read with any tool and outlives a reordering of an enum.
// Old rows bear these names: they are added to and never changed.
template <typename T>
using Names = std::initializer_list<std::pair<T, std::string_view>>;

constexpr Names<node::Side> k_sides{{node::Side::requester, "requester"},
                                    {node::Side::requested, "requested"}};
constexpr Names<node::ActType> k_act_types{{node::ActType::request, "request"},
                                           {node::ActType::supplement, "supplement"},
                                           {node::ActType::query, "query"},
                                           {node::ActType::consultation, "consultation"},
                                           {node::ActType::acceptance, "acceptance"},
                                           {node::ActType::refusal, "refusal"},
                                           {node::ActType::delivery, "delivery"},
                                           {node::ActType::arrival, "arrival"},
                                           {node::ActType::withdrawal, "withdrawal"},
                                           {node::ActType::closure, "closure"},
                                           {node::ActType::completion, "completion"},
                                           {node::ActType::return_, "return"},
                                           {node::ActType::postponement, "postponement"},
                                           {node::ActType::resumption, "resumption"},
                                           {node::ActType::authorisation, "authorisation"},
                                           {node::ActType::proposal, "proposal"},
                                           {node::ActType::reply, "reply"},
                                           {node::ActType::notice, "notice"},
                                           {node::ActType::annulment, "annulment"}};
constexpr Names<node::Standing> k_standings{{node::Standing::logged, "logged"},
                                            {node::Standing::receipted, "receipted"},
                                            {node::Standing::rejected, "rejected"}};
constexpr Names<node::ItemState> k_item_states{
    {node::ItemState::sealing, "sealing"},    {node::ItemState::sealed, "sealed"},
    {node::ItemState::released, "released"},  {node::ItemState::announced, "announced"},
    {node::ItemState::arrived, "arrived"},    {node::ItemState::failed, "failed"},
    {node::ItemState::destroyed, "destroyed"}};

template <typename T>
std::string_view name_in(const Names<T>& names, T value) {
  for (const auto& [known, name] : names)
    if (known == value) return name;
  CHECK(false && "a value without a stored name");
  return {};
}

template <typename T>
bool value_in(const Names<T>& names, std::string_view text, T& value) {
  for (const auto& [known, name] : names) {
    if (name != text) continue;
    value = known;
    return true;
  }
  return false;
}

}  // namespace

void CellWriter::put(const char* name, const StateCode& value) {
  query_->bind(name, std::string_view(value.text()));
}

void CellWriter::put(const char* name, std::uint64_t value) {
  CHECK(std::in_range<std::int64_t>(value));
  query_->bind(name, static_cast<std::int64_t>(value));
}

void CellWriter::put(const char* name, node::Side value) {
  query_->bind(name, name_in(k_sides, value));
}

void CellWriter::put(const char* name, node::ActType value) {
  query_->bind(name, name_in(k_act_types, value));
}

void CellWriter::put(const char* name, node::Standing value) {
  query_->bind(name, name_in(k_standings, value));
}

void CellWriter::put(const char* name, node::ItemState value) {
  query_->bind(name, name_in(k_item_states, value));
}

void CellWriter::put(const char* name, const std::vector<std::string>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(value);
  query_->bind(name, std::string_view(canonical(list)));
}

void CellWriter::put(const char* name, const std::vector<exchange::OfficerSignature>& values) {
  Json list = Json::array();
  for (const auto& value : values)
    list.push_back(Json::object({{"duty", value.duty}, {"signature", base64(value.signature)}}));
  query_->bind(name, std::string_view(canonical(list)));
}

Result<void> CellReader::fault() const {
  if (!bad_) return {};
  return comity::fault(FaultCode::store_corrupt, std::string("column ") + bad_ + " of a row");
}

bool CellReader::get(std::string& value) {
  value = query_->text(column_);
  return true;
}

bool CellReader::get(Bytes& value) {
  value = to_bytes(query_->blob(column_));
  return true;
}

bool CellReader::get(Salt& value) {
  const View blob = query_->blob(column_);
  if (blob.size() != value.size()) return false;
  std::copy(blob.begin(), blob.end(), value.begin());
  return true;
}

bool CellReader::get(StateCode& value) {
  auto state = StateCode::from_text(query_->text(column_));
  if (state) value = *state;
  return state.has_value();
}

bool CellReader::get(Instant& value) {
  value.ms = query_->integer(column_);
  return true;
}

bool CellReader::get(std::int64_t& value) {
  value = query_->integer(column_);
  return true;
}

bool CellReader::get(std::uint64_t& value) {
  const std::int64_t number = query_->integer(column_);
  value = static_cast<std::uint64_t>(number);
  return number >= 0;
}

bool CellReader::get(bool& value) {
  const std::int64_t number = query_->integer(column_);
  value = number == 1;
  return number == 0 || number == 1;
}

bool CellReader::get(node::Side& value) {
  return value_in(k_sides, query_->text(column_), value);
}

bool CellReader::get(node::ActType& value) {
  return value_in(k_act_types, query_->text(column_), value);
}

bool CellReader::get(node::Standing& value) {
  return value_in(k_standings, query_->text(column_), value);
}

bool CellReader::get(node::ItemState& value) {
  return value_in(k_item_states, query_->text(column_), value);
}

bool CellReader::get(std::vector<std::string>& values) {
  const auto list = formats::parse_json(as_bytes(query_->text(column_)));
  if (!list || !list->is_array()) return false;
  values.clear();
  for (const auto& item : list->items()) {
    if (!item.is_text()) return false;
    values.push_back(item.text());
  }
  return true;
}

bool CellReader::get(std::vector<exchange::OfficerSignature>& values) {
  const auto list = formats::parse_json(as_bytes(query_->text(column_)));
  if (!list || !list->is_array()) return false;
  values.clear();
  for (const auto& item : list->items()) {
    const Json* duty = item.find("duty");
    const Json* signature = item.find("signature");
    if (!duty || !duty->is_text() || !signature || !signature->is_text()) return false;
    auto bytes = from_base64(signature->text());
    if (!bytes) return false;
    values.push_back({duty->text(), *std::move(bytes)});
  }
  return true;
}

}  // namespace comity::store
