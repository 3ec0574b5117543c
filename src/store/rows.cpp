#include "store/rows.hpp"

#include "base/check.hpp"

namespace comity::store {

Result<void> TransactionGuard::begin() {
  CHECK(!open_);
  TRY(ready());
  TRY_LET(Query query, database_->query("BEGIN IMMEDIATE"));
  TRY(query.run());
  open_ = true;
  return {};
}

Result<void> TransactionGuard::commit() {
  CHECK(open_);
  TRY(ready());
  auto done = [&]() -> Result<void> {
    TRY_LET(Query query, database_->query("COMMIT"));
    return query.run();
  }();
  // If we die here, the rows stand or fall together; start-up reads which.
  open_ = false;
  lost_ = !done;
  return done;
}

void TransactionGuard::rollback() {
  open_ = broken_ = false;
  // A full disk makes the library roll back by itself.
  if (!database_->in_transaction()) return;
  if (auto query = database_->query("ROLLBACK"); !query || !query->run()) lost_ = true;
}

Result<void> TransactionGuard::ready() const {
  if (lost_)
    return fault(FaultCode::store_io,
                 "a commit failed before; only a restart tells what is stored");
  if (broken_ || (open_ && !database_->in_transaction()))
    return fault(FaultCode::store_io, "this transaction failed before and was not rolled back");
  return {};
}

}  // namespace comity::store
