//! The key back-up: whether it holds the keys without which content can't be opened any more.

use super::{Check, DAY, span};
use crate::format::Millis;
use crate::store::backed_up::BackedUp;
use crate::store::epochs::Epochs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A key that is in no back-up for so long is a failure.
const LATE: Millis = 30 * DAY;

/// What is known of the newest key back-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// When it was made; none: none is noted.
    pub made: Option<Millis>,
    /// Content and epoch keys that are not in it.
    pub lacking: usize,
    /// Age of the oldest of these.
    pub age: Millis,
}

/// What lies in a data directory, against what was noted of the back-up.
pub fn found(data: &Path, now: Millis) -> Result<Kept, String> {
    let noted = BackedUp::noted(data).map_err(|error| error.to_string())?;
    let keys = data.join("keys");
    let mut kept = Kept { made: noted.as_ref().map(|noted| noted.at), lacking: 0, age: 0 };
    for below in ["", "epochs/"] {
        let folder = keys.join(below);
        let files = match std::fs::read_dir(&folder) {
            // Epoch keys are made with the first content.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !below.is_empty() => continue,
            files => files.map_err(|error| format!("{}: {error}", folder.display()))?,
        };
        for file in files {
            let file = file.map_err(|error| format!("{}: {error}", folder.display()))?;
            let Ok(name) = file.file_name().into_string() else { continue };
            // What is signed with can be stated anew; what waits is kept for days.
            let matters = match below {
                "" => name.starts_with("content-"),
                _ => !Epochs::is_outbox(&name),
            };
            let path = format!("{below}{name}");
            if !matters || noted.as_ref().is_some_and(|noted| noted.names.contains(&path)) {
                continue;
            }
            kept.lacking += 1;
            let made = file.metadata().ok().and_then(|found| found.modified().ok()).map_or(now, millis);
            kept.age = kept.age.max(now.saturating_sub(made));
        }
    }
    Ok(kept)
}

fn millis(time: SystemTime) -> Millis {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

/// The line about it.
pub fn key_backup(found: Result<Kept, String>, now: Millis) -> Check {
    let name = "key back-up";
    let kept = match found {
        Ok(kept) => kept,
        Err(why) => return Check::warn(name, why, "run it as the user that the gateway runs as"),
    };
    let made = match kept.made {
        Some(at) => format!("the newest was made {} ago", span(now.saturating_sub(at))),
        None => "none was made here".into(),
    };
    if kept.lacking == 0 && kept.made.is_some() {
        return Check::ok(name, format!("{made}, and holds every key that content needs"));
    }
    let finding = match kept.lacking {
        0 => made,
        1 => format!("{made}; 1 key that content needs is in none, for {}", span(kept.age)),
        count => format!("{made}; {count} keys that content needs are in none, one for {}", span(kept.age)),
    };
    let remedy = "rogatory backup keys --key KEY --out FILE, for every copy: what is sealed to a key that is lost \
        is lost";
    match kept.age > LATE {
        true => Check::fail(name, finding, remedy),
        false => Check::warn(name, finding, remedy),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State::{Fail, Ok as Good, Warn};
    use super::*;

    #[test]
    fn a_key_that_is_in_no_back_up_is_said() {
        let kept = |made, lacking, age| key_backup(Ok(Kept { made, lacking, age }), 40 * DAY);
        let lines = [
            kept(Some(0), 0, 0),
            kept(None, 0, 0),
            kept(Some(0), 1, LATE),
            kept(None, 2, DAY),
            kept(Some(0), 1, LATE + 1),
            kept(None, 2, LATE + 1),
            key_backup(Err("no".into()), 0),
        ];
        for line in &lines {
            assert_eq!(line.state == Good, line.remedy.is_empty(), "{line:?}");
        }
        assert_eq!(lines.map(|line| line.state), [Good, Warn, Warn, Warn, Fail, Fail, Warn]);
    }

    #[test]
    fn keys_of_content_and_epochs_count_and_others_do_not() {
        let dir = tempfile::tempdir().unwrap();
        let epochs = dir.path().join("keys/epochs");
        let lacking = || found(dir.path(), 0).unwrap().lacking;
        assert!(found(dir.path(), 0).is_err(), "there is no folder of keys");
        std::fs::create_dir_all(&epochs).unwrap();
        assert_eq!(lacking(), 0);
        for name in [
            "content-01.key",
            "packet-01.key",
            "epochs/standard-2026-11-00.key",
            "epochs/outbox-2026-11-22.key",
        ] {
            std::fs::write(dir.path().join("keys").join(name), "").unwrap();
        }
        assert_eq!(lacking(), 2);
        let names = ["content-01.key".to_owned()].into();
        BackedUp { at: 7, names }.note(dir.path()).unwrap();
        assert_eq!((lacking(), found(dir.path(), 0).unwrap().made), (1, Some(7)));
        let names = ["content-01.key", "epochs/standard-2026-11-00.key"].map(str::to_owned).into();
        BackedUp { at: 8, names }.note(dir.path()).unwrap();
        assert_eq!(lacking(), 0);
    }
}
