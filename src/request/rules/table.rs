//! The table of rules: read once, and resolved for each kind.

use super::Level;
use super::path::{Condition, Path};
use crate::format::wire::legal_basis;
use crate::request::file::enum_value;
use crate::request::mapping::descriptor;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The table that is built in.
pub static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::parse(include_str!("table.toml")).expect("a test has read the table"));

/// Rules by kind.
#[derive(Debug)]
pub struct Table {
    pub version: u32,
    pub source: String,
    pub rules: BTreeMap<i32, Vec<Rule>>,
}

/// A rule, as it is asked of one kind.
#[derive(Debug)]
pub struct Rule {
    pub id: String,
    pub level: Level,
    pub each: Option<Path>,
    pub when: Vec<Condition>,
    pub missing: Vec<Path>,
    pub about: Path,
    articles: BTreeMap<Instrument, Citation>,
    lacks: bool,
    anywhere: bool,
}

/// Where a rule is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Citation {
    /// Code of the instrument, or of a model.
    pub source: String,
    /// Article and paragraph: `18(15)(c)`.
    pub article: String,
    /// Not read from the text itself.
    pub verify: bool,
}

/// Instruments that the table knows apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Instrument {
    Untoc,
    Uncac,
    Convention1988,
    /// Bilateral, regional, reciprocity, domestic law, or none.
    Other,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    version: u32,
    source: String,
    groups: BTreeMap<String, Vec<String>>,
    articles: BTreeMap<String, BTreeMap<String, String>>,
    rule: Vec<RawRule>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: String,
    level: Level,
    kinds: Vec<String>,
    each: Option<String>,
    #[serde(default)]
    when: Vec<String>,
    #[serde(default)]
    missing: Vec<String>,
    about: Option<String>,
    article: Option<String>,
    #[serde(default)]
    lacks: bool,
    #[serde(default)]
    anywhere: bool,
}

impl Instrument {
    const ALL: [Self; 4] = [Self::Untoc, Self::Uncac, Self::Convention1988, Self::Other];

    /// What the table asks under an instrument of a request.
    pub fn of(instrument: legal_basis::Instrument) -> Self {
        match instrument {
            legal_basis::Instrument::Untoc => Self::Untoc,
            legal_basis::Instrument::Uncac => Self::Uncac,
            legal_basis::Instrument::Convention1988 => Self::Convention1988,
            _ => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Untoc => "untoc",
            Self::Uncac => "uncac",
            Self::Convention1988 => "convention_1988",
            Self::Other => "other",
        }
    }
}

impl Citation {
    fn parse(text: &str, instrument: Instrument) -> Result<Self, String> {
        let mut words: Vec<&str> = text.split(' ').collect();
        let verify = words.last() == Some(&"verify");
        if verify {
            words.pop();
        }
        let (source, article) = match words.as_slice() {
            [article] => (instrument.name(), *article),
            [source, article] => (*source, *article),
            _ => return Err(format!("{text:?} is no article")),
        };
        Ok(Self { source: source.to_owned(), article: article.to_owned(), verify })
    }
}

impl Rule {
    /// Whether it is asked where these instruments are named, and where it is written then.
    pub fn applies(&self, named: &[Instrument]) -> Option<Option<&Citation>> {
        if self.lacks && !named.iter().all(|instrument| self.articles.contains_key(instrument)) {
            return None;
        }
        let cited = named.iter().find_map(|instrument| self.articles.get(instrument));
        (cited.is_some() || self.anywhere).then_some(cited)
    }

    /// Everywhere that it is written.
    #[cfg(test)]
    pub fn citations(&self) -> impl Iterator<Item = &Citation> {
        self.articles.values()
    }

    /// The field that it is about, as files write it, in this entry of the rule's list.
    pub fn path(&self, item: u32) -> String {
        let list = self.each.as_ref().map(|list| list.text.as_str()).unwrap_or_default();
        match self.about.text.strip_prefix(list).filter(|_| item > 0) {
            Some(rest) => format!("{list}[{item}]{rest}"),
            None => self.about.text.clone(),
        }
    }
}

impl Table {
    /// Reads a table, and resolves every path in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let raw: RawTable = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut rules: BTreeMap<i32, Vec<Rule>> = BTreeMap::new();
        for rule in &raw.rule {
            for name in &rule.kinds {
                let one = std::slice::from_ref(name);
                for kind in raw.groups.get(name).map_or(one, Vec::as_slice) {
                    let code = enum_value("Kind.Code", kind).filter(|code| *code != 0);
                    let code = code.ok_or_else(|| format!("{}: no kind {kind}", rule.id))?;
                    let resolved = raw.resolve(rule, kind).map_err(|why| format!("{}: {why}", rule.id))?;
                    rules.entry(code).or_default().push(resolved);
                }
            }
        }
        Ok(Self { version: raw.version, source: raw.source, rules })
    }
}

impl RawTable {
    fn resolve(&self, rule: &RawRule, kind: &str) -> Result<Rule, String> {
        let root = descriptor("Request");
        let each = rule.each.as_ref().map(|list| Path::resolve(list, &root, kind, None)).transpose()?;
        let resolve = |text: &str| Path::resolve(text, &root, kind, each.as_ref());
        let missing = rule.missing.iter().map(|text| resolve(text)).collect::<Result<Vec<_>, _>>()?;
        let when = rule.when.iter().map(|text| Condition::parse(text, resolve)).collect::<Result<_, _>>()?;
        let about = rule.about.as_ref().or(rule.missing.first()).ok_or("it is about no field")?;
        let about = resolve(about)?;
        let articles = match &rule.article {
            Some(name) => self.cited(name)?,
            None => BTreeMap::new(),
        };
        if articles.is_empty() && (rule.lacks || !rule.anywhere) {
            return Err("it has no article".into());
        }
        let (id, level) = (rule.id.clone(), rule.level);
        Ok(Rule {
            id,
            level,
            each,
            when,
            missing,
            about,
            articles,
            lacks: rule.lacks,
            anywhere: rule.anywhere,
        })
    }

    fn cited(&self, name: &str) -> Result<BTreeMap<Instrument, Citation>, String> {
        let set = self.articles.get(name).ok_or_else(|| format!("no articles {name}"))?;
        let mut cited = BTreeMap::new();
        for (key, text) in set {
            let under: Vec<Instrument> =
                Instrument::ALL.into_iter().filter(|one| key == "any" || key == one.name()).collect();
            if under.is_empty() {
                return Err(format!("no instrument {key}"));
            }
            for instrument in under {
                cited.insert(instrument, Citation::parse(text, instrument)?);
            }
        }
        Ok(cited)
    }
}
