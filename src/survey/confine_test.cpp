// The walls hold: a process that confined itself is told no by the kernel, or ended, whatever it
// tries. Each try runs in a process of its own that says by its exit code how it went.
#include "survey/confine.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "base/bytes.hpp"
#include "formats/asked_bytes.hpp"

namespace comity::survey {
namespace {

constexpr int k_could = 10, k_could_not = 11, k_not_confined = 12;

/// What a confined process's exit says of `attempt`: k_could, k_could_not, or minus the signal.
int tried(const std::function<bool()>& attempt, bool with_filter = true) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto walls = confine();
    if (!walls || (with_filter && walls->back() != "seccomp")) ::_exit(k_not_confined);
    ::_exit(attempt() ? k_could : k_could_not);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace

TEST(Confined, ReadsAndSaysAndReckons) {
  EXPECT_EQ(tried([] {
              int ends[2];
              // Made before: a pipe of its own is denied.
              if (::pipe(ends) == 0) return false;
              Bytes bytes(1 << 20);
              return ::write(STDERR_FILENO, "", 0) == 0 && bytes.size() == 1 << 20;
            }),
            k_could);
}

TEST(Confined, OpensNoFile) {
  EXPECT_EQ(tried([] { return ::open("/etc/passwd", O_RDONLY) >= 0; }), k_could_not);
  EXPECT_EQ(tried([] { return ::open("/proc/self/environ", O_RDONLY) >= 0; }), k_could_not);
  EXPECT_EQ(tried([] { return ::open("made-by-the-test", O_WRONLY | O_CREAT, 0600) >= 0; }),
            k_could_not);
  EXPECT_EQ(tried([] { return ::syscall(SYS_open, "/dev/zero", O_RDONLY) >= 0; }), k_could_not);
  EXPECT_EQ(tried([] { return ::openat(AT_FDCWD, ".", O_PATH) >= 0; }), k_could_not);
  struct stat status{};
  EXPECT_EQ(tried([&] { return ::stat("/etc/passwd", &status) == 0; }), k_could_not);
  EXPECT_EQ(tried([] { return ::unlink("nothing") == 0 || errno != EPERM; }), k_could_not);
}

TEST(Confined, OpensNoSocketAndStartsNoProgram) {
  EXPECT_EQ(tried([] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }), -SIGSYS);
  EXPECT_EQ(tried([] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }), -SIGSYS);
  EXPECT_EQ(tried([] { return ::execl("/bin/true", "true", nullptr) == 0; }), -SIGSYS);
  EXPECT_EQ(tried([] { return ::fork() >= 0; }), k_could_not);
  EXPECT_EQ(tried([] { return ::kill(::getppid(), 0) == 0; }), k_could_not);
}

TEST(Confined, MakesNoMemoryExecutable) {
  EXPECT_EQ(tried([] {
              return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
            }),
            k_could_not);
}

TEST(Confined, WritesOnlyItsAnswer) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  // Above the one by which it may ask.
  const int other = ::fcntl(ends[1], F_DUPFD, formats::k_ask_descriptor + 1);
  ASSERT_GE(other, 0);
  EXPECT_EQ(tried([&] { return ::write(other, "x", 1) == 1; }), k_could_not);
  ::close(other);
  EXPECT_EQ(tried([&] { return ::write(STDIN_FILENO, "x", 1) == 1; }), k_could_not);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Confined, CanNotLoosenIt) {
  EXPECT_EQ(tried([] { return ::prctl(PR_SET_DUMPABLE, 1) == 0; }), k_could_not);
  const rlimit more{1 << 20, 1 << 20};
  EXPECT_EQ(tried([&] { return ::setrlimit(RLIMIT_FSIZE, &more) == 0; }), k_could_not);
  EXPECT_EQ(tried([] { return confine().has_value(); }), k_could_not);
}

TEST(Confined, SaysWhichWallsStand) {
  const bool has_landlock = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U) >= 1;
  EXPECT_EQ(tried([&] { return true; }), k_could);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  if (const pid_t child = ::fork(); child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    const auto walls = confine();
    const bool stands = walls && std::ranges::find(*walls, "landlock") != walls->end();
    ::_exit(::write(STDOUT_FILENO, stands ? "y" : "n", 1) == 1 ? 0 : 1);
  }
  char said = 0;
  ASSERT_EQ(::read(ends[0], &said, 1), 1);
  EXPECT_EQ(said, has_landlock ? 'y' : 'n');
  ::wait(nullptr);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace comity::survey
