#include "store/home.hpp"
#include "store/room.hpp"

#include "store/evidence_files.hpp"
#include "store/records_test.hpp"

namespace comity::store {
namespace {

using namespace sample;
using testing::HasSubstr;

Settings settings() {
  return {.state = state("KGZ"),
          .authority = "Генеральная прокуратура \"учения\" \\",
          .authority_code = "prosecutor-general",
          .exercise = true,
          .listen = {"127.0.0.1", 8443},
          .console = directory::Endpoint{"::1", 8080},
          .languages = {"ru", "ky", "zh-Hans"},
          .second_contacts = {{"Duty officer", "+996 312 000000", "At any hour, in Russian"}},
          .log_origin_prefix = "kgz.comity.example/",
          .data_directory = "/usr/share/comity",
          .profile = "exercise",
          .lines = {{state("BFA"), {.bytes_per_s_max = 2'000'000, .hours = node::Hours{1200, 390}}},
                    {state("EGY"), {.bytes_per_s_max = k_line_bytes_per_s_min, .hours = {}}}}};
}

/// The written settings with one text in place of another.
Result<Settings> changed(std::string_view from, std::string_view to) {
  std::string text = write_settings(settings()).value();
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return read_settings(as_bytes(text.replace(at, from.size(), to)), "comity.toml");
}

void permit(const std::filesystem::path& path, std::filesystem::perms more) {
  std::filesystem::permissions(path, more, std::filesystem::perm_options::add);
}

}  // namespace

TEST(Settings, ComeBackAsWritten) {
  const auto text = write_settings(settings());
  ASSERT_TRUE(text) << text.error().detail;
  EXPECT_EQ(*read_settings(as_bytes(*text), "comity.toml"), settings());
  auto plain = settings();
  plain.console.reset();
  plain.second_contacts.clear();
  plain.limits = {
      .item_bytes_max = 1, .transfers_max = 2, .connections_max = 3, .scrub_bytes_s = 4};
  EXPECT_EQ(*read_settings(as_bytes(*write_settings(plain)), "comity.toml"), plain);
}

TEST(Settings, GiveEachPartnersLineOneCeilingAndHoursThatCanBeKept) {
  EXPECT_THAT(changed("partner = \"EGY\"", "partner = \"BFA\"").error().detail,
              HasSubstr("lines[1].partner"));
  EXPECT_THAT(changed("hours = \"20:00-06:30\"", "hours = \"20:00-20:00\"").error().detail,
              HasSubstr("hours"));
  EXPECT_THAT(changed("bytes_per_s_max = 65536", "bytes_per_s_max = 65535").error().detail,
              HasSubstr("lines[1].bytes_per_s_max"));
  const auto lines = [](std::size_t count) {
    auto many = settings();
    many.lines.clear();
    for (std::size_t i = 0; i < count; ++i)
      many.lines.push_back(
          {state(std::string{char('A' + i / 26 / 26), char('A' + i / 26 % 26), char('A' + i % 26)}),
           {}});
    return write_settings(many);
  };
  EXPECT_TRUE(lines(k_lines_max));
  EXPECT_FALSE(lines(k_lines_max + 1));
}

TEST(Settings, NameTheLineThatIsWrong) {
  EXPECT_THAT(changed("exercise = true", "exercise = 1").error().detail,
              testing::StartsWith("comity.toml:6: exercise"));
  EXPECT_THAT(changed("exercise = true", "exercize = true").error().detail, HasSubstr("exercise"));
  EXPECT_THAT(changed("[limits]", "[limit]").error().detail, HasSubstr("limit"));
  EXPECT_THAT(changed("transfers_max = 4", "transfers_max = 0").error().detail,
              HasSubstr("limits.transfers_max"));
}

TEST(Settings, TakeNothingThatIsNotMeant) {
  const std::vector<std::pair<std::string, std::string>> changes{
      {"\"KGZ\"", "\"kgz\""},
      {"\"KGZ\"", "\"KG\""},
      {"\"prosecutor-general\"", "\"Prosecutor\""},
      {"\"prosecutor-general\"", "\"" + std::string(65, 'a') + "\""},
      {"\"127.0.0.1:8443\"", "\"127.0.0.1\""},
      {"\"127.0.0.1:8443\"", "\"127.0.0.1:0\""},
      {"\"127.0.0.1:8443\"", "\"127.0.0.1:65536\""},
      {"\"127.0.0.1:8443\"", "\"127.0.0.1:08443\""},
      {"\"127.0.0.1:8443\"", "\":8443\""},
      {"\"127.0.0.1:8443\"", "\"::1:8443\""},
      {"\"127.0.0.1:8443\"", "\"a b:8443\""},
      {"\"[::1]:8080\"", "\"0.0.0.0:8080\""},
      {"\"[::1]:8080\"", "\"console.example:8080\""},
      {"[\"ru\", \"ky\", \"zh-Hans\"]", "[]"},
      {"[\"ru\", \"ky\", \"zh-Hans\"]", "[\"r\"]"},
      {"\"kgz.comity.example/\"", "\"kgz.comity.example\""},
      {"\"kgz.comity.example/\"", "\"kgz comity/\""},
      {"profile = \"exercise\"", "profile = \"../exercise\""},
      {"profile = \"exercise\"", "# none"},
      {"\"+996 312 000000\"", "\"0312 000000\""},
      {"\"Duty officer\"", "\"Duty\\nofficer\""},
      {"\"/usr/share/comity\"", "\"\""},
      {"exercise = true", "exercise = true\nexercise = false"},
      {"exercise = true", "exercise = true\nsecret = \"x\""},
  };
  for (const auto& [from, to] : changes) EXPECT_FALSE(changed(from, to)) << to;
  EXPECT_FALSE(read_settings({}, "comity.toml"));
  EXPECT_FALSE(read_settings(as_bytes("\x7f\xff garbage ]["), "comity.toml"));
  const std::string large(k_settings_bytes_max + 1, '\n');
  EXPECT_EQ(read_settings(as_bytes(large), "comity.toml").error().code, FaultCode::limit_size);
}

TEST(Settings, AreNotWrittenIfTheyCouldNotBeRead) {
  auto bad = settings();
  bad.authority = "two\nlines";
  EXPECT_FALSE(write_settings(bad));
  bad = settings();
  bad.authority = "x\"\nexercise = false\n#";
  EXPECT_FALSE(write_settings(bad));
  bad = settings();
  bad.listen.port = 0;
  EXPECT_FALSE(write_settings(bad));
}

TEST(Home, IsMadeForItsOwnerAlone) {
  const Folder folder;
  const auto made = Home::create(folder / "kgz", settings());
  ASSERT_TRUE(made) << made.error().detail;
  for (const auto& path :
       {made->directory(), made->logs(), made->evidence(), made->keys(), made->root()})
    EXPECT_EQ(mode_of(path), std::filesystem::perms::owner_all) << path;
  EXPECT_EQ(mode_of(made->settings_file()), k_owner_only);
  const auto opened = Home::open(folder / "kgz/");
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->settings(), settings());
  EXPECT_EQ(opened->directory(), made->directory());
  EXPECT_EQ(opened->data(), "/usr/share/comity");
  EXPECT_EQ(Home::create(folder / "kgz", settings()).error().code, FaultCode::store_exists);
}

TEST(Home, MayBeMadeInAnEmptyDirectoryAndWithItsRootGone) {
  const Folder folder;
  permit(folder, std::filesystem::perms::others_read);
  const auto made = Home::create(folder, settings());
  ASSERT_TRUE(made) << made.error().detail;
  std::filesystem::remove_all(made->root());
  EXPECT_TRUE(Home::open(folder));
}

TEST(Home, IsNotFoundWhereThereIsNone) {
  const Folder folder;
  EXPECT_EQ(Home::open(folder).error().code, FaultCode::no_file);
  EXPECT_EQ(Home::open(folder / "none").error().code, FaultCode::no_file);
  std::ofstream(folder / "file") << "x";
  EXPECT_EQ(Home::create(folder, settings()).error().code, FaultCode::store_exists);
  EXPECT_EQ(Home::create(folder / "file", settings()).error().code, FaultCode::store_exists);
}

TEST(Home, IsRefusedWhenOthersMayReadASecret) {
  const Folder folder;
  const auto home = Home::create(folder / "kgz", settings());
  ASSERT_TRUE(home);
  std::filesystem::create_directory(home->keys() / "evidence");
  std::filesystem::permissions(home->keys() / "evidence", std::filesystem::perms::owner_all);
  const std::vector<Path> secrets{home->keys() / "authority.key",
                                  home->keys() / "evidence/item-1.age-identity",
                                  home->root() / "root.key", home->database()};
  for (const auto& secret : secrets) {
    std::ofstream(secret) << "x";
    std::filesystem::permissions(secret, k_owner_only);
  }
  EXPECT_TRUE(Home::open(home->directory()));
  for (const auto& secret : secrets)
    for (const auto more : {std::filesystem::perms::group_read, std::filesystem::perms::others_read,
                            std::filesystem::perms::group_write}) {
      permit(secret, more);
      const auto opened = Home::open(home->directory());
      ASSERT_FALSE(opened) << secret;
      EXPECT_EQ(opened.error().code, FaultCode::store_permissions);
      EXPECT_THAT(opened.error().detail, HasSubstr(secret.filename().string()));
      std::filesystem::permissions(secret, k_owner_only);
    }
  permit(home->keys(), std::filesystem::perms::group_exec);
  EXPECT_EQ(Home::open(home->directory()).error().code, FaultCode::store_permissions);
}

TEST(Home, IsRefusedWhenASecretIsALink) {
  const Folder folder;
  const auto home = Home::create(folder / "kgz", settings());
  std::filesystem::create_symlink("/dev/null", home->keys() / "authority.key");
  EXPECT_EQ(Home::open(home->directory()).error().code, FaultCode::store_permissions);
}

TEST(Files, AreReplacedWholeAndReadWithinTheirLimit) {
  const Folder folder;
  const auto path = folder / "file";
  ASSERT_TRUE(write_durably(path, as_bytes("one"), k_secret_mode));
  ASSERT_TRUE(write_durably(path, as_bytes("second"), k_public_mode));
  EXPECT_EQ(*read_bounded(path, 6), to_bytes("second"));
  EXPECT_EQ(read_bounded(path, 5).error().code, FaultCode::limit_size);
  EXPECT_EQ(read_bounded(folder / "none", 5).error().code, FaultCode::store_io);
  EXPECT_EQ(create_durably(path, as_bytes("third"), k_secret_mode).error().code,
            FaultCode::store_exists);
  EXPECT_EQ(*read_bounded(path, 6), to_bytes("second"));
  EXPECT_EQ(write_durably(folder / "none/file", {}, k_secret_mode).error().code,
            FaultCode::store_io);
  int names = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++names;
  EXPECT_EQ(names, 1);
}

TEST(Files, AreNotWrittenIntoUnderTheSecondNameThatABrokenAttemptLeft) {
  const Folder folder;
  const auto path = folder / "file", half = folder / ".new-file";
  ASSERT_TRUE(create_durably(path, as_bytes("one"), k_secret_mode));
  std::filesystem::create_hard_link(path, half);
  EXPECT_EQ(create_durably(path, as_bytes("two"), k_secret_mode).error().code,
            FaultCode::store_exists);
  EXPECT_EQ(*read_bounded(path, 10), to_bytes("one"));
  std::filesystem::create_hard_link(path, half);
  EXPECT_TRUE(write_durably(path, as_bytes("three"), k_secret_mode));
  EXPECT_EQ(*read_bounded(path, 10), to_bytes("three"));
  EXPECT_FALSE(std::filesystem::exists(half));
}

TEST(Files, SayThatTheDiskIsFullAndLeaveTheOldFile) {
  const Folder folder;
  const auto path = folder / "file";
  ASSERT_TRUE(write_durably(path, as_bytes("old"), k_secret_mode));
  EXPECT_EQ(in_full_disk(1024,
                         [&] {
                           const Bytes large(4096, 1);
                           const auto done = write_durably(path, large, k_secret_mode);
                           return !done && done.error().code == FaultCode::store_full;
                         }),
            0);
  EXPECT_EQ(*read_bounded(path, 10), to_bytes("old"));
  EXPECT_TRUE(write_durably(path, as_bytes("new"), k_secret_mode));
}

TEST(Files, KeepAPartOfTheDiskFree) {
  const Folder folder;
  const Path here = folder / ".";
  ASSERT_TRUE(check_room(here, 0)) << "the machine that runs this test needs some room itself";
  const std::uint64_t beyond_any_disk = std::uint64_t{1} << 60;
  const auto refused = check_room(here, beyond_any_disk);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, FaultCode::store_full);
  EXPECT_THAT(refused.error().detail, testing::HasSubstr("64 MiB of it are kept"));
  EXPECT_EQ(check_room(folder / "nowhere", 0).error().code, FaultCode::store_io);

  const EvidenceFiles files(folder);
  const auto item = id<ItemId>("item");
  EXPECT_EQ(files.check_room(item, beyond_any_disk).error().code, FaultCode::store_full);
  // What has its place on the disk already is not asked for again.
  ASSERT_TRUE(files.make(item));
  ASSERT_TRUE(write_durably(files.sealed(item), as_bytes("sealed"), k_secret_mode));
  EXPECT_TRUE(files.check_room(item, beyond_any_disk));
}

TEST(EvidenceFiles, TellAnItemsBytesApart) {
  const Folder folder;
  const EvidenceFiles files(folder);
  const auto whole = id<ItemId>("whole"), half = id<ItemId>("half"), none = id<ItemId>("none");
  for (const auto& item : {whole, half, whole}) ASSERT_TRUE(files.make(item));
  ASSERT_TRUE(write_durably(files.sealed(whole), as_bytes("sealed"), k_secret_mode));
  ASSERT_TRUE(write_durably(files.sealed_partial(half), as_bytes("sea"), k_secret_mode));
  std::filesystem::create_directories(files.tiles(whole) / "tile/0");
  ASSERT_TRUE(write_durably(files.tiles(whole) / "tile/0/000", as_bytes("h"), k_secret_mode));

  EXPECT_EQ(**files.sealed_size(whole), 6U);
  EXPECT_EQ(*files.sealed_size(half), std::nullopt);
  EXPECT_TRUE(files.open_sealed(whole));
  EXPECT_EQ(files.open_sealed(half).error().code, FaultCode::evidence_incomplete);
  EXPECT_EQ(files.open_sealed(none).error().code, FaultCode::evidence_unknown);
  EXPECT_EQ(**files.tile(whole, "tile/0/000"), to_bytes("h"));
  EXPECT_EQ(*files.tile(whole, "tile/0/001"), std::nullopt);
  EXPECT_EQ(files.tile(whole, "../sealed.age").error().code, FaultCode::format_field);

  std::filesystem::create_directory(folder / "lost+found");
  EXPECT_EQ(files.items()->size(), 2U);
  ASSERT_TRUE(files.remove(whole));
  ASSERT_TRUE(files.remove(whole));
  EXPECT_THAT(*files.items(), testing::ElementsAre(half));
}

}  // namespace comity::store

namespace comity::store {

TEST(Files, TakeAPlainNameInTheWorkingDirectory) {
  const auto before = std::filesystem::current_path();
  const auto folder =
      std::filesystem::temp_directory_path() / ("comity-plain-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::filesystem::current_path(folder);
  const bool made = create_durably("plain.p7m", as_bytes("x"), k_public_mode).has_value();
  const bool written = write_durably("plain.p7m", as_bytes("y"), k_public_mode).has_value();
  std::filesystem::current_path(before);
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(made);
  EXPECT_TRUE(written);
}

}  // namespace comity::store
