//! Searches files for secrets, in every form in which programs write bytes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// Bytes of a form at least: shorter ones would be found by chance.
const SHORTEST: usize = 12;

/// What must not be found, by name.
#[derive(Default)]
pub struct Secrets {
    forms: Vec<(String, &'static str, Vec<u8>)>,
    known: BTreeSet<Vec<u8>>,
}

/// What was found: the name of the secret, and its form.
pub type Found = BTreeSet<(String, &'static str)>;

impl Secrets {
    /// Adds a secret; the same again counts once.
    pub fn add(&mut self, name: impl Into<String>, bytes: &[u8]) {
        assert!(bytes.len() >= 16, "a secret that could be found by chance");
        if !self.known.insert(bytes.to_vec()) {
            return;
        }
        let name = name.into();
        for (form, bytes) in forms(bytes) {
            assert!(bytes.len() >= SHORTEST, "{name}, {form}");
            self.forms.push((name.clone(), form, bytes));
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// Names of all.
    pub fn names(&self) -> BTreeSet<String> {
        self.forms.iter().map(|(name, ..)| name.clone()).collect()
    }

    /// Every file below these folders in which there is a secret, and how much was looked through.
    pub fn search(&self, folders: &[&Path]) -> (BTreeMap<PathBuf, Found>, u64) {
        let mut begins: HashMap<u64, Vec<usize>> = HashMap::new();
        let mut may = vec![false; 1 << 16];
        for (number, (.., bytes)) in self.forms.iter().enumerate() {
            let begin = u64::from_be_bytes(bytes[..8].try_into().unwrap());
            begins.entry(begin).or_default().push(number);
            may[(begin & 0xFFFF) as usize] = true;
        }
        let (mut found, mut searched) = (BTreeMap::new(), 0);
        for file in folders.iter().flat_map(|folder| regular_files(folder)) {
            let bytes = std::fs::read(&file).unwrap();
            searched += bytes.len() as u64;
            let (mut here, mut window) = (Found::new(), 0_u64);
            for (at, byte) in bytes.iter().enumerate() {
                window = window << 8 | u64::from(*byte);
                if at < 7 || !may[(window & 0xFFFF) as usize] {
                    continue;
                }
                for number in begins.get(&window).into_iter().flatten() {
                    let (name, form, wanted) = &self.forms[*number];
                    if bytes[at - 7..].starts_with(wanted) {
                        here.insert((name.clone(), *form));
                    }
                }
            }
            if !here.is_empty() {
                found.insert(file, here);
            }
        }
        (found, searched)
    }
}

fn forms(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let joined =
        |each: &dyn Fn(&u8) -> String| bytes.iter().map(each).collect::<Vec<_>>().join(", ").into_bytes();
    let lines =
        |each: &dyn Fn(&u8) -> String| bytes.iter().map(each).collect::<Vec<_>>().join(",\n").into_bytes();
    let mut forms = vec![
        ("raw", bytes.to_vec()),
        ("hex", hex::encode(bytes).into_bytes()),
        ("HEX", hex::encode_upper(bytes).into_bytes()),
        (
            "hex with colons",
            bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":").into_bytes(),
        ),
        ("numbers", joined(&|b| b.to_string())),
        (
            "numbers without blanks",
            bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",").into_bytes(),
        ),
        ("numbers, a line each", lines(&|b| format!("    {b}"))[4..].to_vec()),
        ("hex numbers", joined(&|b| format!("{b:02x}"))),
        ("hex numbers with 0x", joined(&|b| format!("{b:#04x}"))),
        ("escaped bytes", bytes.escape_ascii().to_string().into_bytes()),
        ("reversed", bytes.iter().rev().copied().collect()),
    ];
    // In base64 it looks otherwise behind no byte, one or two of others: what depends on these is
    // left out.
    for before in 0..3 {
        let padded = [&vec![0; before][..], bytes].concat();
        let (from, until) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        for (form, text) in [("base64", STANDARD.encode(&padded)), ("base64url", URL_SAFE.encode(&padded))] {
            forms.push((form, text.as_bytes()[from..until].to_vec()));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        forms.push(("lower case", text.to_lowercase().into_bytes()));
        forms.push(("escaped text", text.escape_default().to_string().into_bytes()));
        forms.push(("UTF-16", utf16(u16::to_le_bytes)));
        let json = text.encode_utf16().map(|unit| match u8::try_from(unit).ok().filter(u8::is_ascii) {
            Some(ascii) => char::from(ascii).to_string(),
            None => format!("\\u{unit:04x}"),
        });
        forms.push(("JSON in ASCII", json.collect::<String>().into_bytes()));
        let percent =
            text.bytes().map(|byte| match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            });
        forms.push(("percent", percent.collect::<String>().into_bytes()));
    }
    forms
}

fn regular_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = super::support::files_below(folder);
    // A socket holds nothing.
    files.retain(|file| !std::fs::metadata(file).unwrap().file_type().is_socket());
    files
}

#[test]
fn a_secret_is_found_in_every_form() {
    let dir = tempfile::tempdir().unwrap();
    let secret = "Marîa-of-sixteen-bytes".as_bytes();
    let mut secrets = Secrets::default();
    secrets.add("it", secret);
    assert!(secrets.search(&[dir.path()]).0.is_empty());
    let write = |name: &str, text: &[u8]| {
        std::fs::write(dir.path().join(name), [b"..", text, b".."].concat()).unwrap()
    };
    write("raw", secret);
    write("debug", format!("{secret:?}").as_bytes());
    write("debug-hex", format!("{secret:02x?}").as_bytes());
    write("pretty", format!("{secret:#?}").as_bytes());
    write("text", format!("{:?}", "MARÎA-of-sixteen-bytes").to_lowercase().as_bytes());
    for before in 0..3 {
        let around = [&vec![b'x'; before][..], secret, b"yz"].concat();
        write(&format!("base64-{before}"), STANDARD.encode(&around).as_bytes());
        write(&format!("url-{before}"), URL_SAFE.encode(around).as_bytes());
    }
    write("hex", hex::encode(secret).as_bytes());
    std::fs::write(dir.path().join("cut"), &secret[..secret.len() - 1]).unwrap();
    let (found, searched) = secrets.search(&[dir.path()]);
    assert_eq!(found.len(), 12, "{found:#?}");
    assert!(!found.contains_key(&dir.path().join("cut")) && searched > 500);
}
