#include "forge.hpp"

#include <charconv>
#include <map>

#include "crypto/der.hpp"
#include "exchange/duty.hpp"

namespace comity::corpus {
namespace {

Json& step(Json& json, std::string_view name) {
  if (!json.is_array()) return json[name];
  if (name == "-") {
    json.push_back(Json());
    return json.items().back();
  }
  std::size_t index = 0;
  std::from_chars(name.data(), name.data() + name.size(), index);
  CHECK(index < json.size());
  return json.items()[index];
}

std::pair<std::string_view, std::string_view> last_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

const Signer& signer_of(State& state, const crypto::Certificate& certificate) {
  for (std::size_t i = 0; i < State::k_officers; ++i)
    if (state.officer(i).certificate == certificate) return state.officer(i);
  give_up({FaultCode::not_found, "an officer of that State"});
}

}  // namespace

void Envelope::sign_again() {
  Der as_set = attributes();
  as_set.tag = crypto::der::k_set;
  signature().content = key_.sign(as_set.write());
}

Json& at(Json& json, std::string_view path) {
  Json* here = &json;
  while (!path.empty()) {
    CHECK(path[0] == '/');
    const auto end = std::min(path.find('/', 1), path.size());
    here = &step(*here, path.substr(1, end - 1));
    path.remove_prefix(end);
  }
  return *here;
}

void remove(Json& json, std::string_view path) {
  const auto [parent, name] = last_of(path);
  auto& holder = at(json, parent);
  if (holder.is_object()) {
    CHECK(holder.members().erase(std::string(name)) == 1);
    return;
  }
  std::size_t index = 0;
  std::from_chars(name.data(), name.data() + name.size(), index);
  holder.items().erase(holder.items().begin() + static_cast<std::ptrdiff_t>(index));
}

Bytes replaced(View bytes, std::string_view what, std::string_view with) {
  std::string text(as_text(bytes));
  const auto place = text.find(what);
  CHECK(place != text.npos);
  return to_bytes(text.replace(place, what.size(), with));
}

Craft::Craft(const Good& good, int number)
    : act(good.content), parts(good.parts), authority(&good.author->authority()), good_(good) {
  const auto expires = must(instant_from_text(act.at("order").at("expires_at").text()));
  act["order"].set("expires_at", to_text_ms(expires.plus_ms(number)));
  const auto substance = to_bytes(formats::canonical(act.at("substance")));
  for (const auto& one : act.at("officers").items()) {
    const auto signature = must(from_base64(one.at("signature").text()));
    const auto opened = must(crypto::cms_open_detached(signature, substance));
    seals.push_back({one.at("duty").text(), &signer_of(*good.author, opened.signer)});
  }
}

Bytes Craft::letter() {
  const auto now = author().now;
  if (const auto* substance = act.find("substance"); substance && !keeps_officers) {
    auto officers = Json::array();
    for (const auto& seal : seals)
      officers.push_back(
          Json::object({{"duty", seal.duty},
                        {"signature", base64(seal.by->sign(to_bytes(formats::canonical(*substance)),
                                                           crypto::CmsForm::detached, now))}}));
    act.set("officers", std::move(officers));
  }
  auto bytes = to_bytes(formats::canonical(act));
  if (content) bytes = content(std::move(bytes));
  id_ = exchange::act_id(bytes);
  auto signed_bytes = authority->sign(bytes, crypto::CmsForm::encapsulated, now);
  if (envelope) {
    Envelope opened(signed_bytes, authority->key);
    envelope(opened);
    signed_bytes = opened.tree.write();
  }
  if (p7m) signed_bytes = p7m(std::move(signed_bytes));
  auto json =
      Json::object({{"acts", Json::array({act_json(signed_bytes, parts)})}, {"known", Json()}});
  if (letter_edit) letter_edit(json);
  auto whole = to_bytes(formats::canonical(json));
  return body ? body(std::move(whole)) : whole;
}

Edit set(std::string path, Json value) {
  return [=](Craft& craft) { at(craft.act, path) = value; };
}
Edit without(std::string path) {
  return [=](Craft& craft) { remove(craft.act, path); };
}
Edit part(std::function<void(Craft&, exchange::Part&)> change) {
  return [=](Craft& craft) {
    CHECK(!craft.parts.empty());
    change(craft, craft.parts.front());
    auto bound = Json::array();
    for (const auto& one : craft.parts) {
      const auto binding = one.binding();
      bound.push_back(Json::object({{"digest", binding.digest.hex()},
                                    {"media_type", binding.media_type},
                                    {"name", binding.name},
                                    {"size", binding.size}}));
    }
    craft.act["substance"].set("parts", std::move(bound));
  };
}
Edit part_says(std::string name, std::string bytes) {
  return part([=](Craft& craft, exchange::Part&) {
    for (auto& one : craft.parts)
      if (one.name == name) return void(one.bytes = to_bytes(bytes));
    give_up({FaultCode::not_found, "a part of that name"});
  });
}
Edit sealed_by(std::vector<std::pair<std::string, const Signer*>> seals) {
  return [=](Craft& craft) {
    craft.seals.clear();
    for (const auto& [duty, by] : seals) craft.seals.push_back({duty, by});
  };
}
Edit signed_by(const Signer& authority) {
  return [&authority](Craft& craft) { craft.authority = &authority; };
}
Edit text(std::string what, std::string with) {
  return content([=](const Bytes& bytes) { return replaced(bytes, what, with); });
}
Edit content(Bytewise change) {
  return [=](Craft& craft) { craft.content = change; };
}
Edit cms(std::function<void(Envelope&)> change) {
  return [=](Craft& craft) { craft.envelope = change; };
}
Edit p7m(Bytewise change) {
  return [=](Craft& craft) { craft.p7m = change; };
}
Edit letter(std::function<void(Json&)> change) {
  return [=](Craft& craft) { craft.letter_edit = change; };
}
Edit letter(std::string path, Json value) {
  return letter([=](Json& json) { at(json, path) = value; });
}
Edit letter_without(std::string path) {
  return letter([=](Json& json) { remove(json, path); });
}
Edit body(Bytewise change) {
  return [=](Craft& craft) { craft.body = change; };
}
Edit body(std::string what, std::string with) {
  return body([=](const Bytes& bytes) { return replaced(bytes, what, with); });
}
Edit both(Edit first, Edit second) {
  return [=](Craft& craft) {
    first(craft);
    second(craft);
  };
}

namespace {

std::map<Kind, Good>& goods() {
  static std::map<Kind, Good> made;
  return made;
}

Json about(const Good& request, std::string_view type) {
  return Json::object(
      {{"type", type}, {"exchange", request.content.at("substance").at("exchange").text()}});
}

Good taken(Good good) {
  carry(good);
  return good;
}

Good make(Kind kind) {
  auto& all = world();
  switch (kind) {
    case Kind::request:
      return all.request();
    case Kind::preservation:
      return all.request("preservation");
    case Kind::query:
      return all.decided(all.bfa, all.kgz,
                         about(taken(all.request()), "query")
                             .set("kind", "information")
                             .set("text", "How far is this? (exercise)"));
    case Kind::consultation:
      return all.decided(all.kgz, all.bfa,
                         about(taken(all.request()), "consultation")
                             .set("about", "R21B")
                             .set("text", "Could it be done otherwise? (exercise)"));
    case Kind::refusal:
      return all.refusal(taken(all.request()));
    case Kind::acceptance:
      return all.acceptance(taken(all.request()));
    case Kind::delivery: {
      const auto request = taken(all.request());
      carry(all.acceptance(request));
      return all.delivery(request);
    }
    case Kind::arrival: {
      const auto request = taken(all.request());
      carry(all.acceptance(request));
      return all.arrival(taken(all.delivery(request)));
    }
  }
  std::abort();
}

}  // namespace

const Good& good(Kind kind) {
  const auto found = goods().find(kind);
  return found != goods().end() ? found->second : goods().emplace(kind, make(kind)).first->second;
}

void take_the_good_ones() {
  for (const auto& [kind, one] : goods()) carry(one);
}

}  // namespace comity::corpus
