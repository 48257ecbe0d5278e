//! The tamper table: what was changed in a copy of a ledger is found, and named.
//!
//! Every case is a line of data: what is done to a copy of a data directory or of an export,
//! and what verification, or comparison with the peer's untouched ledger, must say of it.

#[path = "tamper/command.rs"]
mod command;
#[path = "tamper/confirmations.rs"]
mod confirmations;
#[path = "tamper/directory.rs"]
mod directory;
#[path = "tamper/drafter.rs"]
mod drafter;
#[path = "tamper/export.rs"]
mod export;
#[path = "tamper/fixture.rs"]
mod fixture;
#[path = "tamper/hostile.rs"]
mod hostile;
#[path = "tamper/index.rs"]
mod index;
#[path = "store/place.rs"]
#[allow(dead_code, reason = "the store's tests use the rest")]
mod place;
#[path = "tamper/resigned.rs"]
mod resigned;
#[path = "tamper/statuses.rs"]
mod statuses;
#[path = "tamper/story.rs"]
mod story;
mod support;
#[path = "tamper/table.rs"]
mod table;
