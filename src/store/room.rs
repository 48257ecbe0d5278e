//! Room on the disk of a data directory. What is new is refused while there is still enough for what
//! was accepted before: evidence about it, erasures, the way back.

use super::StoreError;
use rustix::fs::{StatVfsMountFlags, statvfs};
use std::path::Path;

/// With less than this free, bytes, nothing new is accepted.
pub const RESERVE: u64 = 64 << 20;

/// Bytes that this user may still write, and all bytes, of the file system of a folder.
pub fn room(folder: &Path) -> Result<(u64, u64), StoreError> {
    let found = statvfs(folder)
        .map_err(|error| StoreError::io("cannot look at the disk of", folder)(error.into()))?;
    if found.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Err(StoreError::ReadOnly(folder.to_owned()));
    }
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Ok((bytes(found.f_bavail), bytes(found.f_blocks)))
}

/// Whether so many bytes more leave the reserve as it is.
pub fn check(folder: &Path, bytes: u64) -> Result<(), StoreError> {
    let (free, _) = room(folder)?;
    match free.checked_sub(bytes) {
        Some(left) if left >= RESERVE => Ok(()),
        _ => Err(StoreError::NoRoom { path: folder.to_owned(), free }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_beside_the_reserve_is_taken_and_no_more() {
        let here = std::env::temp_dir();
        let (free, all) = room(&here).unwrap();
        assert!(free <= all);
        assert!(check(&here, 0).is_ok());
        let told = check(&here, all).unwrap_err().to_string();
        assert!(told.contains("MiB free") && told.contains("nothing new is accepted"), "{told}");
        assert!(check(&here.join("nowhere"), 0).is_err());
    }
}
