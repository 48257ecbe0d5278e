//! What the rules want of a packet that says nothing yet.

use crate::format::wire::kind::Code as Kind;
use crate::format::wire::legal_basis::Instrument;
use crate::format::wire::{LegalBasis, Request};
use crate::request::file::reflected;
use crate::request::language::Language;
use crate::request::rules::{self, Circumstances, Citation, Level};
use prost_reflect::{DynamicMessage, Kind as Type, ReflectMessage as _, Value};
use std::collections::BTreeMap;

/// A draft is filled in and asked about so often: rules about what stands in lists come last.
const ROUNDS: usize = 12;

/// Fields that rules find missing, by their numbers from `Request` downwards.
pub struct Wanted(BTreeMap<Vec<u32>, (Level, Option<&'static Citation>)>);

impl Wanted {
    /// Of a packet of this kind under this instrument.
    pub fn of(kind: Kind, instrument: Instrument) -> Self {
        let mut found = BTreeMap::new();
        let basis = LegalBasis { instrument: instrument as i32, ..LegalBasis::default() };
        let known = Request { legal_basis: vec![basis], ..Request::default() };
        let mut draft = reflected(&known, "Request");
        fill(&mut draft, &[100 + kind as u32]);
        found.insert(vec![LEGAL_BASIS, INSTRUMENT], (Level::Error, None));
        for _ in 0..ROUNDS {
            let Ok(request) = draft.transcode_to::<Request>() else { break };
            let missing = rules::check(&request, &Circumstances::default());
            let new: Vec<_> = missing
                .into_iter()
                .filter(|told| told.level != Level::Advice && !found.contains_key(told.field))
                .filter(|told| fill(&mut draft, told.field))
                .collect();
            if new.is_empty() {
                break;
            }
            found.extend(new.into_iter().map(|told| (told.field.to_vec(), (told.level, told.citation))));
        }
        Self(found)
    }

    /// Whether this very field is wanted, how much, and where that is written.
    pub fn find(&self, numbers: &[u32]) -> Option<(Level, Option<&'static Citation>)> {
        self.0.get(numbers).copied().or_else(|| {
            // What is written in one line stands for what is in it.
            let mut below = self.0.iter().filter(|(wanted, _)| wanted.starts_with(numbers));
            below.next().map(|(_, told)| *told)
        })
    }

    /// Whether this very thing is wanted, and not only something in it.
    pub fn itself(&self, numbers: &[u32]) -> bool {
        self.0.contains_key(numbers)
    }

    /// Whether something in this section is wanted, or the section itself.
    pub fn within(&self, numbers: &[u32]) -> bool {
        self.0.keys().any(|wanted| wanted.starts_with(numbers))
    }
}

/// `Request.legal_basis`, and `LegalBasis.instrument`.
const LEGAL_BASIS: u32 = 9;
const INSTRUMENT: u32 = 1;

impl Citation {
    /// For people.
    pub fn in_words(&self, language: Language) -> String {
        format!("{} {}", language.code("source", &self.source), self.article)
    }
}

/// Puts something where nothing stands. Says whether it did: rules may name a field that is there.
fn fill(message: &mut DynamicMessage, numbers: &[u32]) -> bool {
    let Some((number, rest)) = numbers.split_first() else { return false };
    let Some(field) = message.descriptor().get_field(*number) else { return false };
    let absent = !message.has_field(&field);
    if rest.is_empty() && !absent {
        return false;
    }
    let one = || match field.kind() {
        Type::Message(inner) => Value::Message(DynamicMessage::new(inner)),
        Type::Enum(names) => {
            let chosen = names.values().find(|value| value.number() != 0);
            Value::EnumNumber(chosen.map_or(0, |value| value.number()))
        }
        Type::Bool => Value::Bool(true),
        Type::String => Value::String("?".into()),
        Type::Bytes => Value::Bytes(vec![0].into()),
        Type::Uint64 => Value::U64(1),
        _ => Value::U32(1),
    };
    if absent {
        let value = if field.is_list() { Value::List(vec![one()]) } else { one() };
        message.set_field(&field, value);
    }
    if rest.is_empty() {
        return true;
    }
    match message.get_field_mut(&field) {
        Value::Message(inner) => fill(inner, rest),
        Value::List(items) => match items.first_mut() {
            Some(Value::Message(inner)) => fill(inner, rest),
            _ => false,
        },
        _ => false,
    }
}
