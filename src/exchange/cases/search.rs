//! Search: what was read is looked through in memory; each packet and text that is found is opened
//! for the officer, and that is an entry before anything of it is shown.

use super::opening::Target;
use super::reading::{Known, What};
use crate::exchange::actors::Actor;
use crate::exchange::{Exchange, ExchangeError};
use crate::format::Millis;
use crate::format::id::{AuthorityId, CaseId, PacketId};
use crate::format::wire::kind::Code as Kind;
use crate::ledger::records::Direction;
use crate::request::folding::{fold, terms};
use crate::request::texts::Text;

/// Characters of a query at most.
const QUERY: usize = 200;
/// Words of it.
const TERMS: usize = 8;
/// What is found at once at most: each is an entry.
pub const HITS: usize = 64;
/// Snippets of a hit.
const SNIPPETS: usize = 3;
/// Characters of the original on either side of what was found.
const AROUND: usize = 40;

/// Something that was found.
#[derive(Debug)]
pub struct Hit {
    /// Which way it went.
    pub direction: Direction,
    /// The other side.
    pub peer: AuthorityId,
    /// Packet or status.
    pub id: PacketId,
    /// Its case.
    pub case_id: CaseId,
    /// When it was made.
    pub at: Millis,
    /// Of a packet; none: it is a status.
    pub kind: Option<Kind>,
    /// Where the words stand, as written; nothing where identities are guarded.
    pub snippets: Vec<Text>,
    /// Identities are guarded.
    pub guarded: bool,
}

/// What a search came to.
#[derive(Debug, Default)]
pub struct Found {
    /// Newest first.
    pub hits: Vec<Hit>,
    /// There are more.
    pub more: bool,
    /// Packets and texts of which not all was looked through.
    pub unread: u64,
}

impl Exchange {
    /// What holds all words of a query. Each hit is an opening, recorded before it is shown.
    pub async fn search(
        &self,
        query: &str,
        peer: Option<&AuthorityId>,
        limit: usize,
        actor: Actor,
        purpose: i32,
    ) -> Result<Found, ExchangeError> {
        let terms = terms(query);
        if query.chars().count() > QUERY || terms.len() > TERMS || terms.is_empty() {
            return Err(ExchangeError::Invalid(format!(
                "a search has from 1 to {TERMS} words and {QUERY} characters at most"
            )));
        }
        if terms.iter().all(|term| term.chars().count() < 2) {
            return Err(ExchangeError::Invalid("one of the words has two characters at least".into()));
        }
        let limit = limit.clamp(1, HITS);
        let (mut found, targets) = self.look_up(&terms, peer, limit)?;
        let opened = self.open_targets(&targets, actor, purpose).await?;
        let mut opened = opened.into_iter();
        found.hits.retain_mut(|hit| match opened.next().flatten() {
            Some(opened) if !hit.guarded => {
                hit.snippets = snippets(&opened.texts(), &terms);
                true
            }
            Some(_) => true,
            // It was erased just now, and is not found any more.
            None => false,
        });
        Ok(found)
    }

    /// What the memory holds under these words: it is let go before anything is awaited.
    fn look_up(
        &self,
        terms: &[String],
        peer: Option<&AuthorityId>,
        limit: usize,
    ) -> Result<(Found, Vec<Target>), ExchangeError> {
        let index = tokio::task::block_in_place(|| self.reading.caught_up(self))?;
        let mut found = Found { unread: index.unread, ..Found::default() };
        let mut targets = Vec::new();
        for known in index.find(terms).filter(|known| peer.is_none_or(|peer| *peer == known.peer)) {
            if self.store.snapshot().content(&known.content_key())?.is_none() {
                continue;
            }
            if targets.len() == limit {
                found.more = true;
                break;
            }
            found.hits.push(hit(known, index.is_guarded(&known.peer, &known.case_id)));
            targets.push(Target::of(known));
        }
        Ok((found, targets))
    }
}

fn hit(known: &Known, guarded: bool) -> Hit {
    Hit {
        direction: known.direction,
        peer: known.peer.clone(),
        id: known.id,
        case_id: known.case_id,
        at: known.created,
        kind: match &known.what {
            What::Packet(packet) => Some(packet.kind),
            What::Status(_) => None,
        },
        snippets: Vec::new(),
        guarded,
    }
}

/// The first places at which words stand, each with what is around it.
fn snippets(texts: &[Text], terms: &[String]) -> Vec<Text> {
    let mut found = Vec::new();
    for text in texts {
        let folded = fold(&text.text);
        let Some(at) = terms.iter().filter_map(|term| folded.text.find(term.as_str())).min() else {
            continue;
        };
        let place = folded.places[folded.text[..at].chars().count()];
        found.push(Text { field: text.field.clone(), text: around(&text.text, place) });
        if found.len() == SNIPPETS {
            break;
        }
    }
    found
}

/// Some of a text around a place in it, on one line.
fn around(text: &str, place: usize) -> String {
    let (before, after) = text.split_at(place);
    let begins = before.char_indices().rev().take(AROUND).last().map_or(place, |(at, _)| at);
    let ends = after.char_indices().nth(2 * AROUND).map_or(text.len(), |(at, _)| place + at);
    let cut = text[begins..ends].split_whitespace().collect::<Vec<_>>().join(" ");
    let mark = |cut: bool| if cut { "…" } else { "" };
    format!("{}{cut}{}", mark(begins > 0), mark(ends < text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_as_written_and_around_what_was_found() {
        let field = |text: &str| Text { field: "facts".into(), text: text.into() };
        let long = format!("{} کاوه نمونه\u{200c}پور  در\nتهران {}", "الف ".repeat(40), "ب ".repeat(80));
        let found = snippets(&[field("nothing"), field(&long)], &terms("نمونهپور"));
        assert_eq!(found.len(), 1);
        let shown = &found[0].text;
        assert!(shown.contains("کاوه نمونه\u{200c}پور در تهران"), "{shown}");
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.chars().count() <= 3 * AROUND + 2);
        assert_eq!(around("short", 0), "short");
        let many = vec![field("a word"); 9];
        assert_eq!(snippets(&many, &terms("WORD")).len(), SNIPPETS);
    }
}
