// Pages of a database that prove themselves. SQLite notices a page that makes no sense, not one
// that says something else than was written: a bit turned in a phase, a due date, a receipt. So
// each page of the file bears at its end eight bytes of SHA-256 over its number and the rest of it,
// made as it is written and checked as it is read. A bad page is store.corrupt, never a wrong
// answer. It is no protection against people: whoever can write the file can compute the bytes. The
// write-ahead log has sums of its own. Other programs read the file as ever; what they write
// without this is refused here.
#pragma once

namespace comity::store {

/// Bytes at the end of each page; the database is made with them reserved.
inline constexpr int k_page_proof_bytes = 8;

/// A file system (sqlite3_vfs) that does this above the one of that name, or above the machine's
/// own (null). Registered once a process; gives its name.
const char* with_checked_pages(const char* file_system);

}  // namespace comity::store
