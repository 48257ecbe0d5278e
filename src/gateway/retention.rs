//! `[retention]` in the configuration.

use crate::exchange::retention::{Policy, Rule};
use crate::format::wire::{kind::Code as Kind, status::Code as State};
use crate::request::file::{enum_names, enum_value};
use serde::{Deserialize, Deserializer, de::Error};

/// How long content is kept; nothing is erased unless it says so.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Days after the last word in the case, where no rule fits.
    pub days: Option<u32>,
    /// Whether the gateway erases once a day what is due.
    pub daily: bool,
    /// The first that fits decides.
    pub rules: Vec<RuleConfig>,
}

/// One rule.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleConfig {
    /// Packets of this kind only.
    #[serde(deserialize_with = "kind")]
    pub kind: Option<Kind>,
    /// In cases of this state only.
    #[serde(deserialize_with = "state")]
    pub state: Option<State>,
    /// Days after the last word in the case; left out: for ever.
    pub days: Option<u32>,
}

impl Retention {
    /// What is decided by.
    pub fn policy(&self) -> Policy {
        let rule = |rule: &RuleConfig| Rule { kind: rule.kind, state: rule.state, days: rule.days };
        Policy { days: self.days, rules: self.rules.iter().map(rule).collect() }
    }
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Kind>, D::Error> {
    let name = String::deserialize(deserializer)?;
    named("Kind.Code", &name, "kind").and_then(|code| Kind::try_from(code).map_err(Error::custom)).map(Some)
}

fn state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<State>, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name == "open" {
        return Ok(Some(State::Unspecified));
    }
    named("Status.Code", &name, "state")
        .and_then(|code| State::try_from(code).map_err(Error::custom))
        .map(Some)
}

fn named<E: Error>(enumeration: &str, name: &str, what: &str) -> Result<i32, E> {
    enum_value(enumeration, name).filter(|code| *code != 0).ok_or_else(|| {
        let names = enum_names(enumeration).join(", ");
        E::custom(format!("{name:?} is no {what}; one of: {names}"))
    })
}
