//! The faces: what peers, and what people of this authority, may call.

pub mod auditor;
pub mod carried;
mod case;
pub mod cases;
pub mod doctor;
pub mod drafts;
mod erasure;
pub mod intake;
mod keys;
pub mod officer;
pub mod operator;
mod pairing;
pub mod patience;
pub mod peer;
pub mod prove;
mod revoke;
pub mod roles;
mod summary;
