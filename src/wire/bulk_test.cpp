#include <fcntl.h>
#include <malloc.h>
#include <sanitizer/allocator_interface.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "wire/passed_file.hpp"
#include "wire/rig_test.hpp"

namespace comity::wire {
namespace {

/// Yields `size` bytes of a pattern, and then ends or fails.
class Pattern final : public node::Source {
 public:
  explicit Pattern(std::uint64_t size, bool fails = false) : left_(size), fails_(fails) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    if (left_ == 0 && fails_) return fault(FaultCode::evidence_changed, "the source changed");
    const auto size = std::size_t(std::min<std::uint64_t>(left_, into.size()));
    for (std::size_t i = 0; i < size; ++i) into[i] = byte_at(at_ + i);
    left_ -= size;
    at_ += size;
    return size;
  }
  static std::uint8_t byte_at(std::uint64_t at) { return std::uint8_t(at * 7 + (at >> 13)); }

 private:
  std::uint64_t left_;
  std::uint64_t at_ = 0;
  bool fails_;
};

/// What an open file gives.
class FileSource final : public node::Source {
 public:
  explicit FileSource(int file) : file_(file) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    const auto got = ::read(file_.get(), into.data(), into.size());
    if (got < 0) return fault(FaultCode::store_io, "the file");
    return std::size_t(got);
  }

 private:
  OpenFile file_;
};

/// How many descriptors this process has open.
std::size_t open_files() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

/// Takes bytes and compares them with the pattern.
class Comparing final : public node::Sink {
 public:
  explicit Comparing(std::uint64_t from = 0) : at_(from) {}
  Result<void> write(View bytes) override {
    for (const auto byte : bytes) is_equal_ &= byte == Pattern::byte_at(at_++);
    return {};
  }
  std::uint64_t at() const { return at_; }
  bool is_equal() const { return is_equal_; }

 private:
  std::uint64_t at_;
  bool is_equal_ = true;
};

/// What is allocated now; a sanitizer's own bookkeeping is not ours.
std::size_t live_bytes() {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return __sanitizer_get_current_allocated_bytes();
#else
  return ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
#endif
}

class Bulk : public testing::Test {
 protected:
  void open(node::CallHandler handle, const ServerOptions& options = {}) {
    server.emplace(Handlers{std::move(handle),
                            [](const node::Call& head) { return head.path.starts_with("/bulk"); },
                            [](int file) { return std::make_shared<FileSource>(file); }, pace_of},
                   options);
    ASSERT_TRUE(server->open(SocketDoor{path}));
    PeersDoor door{"127.0.0.1", 0, here.identity.clone(),
                   [](const Digest&) { return std::optional(*StateCode::from_text("KGZ")); }};
    port = *server->open(std::move(door));
  }
  Client over_tls() {
    return std::move(*Client::over_tls({"127.0.0.1", port}, there.identity, here.certificate));
  }
  /// Runs what a handler must not: a thread that reads a source.
  template <typename Work>
  void run(Work work) {
    const std::lock_guard lock(mutex);
    threads.emplace_back(std::move(work));
  }
  void TearDown() override {
    if (server) server->stop(5);
    for (auto& thread : threads) thread.join();
  }
  int pattern_file(std::uint64_t size) {
    const std::string name = folder.at("pattern");
    std::ofstream file(name, std::ios::binary);
    for (std::uint64_t at = 0; at < size; ++at) file.put(char(Pattern::byte_at(at)));
    file.close();
    const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    // Out of the page cache, so that the disk is asked too.
    ::fsync(descriptor);
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    return descriptor;
  }

  const Party here = make_party("BFA node"), there = make_party("KGZ node");
  PaceOf pace_of;
  Folder folder;
  std::string path = folder.at("node.sock");
  std::uint16_t port = 0;
  std::mutex mutex;
  std::vector<std::thread> threads;
  std::optional<Server> server;
};

TEST_F(Bulk, TakesALargeBodyAtConstantMemory) {
  constexpr std::uint64_t size = 200 * k_mib;
  std::atomic<bool> is_equal = false;
  std::atomic<std::size_t> most = 0;
  open([&](node::Call call, node::Reply reply) {
    EXPECT_TRUE(call.body.empty());
    run([&, source = std::move(call.source), reply = std::move(reply)]() mutable {
      Comparing comparing;
      Bytes slab(100'000);
      for (;;) {
        const auto got = source->read(slab);
        if (!got || *got == 0) break;
        EXPECT_TRUE(comparing.write(View(slab).first(*got)));
        most = std::max<std::size_t>(most, live_bytes());
      }
      is_equal = comparing.is_equal();
      reply(text_answer(std::to_string(comparing.at())));
    });
  });
  auto client = over_tls();
  const auto before = live_bytes();
  Pattern pattern(size);
  const auto got = client.send_bulk("PUT", "/bulk", {}, pattern);
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(as_text(got->body), std::to_string(size));
  EXPECT_TRUE(is_equal);
  EXPECT_LT(most - before, 4 * k_mib) << "memory grows with the body";
  const auto next = client.ask("PUT", "/bulk", {}, as_bytes("small"), 5);
  ASSERT_TRUE(next) << next.error().detail;
  EXPECT_EQ(as_text(next->body), "5") << "the connection is not usable after a bulk body";
}

TEST_F(Bulk, AnswersEarlyAndTheSenderStops) {
  open([&](const node::Call&, const node::Reply& reply) {
    auto answer = text_answer("no");
    answer.status = 403;
    reply(std::move(answer));
  });
  for (int i = 0; i < 2; ++i) {
    auto client = i == 0 ? over_tls() : std::move(*Client::over_socket(path));
    Pattern endless(1'000'000 * k_mib);
    const auto got = client.send_bulk("PUT", "/bulk", {}, endless);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->status, 403);
    Pattern again(1);
    EXPECT_EQ(client.send_bulk("PUT", "/bulk", {}, again)->status, 403);
  }
}

TEST_F(Bulk, TellsTheReaderWhenTheSenderBreaksOffOrStalls) {
  ServerOptions options;
  options.limits.stall = milliseconds(300);
  std::mutex guard;
  std::vector<FaultCode> faults;
  open(
      [&](node::Call call, node::Reply reply) {
        run([&, source = std::move(call.source), reply = std::move(reply)] {
          Bytes slab(1000);
          Result<std::size_t> got = 1;
          while (got && *got > 0) got = source->read(slab);
          {
            const std::lock_guard lock(guard);
            faults.push_back(got ? FaultCode::conflict : got.error().code);
          }
          reply(text_answer("whatever"));
        });
      },
      options);
  const std::string head = "PUT /bulk HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\nabc";
  {
    RawCaller leaving(path);
    leaving.send(head);
    leaving.half_close();
    leaving.rest();
  }
  RawCaller stalling(path);
  stalling.send(head);
  stalling.rest();
  RawCaller lying(path);
  lying.send("PUT /bulk HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
  lying.rest();
  auto client = over_tls();
  Pattern failing(3 * k_mib, true);
  EXPECT_EQ(client.send_bulk("PUT", "/bulk", {}, failing).error().code,
            FaultCode::evidence_changed);
  server->stop(5);
  for (auto& thread : std::exchange(threads, {})) thread.join();
  const std::vector<FaultCode> expected = {FaultCode::peer_protocol, FaultCode::peer_timeout,
                                           FaultCode::peer_protocol, FaultCode::peer_protocol};
  EXPECT_EQ(faults, expected);
}

TEST_F(Bulk, SendsAFileAndPartsOfIt) {
  constexpr std::uint64_t size = 3 * k_mib + 5;
  const int file = pattern_file(size);
  open([&](const node::Call& call, const node::Reply& reply) {
    node::Answer answer;
    answer.content_type = "application/octet-stream";
    node::FileBody body{::dup(file), 0, size};
    if (call.range) {
      body.offset = call.range->first;
      body.length = call.range->second.value_or(size - 1) - body.offset + 1;
      answer.status = 206;
      answer.headers["Content-Range"] = "bytes …";
    }
    answer.body = body;
    reply(std::move(answer));
  });
  auto client = over_tls();
  Comparing whole, part(1000), end(size - 1);
  const auto got = client.fetch("GET", "/item", {}, whole);
  ASSERT_TRUE(got) << got.error().detail;
  EXPECT_EQ(whole.at(), size);
  EXPECT_EQ(client.fetch("GET", "/item", {{"Range", "bytes=1000-2999999"}}, part)->status, 206);
  EXPECT_EQ(part.at(), 3'000'000U);
  EXPECT_EQ(client.fetch("GET", "/item", {{"Range", "bytes=3145732-"}}, end)->status, 206);
  EXPECT_TRUE(whole.is_equal() && part.is_equal() && end.is_equal());
  EXPECT_EQ(client.ask("HEAD", "/item", {}, {}, 5)->headers.at("content-length"),
            std::to_string(size));
  EXPECT_EQ(client.ask("GET", "/item", {}, {}, 5)->body.size(), size);
  server->stop(5);
  // Every descriptor that was handed over is closed again.
  const int next = ::dup(file);
  EXPECT_LT(next, file + 12);
  ::close(next);
  ::close(file);
}

TEST_F(Bulk, SendsAFileToAPartnerOnlyAsItsPaceAllows) {
  constexpr std::uint64_t size = k_mib;
  const int file = pattern_file(size);
  std::mutex guard;
  std::uint64_t granted = 0, waits = 0;
  bool is_closed = false;
  std::optional<std::uint64_t> closes_after;
  pace_of = [&](const StateCode& peer, const node::Cargo& cargo) -> Pace {
    EXPECT_EQ(peer.text(), "KGZ");
    EXPECT_EQ(cargo.bytes, 10 * size);  // of the whole item, whatever part is asked for
    return [&](std::uint64_t bytes) -> Result<std::int64_t> {
      const std::lock_guard lock(guard);
      if (is_closed || (closes_after && granted >= *closes_after))
        return fault(FaultCode::limit_busy, "not at this hour");
      if (++waits % 2 == 1) return 5;
      granted += bytes;
      return 0;
    };
  };
  open([&](const node::Call&, const node::Reply& reply) {
    node::Answer answer;
    answer.body = node::FileBody{::dup(file), 0, size, {.bytes = 10 * size}};
    reply(std::move(answer));
  });
  auto client = over_tls();
  Comparing whole;
  ASSERT_TRUE(client.fetch("GET", "/item", {}, whole));
  EXPECT_TRUE(whole.is_equal());
  EXPECT_EQ(whole.at(), size);
  const auto set = [&](bool closed, std::optional<std::uint64_t> after) {
    const std::lock_guard lock(guard);
    is_closed = closed, closes_after = after;
    return std::exchange(granted, 0);
  };
  EXPECT_EQ(set(true, {}), size);  // each byte was asked for, once; outside the hours it is told so
  Comparing none;
  EXPECT_EQ(client.fetch("GET", "/item", {}, none)->status, 503);
  EXPECT_EQ(none.at(), 0U);
  set(false, size / 2);  // the hours end under way: the body never looks whole
  Comparing part;
  EXPECT_FALSE(client.fetch("GET", "/item", {}, part));
  EXPECT_EQ(part.at(), size / 2);
  set(false, {});
  // The officers' own door is not paced.
  auto own = std::move(*Client::over_socket(path));
  EXPECT_EQ(own.ask("GET", "/item", {}, {}, 5)->body.size(), size);
  EXPECT_EQ(set(false, {}), 0U);
  ::close(file);
}

TEST_F(Bulk, PutsABodyStraightToWhereASinkWantsIt) {
  /// Offers rooms of odd sizes, and now and then none.
  class Placing final : public node::Sink {
   public:
    Result<void> write(View bytes) override {
      written += bytes.size();
      append(all, bytes);
      return {};
    }
    Result<std::span<std::uint8_t>> room() override {
      if (fails_at && all.size() >= *fails_at) return fault(FaultCode::store_full);
      if (++asked % 5 == 0) return std::span<std::uint8_t>();
      place.resize(asked % 3 == 0 ? 7 : 300'001);
      return std::span(place);
    }
    void filled(std::size_t bytes) override { append(all, View(place).first(bytes)); }
    Bytes all, place;
    std::size_t written = 0, asked = 0;
    std::optional<std::size_t> fails_at;
  };
  constexpr std::uint64_t size = 3 * k_mib + 5;
  const int file = pattern_file(size);
  open([&](const node::Call& call, const node::Reply& reply) {
    node::Answer answer;
    if (call.path == "/produced")
      answer.body = node::Producer([](node::Sink& sink) -> Result<void> {
        Pattern pattern(size);
        Bytes slab(99'991);
        for (;;) {
          TRY_LET(const std::size_t got, pattern.read(slab));
          if (got == 0) return {};
          TRY(sink.write(View(slab).first(got)));
        }
      });
    else
      answer.body = node::FileBody{::dup(file), 0, size, {.bytes = size}};
    reply(std::move(answer));
  });
  auto client = over_tls();
  for (const auto* target : {"/file", "/produced"}) {  // of a known length, and in chunks
    Placing placing;
    ASSERT_TRUE(client.fetch("GET", target, {}, placing)) << target;
    Comparing comparing;
    ASSERT_TRUE(comparing.write(placing.all));
    EXPECT_TRUE(comparing.is_equal()) << target;
    EXPECT_EQ(comparing.at(), size) << target;
    EXPECT_LT(placing.written, size) << target;
  }
  Placing full;
  full.fails_at = size / 2;
  EXPECT_EQ(client.fetch("GET", "/file", {}, full).error().code, FaultCode::store_full);
  ::close(file);
}

TEST_F(Bulk, CutsAFileThatIsShorterThanSaid) {
  const int file = pattern_file(1000);
  open([&](const node::Call&, const node::Reply& reply) {
    node::Answer answer;
    answer.body = node::FileBody{::dup(file), 0, 1'000'000};
    reply(std::move(answer));
  });
  auto client = over_tls();
  Comparing sink;
  EXPECT_EQ(client.fetch("GET", "/item", {}, sink).error().code, FaultCode::peer_unreachable);
  ::close(file);
}

TEST_F(Bulk, StreamsWhatIsProducedAndCutsWhatFails) {
  open([&](const node::Call& call, const node::Reply& reply) {
    node::Answer answer;
    const bool fails = call.path == "/failing";
    answer.body = [fails](node::Sink& sink) -> Result<void> {
      Pattern pattern(20 * k_mib, fails);
      Bytes slab(70'000);
      for (;;) {
        TRY_LET(const auto size, pattern.read(slab));
        if (size == 0) return {};
        TRY(sink.write(View(slab).first(size)));
      }
    };
    reply(std::move(answer));
  });
  auto client = over_tls();
  for (int i = 0; i < 2; ++i) {
    Comparing sink;
    const auto got = client.fetch("GET", "/whole", {}, sink);
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(sink.at(), 20 * k_mib);
    EXPECT_TRUE(sink.is_equal());
  }
  Comparing sink;
  const auto cut = client.fetch("GET", "/failing", {}, sink);
  ASSERT_FALSE(cut) << "a broken body looked whole";
  EXPECT_EQ(cut.error().code, FaultCode::peer_unreachable);
  EXPECT_EQ(::system(("curl -s -o /dev/null --unix-socket " + path + " http://h/whole").c_str()),
            0);
  EXPECT_NE(::system(("curl -s -o /dev/null --unix-socket " + path + " http://h/failing").c_str()),
            0);
}

TEST_F(Bulk, TellsAProducerThatItsReaderHasGone) {
  Gate told;
  open([&](const node::Call&, const node::Reply& reply) {
    node::Answer answer;
    answer.body = [&](node::Sink& sink) -> Result<void> {
      const Bytes slab(10'000);
      Result<void> kept;
      while (kept) kept = sink.write(slab);
      told.open();
      return kept;
    };
    reply(std::move(answer));
  });
  {
    RawCaller caller(path);
    caller.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    caller.until("\r\n\r\n");
  }
  EXPECT_TRUE(told.wait());
}

TEST_F(Bulk, GivesUpAReaderWhoTakesNothing) {
  Gate told;
  std::atomic<FaultCode> code = FaultCode::conflict;
  ServerOptions options;
  options.limits.stall = milliseconds(300);
  open(
      [&](const node::Call&, const node::Reply& reply) {
        node::Answer answer;
        answer.body = [&](node::Sink& sink) -> Result<void> {
          const Bytes slab(10'000);
          Result<void> kept;
          while (kept) kept = sink.write(slab);
          code = kept.error().code;
          told.open();
          return kept;
        };
        reply(std::move(answer));
      },
      options);
  RawCaller caller(path);
  caller.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(told.wait());
  EXPECT_EQ(code, FaultCode::peer_timeout);
}

TEST_F(Bulk, BoundsTheBodiesProducedAtOnceAndStopsThem) {
  ServerOptions options;
  options.limits.producers_max = 2;
  std::atomic<int> running = 0;
  open(
      [&](const node::Call&, const node::Reply& reply) {
        node::Answer answer;
        answer.body = [&](node::Sink& sink) -> Result<void> {
          ++running;
          Result<void> kept = sink.write(as_bytes("event\n"));
          while (kept) {
            kept = sink.write({});
            std::this_thread::yield();
          }
          return kept;
        };
        reply(std::move(answer));
      },
      options);
  RawCaller first(path), second(path), third(path);
  const std::string get = "GET /events HTTP/1.1\r\nHost: h\r\n\r\n";
  first.send(get);
  EXPECT_NE(first.until("event\n"), "");
  second.send(get);
  EXPECT_NE(second.until("event\n"), "");
  third.send(get);
  EXPECT_EQ(third.rest().substr(9, 3), "503");
  EXPECT_EQ(running, 2);
  server->stop(0);  // ends although both would go on for ever
}

TEST_F(Bulk, ReturnsTheFaultOfItsOwnSink) {
  const int file = pattern_file(k_mib);
  open([&](const node::Call&, const node::Reply& reply) {
    node::Answer answer;
    answer.body = node::FileBody{::dup(file), 0, k_mib};
    reply(std::move(answer));
  });
  struct Full final : node::Sink {
    Result<void> write(View) override { return fault(FaultCode::store_full); }
  } full;
  auto client = over_tls();
  EXPECT_EQ(client.fetch("GET", "/a", {}, full).error().code, FaultCode::store_full);
  Comparing sink;
  EXPECT_TRUE(client.fetch("GET", "/a", {}, sink)) << "the client is not usable after a fault";
  ::close(file);
}

TEST_F(Bulk, ServesCurlOverTheSocket) {
  open([&](node::Call call, node::Reply reply) {
    run([source = std::move(call.source), reply = std::move(reply)] {
      Bytes slab(65536);
      std::uint64_t size = 0;
      for (Result<std::size_t> got = 1; got && *got > 0;) {
        got = source->read(slab);
        size += got.value_or(0);
      }
      reply(text_answer(std::to_string(size)));
    });
  });
  ::close(pattern_file(5 * k_mib));
  const std::string out = folder.at("out");
  const std::string command = "curl -sf -o " + out + " --unix-socket " + path + " -T " +
                              folder.at("pattern") + " http://h/bulk";
  ASSERT_EQ(::system(command.c_str()), 0);
  std::string said;
  std::ifstream(out) >> said;
  EXPECT_EQ(said, std::to_string(5 * k_mib));
}

TEST_F(Bulk, ReadsAFileThatItsCallerHandsOverFromWhereItStands) {
  open([&](node::Call call, node::Reply reply) {
    EXPECT_TRUE(call.body.empty());
    run([&, source = std::move(call.source), reply = std::move(reply)] {
      Comparing comparing(10);
      Bytes slab(100'000);
      for (;;) {
        const auto got = source->read(slab);
        if (!got || *got == 0) break;
        EXPECT_TRUE(comparing.write(View(slab).first(*got)));
      }
      EXPECT_TRUE(comparing.is_equal());
      reply(text_answer(std::to_string(comparing.at())));
    });
  });
  const int file = pattern_file(1'000'000);
  ASSERT_EQ(::lseek(file, 10, SEEK_SET), 10);
  auto client = std::move(*Client::over_socket(path));
  for (int time = 0; time < 3; ++time) {  // over one connection
    ASSERT_EQ(::lseek(file, 10, SEEK_SET), 10);
    const auto answer = client.send_file("PUT", "/bulk", {}, file);
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(as_text(answer->body), "1000000");
    EXPECT_EQ(::lseek(file, 0, SEEK_CUR), 1'000'000);  // how far the other end has read
  }
  ::close(file);
}

TEST_F(Bulk, TakesAFileOnlyWhereTheHeadSpeaksOfOneAndOneIsTaken) {
  std::atomic<int> asked = 0;
  open([&](const node::Call&, const node::Reply& reply) {
    ++asked;
    reply(text_answer("taken"));
  });
  const int file = pattern_file(10);
  const auto before = open_files();
  const auto said_to = [&](std::string_view head, std::initializer_list<int> files) {
    RawCaller caller(path);
    std::string_view rest = head;
    for (const int one : files) {
      const auto sent = send_with_file(caller.descriptor(), as_bytes(rest.substr(0, 1)), one);
      EXPECT_TRUE(sent);
      rest.remove_prefix(1);
    }
    EXPECT_TRUE(caller.send(rest));
    return caller.rest().substr(0, 12);
  };
  const auto head = [](std::string_view path, std::string_view more) {
    return "PUT " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
           std::string(more) + "\r\n";
  };
  const std::string says = "Comity-Content: file\r\n";
  EXPECT_EQ(said_to(head("/bulk", says), {}), "HTTP/1.1 400");  // lost on the way
  EXPECT_EQ(said_to(head("/bulk", ""), {file}), "HTTP/1.1 400");
  EXPECT_EQ(said_to(head("/bulk", "Comity-Content: disk\r\n"), {file}), "HTTP/1.1 400");
  EXPECT_EQ(said_to(head("/small", says), {file}), "HTTP/1.1 400");
  EXPECT_EQ(said_to(head("/bulk", says + "Content-Length: 3\r\n") + "abc", {file}), "HTTP/1.1 400");
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(said_to(head("/bulk", says), {file}), "HTTP/1.1 200");
  EXPECT_EQ(asked, 1);
  server->stop(5);
  EXPECT_LE(open_files(), before);  // none of those refused stays open
  ::close(file);
}

}  // namespace
}  // namespace comity::wire
