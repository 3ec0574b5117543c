#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <algorithm>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/source_dir_test.hpp"
#include "cli/command.hpp"
#include "cli/draft.hpp"
#include "cli/draft_text.hpp"
#include "cli/evidence_file.hpp"
#include "cli/evidence_source.hpp"
#include "cli/files.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/run.hpp"
#include "cli/trust.hpp"
#include "cli/wait.hpp"
#include "crypto/exercise_test.hpp"
#include "store/home.hpp"

namespace comity::cli {
namespace {

using testing::HasSubstr;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "comity-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

int run_with(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "comity");
  const Hooks hooks{.serve = [](const std::string&) { return 7; }};
  return run(static_cast<int>(arguments.size()), arguments.data(), hooks);
}

OfficerKey officer(crypto::exercise::State& state, const std::string& name,
                   const std::vector<std::string>& roles) {
  auto key = crypto::P256Key::generate(state.random);
  auto certificate =
      crypto::issue(state.root_key, state.root, key.public_spki(),
                    crypto::exercise::subject("KGZ", name, roles), crypto::Usage::officer,
                    crypto::exercise::k_from, crypto::exercise::k_to, state.random)
          .value();
  return {std::move(key), std::move(certificate)};
}

}  // namespace

TEST(Prefixes, FindTheOneIdThatTheyBegin) {
  const std::vector<std::string> ids = {"abcdef00112233445566778899aabbcc",
                                        "abcdef99112233445566778899aabbcc"};
  EXPECT_EQ(by_prefix("abcdef0", ids, "exchange"), ids[0]);
  EXPECT_EQ(by_prefix("abcdef", ids, "exchange").error().code, FaultCode::bad_usage);
  EXPECT_EQ(by_prefix("abcde", ids, "exchange").error().code, FaultCode::bad_usage);
  EXPECT_EQ(by_prefix("ABCDEF0", ids, "exchange").error().code, FaultCode::bad_usage);
  EXPECT_EQ(by_prefix("123456", ids, "exchange").error().code, FaultCode::not_found);
  EXPECT_EQ(by_prefix("../../", ids, "exchange").error().code, FaultCode::bad_usage);
}

TEST(Trust, ReadsFingerprintsInEitherForm) {
  const std::string hex(64, 'a');
  std::string colons;
  for (int i = 0; i < 32; ++i) colons += i == 0 ? "AA" : ":AA";
  const auto trusted = read_trust({"KGZ=" + hex, "BFA=" + colons});
  ASSERT_TRUE(trusted) << trusted.error().detail;
  EXPECT_EQ(trusted->size(), 2U);
  EXPECT_EQ(trusted->at(*StateCode::from_text("KGZ")), trusted->at(*StateCode::from_text("BFA")));
  EXPECT_FALSE(read_trust({"KGZ"}));
  EXPECT_FALSE(read_trust({"kgz=" + hex}));
  EXPECT_EQ(read_trust({"KGZ=abcd"}).error().code, FaultCode::format_hex);
  // A State that changed its root unannounced told both.
  const auto both = read_trust({"KGZ=" + hex, "KGZ=" + std::string(64, 'b')});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->at(*StateCode::from_text("KGZ")).size(), 2U);
  const Folder folder;
  const auto file =
      folder.write("fingerprints", "# told on 3 March\nKGZ=" + hex + "\nBFA=" + hex + "\n");
  EXPECT_EQ(read_trust({"@" + file})->size(), 2U);
}

TEST(Forms, AreReadFromTomlAndJsonAlike) {
  const Folder folder;
  const auto toml =
      read_form(folder.write("a.toml", "offences = [\"illegal-access\"]\nurgent = true\n"));
  const auto json =
      read_form(folder.write("a.json", R"({"offences":["illegal-access"],"urgent":true})"));
  ASSERT_TRUE(toml) << toml.error().detail;
  ASSERT_TRUE(json) << json.error().detail;
  EXPECT_EQ(*toml, *json);
  const auto broken = read_form(folder.write("b.json", "{\"a\":1,\"a\":2}"));
  EXPECT_EQ(broken.error().code, FaultCode::format_json);
  EXPECT_THAT(broken.error().detail, HasSubstr("b.json"));
  EXPECT_EQ(read_form(folder / "none").error().code, FaultCode::no_file);
  EXPECT_EQ(read_form(folder / "").error().code, FaultCode::no_file);
}

TEST(Remarks, NeedWhatAndWhy) {
  EXPECT_EQ(formats::canonical(*remarks({"drafts|not covered by the order"})),
            R"([{"reason":"not covered by the order","what":"drafts"}])");
  EXPECT_FALSE(remarks({"drafts"}));
  EXPECT_FALSE(remarks({"drafts|"}));
}

TEST(Duties, FindOfficersWhoMayNotSignTwice) {
  crypto::exercise::State state("KGZ");
  std::vector<OfficerKey> officers;
  officers.push_back(officer(state, "Both", {"officer:approver", "officer:executor"}));
  officers.push_back(officer(state, "Approver", {"officer:approver"}));
  const std::vector<DraftDuty> duties = {{"approver", {"officer:approver"}},
                                         {"executor", {"officer:executor"}}};
  const auto signs = assign(duties, officers);
  EXPECT_EQ(signs[0], 1U) << "the one who can do both gives way";
  EXPECT_EQ(signs[1], 0U);
  const auto alone = assign(duties, std::span(officers).first(1));
  EXPECT_EQ(alone[0].has_value() + alone[1].has_value(), 1);
  EXPECT_EQ(assign(duties, {}), (std::vector<std::optional<std::size_t>>(2)));
}

TEST(Officers, SignTheCallAndNothingElse) {
  crypto::exercise::State state("KGZ");
  const auto who = officer(state, "Aibek", {"officer:approver"});
  const auto node = *StateCode::from_text("KGZ");
  const auto body = to_bytes("{}");
  const std::string header = who.call_header("POST", "/v1/drafts?x=1", node,
                                             crypto::exercise::k_now, state.random, View(body));
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= header.size();) {
    const auto end = std::min(header.find(' ', at), header.size());
    words.push_back(header.substr(at, end - at));
    at = end + 1;
  }
  ASSERT_EQ(words.size(), 5U);
  EXPECT_EQ(words[0], "v1");
  EXPECT_EQ(words[1], who.certificate().fingerprint().hex());
  const auto signature = from_base64(words[4]).value();
  const auto& key = who.certificate().public_key();
  EXPECT_TRUE(key.verify(
      as_bytes(call_text("POST", "/v1/drafts?x=1", node, words[2], words[3], View(body))),
      signature));
  EXPECT_FALSE(key.verify(
      as_bytes(call_text("POST", "/v1/drafts?x=2", node, words[2], words[3], View(body))),
      signature));
  EXPECT_FALSE(key.verify(
      as_bytes(call_text("POST", "/v1/drafts?x=1", node, words[2], words[3], std::nullopt)),
      signature));
}

TEST(Pages, SayWhatHappenedAndWhatToDoNext) {
  const auto page =
      fault_page({FaultCode::officer_two, "approver is missing"}, "The draft is kept.");
  for (const auto* words : {"Two different officers", "approver is missing", "The draft is kept.",
                            "Have a second officer sign.", "officer.two"})
    EXPECT_THAT(page, HasSubstr(words));
}

TEST(Pages, AlignAndWrap) {
  EXPECT_EQ(table({"A", "B"}, {{"é", "x"}, {"long", "y"}}), "A     B\né     x\nlong  y\n");
  EXPECT_EQ(table({"A"}, {}, "None."), "None.\n");
  EXPECT_EQ(wrapped("one two three", 2, 9), "  one two\n  three\n");
  EXPECT_EQ(named_lines({{"a", "1"}, {"none", ""}, {"bcd", "2"}}), "  a    1\n  bcd  2\n");
  EXPECT_EQ(bytes_words(1023), "1023 B");
  EXPECT_EQ(bytes_words(1536), "1.5 KiB");
  EXPECT_EQ(progress_line("sealing", 512, 1024, 1000),
            "sealing  [############............]  512 B of 1.0 KiB  512 B/s  2 s left");
  EXPECT_EQ(progress_line("sealing", 0, 0, 0),
            "sealing  [########################]  0 B of 0 B  0 B/s");
}

TEST(Events, AreCutOutOfTheStreamWhereverItIsCut) {
  const std::string stream =
      ": hello\n\nevent: item\ndata: {\"a\":1}\n\nretry: 5\ndata: x\r\ndata: y\r\n\r\n";
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    EventReader reader;
    auto events = reader.take(as_bytes(stream.substr(0, cut))).value();
    for (auto& event : reader.take(as_bytes(stream.substr(cut))).value())
      events.push_back(std::move(event));
    EXPECT_THAT(events, testing::ElementsAre("{\"a\":1}", "x\ny")) << cut;
  }
  EventReader reader;
  EXPECT_EQ(reader.take(as_bytes(std::string((64 << 10) + 1, 'x'))).error().code,
            FaultCode::limit_size);
}

TEST(NewFiles, AppearOnlyWhole) {
  const Folder folder;
  {
    auto file = NewFile::begin(folder / "out").value();
    ASSERT_TRUE(file.write(as_bytes("half")));
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "out"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out.partial"));
  auto file = NewFile::begin(folder / "out").value();
  EXPECT_EQ(NewFile::begin(folder / "out").error().code, FaultCode::store_exists);
  ASSERT_TRUE(file.write(as_bytes("whole")));
  EXPECT_EQ(file.finish(), crypto::sha256(as_bytes("whole")));
  EXPECT_TRUE(std::filesystem::exists(folder / "out"));
  EXPECT_FALSE(std::filesystem::exists(folder / "out.partial"));
  EXPECT_EQ(NewFile::begin(folder / "out").error().code, FaultCode::store_exists);
}

TEST(Evidence, OfAFileThatChangesIsRefused) {
  const Folder folder;
  const auto path = folder.write("disk.img", "before");
  auto source = open_evidence({path}).value();
  EXPECT_EQ(source.total, 6U);
  EXPECT_EQ(source.name, "disk.img");
  Bytes buffer(64);
  EXPECT_EQ(source.bytes->read(buffer), 6U);
  folder.write("disk.img", "after all");
  Result<std::size_t> last = 1;
  while (last && *last != 0) last = source.bytes->read(buffer);
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, FaultCode::evidence_changed);
}

TEST(Evidence, OfAFolderSaysWhatItLeavesOut) {
  const Folder folder;
  std::filesystem::create_directory(folder / "case");
  folder.write("case/a", "a");
  ASSERT_EQ(::mkfifo((folder / "case/pipe").c_str(), 0600), 0);
  auto source = open_evidence({folder / "case"}).value();
  EXPECT_EQ(source.media, evidence::Media::folder_tar);
  EXPECT_EQ(source.name, "case.tar");
  ASSERT_EQ(source.omissions.size(), 1U);
  Bytes buffer(1 << 16);
  Result<std::size_t> count = 1;
  while (count && *count != 0) count = source.bytes->read(buffer);
  EXPECT_TRUE(count);
}

TEST(Problems, BecomeTheFaultTheyTellOf) {
  const auto fault = fault_of(
      403,
      as_bytes(R"({"type":"urn:comity:error:officer.two","code":"officer.two","detail":"why"})"));
  EXPECT_EQ(fault.code, FaultCode::officer_two);
  EXPECT_EQ(fault.detail, "why");
  EXPECT_EQ(fault_of(500, as_bytes("<html>")).code, FaultCode::peer_protocol);
}

TEST(CommandLines, AreAnsweredWithExitCodes) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_with({"--help"}), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("comity serve kgz"));
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_with({"evidence", "add", "--help"}), 0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("Examples:"));
  EXPECT_EQ(run_with({"serve", "somewhere"}), 7);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_with({"request", "accept"}), 2);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("request.usage"));
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_with({"no-such-verb"}), 2);
  EXPECT_EQ(run_with({"request"}), 2);
  EXPECT_EQ(run_with({"status", "--home", "/nonexistent"}), 2);
  testing::internal::GetCapturedStderr();
}

/// 0 and 2 speak of an export that was looked at: a call that was not understood may say neither.
TEST(CommandLines, NeverCallAnExportConsistentThatWasNotLookedAt) {
  const Folder folder;
  const auto none = folder / "none", file = folder.write("file", "text");
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_with({"verify"}), 1);
  EXPECT_EQ(run_with({"verify", (folder / "").c_str(), "--no-such-option"}), 1);
  EXPECT_EQ(run_with({"verify", none.c_str()}), 1);
  EXPECT_EQ(run_with({"verify", file.c_str()}), 1);
  EXPECT_EQ(run_with({"verify", (folder / "").c_str(), "--trust", "KGZ=00"}), 1);
  EXPECT_EQ(run_with({"verify", (folder / "").c_str(), "--trust", "@nothing"}), 1);
  const auto told = testing::internal::GetCapturedStderr();
  EXPECT_THAT(told, HasSubstr("request.file"));
  EXPECT_THAT(told, HasSubstr("Nothing was checked."));
}

TEST(CommandLines, SayWhichFileIsNotThere) {
  const Folder folder;
  const auto none = folder / "none";
  const std::vector<std::vector<const char*>> calls = {{"root", "show", none.c_str()},
                                                       {"log", "check", none.c_str()},
                                                       {"status", "--home", none.c_str()}};
  for (const auto& words : calls) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(run_with(words), 2);
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("request.file"));
  }
  EXPECT_EQ(OfficerKey::load(none).error().code, FaultCode::no_file);
}

/// The verbs below these words, as --help names them, and below them in turn.
void expect_examples(const std::vector<std::string>& words) {
  std::vector<const char*> arguments;
  for (const auto& word : words) arguments.push_back(word.c_str());
  arguments.push_back("--help");
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_with(arguments), 0);
  std::istringstream help(testing::internal::GetCapturedStdout());
  bool has_examples = false, are_verbs = false;
  std::vector<std::string> below;
  for (std::string line; std::getline(help, line);) {
    has_examples = has_examples || line == "Examples:";
    if (line == "Subcommands:") {
      are_verbs = true;
    } else if (line.empty()) {
      are_verbs = false;
    } else if (are_verbs && line.starts_with("  ") && line[2] != ' ') {
      below.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
  }
  std::string verb = "comity";
  for (const auto& word : words) verb += ' ' + word;
  EXPECT_TRUE(has_examples) << verb;
  EXPECT_TRUE(!words.empty() || below.size() > 10) << "the verbs were not found";
  for (const auto& name : below) {
    auto longer = words;
    longer.push_back(name);
    expect_examples(longer);
  }
}

TEST(CommandLines, TeachEachVerbByExample) {
  expect_examples({});
}

TEST(CommandLines, TakeOneOfficerForEachName) {
  std::vector<std::string> officers;
  std::string id;
  CommandLine line("test", "");
  auto verb = line.root().verb("do", "something");
  verb.texts("--as", officers, "officers").text("ID", id, "id", Presence::required);
  verb.does([]() -> Result<int> { return 0; });
  const std::vector<const char*> arguments = {"comity", "do", "--as", "a", "id", "--as", "b"};
  ASSERT_TRUE(line.parse(static_cast<int>(arguments.size()), arguments.data()));
  EXPECT_EQ(officers, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(id, "id");
}

TEST(Init, RecordsTheLawByWhichTheNodeJudges) {
  const Folder folder;
  const auto init = [&](const std::string& home, const std::string& profile) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_with({"init", home.c_str(), "--state", "KGZ", "--authority", "Prosecutor",
                               "--listen", "127.0.0.1:9443", "--exercise", "--profile",
                               profile.c_str(), "--data", (folder / "data").c_str()});
    testing::internal::GetCapturedStdout();
    testing::internal::GetCapturedStderr();
    return code;
  };
  namespace fs = std::filesystem;
  fs::copy(source_dir() + "/data", folder / "data", fs::copy_options::recursive);
  fs::copy(folder / "data/profiles/exercise.toml", folder / "data/profiles/kgz-exercise.toml");
  EXPECT_EQ(init(folder / "kgz", "kgz-exercise"), 0);
  const auto home = store::Home::open(folder / "kgz");
  ASSERT_TRUE(home) << home.error().detail;
  EXPECT_EQ(home->settings().profile, "kgz-exercise");
  // A law that is not there, and a path, make no home.
  EXPECT_NE(init(folder / "none", "atlantis"), 0);
  EXPECT_NE(init(folder / "none", "../profiles/exercise"), 0);
  EXPECT_FALSE(fs::exists(folder / "none"));
}

TEST(Init, MakesAHomeThatTheRootLeavesAndTheLogsCheck) {
  const Folder folder;
  const std::string home = folder / "kgz", data = source_dir() + "/data";
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_with({"init", home.c_str(), "--state", "KGZ", "--authority", "Prosecutor General",
                      "--listen", "127.0.0.1:9443", "--exercise", "--data", data.c_str()}),
            0);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("EXERCISE"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home)) {
    using enum std::filesystem::perms;
    const auto others = entry.status().permissions() & (group_all | others_all);
    EXPECT_EQ(others, none) << entry.path();
  }
  const std::string key = folder / "aibek";
  const std::string request = key + ".csr", certificate = key + ".crt", root = home + "/root";
  testing::internal::CaptureStdout();
  EXPECT_EQ(run_with({"officer", "new", key.c_str(), "--name", "Aibek Usenov", "--state", "KGZ"}),
            0);
  EXPECT_EQ(run_with({"root", "certify", root.c_str(), "--request", request.c_str(), "--role",
                      "approver", "-o", certificate.c_str()}),
            0);
  const std::string entry = home + "/entry.p7m", next = folder / "entry-2.p7m";
  EXPECT_EQ(run_with({"root", "entry", root.c_str(), "--from", entry.c_str(), "-o", next.c_str()}),
            0);
  EXPECT_EQ(run_with({"log", "check", home.c_str()}), 0);
  EXPECT_EQ(run_with({"directory", "own", "--home", home.c_str()}), 0);
  testing::internal::GetCapturedStdout();
  const auto loaded = OfficerKey::load(key);
  ASSERT_TRUE(loaded) << loaded.error().detail;
  EXPECT_TRUE(loaded->has_role("approver"));
  EXPECT_FALSE(loaded->has_role("executor"));
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_with({"status", "--home", home.c_str()}), 4) << "no node runs";
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("node.down"));
}

}  // namespace comity::cli
