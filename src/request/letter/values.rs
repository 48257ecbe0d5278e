//! Values that stand on one or few lines: names, places, numbers, accounts.

use super::dates;
use super::line::{Line, isolated, say, steady, tame};
use crate::format::id::PacketId;
use crate::format::wire;
use crate::request::language::Language;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};

/// Writes values in a language.
#[derive(Debug, Clone, Copy)]
pub struct Writer(pub Language);

/// Enumerations of requests, and the names under which `codes.ftl` has their values.
const ENUMERATIONS: &[(&str, &str)] = &[
    ("Kind.Code", "kind"),
    ("Urgency.Code", "urgency"),
    ("Status.Code", "status"),
    ("Status.Ground", "ground"),
    ("Handling.Tlp", "tlp"),
    ("LegalBasis.Instrument", "instrument"),
    ("Offence.Code", "offence"),
    ("Assistance.Code", "assistance"),
    ("Date.Calendar", "calendar"),
    ("Date.Precision", "precision"),
    ("Person.Sex", "sex"),
    ("Person.Role", "role"),
    ("Substance.Listing", "listing"),
    ("Conveyance.Form", "conveyance"),
    ("CourtDecision.Form", "decision"),
    ("Proceeding.Nature", "nature"),
    ("Extradition.Aim", "aim"),
    ("TransferSentencedPerson.Initiative", "initiative"),
    ("FinancialIntelligence.Mode", "mode"),
    ("FinancialIntelligence.Onward", "onward"),
    ("BorderAlert.Action", "action"),
    ("PrecursorAlert.Party.Part", "part"),
    ("TechnicalAssistance.Subtype", "subtype"),
    ("TechnicalAssistance.Level", "level"),
    ("Consultation.Intent", "intent"),
    ("ConfidentialityNotice.Case", "notice"),
    ("ConsentToUse.Step", "step"),
    ("Closing.Result", "result"),
];

/// The name of a message or enumeration of ours without its package.
pub fn short(full: &str) -> &str {
    full.strip_prefix("rogatory.v1.").unwrap_or(full)
}

/// The name under which `codes.ftl` has the values of an enumeration.
pub fn enumeration(full: &str) -> Option<&'static str> {
    ENUMERATIONS.iter().find(|(name, _)| *name == short(full)).map(|(_, prefix)| *prefix)
}

impl Writer {
    /// Whether the page runs from right to left.
    pub fn rtl(self) -> bool {
        self.0.is_right_to_left()
    }

    /// The label of a field.
    pub fn label(self, field: &FieldDescriptor) -> String {
        let message = short(field.parent_message().full_name()).replace('.', "_");
        self.0.say(&format!("field-{message}-{}", field.name()))
    }

    /// A number in the language's digits.
    pub fn number(self, number: impl ToString) -> String {
        isolated(&dates::digits(self.0, &number.to_string()))
    }

    /// One of several, by its number.
    pub fn one(self, message: &str, number: usize) -> String {
        let number = dates::digits(self.0, &number.to_string());
        say(self.0, &format!("letter-one-{}", short(message).replace('.', "_")), &[("n", number.into())])
    }

    /// A line of the letter's own words.
    pub fn own(self, text: String) -> Line {
        Line::own(text, self.rtl())
    }

    /// The lines of a value; none where it wants a part of its own.
    pub fn lines(self, field: &FieldDescriptor, value: &Value) -> Option<Vec<Line>> {
        let one = |text: String| Some(vec![self.own(text)]);
        match value {
            Value::List(values) if values.iter().all(|v| matches!(v, Value::U32(_))) => {
                let numbers: Vec<String> =
                    values.iter().filter_map(Value::as_u32).map(|n| self.number(n)).collect();
                one(self.joined(numbers))
            }
            Value::List(values) => {
                let lines: Option<Vec<Vec<Line>>> =
                    values.iter().map(|value| self.lines(field, value)).collect();
                lines.map(|lines| lines.into_iter().flatten().collect())
            }
            Value::String(text) => Some(Line::written(text, self.rtl())),
            Value::Bool(_) => one(self.0.say("letter-yes")),
            Value::U32(number) => one(self.number(number)),
            Value::U64(number) => one(self.number(number)),
            Value::EnumNumber(number) => match field.kind() {
                Kind::Enum(of) => one(self.code(of.full_name(), *number)),
                _ => one(self.number(number)),
            },
            Value::Bytes(bytes) => {
                let id = PacketId::from_bytes(bytes).map_or_else(|_| hex::encode(bytes), |id| id.to_string());
                one(isolated(&id))
            }
            Value::Message(message) => self.inline(message),
            // No message of requests has another type of value.
            other => one(isolated(&other.to_string())),
        }
    }

    /// The name of a code; a code of a newer schema is its number.
    pub fn code(self, full: &str, number: i32) -> String {
        let name = crate::request::file::enum_name(short(full), number);
        match enumeration(full).filter(|prefix| self.0.knows(&format!("{prefix}-{name}"))) {
            Some(prefix) => self.0.code(prefix, &name),
            None => isolated(&name),
        }
    }

    fn inline(self, message: &DynamicMessage) -> Option<Vec<Line>> {
        let one = |text: String| Some(vec![self.own(text)]);
        match short(message.descriptor().full_name()) {
            "Date" => one(dates::date(self.0, &typed(message)?)),
            "Moment" => one(dates::moment(self.0, &typed(message)?)),
            "Period" => one(dates::period(self.0, &typed(message)?)),
            "TimeWindow" => one(dates::window(self.0, &typed(message)?)),
            "Amount" => one(amount(&typed(message)?)),
            "Identifier" => one(self.identifier(&typed(message)?)),
            "Place" => one(self.place(&typed(message)?)),
            "Account" => one(self.account(&typed(message)?)),
            "Contact" => one(self.contact(&typed(message)?)),
            "Authority" => Some(self.authority(&typed(message)?)),
            "PersonName" => {
                let name: wire::PersonName = typed(message)?;
                let mut lines = self.name(&name.text, &name.transliterations, &name.aliases);
                for (label, parent) in [
                    ("PersonName-father_name", &name.father_name),
                    ("PersonName-mother_name", &name.mother_name),
                ] {
                    if !parent.is_empty() {
                        lines.push(self.own(self.labelled(label, isolated(parent))));
                    }
                }
                Some(lines)
            }
            "OrganizationName" => {
                let name: wire::OrganizationName = typed(message)?;
                Some(self.name(&name.text, &name.transliterations, &name.aliases))
            }
            _ => None,
        }
    }

    /// A name as written, then each spelling with its scheme, then other names.
    fn name(self, text: &str, spellings: &[wire::Transliteration], aliases: &[String]) -> Vec<Line> {
        let mut lines = vec![self.own(isolated(text))];
        lines.extend(spellings.iter().map(|s| self.own(self.bracketed(isolated(&s.text), &s.scheme))));
        if !aliases.is_empty() {
            let aliases = self.joined(aliases.iter().map(|alias| isolated(alias)).collect());
            lines.push(self.own(self.labelled("PersonName-aliases", aliases)));
        }
        lines
    }

    /// An authority: name and State, what it does, whom to reach.
    pub fn authority(self, authority: &wire::Authority) -> Vec<Line> {
        let mut lines = vec![self.own(self.bracketed(isolated(&authority.name), &authority.state))];
        lines.extend(Line::written(&authority.function, self.rtl()));
        lines.extend(authority.contact.as_ref().map(|contact| self.own(self.contact(contact))));
        lines
    }

    fn contact(self, contact: &wire::Contact) -> String {
        let languages = contact.languages.join(", ");
        let known =
            [&contact.name, &contact.post, &contact.telephone, &contact.email, &contact.address, &languages];
        let mut parts: Vec<String> =
            known.into_iter().filter(|t| !t.is_empty()).map(|t| isolated(t)).collect();
        if contact.round_the_clock {
            parts.push(self.0.say("field-Contact-round_the_clock"));
        }
        self.joined(parts)
    }

    fn place(self, place: &wire::Place) -> String {
        let known = [&place.name, &place.address, &place.locality, &place.region, &place.state];
        let mut parts: Vec<String> =
            known.into_iter().filter(|t| !t.is_empty()).map(|t| isolated(t)).collect();
        if !place.latitude.is_empty() || !place.longitude.is_empty() {
            parts.push(isolated(&format!("{} / {} (WGS 84)", place.latitude, place.longitude)));
        }
        parts.extend(place.identifiers.iter().map(|identifier| self.identifier(identifier)));
        self.joined(parts)
    }

    fn identifier(self, identifier: &wire::Identifier) -> String {
        let scheme = identifier.scheme.replace('_', " ");
        let scheme = if scheme.chars().count() <= 4 { scheme.to_uppercase() } else { scheme };
        let value = match scheme.is_empty() {
            true => isolated(&identifier.value),
            false => self.with_label(isolated(&scheme), isolated(&identifier.value)),
        };
        let mut parts = vec![value];
        parts.extend((!identifier.issuer.is_empty()).then(|| isolated(&identifier.issuer)));
        parts.extend(
            identifier
                .expires
                .as_ref()
                .map(|expires| say(self.0, "letter-until", &[("ends", dates::date(self.0, expires).into())])),
        );
        self.joined(parts)
    }

    fn account(self, account: &wire::Account) -> String {
        let mut parts: Vec<String> = account.number.iter().map(|number| self.identifier(number)).collect();
        parts.extend((!account.currency.is_empty()).then(|| isolated(&account.currency)));
        parts.extend((!account.institution.is_empty()).then(|| isolated(&account.institution)));
        parts.extend(account.branch.as_ref().map(|branch| self.place(branch)));
        parts.extend(
            (!account.holder.is_empty()).then(|| self.labelled("Account-holder", isolated(&account.holder))),
        );
        self.joined(parts)
    }

    /// The legal basis in one line.
    pub fn basis(self, basis: &wire::LegalBasis) -> String {
        let mut parts = self.cited(basis);
        parts.extend((!basis.name.is_empty()).then(|| isolated(&basis.name)));
        self.joined(parts)
    }

    /// The legal basis within a sentence: by its name only where the instrument is none of those
    /// that everybody knows.
    pub fn basis_in_brief(self, basis: &wire::LegalBasis) -> String {
        use wire::legal_basis::Instrument::{Convention1988, Uncac, Untoc};
        let mut parts = self.cited(basis);
        let name = basis.name.trim_end_matches('.');
        if !name.is_empty() && !matches!(basis.instrument(), Untoc | Uncac | Convention1988) {
            parts.push(isolated(name));
        }
        self.joined(parts)
    }

    fn cited(self, basis: &wire::LegalBasis) -> Vec<String> {
        let mut parts = vec![self.code("LegalBasis.Instrument", basis.instrument)];
        if !basis.article.is_empty() {
            parts.push(say(self.0, "letter-article", &[("article", tame(&basis.article).into())]));
        }
        parts
    }

    /// Parts with the language's comma between them.
    pub fn joined(self, parts: Vec<String>) -> String {
        steady(self.0, parts.join(&self.0.say("letter-comma")))
    }

    /// `value (note)`, or the value where there is no note.
    pub fn bracketed(self, value: String, note: &str) -> String {
        match note.is_empty() {
            true => value,
            false => {
                say(self.0, "letter-bracketed", &[("value", value.into()), ("note", isolated(note).into())])
            }
        }
    }

    fn labelled(self, field: &str, value: String) -> String {
        self.with_label(self.0.say(&format!("field-{field}")), value)
    }

    fn with_label(self, label: String, value: String) -> String {
        say(self.0, "letter-labelled", &[("label", label.into()), ("value", value.into())])
    }
}

/// The message as its own type. Both were made from the same protos.
fn typed<M: prost::Message + Default>(message: &DynamicMessage) -> Option<M> {
    message.transcode_to().ok()
}

/// An amount as written, its digits in groups of three with narrow spaces that don't break.
fn amount(amount: &wire::Amount) -> String {
    let (whole, rest) = amount.value.split_at(amount.value.find('.').unwrap_or(amount.value.len()));
    let plain = !whole.is_empty() && whole.bytes().all(|digit| digit.is_ascii_digit());
    let grouped = match plain {
        false => whole.to_owned(),
        true => {
            let mut out = String::new();
            for (at, digit) in whole.chars().enumerate() {
                if at > 0 && (whole.len() - at).is_multiple_of(3) {
                    out.push('\u{202F}');
                }
                out.push(digit);
            }
            out
        }
    };
    isolated(format!("{}\u{A0}{grouped}{rest}", amount.currency).trim_start_matches('\u{A0}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        let shown = |value: &str| amount(&wire::Amount { currency: "EUR".into(), value: value.into() });
        assert_eq!(shown("4200000.00"), "\u{2068}EUR\u{A0}4\u{202F}200\u{202F}000.00\u{2069}");
        assert_eq!(shown("999"), "\u{2068}EUR\u{A0}999\u{2069}");
        assert_eq!(shown("about 5"), "\u{2068}EUR\u{A0}about 5\u{2069}");
        assert_eq!(amount(&wire::Amount { currency: String::new(), value: "5".into() }), "\u{2068}5\u{2069}");
    }
}
