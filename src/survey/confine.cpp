#include "survey/confine.hpp"

#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "formats/asked_bytes.hpp"

namespace comity::survey {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COMITY_SANITIZED 1  // its shadow is larger than any limit of memory
#endif
#endif

std::unexpected<Fault> refuse(const char* what) {
  return fault(FaultCode::store_io, std::string("not confined: ") + what);
}

bool limit(__rlimit_resource what, std::uint64_t most) {
  const rlimit both{most, most};
  return ::setrlimit(what, &both) == 0;
}

bool limit_all() {
#ifndef COMITY_SANITIZED
  if (!limit(RLIMIT_AS, k_memory_bytes_max)) return false;
#endif
  return limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NPROC, 0) &&
         limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_NOFILE, k_descriptors_max) &&
         limit(RLIMIT_CPU, k_cpu_s_max);
}

/// Every right over files that this kernel's Landlock knows, and no path that has one.
bool close_files() {
  const auto abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return false;
  // Rights by the version that brought them: 13 first, then refer, truncate, and ioctl in the
  // fifth.
  const std::uint64_t count = abi == 1 ? 13 : abi == 2 ? 14 : abi < 5 ? 15 : 16;
  const landlock_ruleset_attr rules{.handled_access_fs = (std::uint64_t{1} << count) - 1};
  const auto set = ::syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
  if (set < 0) return false;
  const bool stands = ::syscall(SYS_landlock_restrict_self, set, 0) == 0;
  ::close(static_cast<int>(set));
  return stands;
}

/// What reading, reckoning and answering need. Memory is never made executable.
constexpr auto k_allowed = std::to_array<int>({SCMP_SYS(read),          SCMP_SYS(pread64),

                                               SCMP_SYS(close),         SCMP_SYS(munmap),
                                               SCMP_SYS(mremap),        SCMP_SYS(madvise),
                                               SCMP_SYS(brk),           SCMP_SYS(futex),
                                               SCMP_SYS(rt_sigreturn),  SCMP_SYS(rt_sigprocmask),
                                               SCMP_SYS(rt_sigaction),  SCMP_SYS(sigaltstack),
                                               SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
                                               SCMP_SYS(getrandom),     SCMP_SYS(getpid),
                                               SCMP_SYS(gettid),        SCMP_SYS(tgkill),
                                               SCMP_SYS(sched_yield),   SCMP_SYS(restart_syscall),
                                               SCMP_SYS(exit),          SCMP_SYS(exit_group)});

/// What nothing here has a reason to try: whoever does is stopped at once.
constexpr auto k_deadly = std::to_array<int>(
    {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
     SCMP_SYS(process_vm_writev), SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect),
     SCMP_SYS(bpf), SCMP_SYS(io_uring_setup), SCMP_SYS(mount), SCMP_SYS(unshare), SCMP_SYS(setns),
     SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(memfd_create), SCMP_SYS(userfaultfd)});

bool allow_if(scmp_filter_ctx filter, int call, const scmp_arg_cmp& argument) {
  return ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &argument) == 0;
}

/// Everything else is answered with EPERM, so that a library that only asks goes on without.
bool filter_calls() {
  auto* filter = ::seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr) return false;
  bool stands = ::seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0;
  for (const int call : k_allowed)
    stands = stands && ::seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
  for (const int call : k_deadly)
    stands = stands && ::seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0) == 0;
  for (const scmp_datum_t descriptor : {STDOUT_FILENO, STDERR_FILENO, formats::k_ask_descriptor})
    stands = stands && allow_if(filter, SCMP_SYS(write),
                                {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = descriptor, .datum_b = 0});
  constexpr scmp_datum_t k_executable = 4;  // PROT_EXEC
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
    stands = stands &&
             allow_if(filter, call,
                      {.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = k_executable, .datum_b = 0});
  stands = stands && ::seccomp_load(filter) == 0;
  ::seccomp_release(filter);
  return stands;
}

}  // namespace

Result<std::vector<std::string>> confine() {
  // Whoever reads the answer is gone: nobody is left to stop this process but the kernel.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return refuse("it would outlive who asked");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refuse("new rights");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return refuse("dumps");
  if (!limit_all()) return refuse("limits");
  std::vector<std::string> walls{"no-new-rights", "not-dumpable", "limits"};
  if (close_files()) walls.emplace_back("landlock");
  if (!filter_calls()) return refuse("system calls");
  walls.emplace_back("seccomp");
  return walls;
}

}  // namespace comity::survey
