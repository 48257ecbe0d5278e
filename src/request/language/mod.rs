//! What people read, in five languages: messages by Fluent, one folder a language and one
//! file a matter. Every language has every message, with the same variables: a test says so.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

/// A language in which Rogatory speaks to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    En,
    /// French.
    Fr,
    /// Russian.
    Ru,
    /// Arabic.
    Ar,
    /// Persian.
    Fa,
}

/// A tag that is none of the five languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of en, fr, ru, ar, fa")]
pub struct UnknownLanguage(pub String);

/// Files of messages of a language, by what they are about.
macro_rules! files {
    ($language:literal) => {
        [
            include_str!(concat!($language, "/codes.ftl")),
            include_str!(concat!($language, "/draft.ftl")),
            include_str!(concat!($language, "/fields.ftl")),
            include_str!(concat!($language, "/rules.ftl")),
            include_str!(concat!($language, "/letter.ftl")),
        ]
    };
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::En, Self::Fr, Self::Ru, Self::Ar, Self::Fa];

    /// BCP 47.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
            Self::Ru => "ru",
            Self::Ar => "ar",
            Self::Fa => "fa",
        }
    }

    /// The language of a BCP 47 tag: its first part decides, so that `fr-CA` is French.
    pub fn of_tag(tag: &str) -> Result<Self, UnknownLanguage> {
        let first = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| first.eq_ignore_ascii_case(language.tag()))
            .ok_or_else(|| UnknownLanguage(tag.to_owned()))
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(self) -> bool {
        matches!(self, Self::Ar | Self::Fa)
    }

    /// Where all is written from left to right nothing needs isolating, and a line can be searched for.
    pub fn plain(self, text: String) -> String {
        match self.is_right_to_left() {
            true => text,
            false => text.replace(['\u{2068}', '\u{2069}'], ""),
        }
    }

    /// A message without variables.
    pub fn say(self, id: &str) -> String {
        self.say_with(id, &[])
    }

    /// A message with its variables, each of which is isolated from the direction of the text
    /// around it (UAX #9: U+2068, U+2069). What there is no message for is its id.
    pub fn say_with(self, id: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        let bundle = &BUNDLES[self as usize];
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let args: FluentArgs<'_> = variables.iter().map(|(name, value)| (*name, value.clone())).collect();
        let mut wrong = Vec::new();
        bundle.format_pattern(pattern, Some(&args), &mut wrong).into_owned()
    }

    /// Whether there is such a message.
    pub fn knows(self, id: &str) -> bool {
        BUNDLES[self as usize].has_message(id)
    }

    /// The name of a code of one of our enumerations: `kind`, `ground` and the like.
    pub fn code(self, enumeration: &str, name: &str) -> String {
        self.say(&format!("{enumeration}-{name}"))
    }
}

/// In the order of [`Language::ALL`].
static BUNDLES: LazyLock<[FluentBundle<FluentResource>; 5]> =
    LazyLock::new(|| Language::ALL.map(|language| bundle(language, sources(language))));

fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &files!("en"),
        Language::Fr => &files!("fr"),
        Language::Ru => &files!("ru"),
        Language::Ar => &files!("ar"),
        Language::Fa => &files!("fa"),
    }
}

fn bundle(language: Language, sources: &[&str]) -> FluentBundle<FluentResource> {
    let tag: LanguageIdentifier = language.tag().parse().expect("a tag of ours");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).expect("a test has read every file");
        bundle.add_resource(resource).expect("a test has seen that no message comes twice");
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Messages of a language, with the variables that each names.
    fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let mut all = BTreeMap::new();
        for source in sources(language) {
            let mut id = String::new();
            for line in source.lines() {
                if let Some((name, _)) =
                    line.split_once(" =").filter(|_| line.starts_with(char::is_alphabetic))
                {
                    id = name.to_owned();
                    assert!(
                        all.insert(id.clone(), BTreeSet::new()).is_none(),
                        "{language:?}: {id} comes twice"
                    );
                }
                let variables = line.split('$').skip(1).map(|rest| {
                    rest.chars()
                        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
                        .collect()
                });
                all.entry(id.clone()).or_default().extend(variables);
            }
        }
        all.remove("");
        all
    }

    #[test]
    fn every_language_has_every_message_with_the_same_variables() {
        let english = messages(Language::En);
        assert!(!english.is_empty());
        for language in Language::ALL {
            let own = messages(language);
            for (id, variables) in &english {
                assert_eq!(own.get(id), Some(variables), "{language:?}: {id}");
                assert!(language.knows(id), "{language:?}: {id} is not read");
                assert!(!language.say(id).trim().is_empty(), "{language:?}: {id} is empty");
            }
            for id in own.keys() {
                assert!(english.contains_key(id), "{language:?}: {id} is in no other language");
            }
        }
    }

    #[test]
    fn a_tag_leads_to_its_language() {
        assert_eq!(Language::of_tag("fr-CA"), Ok(Language::Fr));
        assert_eq!(Language::of_tag("FA"), Ok(Language::Fa));
        assert_eq!(Language::of_tag("de"), Err(UnknownLanguage("de".into())));
        assert_eq!(Language::of_tag(""), Err(UnknownLanguage(String::new())));
    }
}
