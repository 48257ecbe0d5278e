//! Floor 4: what leaves the data directory for others to keep. Exports that strangers verify,
//! and the mirror of a running gateway.

pub mod export;
pub mod from_data;
pub mod inspect;
mod stranger;
mod tile_files;

pub use inspect::inspect;
