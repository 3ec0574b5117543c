// What one act costs: two real hearts with real keys, rows and logs on a real disk, handing letters
// to each other in one process, each on a thread of its own. There is no TLS, no socket and no
// second machine in between; the officers' own work (drafting, signing) is done before the clock
// runs. usage: acts_bench FOLDER   (an existing folder on the disk to be measured; one line of
// JSON)
#include <future>

#include "bench/state.hpp"
#include "node/office.hpp"

namespace comity::bench {
namespace {

constexpr int k_round_trips = 200, k_letters = 12, k_letter_acts = 128, k_warm_letters = 5;
constexpr int k_log_batches = 20, k_log_batch_entries = 1000;

node::Letter letter_due(State& from) {
  std::vector<node::Letter> letters;
  from.turn({[&](node::Desk& desk) -> node::Afterwards {
    letters = must(desk.letters());
    return {};
  }});
  CHECK(letters.size() == 1);
  return std::move(letters[0]);
}

Bytes take(State& to, const State& from, const node::Letter& letter) {
  std::shared_ptr<node::LetterAnswer> answer;
  to.turn({[&](node::Desk& desk) -> node::Afterwards {
    answer = must(desk.take_letter(from.code(), letter.body));
    return {};
  }});
  return std::move(answer->body);
}

void answered(State& from, const node::Letter& letter, Bytes answer) {
  from.turn({[&](node::Desk& desk) -> node::Afterwards {
    must(desk.letter_answered(letter, std::move(answer)));
    return {};
  }});
}

void check_receipted(State& at, const std::vector<Digest>& acts, std::size_t expected) {
  CHECK(acts.size() == expected);
  for (const auto& id : acts) CHECK(must(at.rows().act(id))->standing == node::Standing::receipted);
}

/// The first letter since a heart began asks what the other holds of it; that is not measured.
void greet(State& a, State& b) {
  a.post({a.prepare_request(b)});
  const auto greeting = letter_due(a);
  CHECK(greeting.greeting);
  answered(a, greeting, take(b, a, greeting));
  const auto letter = letter_due(a);
  answered(a, letter, take(b, a, letter));
}

/// Seconds of each round trip of one act, sorted.
std::vector<double> round_trips(State& a, State& b) {
  greet(a, b);
  std::vector<DraftId> drafts;
  for (int i = 0; i < k_round_trips; ++i) drafts.push_back(a.prepare_request(b));
  std::vector<double> seconds;
  for (const auto& draft : drafts) {
    const auto start = Stopwatch::now();
    a.post({draft});
    const auto letter = letter_due(a);
    answered(a, letter, take(b, a, letter));
    seconds.push_back(seconds_since(start));
    check_receipted(a, letter.acts, 1);
  }
  std::ranges::sort(seconds);
  return seconds;
}

/// Letters back and forth until nothing is due, so that a letter has all the room it may have.
void warm_up(State& a, State& b) {
  for (int i = 0; i < k_warm_letters; ++i) {
    std::vector<DraftId> drafts;
    for (int k = 0; k < k_letter_acts; ++k) drafts.push_back(a.prepare_request(b));
    a.post(drafts);
    for (std::size_t sent = 0; sent < drafts.size();) {
      const auto letter = letter_due(a);
      answered(a, letter, take(b, a, letter));
      sent += letter.acts.size();
    }
  }
}

/// Acts a second when each letter carries one act of each of many exchanges. The States work at
/// the same time, as two machines would: while B takes a letter, A posts what the next will carry.
double grouped_acts_per_s(State& a, State& b) {
  warm_up(a, b);
  std::vector<std::vector<DraftId>> drafts(k_letters);
  for (auto& group : drafts)
    for (int i = 0; i < k_letter_acts; ++i) group.push_back(a.prepare_request(b));
  std::vector<node::Letter> letters;
  const auto start = Stopwatch::now();
  a.post(drafts[0]);
  for (int i = 0; i < k_letters; ++i) {
    letters.push_back(letter_due(a));
    auto answer = std::async(std::launch::async, [&] { return take(b, a, letters.back()); });
    if (i + 1 < k_letters) a.post(drafts[i + 1]);
    answered(a, letters.back(), answer.get());
  }
  const auto seconds = seconds_since(start);
  for (const auto& letter : letters) check_receipted(a, letter.acts, k_letter_acts);
  return k_letters * k_letter_acts / seconds;
}

/// Small entries a second into a custody log. Each batch: rows durable, checkpoint signed, tiles
/// written (they follow from the rows, and are synced only now and then by the heart).
double log_entries_per_s(const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  State state("KGZ", folder);
  node::Office office{.ports = state.ports(), .charter = state.charter(), .notify = {}};
  must(node::open_books(office));
  const auto start = Stopwatch::now();
  for (int batch = 0; batch < k_log_batches; ++batch) {
    node::Turn turn{.office = office, .now = now()};
    must(turn.store().begin());
    for (int i = 0; i < k_log_batch_entries; ++i)
      must(node::note(turn, node::k_internal_log, custody::EntryKind::node_started,
                      Json::object({{"version", COMITY_VERSION}})));
    must(node::seal_books(turn));
    must(turn.store().commit());
    must(node::publish(turn));
  }
  return k_log_batches * k_log_batch_entries / seconds_since(start);
}

}  // namespace
}  // namespace comity::bench

int main(int count, char** arguments) {
  using namespace comity::bench;
  if (count != 2) {
    fmt::print(stderr, "usage: acts_bench FOLDER\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::create_directory(folder / "a");
  std::filesystem::create_directory(folder / "b");
  State a("BFA", folder / "a"), b("KGZ", folder / "b");
  a.accept(b);
  b.accept(a);
  const auto trips = round_trips(a, b);
  const auto grouped = grouped_acts_per_s(a, b);
  const auto entries = log_entries_per_s(folder / "log");
  fmt::print(
      R"({{"what":"heart to heart, no TLS in between","round_trips":{},"round_trip_p50_ms":{:.3f},)"
      R"("round_trip_p99_ms":{:.3f},"letter_acts":{},"acts_per_s":{:.1f},)"
      R"("log_batch_entries":{},"log_entries_per_s":{:.0f}}})"
      "\n",
      trips.size(), trips[trips.size() / 2] * 1e3, trips[trips.size() * 99 / 100] * 1e3,
      k_letter_acts, grouped, k_log_batch_entries, entries);
}
