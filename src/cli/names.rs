//! Names of files that somebody else chose.

/// Bytes of a name: file systems take 255, and a number may come before it.
const LENGTH: usize = 200;
/// Bytes of its ending, with the dot.
const ENDING: usize = 20;
/// What some systems take for a device, whatever ending it has.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Names in one folder beside `first`, each different from all others, for a case-blind system too.
pub fn safe_names<'a>(first: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut safe = vec![first.to_owned()];
    let mut taken = vec![folded(first)];
    for (number, name) in (1..).zip(names) {
        let mut name = safe_name(name, number);
        while taken.contains(&folded(&name)) {
            name = format!("{number}-{name}");
        }
        taken.push(folded(&name));
        safe.push(name);
    }
    safe
}

fn folded(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// A name from outside as a name in our folder: no path, no device, no hidden file, no option of a
/// command, nothing that is read otherwise than it stands, and not too long.
pub fn safe_name(name: &str, number: usize) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control() && !is_unseen(*c))
        .map(|c| if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') { '_' } else { c })
        .collect();
    let around = |c: char| c.is_whitespace() || c == '.';
    let clean = shortened(clean.trim_matches(around)).trim_end_matches(around).to_owned();
    match clean {
        clean if clean.is_empty() => format!("attachment-{number}"),
        clean if clean.starts_with('-') || is_device(&clean) => format!("_{clean}"),
        clean => clean,
    }
}

/// Marks that change the direction of a text, and spaces of no width. The joiners of Persian and
/// other scripts stay.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_device(name: &str) -> bool {
    let stem = folded(name.split('.').next().unwrap_or_default().trim());
    let numbered = |device| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        number.chars().count() == 1 && number.chars().all(|c| c.is_ascii_digit() || "¹²³".contains(c))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

/// The name with as much of it as there is room for, and its ending.
fn shortened(name: &str) -> String {
    if name.len() <= LENGTH {
        return name.to_owned();
    }
    let ending = name.rfind('.').map(|at| &name[at..]).filter(|ending| ending.len() <= ENDING);
    let ending = ending.unwrap_or_default();
    let mut room = LENGTH - ending.len();
    while !name.is_char_boundary(room) {
        room -= 1;
    }
    format!("{}{ending}", &name[..room])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_stay_in_the_folder() {
        for (given, safe) in [
            ("letter.pdf", "letter.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\windows\\x.txt", "x.txt"),
            ("..", "attachment-3"),
            (".ssh", "ssh"),
            (". .hidden", "hidden"),
            ("", "attachment-3"),
            ("نامه.txt", "نامه.txt"),
            ("می\u{200c}خواهم.txt", "می\u{200c}خواهم.txt"),
            ("a\u{0}b\n.txt", "ab.txt"),
            ("CON", "_CON"),
            ("con.txt", "_con.txt"),
            ("LPT1.pdf", "_LPT1.pdf"),
            ("COM¹", "_COM¹"),
            ("com10.txt", "com10.txt"),
            ("console.txt", "console.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("-rf", "_-rf"),
            ("a.txt:stream", "a.txt_stream"),
            ("name. . ", "name"),
        ] {
            assert_eq!(safe_name(given, 3), safe, "{given:?}");
        }
        for (given, ending) in
            [("x".repeat(5000) + ".pdf", ".pdf"), ("\u{10348}".repeat(200), ""), ("y.".repeat(300), "")]
        {
            let safe = safe_name(&given, 3);
            assert!(safe.len() <= LENGTH && safe.len() > LENGTH - 8 && safe.ends_with(ending), "{safe}");
        }
    }

    #[test]
    fn no_two_names_are_the_same() {
        let given = ["3-a", "a", "a", "A", "request.json", "../a", "3-a"];
        let safe = safe_names("request.json", given.into_iter());
        let expected = ["request.json", "3-a", "a", "3-3-a", "4-A", "5-request.json", "6-a", "7-3-a"];
        assert_eq!(safe, expected);
    }
}
