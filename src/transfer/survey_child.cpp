#include "transfer/survey_child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "formats/asked_bytes.hpp"

namespace comity::transfer {
namespace {

constexpr milliseconds k_look_every{100};  // whether the node stops
constexpr milliseconds k_exit_max{2'000};  // from its answer to its end
constexpr int k_first_free = 3;            // behind standard input, output and error
constexpr std::string_view k_program_begins = "comity-survey ";
/// What the end of a stream says of it, when it was not its end.
constexpr auto k_flaws_of_ends =
    std::to_array<std::string_view>({"truncated", "no-last-line-end", "part-not-ended",
                                     "ends-in-header", "unreadable-on", "broken-within"});

void close_one(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

/// A pair of ours and the process's, both behind the standard ones, so that none lies in another's
/// place when they are put there.
struct Ends {
  int ours = -1, theirs = -1;

  bool raise(int a, int b) {
    ours = ::fcntl(a, F_DUPFD_CLOEXEC, k_first_free);
    theirs = ::fcntl(b, F_DUPFD_CLOEXEC, k_first_free);
    ::close(a);
    ::close(b);
    return ours >= 0 && theirs >= 0;
  }
};

/// Nothing of this process but three descriptors, and a fourth to ask by for a stream: no
/// environment, no signal blocked or ignored.
int spawn(const Path& program, int input, int output, int ask) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  static_assert(formats::k_ask_descriptor == k_first_free);
  if (ask >= 0) ::posix_spawn_file_actions_adddup2(&files, ask, formats::k_ask_descriptor);
  ::posix_spawn_file_actions_addclosefrom_np(&files, k_first_free + (ask >= 0 ? 1 : 0));
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string name = "comity-survey";
  std::array<char*, 2> arguments{name.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t process = -1;
  const int failed = ::posix_spawn(&process, program.c_str(), &files, &attributes, arguments.data(),
                                   environment.data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  errno = failed;
  return failed == 0 ? process : -1;
}

/// A beginning has no end: what seemed to lack one says nothing of the item.
void tell_cut(formats::Survey& survey) {
  std::erase_if(survey.flaws, [](const auto& flaw) {
    return std::ranges::find(k_flaws_of_ends, flaw) != k_flaws_of_ends.end();
  });
  survey.whole = false;
  survey.add_flaw("survey-fell-behind");
}

}  // namespace

formats::Survey missed_survey(std::string_view why) {
  return {.by = "comity " COMITY_VERSION, .missed = std::string(why)};
}

SurveyChild::SurveyChild(const Path& program, int file, SurveyPatience patience)
    : patience_(patience), times_(file < 0 ? 0 : patience.times) {
  // Of a stream it has had all bytes but the last when the seal ends.
  if (!start(program, file) && missed_.empty()) missed_ = "not-started";
}

SurveyChild::~SurveyChild() {
  end(true);
}

bool SurveyChild::start(const Path& program, int file) {
  Ends input, output, ask;
  std::array<int, 2> pair{-1, -1};
  if (::pipe2(pair.data(), O_CLOEXEC) != 0) return false;
  bool is_ready = output.raise(pair[0], pair[1]);
  if (file >= 0) {
    input.theirs = ::fcntl(file, F_DUPFD_CLOEXEC, k_first_free);
    is_ready = is_ready && input.theirs >= 0;
  } else {
    // Sockets and not pipes: to write to a reader that has gone is no signal here.
    for (auto* ends : {&input, &ask})
      is_ready = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0 &&
                 ends->raise(pair[0], pair[1]) && is_ready;
  }
  if (is_ready) {
    process_ = spawn(program, input.theirs, output.theirs, ask.theirs);
    if (process_ < 0 && errno == ENOENT) missed_ = "no-program";
  }
  close_one(input.theirs);
  close_one(output.theirs);
  close_one(ask.theirs);
  feed_ = input.ours;
  ask_ = ask.ours;
  answer_ = output.ours;
  return process_ > 0;
}

bool SurveyChild::await(int descriptor, short event, milliseconds most) const {
  pollfd one{.fd = descriptor, .events = event, .revents = 0};
  return ::poll(&one, 1, static_cast<int>(std::max<std::int64_t>(0, most.count()))) > 0;
}

void SurveyChild::feed(View bytes) {
  while (feed_ >= 0 && !bytes.empty()) {
    const auto sent = ::send(feed_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return close_one(feed_);  // it has seen enough
    const auto begun = Steady::now();
    const bool may_go_on = await(feed_, POLLOUT, patience_.feed - waited_);
    waited_ += std::chrono::duration_cast<milliseconds>(Steady::now() - begun) + milliseconds(1);
    if (may_go_on) continue;
    is_cut_ = true;
    close_one(feed_);
  }
}

Steady::time_point SurveyChild::last_moment() const {
  return sealed_ + patience_.after + (sealed_ - begun_) * times_;
}

std::string SurveyChild::read_answer(Bytes& answer, const std::stop_token& stop,
                                     const Again& again) {
  std::array<std::uint8_t, 4096> block{};
  while (!stop.stop_requested()) {
    const auto left = std::chrono::duration_cast<milliseconds>(last_moment() - Steady::now());
    if (left.count() <= 0) return "too-slow";
    std::array<pollfd, 2> both{pollfd{.fd = answer_, .events = POLLIN, .revents = 0},
                               pollfd{.fd = ask_, .events = POLLIN, .revents = 0}};
    const auto most = std::min(left, k_look_every).count();
    if (::poll(both.data(), both.size(), static_cast<int>(most)) <= 0) continue;
    if (both[1].revents != 0 && !hear(stop, again)) close_one(ask_);
    if (both[0].revents == 0) continue;
    const auto got = ::read(answer_, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return "bad-answer";
    if (got == 0) return {};
    append(answer, View(block).first(static_cast<std::size_t>(got)));
    if (answer.size() > formats::k_survey_bytes_max) return "bad-answer";
  }
  return "stopped";
}

bool SurveyChild::hear(const std::stop_token& stop, const Again& again) {
  std::array<std::uint8_t, formats::k_asked_question_bytes> question{};
  const auto got = ::recv(ask_, question.data(), question.size() - question_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (got <= 0) return false;
  append(question_, View(question).first(static_cast<std::size_t>(got)));
  if (question_.size() < question.size()) return true;
  std::ranges::copy(question_, question.begin());
  question_.clear();
  const auto asked = formats::asked_bytes(question);
  const auto size = std::min(asked.size, formats::k_asked_bytes_max);
  given_.resize(formats::k_asked_answer_bytes + size);
  std::size_t found = 0;
  if (again) {
    const auto read = again(std::span(given_).subspan(formats::k_asked_answer_bytes), asked.offset);
    if (!read) return false;
    found = *read;
    times_ = patience_.times;  // it reads all of it once more
  }
  std::ranges::copy(formats::asked_answer(static_cast<std::uint32_t>(found)), given_.begin());
  return give(View(given_).first(formats::k_asked_answer_bytes + found), stop);
}

bool SurveyChild::give(View bytes, const std::stop_token& stop) {
  while (!bytes.empty()) {
    const auto sent = ::send(ask_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN || stop.stop_requested() || Steady::now() >= last_moment()) return false;
    await(ask_, POLLOUT, k_look_every);
  }
  return true;
}

/// Reaps the process; whether it ended by itself is told by exit_status_.
void SurveyChild::end(bool at_once) {
  close_one(feed_);
  close_one(answer_);
  close_one(ask_);
  if (process_ <= 0) return;
  int ends = at_once ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, process_, 0));
  const bool has_ended = ends >= 0 && await(ends, POLLIN, k_exit_max);
  close_one(ends);
  if (!has_ended) ::kill(process_, SIGKILL);
  while (::waitpid(process_, &exit_status_, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

formats::Survey SurveyChild::finish(const std::stop_token& stop, const Again& again) {
  if (!missed_.empty()) return missed_survey(missed_);
  close_one(feed_);
  sealed_ = Steady::now();
  Bytes answer;
  // Of a beginning nothing is given again: what is said would not be of the item.
  auto why = read_answer(answer, stop, is_cut_ ? Again() : again);
  end(!why.empty());
  if (!why.empty()) return missed_survey(why);
  if (!WIFEXITED(exit_status_) || WEXITSTATUS(exit_status_) != 0) return missed_survey("crashed");
  auto survey = formats::survey_from_answer(answer);
  const bool is_survey = survey && survey->missed.empty() &&
                         survey->by.starts_with(k_program_begins) &&
                         std::ranges::find(survey->walls, "seccomp") != survey->walls.end();
  if (!is_survey) return missed_survey("bad-answer");
  if (is_cut_) tell_cut(*survey);
  return *std::move(survey);
}

}  // namespace comity::transfer
