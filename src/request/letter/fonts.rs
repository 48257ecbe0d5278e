//! The fonts that letters are set in. They are part of the program: a letter looks the same
//! everywhere, and nothing is looked for on the machine. See `fonts/README.md`.

/// A font file.
#[derive(Debug, Clone, Copy)]
pub struct Font {
    /// Its family.
    pub family: &'static str,
    /// 400 or 700.
    pub weight: u16,
    /// As CSS names it.
    pub format: &'static str,
    /// The file.
    pub bytes: &'static [u8],
}

/// Latin, Greek and Cyrillic.
const SERIF: &str = "Libertinus Serif";
/// Arabic and Persian.
const NASKH: &str = "Noto Naskh Arabic";

/// All of them.
pub static ALL: [Font; 4] = [
    Font {
        family: SERIF,
        weight: 400,
        format: "opentype",
        bytes: include_bytes!("../../../fonts/LibertinusSerif-Regular.otf"),
    },
    Font {
        family: SERIF,
        weight: 700,
        format: "opentype",
        bytes: include_bytes!("../../../fonts/LibertinusSerif-Bold.otf"),
    },
    Font {
        family: NASKH,
        weight: 400,
        format: "truetype",
        bytes: include_bytes!("../../../fonts/NotoNaskhArabic-Regular.ttf"),
    },
    Font {
        family: NASKH,
        weight: 700,
        format: "truetype",
        bytes: include_bytes!("../../../fonts/NotoNaskhArabic-Bold.ttf"),
    },
];
