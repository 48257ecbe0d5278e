//! What a request must hold, article by article: one table of rules (`table.toml`), and one
//! engine, which is a pure function of the request and of what is known around it.

mod facts;
mod path;
mod table;
#[cfg(test)]
mod tests;
pub mod words;

use crate::format::Millis;
use crate::format::id::AuthorityId;
use crate::format::pairing::Taken;
use crate::format::wire::legal_basis::Instrument as Basis;
use crate::format::wire::{
    self, LegalBasis, Refusal, Request, kind::Code as Kind, refusal::Reason, request::Content,
    status::Ground, urgency::Code as Urgency,
};
use crate::request::content::kind;
use crate::request::file::reflected;
use crate::request::register::Register;
use facts::Facts;
use path::Place;
use prost_reflect::{DynamicMessage, Value};
use table::{Instrument, Rule, TABLE};

pub use table::Citation;

/// How much weighs what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A treaty or the form demands it: the request is refused.
    Error,
    /// To be held "where possible", or doubtful.
    Warning,
    /// What the recipient would like.
    Advice,
}

impl Level {
    /// As files and programs name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Advice => "advice",
        }
    }
}

/// What is known around a request. What is left out is not asked about.
#[derive(Debug, Clone, Copy, Default)]
pub struct Circumstances<'a> {
    /// Of the header.
    pub urgency: Urgency,
    /// The time at which it is checked.
    pub now: Option<Millis>,
    /// What the recipient takes.
    pub taken: Option<&'a Taken>,
    /// The kind of what an answer answers.
    pub answered: Option<Kind>,
    /// The two have agreed on electronic form: 1988, article 7(9), asks for writing.
    pub electronic_form: bool,
    /// A register of treaties, and the two authorities.
    pub treaties: Option<(&'a Register, [&'a AuthorityId; 2])>,
    /// How others have limited the use of what it takes along.
    pub limits: Option<&'a Limits>,
}

/// A limit of use of what somebody else sent; the greatest is the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Its sender consented to a use, described or on conditions.
    Conditional,
    /// It is for intelligence only, and goes back to its sender: answers may hold it.
    IntelligenceReturned,
    /// It is not to be passed on beyond us.
    PassingOn,
    /// It is for intelligence only.
    Intelligence,
}

/// The limits of what a request takes along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of each attachment.
    pub attachments: Vec<Option<Limit>>,
    /// The strictest of the packets that it is linked to.
    pub linked: Option<Limit>,
}

impl Limit {
    /// As the table names it.
    fn name(self) -> &'static str {
        match self {
            Self::Conditional => "conditional",
            Self::PassingOn => "passing_on",
            Self::IntelligenceReturned => "intelligence_returned",
            Self::Intelligence => "intelligence",
        }
    }
}

/// Something that a request lacks, or has and should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deficiency {
    /// Id of the rule.
    pub rule: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// Where it is written; none: in no treaty.
    pub citation: Option<&'static Citation>,
    /// The field that it is about, as files write it, from `Request` downwards.
    pub path: String,
    /// The same in field numbers, without the entry.
    pub field: &'static [u32],
    /// Which entry of a list, from 1; 0: none in particular.
    pub item: u32,
}

impl Deficiency {
    /// Whether the article was read in the treaty itself.
    pub fn is_read(&self) -> bool {
        self.citation.is_some_and(|cited| !cited.verify)
    }

    /// As a gateway tells it to its own people.
    pub fn to_wire(&self) -> wire::Deficiency {
        let cited = self.citation.cloned().unwrap_or_default();
        let level = match self.level {
            Level::Error => wire::deficiency::Level::Error,
            Level::Warning => wire::deficiency::Level::Warning,
            Level::Advice => wire::deficiency::Level::Advice,
        };
        wire::Deficiency {
            level: level.into(),
            rule: self.rule.to_owned(),
            instrument: cited.source,
            article: cited.article,
            verify: cited.verify,
            path: self.path.clone(),
        }
    }
}

/// Version of the table.
pub fn version() -> u32 {
    TABLE.version
}

/// Where the table is from.
pub fn source() -> &'static str {
    &TABLE.source
}

/// Everything that is wrong with a request, in the table's order, errors first. A request without
/// content is of no kind, and nothing is asked of it.
pub fn check(request: &Request, around: &Circumstances<'_>) -> Vec<Deficiency> {
    let Some(rules) = kind(request).and_then(|kind| TABLE.rules.get(&(kind as i32))) else {
        return Vec::new();
    };
    let message = reflected(request, "Request");
    let named = instruments(request);
    let facts = Facts { request, around };
    let mut found: Vec<Deficiency> =
        rules.iter().flat_map(|rule| asked(rule, &message, &named, &facts)).collect();
    found.sort_by_key(|deficiency| deficiency.level);
    found
}

/// The errors that sender and recipient come to alike: they depend on the signed and sealed bytes
/// alone, on no clock, setting or term of either.
pub fn certain(request: &Request, urgency: Urgency) -> Vec<Deficiency> {
    let mut found = check(request, &Circumstances { urgency, ..Circumstances::default() });
    found.retain(|deficiency| deficiency.level == Level::Error);
    found
}

/// Why a request of this kind, made under this instrument, can't be refused on this ground.
pub fn no_ground(ground: Ground, instrument: Basis, answered: Kind) -> Option<Deficiency> {
    if ground == Ground::NoGround {
        return None;
    }
    let reason = Reason { ground: ground.into(), text: "given".into(), ..Reason::default() };
    let refusal = Refusal { reasons: vec![reason], ..Refusal::default() };
    let basis = LegalBasis { instrument: instrument.into(), ..LegalBasis::default() };
    let request =
        Request { content: Some(Content::Refusal(refusal)), legal_basis: vec![basis], ..Request::default() };
    let around = Circumstances { answered: Some(answered), ..Circumstances::default() };
    let stops = |found: &Deficiency| found.level == Level::Error && found.path == "refusal.reasons[1].ground";
    let found = check(&request, &around).into_iter().find(stops)?;
    Some(Deficiency { path: String::new(), field: &[], item: 0, ..found })
}

/// Instruments that the request names, each once, in its order.
fn instruments(request: &Request) -> Vec<Instrument> {
    let mut named = Vec::new();
    for basis in &request.legal_basis {
        let instrument = Instrument::of(basis.instrument());
        if !named.contains(&instrument) {
            named.push(instrument);
        }
    }
    if named.is_empty() {
        named.push(Instrument::Other);
    }
    named
}

/// What a rule finds: once, or once for each entry of its list.
fn asked(
    rule: &'static Rule,
    message: &DynamicMessage,
    named: &[Instrument],
    facts: &Facts<'_>,
) -> Vec<Deficiency> {
    let Some(citation) = rule.applies(named) else { return Vec::new() };
    let found = |item| Deficiency {
        rule: &rule.id,
        level: rule.level,
        citation,
        path: rule.path(item),
        field: &rule.about.numbers,
        item,
    };
    match &rule.each {
        None => {
            let place = Place { request: message, item: None, number: 0 };
            deficient(rule, &place, facts).then(|| found(0)).into_iter().collect()
        }
        Some(list) => {
            let mut entries = Vec::new();
            list.collect(&Place { request: message, item: None, number: 0 }, &mut |value| {
                if let Value::Message(entry) = value {
                    entries.push(entry.clone());
                }
            });
            let entry = |(number, entry): (u32, &DynamicMessage)| {
                let place = Place { request: message, item: Some(entry), number };
                deficient(rule, &place, facts).then(|| found(number))
            };
            (1..).zip(&entries).filter_map(entry).collect()
        }
    }
}

fn deficient(rule: &Rule, place: &Place<'_>, facts: &Facts<'_>) -> bool {
    rule.when.iter().all(|condition| condition.holds(place, facts))
        && !rule.missing.iter().any(|path| path.is_given(place))
}
