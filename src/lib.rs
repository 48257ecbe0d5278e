//! Rogatory: signed, encrypted and provable request exchange between central authorities.
//!
//! The floors, each importing only from those below it (see `docs/ARCHITECTURE.md`):
//! `cli` · `gateway` · `exchange`, `archive` · `store` · `ledger`, `request` · `format` · `crypto`.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod archive;
pub mod crypto;
pub mod exchange;
pub mod format;
pub mod gateway;
pub mod ledger;
pub mod request;
pub mod store;
