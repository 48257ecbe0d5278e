//! Letters: everything that a request says stands on the page, in every language.

use rogatory::crypto::object::Sealed;
use rogatory::format::id::AuthorityId;
use rogatory::format::packet::{Header, SignedHeader};
use rogatory::format::suite::Suite;
use rogatory::format::wire::{
    RequestFile, cause::Code as Cause, event::Code as EventCode, urgency::Code as Urgency,
};
use rogatory::request::content;
use rogatory::request::file::{read, to_json};
use rogatory::request::language::Language;
use rogatory::request::letter::paper::Paper;
use rogatory::request::letter::{self, Block, Event, Letter, Line, Outside, Proof, Receipt};
use rogatory::request::mapping::unknown_in;
use std::path::PathBuf;

/// 15 September 2026, 08:00 UTC.
const WRITTEN: u64 = 1_789_459_200_000;

fn samples() -> Vec<(String, RequestFile)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut samples: Vec<_> = std::fs::read_dir(folder)
        .expect("samples")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a sample");
            let file = read(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.file_name().expect("a name").to_string_lossy().into_owned(), file)
        })
        .collect();
    samples.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(samples.len() >= 25, "{} samples", samples.len());
    samples
}

fn draft(file: &RequestFile, language: Language) -> Letter {
    let outside = Outside {
        sender: None,
        recipient: file.recipient.clone(),
        urgency: Urgency::Routine,
        written: WRITTEN,
        header: None,
        unknown: Vec::new(),
    };
    letter::letter(file.request.as_ref().expect("a request"), &outside, language)
}

/// Every text of a letter.
fn texts(letter: &Letter) -> Vec<String> {
    let mut all = vec![letter.sender.clone(), letter.title.clone(), letter.opening.text.clone()];
    let lines = |lines: &[Line]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
    all.extend(letter.marks.iter().map(|mark| mark.text.clone()));
    for row in &letter.facts {
        all.push(row.label.clone());
        all.extend(lines(&row.lines));
    }
    for section in &letter.sections {
        all.push(section.title.clone());
        for block in &section.blocks {
            match block {
                Block::Head { text, .. } => all.push(text.clone()),
                Block::Rows { rows, .. } => {
                    for row in rows {
                        all.push(row.label.clone());
                        all.extend(lines(&row.lines));
                    }
                }
                Block::Text { lines: own } | Block::List { lines: own } => all.extend(lines(own)),
                Block::Table { heads, rows } => {
                    all.extend(heads.clone());
                    all.extend(rows.iter().flatten().flat_map(|cell| lines(cell)));
                }
            }
        }
    }
    all
}

/// What people wrote into a request: the texts of its JSON that are no codes, dates or flags.
fn written(value: &serde_json::Value, key: &str, out: &mut Vec<String>) {
    const SHOWN_OTHERWISE: &[&str] = &[
        "language",
        "languages",
        "script",
        "iso",
        "time",
        "sha256",
        "linked_packets",
        "packets",
        "value",
        "scheme",
        "code",
        "instrument",
        "tlp",
        "calendar",
        "precision",
        "sex",
        "role",
        "listing",
        "form",
        "nature",
        "aim",
        "initiative",
        "mode",
        "onward",
        "actions",
        "part",
        "subtype",
        "priority",
        "intent",
        "notice",
        "step",
        "result",
        "ground",
        "offences",
        "latitude",
        "longitude",
    ];
    match value {
        serde_json::Value::String(text) if !SHOWN_OTHERWISE.contains(&key) => {
            out.extend(text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()));
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| written(value, key, out)),
        serde_json::Value::Object(fields) => fields.iter().for_each(|(key, value)| written(value, key, out)),
        _ => {}
    }
}

#[test]
fn a_letter_shows_everything_that_was_written() {
    let mut seen = 0;
    for (name, file) in samples() {
        let mut wanted = Vec::new();
        written(&to_json(file.request.as_ref().expect("a request"), "Request"), "", &mut wanted);
        for language in Language::ALL {
            let page = texts(&draft(&file, language)).join("\n");
            for text in &wanted {
                assert!(page.contains(text.as_str()), "{name} in {language:?} does not show {text:?}");
                seen += 1;
            }
        }
    }
    assert!(seen > 1000, "{seen} texts");
}

#[test]
fn no_word_is_missing_and_no_direction_is_left_open() {
    for (name, file) in samples() {
        for language in Language::ALL {
            for text in texts(&draft(&file, language)) {
                let unsaid = ["letter-", "field-", "kind-", "urgency-", "handling-", "offence-", "ground-"];
                assert!(
                    !unsaid.iter().any(|id| text.contains(id)),
                    "{name} in {language:?}: there is no message {text:?}"
                );
                let opened = text.matches(['\u{2066}', '\u{2067}', '\u{2068}']).count();
                assert_eq!(opened, text.matches('\u{2069}').count(), "{name} in {language:?}: {text:?}");
                assert!(!text.contains("unspecified"), "{name} in {language:?}: {text:?}");
            }
        }
    }
}

#[test]
fn a_page_in_html_holds_text_and_no_markup_of_others() {
    let (_, mut file) = samples().into_iter().find(|(name, _)| name == "refusal.json").expect("the sample");
    let request = file.request.as_mut().expect("a request");
    request.sender_reference = "</style><script>alert(1)</script>\"".into();
    request.authority.as_mut().expect("an authority").name = "<b>Court</b> & \u{202E}Co".into();
    for language in Language::ALL {
        let page = letter::html(&draft(&file, language));
        assert!(!page.contains("<script"), "{language:?}");
        assert!(!page.contains("<b>"), "{language:?}");
        assert!(!page.contains('\u{202E}'), "{language:?}");
        assert_eq!(page.matches("</style>").count(), 1, "{language:?}");
        let dir = if language.is_right_to_left() { "rtl" } else { "ltr" };
        assert!(page.contains(&format!("<html lang=\"{}\" dir=\"{dir}\">", language.tag())), "{language:?}");
    }
}

/// A signed header such as the sender of a sample would make; its digest is made up.
fn header(file: &RequestFile, sender: &str) -> SignedHeader {
    let request = file.request.as_ref().expect("a request");
    let object = Sealed {
        ciphertext_length: 4096,
        chunk_root: [1; 32],
        commitment: [2; 32],
        plaintext_digest: [3; 32],
    };
    let header = Header {
        sender: AuthorityId::parse(sender).expect("a name"),
        recipient: AuthorityId::parse(&file.recipient).expect("a name"),
        id: "01994c1e-7c00-7a2b-8c3d-4e5f60718293".parse().expect("an id"),
        case_id: "01994c1e-7c00-7a2b-8c3d-4e5f60718294".parse().expect("an id"),
        case_seq: 0,
        case_prev: None,
        kind: content::kind(request).expect("a kind"),
        urgency: file.urgency(),
        created: WRITTEN,
        expires: WRITTEN + 30 * 86_400_000,
        schema: 1,
        in_reply_to: None,
        replaces: None,
        objects: vec![object],
        key_box_digest: [4; 32],
        content_key_id: [5; 32],
    };
    SignedHeader { header, suite: Suite::One, digest: [0xa5; 32], envelope: Vec::new() }
}

fn sample(name: &str) -> RequestFile {
    samples().into_iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no {name}")).1
}

/// The letter of a packet that holds a sample.
fn sent(name: &str, sender: &str, language: Language) -> Letter {
    let file = sample(name);
    let header = header(&file, sender);
    letter::letter(file.request.as_ref().expect("a request"), &Outside::of(&header), language)
}

fn received(language: Language) -> Letter {
    let event = |event, issuer: &str, minutes: u64, index| Event {
        event,
        issuer: issuer.into(),
        at: WRITTEN + minutes * 60_000,
        cause: Cause::None,
        index,
    };
    let events = vec![
        event(EventCode::SubmissionAcceptance, "XA", 0, 17),
        event(EventCode::RelayAcceptance, "XB", 1, 19),
        event(EventCode::ContentConsignment, "XB", 1, 20),
        event(EventCode::ContentHandover, "XB", 95, 24),
    ];
    let proof = Proof { log: "rogatory/XA".into(), size: 25, root: [0x5a; 32] };
    let file = sample("financial_intelligence.json");
    letter::receipt(&header(&file, "XA"), &Receipt { events, proof: Some(proof) }, language)
}

/// Dots an inch of a reference picture.
const PPI: f32 = 50.0;
/// A dot of a page may differ by so much of 255 (mean over the page), and so many of a thousand
/// dots by more than half.
const MEAN: f64 = 1.5;
const STRONG: f64 = 4.0;

/// Pages as pictures, held against those in `tests/letters`. `ROGATORY_KEEP_LETTERS=1` makes new
/// ones: look at each, in its language, before it is kept.
#[test]
fn the_pages_look_as_they_did() {
    let pictures: [(&str, Letter, usize); 9] = [
        ("en-extradition-1", sent("extradition.json", "XD", Language::En), 0),
        ("fr-confiscation-1", sent("confiscation.toml", "XC", Language::Fr), 0),
        ("ru-transfer_of_proceedings-1", sent("transfer_of_proceedings.toml", "XD", Language::Ru), 0),
        ("ar-refusal-1", sent("refusal.json", "XE", Language::Ar), 0),
        ("fa-financial_intelligence-1", sent("financial_intelligence.json", "XA", Language::Fa), 0),
        ("fa-financial_intelligence-2", sent("financial_intelligence.json", "XA", Language::Fa), 1),
        ("fr-refusal-1", sent("refusal.json", "XE", Language::Fr), 0),
        ("ru-receipt-1", received(Language::Ru), 0),
        ("ar-receipt-1", received(Language::Ar), 0),
    ];
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/letters");
    let mut wrong = Vec::new();
    for (name, page, number) in &pictures {
        let document = letter::pages(page).unwrap_or_else(|error| panic!("{name}: {error}"));
        let drawn = typst_render::render(&document.pages[*number], PPI / 72.0);
        let stored = folder.join(format!("{name}.png"));
        if std::env::var_os("ROGATORY_KEEP_LETTERS").is_some() {
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(&stored, drawn.encode_png().expect("a picture")).expect("written");
        }
        let bytes = std::fs::read(&stored).unwrap_or_else(|error| panic!("{}: {error}", stored.display()));
        let expected = tiny_skia::Pixmap::decode_png(&bytes).expect("a picture");
        if let Some(how) = differs(&expected, &drawn) {
            let at = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
            std::fs::write(&at, drawn.encode_png().expect("a picture")).expect("written");
            wrong.push(format!("{name}: {how}; it is now {}", at.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How two pictures differ by more than another machine's rounding.
fn differs(expected: &tiny_skia::Pixmap, drawn: &tiny_skia::Pixmap) -> Option<String> {
    let size = |picture: &tiny_skia::Pixmap| (picture.width(), picture.height());
    if size(expected) != size(drawn) {
        return Some(format!("{:?} became {:?}", size(expected), size(drawn)));
    }
    let dots = expected.data().len() as f64;
    let gaps = || expected.data().iter().zip(drawn.data()).map(|(a, b)| a.abs_diff(*b));
    let mean = gaps().map(f64::from).sum::<f64>() / dots;
    let strong = gaps().filter(|gap| *gap > 127).count() as f64 * 1000.0 / dots;
    (mean > MEAN || strong > STRONG).then(|| format!("{mean:.2} on average, {strong:.2} ‰ strongly"))
}

#[test]
fn a_picture_of_another_page_is_told_apart() {
    let draw =
        |page: &Letter| typst_render::render(&letter::pages(page).expect("laid out").pages[0], PPI / 72.0);
    let page = sent("refusal.json", "XE", Language::Fa);
    let mut other = page.clone();
    assert_eq!(differs(&draw(&page), &draw(&other)), None);
    other.title = "عنوانی دیگر که هیچ شباهتی به عنوان پیشین ندارد".into();
    other.facts.remove(0);
    assert!(differs(&draw(&page), &draw(&other)).is_some());
}

/// Dots an inch of an office scanner.
const SCANNED: f32 = 300.0;

#[test]
fn a_scanner_reads_which_packet_a_page_is_of() {
    for (name, language) in [("refusal.json", Language::Fa), ("extradition.json", Language::En)] {
        let paper = Paper::of(&header(&sample(name), "XE"));
        let document = letter::pages(&sent(name, "XE", language)).expect("laid out");
        let mut read = Vec::new();
        for page in &document.pages {
            let scan = typst_render::render(page, SCANNED / 72.0);
            let (width, height) = (scan.width() as usize, scan.height() as usize);
            let grey = |x, y| scan.pixel(x as u32, y as u32).expect("a dot of the page").green();
            let mut scan = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
            read.extend(scan.detect_grids().iter().map(|grid| grid.decode().expect("a whole code").1));
        }
        assert_eq!(read, [paper.to_string()], "{name}: one code, on one page");
        assert_eq!(read[0].parse(), Ok(paper));
    }
}

#[test]
fn every_letter_is_set_as_a_pdf() {
    for (at, (name, _)) in samples().into_iter().enumerate() {
        // Each sample in one language, each language in five samples.
        let language = Language::ALL[at % Language::ALL.len()];
        let pdf = letter::pdf(&sent(&name, "XA", language)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(pdf.starts_with(b"%PDF-1."), "{name}");
    }
    let twice = || letter::pdf(&received(Language::Ru)).expect("a receipt");
    assert_eq!(twice(), twice(), "the same letter, the same bytes");
}

#[test]
fn what_this_version_does_not_know_stands_at_the_end() {
    let mut body = prost::Message::encode_to_vec(sample("refusal.json").request.as_ref().expect("one"));
    // Field 99, two bytes.
    body.extend([0x9a, 0x06, 0x02, 0x68, 0x69]);
    let unknown = unknown_in(&body, "Request").expect("a request");
    assert_eq!(unknown, [(String::new(), vec![0x9a, 0x06, 0x02, 0x68, 0x69])]);
    let request = prost::Message::decode(body.as_slice()).expect("a request");
    let file = sample("refusal.json");
    let signed = header(&file, "XE");
    let outside = Outside { unknown, ..Outside::of(&signed) };
    for language in Language::ALL {
        let said = texts(&letter::letter(&request, &outside, language)).concat();
        let squeezed: String = said.chars().filter(|letter| letter.is_ascii_graphic()).collect();
        assert!(squeezed.contains("mgYCaGk=") && squeezed.contains("base64"), "{said}");
    }
    assert!(!texts(&sent("refusal.json", "XE", Language::En)).concat().contains("base64"));
    // As much as a body holds is named by its length and digest.
    let outside = Outside { unknown: vec![("handling".into(), vec![7; 1 << 20])], ..Outside::of(&signed) };
    let said = texts(&letter::letter(&request, &outside, Language::En)).concat();
    assert!(said.contains("1048576, SHA-256") && said.len() < 100_000, "{}", said.len());
}

#[test]
fn a_name_that_no_font_can_show_is_no_box() {
    let mut file = sample("refusal.json");
    file.request.as_mut().expect("a request").authority.as_mut().expect("one").name = "სასამართლო".into();
    let error = letter::pdf(&draft(&file, Language::En)).expect_err("there is no such font");
    assert!(error.to_string().contains("ს (U+10E1)"), "{error}");
    assert!(letter::html(&draft(&file, Language::En)).contains("სასამართლო"));
}
