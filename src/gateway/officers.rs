//! `[officers]` in the configuration.

use crate::exchange::drafts::FourEyes;
use crate::format::wire::kind::Code as Kind;
use crate::request::file::{enum_names, enum_value};
use serde::{Deserialize, Deserializer, de::Error};

/// How officers work together.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OfficersConfig {
    /// Of what two people are wanted.
    #[serde(deserialize_with = "four_eyes")]
    pub four_eyes: FourEyes,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    All(bool),
    Kinds(Vec<String>),
}

/// `true`, `false`, or names of kinds.
fn four_eyes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<FourEyes, D::Error> {
    let written = Written::deserialize(deserializer)
        .map_err(|_| Error::custom("officers.four_eyes: true, false, or a list of kinds"))?;
    let named = |name: &String| {
        enum_value("Kind.Code", name)
            .and_then(|code| Kind::try_from(code).ok())
            .filter(|kind| *kind != Kind::Unspecified)
            .ok_or_else(|| {
                let names = enum_names("Kind.Code").join(", ");
                Error::custom(format!("officers.four_eyes: {name:?} is no kind; one of: {names}"))
            })
    };
    Ok(match written {
        Written::All(true) => FourEyes::Always,
        Written::All(false) => FourEyes::Never,
        Written::Kinds(names) => FourEyes::Kinds(names.iter().map(named).collect::<Result<_, _>>()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_for_all_for_none_or_for_kinds() {
        let read = |text: &str| toml::from_str::<OfficersConfig>(text).map(|config| config.four_eyes);
        let wants = |text: &str, kind| read(text).unwrap().wants(kind);
        assert!(!wants("", Kind::Extradition) && !wants("four_eyes = false", Kind::Extradition));
        assert!(wants("four_eyes = true", Kind::Refusal));
        let some = "four_eyes = [\"extradition\", \"refusal\"]";
        assert!(wants(some, Kind::Refusal) && !wants(some, Kind::BorderAlert));
        for (wrong, word) in
            [("four_eyes = [\"letter\"]", "\"letter\""), ("four_eyes = 2", "a list of kinds")]
        {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
