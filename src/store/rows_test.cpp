#include "store/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/schema.hpp"

namespace comity::store {
namespace {

/// How the library would run a statement, step by step.
std::string plan_of(Database& database, const std::string& sql) {
  std::string plan;
  auto query = database.query("EXPLAIN QUERY PLAN " + sql);
  EXPECT_TRUE(query) << sql;
  while (query && *query->step()) plan += std::string(query->text(3)) + '\n';
  return plan;
}

}  // namespace

TEST(Statements, NeverUpdateWhatOthersNameTheRowBy) {
  EXPECT_THAT(insert_of<node::LogRecord>(),
              testing::EndsWith("ON CONFLICT (name) DO UPDATE SET origin = excluded.origin, "
                                "size = excluded.size, edge = excluded.edge, "
                                "checkpoint = excluded.checkpoint, "
                                "installed = excluded.installed"));
  EXPECT_THAT(insert_of<node::PartRecord>(), testing::HasSubstr("ON CONFLICT (owner, name)"));
  EXPECT_THAT((insert_of<node::LogEntryRecord, Clash::refuse>()),
              testing::Not(testing::HasSubstr("CONFLICT")));
  EXPECT_TRUE(in_key("owner, name", "owner"));
  EXPECT_TRUE(in_key("owner, name", "name"));
  EXPECT_FALSE(in_key("owner, name", "nam"));
}

TEST(Statements, FindTheirRowsByAnIndex) {
  const auto database = Database::open(":memory:", Database::Place::memory).value();
  ASSERT_TRUE(create_schema(*database));
  for (const std::string& sql : {
           select_of<node::ActRecord>() + "WHERE exchange = :exchange ORDER BY log_index",
           std::string("SELECT 1 FROM act WHERE exchange = :exchange AND draft = :draft "
                       "AND standing <> 'rejected' LIMIT 1"),
           select_of<node::OutboxRecord>() +
               "WHERE next_try_at <= :now OR next_try_at > :farthest LIMIT 1",
           std::string("SELECT min(next_try_at) FROM outbox"),
           select_of<node::LogEntryRecord>() +
               "WHERE log = :log AND number >= :from AND number < :to ORDER BY number",
           select_of<node::LogEntryRecord>() + "WHERE exchange = :exchange",
           select_of<node::ExchangeRecord>() +
               "WHERE true AND partner = :partner ORDER BY changed_at DESC, id LIMIT 1",
           select_of<node::ItemRecord>() + "WHERE exchange = :exchange ORDER BY rowid",
           select_of<node::DraftRecord>() + "WHERE state = 'open' ORDER BY created_at, id",
           select_of<node::PartRecord>() + "WHERE owner = :owner ORDER BY rowid",
       }) {
    const auto plan = plan_of(*database, sql);
    EXPECT_THAT(plan, testing::ContainsRegex("INDEX|PRIMARY KEY")) << sql << '\n' << plan;
  }
}

}  // namespace comity::store
