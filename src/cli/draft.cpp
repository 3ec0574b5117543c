#include "cli/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/draft_check.hpp"
#include "cli/files.hpp"
#include "cli/json_view.hpp"
#include "cli/page.hpp"

namespace comity::cli {
namespace {

bool can_sign(const OfficerKey& officer, const DraftDuty& duty) {
  return std::ranges::any_of(duty.roles,
                             [&](const std::string& role) { return officer.has_role(role); });
}

/// An augmenting path (Berge): may duty `at` have an officer, others giving way?
bool place(std::size_t at, std::span<const DraftDuty> missing, std::span<const OfficerKey> officers,
           std::vector<std::optional<std::size_t>>& signs, std::vector<bool>& tried) {
  for (std::size_t who = 0; who < officers.size(); ++who) {
    if (tried[who] || !can_sign(officers[who], missing[at])) continue;
    tried[who] = true;
    const auto holder = std::ranges::find(signs, std::optional(who));
    const bool is_free =
        holder == signs.end() ||
        place(static_cast<std::size_t>(holder - signs.begin()), missing, officers, signs, tried);
    if (!is_free) continue;
    signs[at] = who;
    return true;
  }
  return false;
}

}  // namespace

Result<Draft> read_draft(Json json) {
  Draft draft;
  draft.id = text_at(json, "draft");
  if (draft.id.empty()) draft.id = text_at(json, "id");
  draft.kind = text_at(json, "kind");
  draft.type = text_at(json, "type");
  draft.exchange = text_at(json, "exchange");
  TRY_LET(draft.content, from_base64(text_at(json, "content")));
  for (const auto& duty : items_at(json, "duties")) {
    DraftDuty read{text_at(duty, "name"), {}};
    for (const auto& role : items_at(duty, "roles")) read.roles.push_back(as_words(role));
    draft.duties.push_back(std::move(read));
  }
  for (const auto& name : items_at(json, "missing")) draft.missing.push_back(as_words(name));
  draft.json = std::move(json);
  return draft;
}

std::vector<std::optional<std::size_t>> assign(std::span<const DraftDuty> missing,
                                               std::span<const OfficerKey> officers,
                                               std::size_t barred) {
  std::vector<std::optional<std::size_t>> signs(missing.size());
  for (std::size_t at = 0; at < missing.size(); ++at) {
    std::vector<bool> tried(officers.size());
    if (barred < officers.size()) tried[barred] = true;
    place(at, missing, officers, signs, tried);
  }
  return signs;
}

Result<std::vector<std::string>> sign_draft(Node& node, const Draft& draft) {
  std::vector<DraftDuty> open;
  for (const auto& duty : draft.duties)
    if (std::ranges::find(draft.missing, duty.name) != draft.missing.end()) open.push_back(duty);
  // Who drafted a request does not approve it.
  const auto barred = text_at(draft.json, "not_by");
  const auto drafter = std::ranges::find_if(node.officers(), [&](const OfficerKey& officer) {
    return officer.certificate().fingerprint().hex() == barred;
  });
  const auto signs =
      assign(open, node.officers(), static_cast<std::size_t>(drafter - node.officers().begin()));
  std::vector<std::string> missing = draft.missing;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (!signs[i]) continue;
    const auto& officer = node.officers()[*signs[i]];
    TRY_LET(const Bytes signature, officer.sign(draft.content, node.context().clock.now()));
    const Json body = Json::object({{"duty", open[i].name}, {"signature", base64(signature)}});
    TRY_LET(const Json answer,
            node.post_as(&officer, "/v1/drafts/" + draft.id + "/signatures", body));
    missing.clear();
    for (const auto& name : items_at(answer, "missing")) missing.push_back(as_words(name));
  }
  return missing;
}

Result<void> set_words(Json& input, const char* key, const std::optional<std::string>& argument) {
  if (!argument) return {};
  TRY_LET(std::string words, words_or_file(*argument));
  input.set(key, std::move(words));
  return {};
}

Result<Json> send_draft(Node& node, const std::string& id) {
  return node.post("/v1/drafts/" + id + "/send", Json::object());
}

Result<Outcome> carry_out(Node& node, const Json& input, bool draft_only) {
  TRY_LET(Json made, node.post("/v1/drafts", input));
  Outcome outcome;
  TRY_LET(outcome.draft, read_draft(std::move(made)));
  node.context().kept = fmt::format(
      "The draft {} is kept at the node and nothing was sent; 'comity request drop' removes it.",
      outcome.draft.id);
  outcome.missing = outcome.draft.missing;
  if (draft_only) return outcome;
  // The first officers are added by nobody's signature: the root's certificate speaks for them.
  if (!node.officers().empty() && !outcome.missing.empty()) {
    TRY_LET(Json whole, node.get("/v1/drafts/" + outcome.draft.id));
    TRY_LET(outcome.draft, read_draft(std::move(whole)));
    TRY(check_asked(outcome.draft, input));
    TRY_LET(outcome.missing, sign_draft(node, outcome.draft));
  }
  if (!outcome.missing.empty()) return outcome;
  TRY_LET(outcome.sent, send_draft(node, outcome.draft.id));
  node.context().kept = "What was sent stands.";
  return outcome;
}

void show(Node& node, const Outcome& outcome, const std::string& done) {
  const auto& context = node.context();
  const auto& draft = outcome.draft;
  if (context.json) {
    Json json = outcome.sent ? *outcome.sent : draft.json;
    if (!outcome.sent) {
      Json missing = Json::array();
      for (const auto& name : outcome.missing) missing.push_back(name);
      json.set("missing", std::move(missing));
    }
    json.set("draft", draft.id);
    say(formats::pretty(json) + '\n');
    return;
  }
  const std::string exchange = outcome.sent && !text_at(*outcome.sent, "exchange").empty()
                                   ? text_at(*outcome.sent, "exchange")
                                   : draft.exchange;
  if (context.quiet) {
    say((outcome.sent && !exchange.empty() ? exchange : draft.id) + '\n');
    return;
  }
  say(banner(node.exercise()));
  if (outcome.sent) {
    say(done + '\n' +
        named_lines({{"exchange", exchange},
                     {"act", text_at(*outcome.sent, "act")},
                     {"number", text_at(*outcome.sent, "sequence")},
                     {"phase", text_at(*outcome.sent, "phase")}}));
    return;
  }
  std::string waits;
  for (const auto& name : outcome.missing) waits += (waits.empty() ? "" : ", ") + name;
  const bool is_ready = outcome.missing.empty();
  say("Drafted; nothing has been sent.\n" +
      named_lines({{"draft", draft.id},
                   {"type", draft.type},
                   {"exchange", draft.exchange},
                   {"waits for", is_ready ? "nothing more" : waits},
                   {"next", fmt::format("comity request {} {} --as OFFICER",
                                        is_ready ? "send" : "approve", draft.id)}}));
}

Result<int> act(Node& node, const Json& input, const std::string& done, bool draft_only) {
  TRY_LET(const Outcome outcome, carry_out(node, input, draft_only));
  show(node, outcome, done);
  return 0;
}

}  // namespace comity::cli
