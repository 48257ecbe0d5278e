//! What the commands say of some lines of the table, and with which exit code.

use crate::fixture::{Fixture, copy};
use crate::place::{Place, flip};
use crate::support::run;
use std::path::Path;

/// Exit code, and all that was printed.
fn says(args: &[&str], folders: &[&Path]) -> (i32, String) {
    let folders = folders.iter().map(|folder| folder.to_str().unwrap());
    let output = run(&args.iter().copied().chain(folders).collect::<Vec<_>>());
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn exit_codes_tell_sound_from_unsound_from_unreadable() {
    let Fixture { xa, xb, .. } = Fixture::get();
    let entries = format!("tile/entries/000.p/{}", xa.size());
    type Damage<'a> = &'a dyn Fn(&Place);
    let cases: [(&str, &Path, Damage, i32, &str); 12] = [
        ("an export", &xa.export, &|_| {}, 0, "sound"),
        ("a directory", &xa.data, &|_| {}, 0, "key by key"),
        ("a leaf", &xa.export, &|place| flip(&place.data().join(&entries), 20), 1, "entry 0"),
        ("a group", &xa.data, &|place| flip(&place.journal(), 50), 1, "entry 0"),
        ("a checkpoint", &xa.export, &|place| flip(&place.data().join("checkpoint"), 9), 1, "of another log"),
        (
            "a line of the keys",
            &xa.export,
            &|place| std::fs::write(place.data().join("vkeys"), "cut").unwrap(),
            1,
            "not sound: the export is damaged: vkeys is cut",
        ),
        (
            "both slots of the kept checkpoint",
            &xa.data,
            &|place| {
                let path = place.data().join("checkpoint");
                std::fs::write(&path, vec![1; std::fs::metadata(&path).unwrap().len() as usize]).unwrap();
            },
            1,
            "/checkpoint holds no sound checkpoint",
        ),
        (
            "the heading of a segment",
            &xa.data,
            &|place| flip(&place.journal(), 0),
            1,
            "the journal is damaged: ",
        ),
        (
            "a file that is gone",
            &xa.export,
            &|place| std::fs::remove_file(place.data().join(&entries)).unwrap(),
            2,
            "tile/entries",
        ),
        (
            "no checkpoint",
            &xa.export,
            &|place| std::fs::remove_file(place.data().join("checkpoint")).unwrap(),
            2,
            "holds no ledger",
        ),
        (
            "no journal",
            &xa.data,
            &|place| std::fs::remove_dir_all(place.data().join("journal")).unwrap(),
            2,
            "holds no ledger",
        ),
        (
            "a store that leads elsewhere",
            &xa.data,
            &|place| std::os::unix::fs::symlink("/dev/zero", place.data().join("store/blob")).unwrap(),
            1,
            "is no file",
        ),
    ];
    for (name, folder, damage, code, words) in cases {
        let place = copy(folder, &xa.identity);
        damage(&place);
        for args in [&["ledger", "verify"][..], &["ledger", "verify", "--json"]] {
            let (found, text) = says(args, &[&place.data()]);
            assert_eq!(found, code, "{name}: {text}");
            assert!(args.len() > 2 && code == 0 || text.contains(words), "{name}: {text}");
        }
    }

    let out = tempfile::tempdir().unwrap();
    let (code, text) = says(&["ledger", "export", "--out"], &[out.path(), &xa.export]);
    assert!(code == 2 && text.contains("is an export already"), "{code}: {text}");

    assert_eq!(says(&["ledger", "compare"], &[&xa.export, &xb.data]).0, 0);
    let rolled_back = tempfile::tempdir().unwrap();
    crate::resigned::export(&xa.entries[..20], rolled_back.path());
    let (code, text) = says(&["ledger", "verify"], &[rolled_back.path()]);
    assert_eq!(code, 0, "with the log key, nothing in it is wrong: {text}");
    let (code, text) = says(&["ledger", "compare"], &[rolled_back.path(), &xb.export]);
    let first = xb.first_witness_beyond(20).unwrap();
    let older = "older copy: XA's ledger ends here with 20 entries; XB saw it with ";
    let entry = format!("(from its entry {first} on)");
    assert!(code == 4 && text.contains(older) && text.contains(&entry), "{code}: {text}");
    assert!(!text.contains("FORK") && !text.contains("INVENTED"), "{text}");
    let folders = [rolled_back.path(), &xb.export];
    let (code, text) = says(&["ledger", "compare", "--json"], &folders);
    let told: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((code, &told["sound"], &told["older"][0]["size"]), (4, &true.into(), &20.into()), "{text}");
    assert_eq!((&told["older"][0]["by"], &told["older"][0]["index"]), (&"XB".into(), &first.into()));
}
