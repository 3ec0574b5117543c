// A surveying process costs the seal nothing: whatever it does, and whatever is done to it. The
// true program is used where its answer counts, scripts where a process misbehaves.
#include "transfer/survey_child.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "transfer/transfer_gen.hpp"

namespace comity::transfer {
namespace {

using sample::TemporaryDirectory;
using std::chrono::seconds;

constexpr std::string_view k_answer =
    R"({"by":"comity-survey 0","form":"text","read":"whole","walls":["seccomp"]})";
/// Short, so that a test need not wait; long enough for a loaded machine where an answer comes.
constexpr SurveyPatience k_short{.after = milliseconds(300), .times = 0, .feed = milliseconds(100)};
constexpr SurveyPatience k_long{.after = seconds(60), .times = 0, .feed = seconds(60)};

class SurveyProcess : public testing::Test {
 protected:
  Path script(std::string_view body) {
    const Path path = directory_.path() / "survey.sh";
    std::ofstream(path) << "#!/bin/sh\n" << body << '\n';
    EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
    return path;
  }
  /// What comes of a process that does what `body` says.
  formats::Survey ran(std::string_view body, const SurveyPatience& patience = k_long) {
    SurveyChild child(script(body), -1, patience);
    return child.finish();
  }
  File file_of(std::string_view text) {
    const Path path = directory_.path() / "item";
    std::ofstream(path) << text;
    return *File::open(path, O_RDONLY);
  }

  TemporaryDirectory directory_;
  const Path program_ = COMITY_SURVEY_PROGRAM;
};

bool is_gone(int process) {
  return ::kill(process, 0) != 0 && errno == ESRCH;
}

/// Whether its filter of system calls stands, as the kernel says it.
bool is_confined(const Path& process) {
  std::ifstream status(process / "status");
  for (std::string line; std::getline(status, line);)
    if (line == "Seccomp:\t2") return true;
  return false;
}

std::string said(std::string_view json) {
  return "echo -n '" + std::string(json) + "'";
}

}  // namespace

TEST_F(SurveyProcess, ReadsAFileWithoutMovingWhereTheSealStands) {
  const auto file = file_of("one\ntwo\n");
  ASSERT_EQ(::lseek(file.descriptor(), 3, SEEK_SET), 3);
  SurveyChild child(program_, file.descriptor(), k_long);
  const auto survey = child.finish();
  EXPECT_EQ(survey.missed, "");
  EXPECT_EQ(survey.form, "text");
  EXPECT_EQ(survey.facts.at("lines"), formats::SurveyFact(std::int64_t{2}));
  EXPECT_THAT(survey.walls, testing::IsSupersetOf({"no-new-rights", "limits", "seccomp"}));
  EXPECT_EQ(::lseek(file.descriptor(), 0, SEEK_CUR), 3);
}

TEST_F(SurveyProcess, GetsAStreamAsItPasses) {
  SurveyChild child(program_, -1, k_long);
  const std::string line = "a line of text\n";
  for (int i = 0; i < 100'000; ++i) child.feed(as_bytes(line));
  const auto survey = child.finish();
  EXPECT_EQ(survey.form, "text");
  EXPECT_TRUE(survey.whole);
  EXPECT_EQ(survey.facts.at("lines"), formats::SurveyFact(std::int64_t{100'000}));
}

TEST_F(SurveyProcess, ThatReadsTooSlowlyGetsABeginningAndSaysSo) {
  SurveyChild child(program_, -1, {.after = seconds(60), .times = 0, .feed = milliseconds(50)});
  ASSERT_EQ(::kill(child.process(), SIGSTOP), 0);
  const Bytes block(std::size_t{1} << 20, 'x');
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 64; ++i) child.feed(block);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(20));
  ASSERT_EQ(::kill(child.process(), SIGCONT), 0);
  const auto survey = child.finish();
  EXPECT_EQ(survey.form, "text");
  EXPECT_FALSE(survey.whole);
  EXPECT_THAT(survey.flaws, testing::ElementsAre("survey-fell-behind"));
}

TEST_F(SurveyProcess, ThatHangsIsEnded) {
  SurveyChild child(program_, -1, k_short);
  const int process = child.process();
  ASSERT_EQ(::kill(process, SIGSTOP), 0);
  EXPECT_EQ(child.finish().missed, "too-slow");
  EXPECT_TRUE(is_gone(process));
}

TEST_F(SurveyProcess, IsEndedWithTheSealThatFailed) {
  int process = -1;
  {
    SurveyChild child(program_, -1, k_long);
    process = child.process();
    child.feed(as_bytes("x"));
  }
  EXPECT_TRUE(is_gone(process));
}

TEST_F(SurveyProcess, IsEndedWhenTheNodeStops) {
  std::stop_source stop;
  stop.request_stop();
  SurveyChild child(program_, -1, k_long);
  EXPECT_EQ(child.finish(stop.get_token()).missed, "stopped");
}

TEST_F(SurveyProcess, ThatIsKilledOrFailsIsOnlyMissed) {
  EXPECT_EQ(ran("kill -9 $$").missed, "crashed");
  EXPECT_EQ(ran(said(k_answer) + "; exit 3").missed, "crashed");
  SurveyChild child(script("exit 0"), -1, k_long);
  for (int i = 0; i < 100; ++i) child.feed(Bytes(100'000));  // into what has gone
  EXPECT_EQ(child.finish().missed, "bad-answer");
}

TEST_F(SurveyProcess, IsBelievedOnlyInItsOwnWords) {
  EXPECT_EQ(ran(said(k_answer)).form, "text");
  EXPECT_EQ(ran("echo nonsense").missed, "bad-answer");
  EXPECT_EQ(ran("yes | head -c 100000").missed, "bad-answer");
  EXPECT_EQ(ran(said(k_answer) + "; echo").missed, "bad-answer");
  EXPECT_EQ(ran(said(R"({"by":"comity-survey 0","missed":"no-program"})")).missed, "bad-answer");
  EXPECT_EQ(ran(said(R"({"by":"comity-survey 0","form":"text","read":"whole"})")).missed,
            "bad-answer");
  EXPECT_EQ(ran(said(R"({"by":"else 0","form":"text","read":"whole","walls":["seccomp"]})")).missed,
            "bad-answer");
}

TEST_F(SurveyProcess, ThatIsNotThereIsSaid) {
  SurveyChild none(directory_.path() / "none", -1, k_long);
  none.feed(as_bytes("x"));
  EXPECT_EQ(none.finish().missed, "no-program");
  const Path path = script("exit 0");
  ASSERT_EQ(::chmod(path.c_str(), 0000), 0);
  SurveyChild denied(path, -1, k_long);
  EXPECT_EQ(denied.finish().missed, "not-started");
}

TEST_F(SurveyProcess, InheritsNoDescriptorAndNoWord) {
  // One that was left open to whoever is started, as the worst case.
  const Path secret = directory_.path() / "authority.key";
  std::ofstream(secret) << "secret";
  const int left_open = ::open(secret.c_str(), O_RDONLY);
  ASSERT_GE(left_open, 0);
  ::setenv("COMITY_TEST_SECRET", "secret", 1);
  const auto survey =
      ran("n=0; for f in /proc/$$/fd/*; do case $(readlink $f) in *authority.key) n=$((n+1));; "
          "esac; done\n"
          "[ -n \"$COMITY_TEST_SECRET\" ] && n=$((n+1))\n"
          "echo -n '{\"by\":\"comity-survey 0\",\"facts\":{\"secrets\":'$n'},\"form\":\"text\","
          "\"read\":\"whole\",\"walls\":[\"seccomp\"]}'");
  ::unsetenv("COMITY_TEST_SECRET");
  EXPECT_EQ(survey.missed, "");
  EXPECT_EQ(survey.facts.at("secrets"), formats::SurveyFact(std::int64_t{0}));

  // The true program, while it waits for bytes: three descriptors, one to ask by, and nothing in
  // its environment.
  SurveyChild child(program_, -1, k_long);
  const Path process = "/proc/" + std::to_string(child.process());
  // Confined: the loader is done, which opens libraries one after another.
  while (!is_confined(process)) std::this_thread::yield();
  std::vector<std::string> open;
  for (const auto& one : std::filesystem::directory_iterator(process / "fd"))
    open.push_back(one.path().filename());
  EXPECT_THAT(open, testing::UnorderedElementsAre("0", "1", "2", "3"));
  ::close(left_open);
}

namespace {

/// What a script puts to the end by which it may ask: bytes from 2 on, so many.
std::string asks(std::string_view size) {
  return R"(printf '\002\000\000\000\000\000\000\000)" + std::string(size) + "' >&3; ";
}

std::string said_of(std::string_view number) {
  return R"(echo -n '{"by":"comity-survey 0","facts":{"got":')" + std::string(number) +
         R"('},"form":"text","read":"whole","walls":["seccomp"]}')";
}

Result<std::size_t> alphabet(std::span<std::uint8_t> into, std::uint64_t offset) {
  for (std::size_t i = 0; i < into.size(); ++i)
    into[i] = static_cast<std::uint8_t>('a' + (offset + i) % 26);
  return into.size();
}

}  // namespace

TEST_F(SurveyProcess, IsGivenAgainWhatItAsksForOfAStream) {
  SurveyChild child(script("cat >/dev/null; " + asks("\\003\\000\\000\\000") +
                           "[ $(head -c 7 <&3 | tail -c 3) = cde ] && " + said(k_answer)),
                    -1, k_long);
  child.feed(as_bytes("abcdefg"));
  EXPECT_EQ(child.finish({}, alphabet).form, "text");
}

TEST_F(SurveyProcess, IsNotGivenMoreThanOneMayAskFor) {
  SurveyChild child(script("cat >/dev/null; " + asks("\\377\\377\\377\\377") + "n=$(" +
                           "head -c 1048580 <&3 | wc -c); " + said_of("$n")),
                    -1, k_long);
  const auto survey = child.finish({}, alphabet);
  EXPECT_EQ(survey.facts.at("got"), formats::SurveyFact(std::int64_t{1'048'580}));
}

TEST_F(SurveyProcess, ThatAsksWhatCanNotBeGivenIsToldSo) {
  const auto body = "cat >/dev/null; " + asks("\\003\\000\\000\\000") +
                    "n=$(head -c 4 <&3 | wc -c); " + said_of("$n");
  SurveyChild without(script(body), -1, k_long);
  EXPECT_EQ(without.finish().facts.at("got"), formats::SurveyFact(std::int64_t{4}));
  SurveyChild faulty(script(body), -1, k_long);
  const auto survey = faulty.finish({}, [](auto, auto) -> Result<std::size_t> {
    return fault(FaultCode::evidence_chunk, "chunk 1");
  });
  EXPECT_EQ(survey.facts.at("got"), formats::SurveyFact(std::int64_t{0}));
}

TEST_F(SurveyProcess, ThatFellBehindIsGivenNothingAgain) {
  SurveyChild child(script("cat >/dev/null; " + asks("\\003\\000\\000\\000") +
                           "n=$(head -c 4 <&3 | od -An -tu4 | tr -d ' '); " + said_of("$n")),
                    -1, {.after = seconds(60), .times = 0, .feed = milliseconds(50)});
  ASSERT_EQ(::kill(child.process(), SIGSTOP), 0);
  const Bytes block(std::size_t{1} << 20, 'x');
  for (int i = 0; i < 64; ++i) child.feed(block);
  ASSERT_EQ(::kill(child.process(), SIGCONT), 0);
  const auto survey = child.finish({}, alphabet);
  EXPECT_EQ(survey.facts.at("got"), formats::SurveyFact(std::int64_t{0}));
  EXPECT_THAT(survey.flaws, testing::ElementsAre("survey-fell-behind"));
}

TEST_F(SurveyProcess, ThatAsksForeverIsEnded) {
  for (const char* reads : {"", "head -c 7 <&3 >/dev/null; "}) {
    SurveyChild child(
        script("cat >/dev/null; while :; do " + asks("\\003\\000\\020\\000") + reads + "done"), -1,
        k_short);
    EXPECT_EQ(child.finish({}, alphabet).missed, "too-slow");
  }
}

}  // namespace comity::transfer
