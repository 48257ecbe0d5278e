//! The letter as PDF: set by typst, with fonts of our own and nothing from the machine. The
//! file is PDF/A-2a: it can be archived, and read aloud.

use super::fonts;
use super::model::Letter;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic, Warned};
use typst::foundations::{Bytes, Datetime, Smart};
use typst::layout::PagedDocument;
use typst::syntax::{FileId, Source, VirtualPath};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

/// How a letter is laid out. It sees the letter as data: no text of it is ever read as markup.
const TEMPLATE: &str = include_str!("letter.typ");
/// The name under which the template finds the letter.
const DATA: &str = "/letter.json";
/// Characters that are named when no font has them.
const NAMED: usize = 8;

/// A letter that can't be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// No font here has these characters.
    #[error("no font of the letter has {0}")]
    NoGlyph(String),
    /// The layout failed.
    #[error("the letter can't be set: {0}")]
    Layout(String),
}

/// Fonts, read once.
struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    library: LazyHash<Library>,
}

static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let read = |font: &fonts::Font| Font::new(Bytes::new(font.bytes), 0).expect("a font of ours is whole");
    let fonts: Vec<Font> = fonts::ALL.iter().map(read).collect();
    Fonts {
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        library: LazyHash::new(<Library as typst::LibraryExt>::default()),
    }
});

/// All that the layout may see: the template and one letter.
struct Desk {
    template: Source,
    letter: Bytes,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &FONTS.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match id == self.template.id() {
            true => Ok(self.template.clone()),
            false => Err(FileError::AccessDenied),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id == FileId::new(None, VirtualPath::new(DATA)) {
            true => Ok(self.letter.clone()),
            false => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    /// A letter has the date that it was written on.
    fn today(&self, _offset: Option<i64>) -> Option<Datetime> {
        None
    }
}

/// The letter as a PDF file. The same letter gives the same bytes.
pub fn pdf(letter: &Letter) -> Result<Vec<u8>, PdfError> {
    let document = pages(letter)?;
    let standards =
        PdfStandards::new(&[PdfStandard::A_2a]).map_err(|error| PdfError::Layout(error.to_string()))?;
    let written = i64::try_from(letter.written).ok().and_then(|t| jiff::Timestamp::from_millisecond(t).ok());
    let timestamp = written.and_then(|time| {
        let at = time.to_zoned(jiff::tz::TimeZone::UTC);
        let part = |part: i8| u8::try_from(part).ok();
        let (month, day) = (part(at.month())?, part(at.day())?);
        let (hour, minute, second) = (part(at.hour())?, part(at.minute())?, part(at.second())?);
        let time = Datetime::from_ymd_hms(at.year().into(), month, day, hour, minute, second)?;
        Some(Timestamp::new_utc(time))
    });
    let options = PdfOptions { ident: Smart::Auto, timestamp, standards, ..PdfOptions::default() };
    typst_pdf::pdf(&document, &options).map_err(|errors| refused(&errors))
}

/// The pages of a letter, laid out.
pub fn pages(letter: &Letter) -> Result<PagedDocument, PdfError> {
    let json = serde_json::to_vec(letter).map_err(|error| PdfError::Layout(error.to_string()))?;
    covered(&String::from_utf8_lossy(&json))?;
    let id = FileId::new(None, VirtualPath::new("/letter.typ"));
    let desk = Desk { template: Source::new(id, TEMPLATE.to_owned()), letter: Bytes::new(json) };
    let Warned { output, .. } = typst::compile::<PagedDocument>(&desk);
    output.map_err(|errors| refused(&errors))
}

fn refused(errors: &[SourceDiagnostic]) -> PdfError {
    PdfError::Layout(errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; "))
}

/// Whether every character can be shown. A letter with boxes in the place of a name is none.
fn covered(text: &str) -> Result<(), PdfError> {
    let shown = |c: char| {
        let unseen = c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}');
        unseen || FONTS.fonts.iter().any(|font| font.info().coverage.contains(c.into()))
    };
    let mut missing: Vec<char> = text.chars().filter(|c| !shown(*c)).collect();
    missing.sort_unstable();
    missing.dedup();
    match missing.is_empty() {
        true => Ok(()),
        false => {
            let named = |c: &char| format!("{c} (U+{:04X})", u32::from(*c));
            let mut names: Vec<String> = missing.iter().take(NAMED).map(named).collect();
            names.extend((missing.len() > NAMED).then(|| format!("{} more", missing.len() - NAMED)));
            Err(PdfError::NoGlyph(names.join(", ")))
        }
    }
}
