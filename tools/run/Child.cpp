// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Child.h"
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>
#include <new>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varve::run {
namespace {

constexpr char finished = '\0'; // ends what the child tells; every phase ends with a newline

struct Pipe {
  int in = -1, out = -1; // to read from, to write to
  bool open() {
    int ends[2];
    if (::pipe(ends) != 0)
      return false;
    in = ends[0];
    out = ends[1];
    return true;
  }
};

int fail(const std::string &tool, const std::string &text) {
  std::fprintf(stderr, "%s: error: %s\n", tool.c_str(), text.c_str());
  return 1;
}

void write_all(int descriptor, const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR)
      return;
    done += count < 0 ? 0 : static_cast<size_t>(count);
  }
}

// All that comes until the writer is gone; the last megabyte of it.
std::string read_all(int descriptor) {
  constexpr size_t most = 1 << 20;
  std::string text;
  char buffer[4096];
  for (;;) {
    ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return text;
    text.append(buffer, static_cast<size_t>(count));
    if (text.size() > 2 * most)
      text.erase(0, text.size() - most);
  }
}

// Never returns: destructors and exit handlers of the parent's are none of the child's business.
[[noreturn]] void be_child(const std::string &tool, const std::function<void(Child &)> &body, int control, int noise) {
  std::FILE *errors = ::fdopen(::dup(STDERR_FILENO), "w");
  ::dup2(noise, STDERR_FILENO);
  rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody waits for it any more
  int status = 1;
  std::string problem;
  try {
    Child child(control, errors ? errors : stderr);
    body(child);
    status = 0;
  } catch (const std::bad_alloc &) {
    problem = "expects more memory than this process can have";
  } catch (const std::exception &error) {
    problem = error.what();
  }
  if (status == 0 && (std::fflush(stdout) != 0 || std::ferror(stdout))) {
    problem = "expects to write to stdout, but got " + std::string(std::strerror(errno));
    status = 1;
  }
  for (char &c : problem) // names out of a damaged file
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f)
      c = '?';
  if (status != 0)
    std::fprintf(errors ? errors : stderr, "%s: error: %s\n", tool.c_str(), problem.c_str());
  if (errors)
    std::fflush(errors);
  write_all(control, std::string(1, finished));
  ::_exit(status);
}

// The last line that says something: LLVM writes why it gives up.
std::string last_line(const std::string &text) {
  size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos)
    return "";
  size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

} // namespace

void Child::begin(const std::string &what) { write_all(control, what + "\n"); }

CpuLimit::CpuLimit(unsigned seconds) {
  rlimit limit{};
  ::getrlimit(RLIMIT_CPU, &limit);
  before = limit.rlim_cur;
  auto used = static_cast<rlim_t>(std::clock() / CLOCKS_PER_SEC);
  limit.rlim_cur = std::min<rlim_t>({before, limit.rlim_max, used + seconds + 1});
  ::setrlimit(RLIMIT_CPU, &limit);
}

CpuLimit::~CpuLimit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_CPU, &limit);
  limit.rlim_cur = before;
  ::setrlimit(RLIMIT_CPU, &limit);
}

int run_in_child(const std::string &tool, const std::string &file, const std::function<void(Child &)> &body) {
  Pipe control, noise;
  if (!control.open() || !noise.open())
    return fail(tool, std::string("expects two pipes, but got ") + std::strerror(errno));
  std::fflush(nullptr); // else the child writes it again
  pid_t child = ::fork();
  if (child < 0)
    return fail(tool, std::string("expects a child process, but got ") + std::strerror(errno));
  if (child == 0) {
    ::close(control.in);
    ::close(noise.in);
    be_child(tool, body, control.out, noise.out);
  }
  ::close(control.out);
  ::close(noise.out);
  std::string said = read_all(noise.in), told = read_all(control.in);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && told.ends_with(finished)) {
    write_all(STDERR_FILENO, said);
    return WEXITSTATUS(status);
  }
  std::string how = WIFSIGNALED(status)
                        ? "signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")"
                        : "exit status " + std::to_string(WEXITSTATUS(status));
  std::string phase = last_line(told), why = last_line(said);
  return fail(tool, file + ": " + (phase.empty() ? "the process" : phase) + " ended with " + how +
                        (why.empty() ? "" : ": " + why));
}

} // namespace varve::run
