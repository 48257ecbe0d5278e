//! Circumstances that the table names with `@`: what no path into the request says.

use super::{Circumstances, Limit};
use crate::format::wire::{
    Request, confiscation::Route, kind::Code as Kind, request::Content, urgency::Code as Urgency,
};
use crate::request::content::{kind, languages};
use crate::request::register::{Is, on};
use jiff::civil::Date;

/// After so many days a person under provisional arrest is set free (Model Treaty on Extradition,
/// article 9(4)).
const ARREST_DAYS: u32 = 40;

/// A request and what is known around it.
pub struct Facts<'a> {
    pub request: &'a Request,
    pub around: &'a Circumstances<'a>,
}

impl Facts<'_> {
    /// The values that a circumstance may have; none where there is no such circumstance.
    pub fn values(name: &str) -> &'static [&'static str] {
        match name {
            "urgency" => &["routine", "priority", "urgent", "oral_confirmed"],
            "standing" => &["in_force", "not_in_force", "provisional", "unknown"],
            "kind" | "language" | "item_language" => &["taken", "not_taken"],
            "size" => &["taken", "too_large"],
            "electronic_form" => &["agreed"],
            "answered" => &["extradition", "other"],
            "wanted_by" => &["ahead", "past"],
            "route" => &["none", "domestic_order", "enforce_order", "freeze"],
            "arrest_days" => &["none", "within", "too_many"],
            "item_translates" => &["something", "nothing"],
            "item_limit" | "linked_limit" => {
                &["conditional", "passing_on", "intelligence_returned", "intelligence"]
            }
            _ => &[],
        }
    }

    /// What a circumstance is; none where it is not known. `number` is that of a list's entry.
    pub fn of(&self, name: &str, number: u32) -> Option<&'static str> {
        let taken = self.around.taken;
        match name {
            "urgency" => Some(match self.around.urgency {
                Urgency::Routine => "routine",
                Urgency::Priority => "priority",
                Urgency::Urgent => "urgent",
                Urgency::OralConfirmed => "oral_confirmed",
            }),
            "standing" => self.standing().map(Is::name),
            "kind" => {
                let takes = taken?.terms.takes_kind(kind(self.request)?);
                Some(if takes { "taken" } else { "not_taken" })
            }
            "language" => {
                let takes = taken?.terms.takes_one_of(&languages(self.request));
                Some(if takes { "taken" } else { "not_taken" })
            }
            "item_language" => self.language_of(number),
            "size" => {
                let total: u64 = self.request.attachments.iter().map(|attachment| attachment.size).sum();
                let most = taken?.limits;
                let objects = self.request.attachments.len() as u64 + 1;
                let fits = most.packet_bytes == 0
                    || total <= most.packet_bytes && objects <= u64::from(most.objects);
                Some(if fits { "taken" } else { "too_large" })
            }
            "electronic_form" => self.around.electronic_form.then_some("agreed"),
            "answered" => self.around.answered.map(|kind| match kind {
                Kind::Extradition | Kind::ProvisionalArrest => "extradition",
                _ => "other",
            }),
            "wanted_by" => {
                let today = self.today()?.to_string();
                let date = &self.request.wanted_by.as_ref()?.date.as_ref()?.iso;
                // ISO 8601 sorts as text; a month or a year is past when its like of today is.
                Some(match date.as_str() < today.get(..date.len())? && !date.is_empty() {
                    true => "past",
                    false => "ahead",
                })
            }
            "route" => match self.request.content.as_ref()? {
                Content::Confiscation(asked) => Some(match asked.route {
                    None => "none",
                    Some(Route::DomesticOrder(_)) => "domestic_order",
                    Some(Route::EnforceOrder(_)) => "enforce_order",
                    Some(Route::Freeze(_)) => "freeze",
                }),
                _ => None,
            },
            "arrest_days" => match self.request.content.as_ref()? {
                Content::ProvisionalArrest(asked) => Some(match asked.within_days {
                    0 => "none",
                    1..=ARREST_DAYS => "within",
                    _ => "too_many",
                }),
                _ => None,
            },
            "item_translates" => {
                let original = self.attachment(number)?.translation_of;
                let there = original as usize <= self.request.attachments.len() && original != number;
                Some(if there { "something" } else { "nothing" })
            }
            "item_limit" => {
                let limits = &self.around.limits?.attachments;
                limits.get(number.checked_sub(1)? as usize)?.map(Limit::name)
            }
            "linked_limit" => self.around.limits?.linked.map(Limit::name),
            _ => None,
        }
    }

    fn today(&self) -> Option<Date> {
        on(self.around.now?)
    }

    /// How the legal basis stands between the two; the best, where there are several. A State that
    /// the register does not have is unknown to it.
    fn standing(&self) -> Option<Is> {
        let (register, between) = self.around.treaties?;
        register.best(&self.request.legal_basis, between, self.today()?)
    }

    /// Whether the recipient can read an attachment: itself, or in a translation.
    fn language_of(&self, number: u32) -> Option<&'static str> {
        let terms = &self.around.taken?.terms;
        let own = self.attachment(number)?;
        let translations =
            self.request.attachments.iter().filter(|other| other.translation_of == number).chain([own]);
        let original = self.attachment(own.translation_of);
        let tags: Vec<&str> = translations
            .chain(original)
            .map(|attachment| attachment.language.as_str())
            .filter(|tag| !tag.is_empty())
            .collect();
        Some(if terms.takes_one_of(&tags) { "taken" } else { "not_taken" })
    }

    fn attachment(&self, number: u32) -> Option<&crate::format::wire::Attachment> {
        self.request.attachments.get(number.checked_sub(1)? as usize)
    }
}
