//! The page as text.

use super::page::{PROOFS, Page};
use crate::cli::output::table;

/// The page for a terminal.
pub fn write(page: &Page) -> String {
    let mut out = format!("{}\n\n", page.verdict);
    let rows: Vec<Vec<String>> =
        page.facts.iter().map(|(label, value)| vec![(*label).to_owned(), value.clone()]).collect();
    out.push_str(&table(&rows));
    out.push_str("\nAUTHORITIES\n");
    for party in &page.parties {
        let compared = if party.compared { "compared" } else { "NOT COMPARED" };
        out.push_str(&format!("{}: {}\n", party.name, party.role));
        out.push_str(&format!("  fingerprint  {}  ({compared})\n", party.hex));
        out.push_str(&format!("  in words     {}\n", party.words));
        if party.development {
            out.push_str("  DEVELOPMENT KEYS: they are published, anybody has them\n");
        }
    }
    out.push_str("\nWHAT HAPPENED\n");
    for row in &page.events {
        out.push_str(&format!("{}  {}\n", row.at, row.meaning.what));
        out.push_str(&format!("  signed by       {}\n", row.author));
        out.push_str(&format!("  proves          {}\n", row.meaning.proves));
        out.push_str(&format!("  does not prove  {}\n", row.meaning.not));
        out.push_str(&format!("  stands in       {}\n", row.place));
    }
    list(&mut out, "NOT SHOWN BY THIS BUNDLE", &page.absent);
    match page.disclosed.is_empty() {
        true => out.push_str("\nDISCLOSED\n- nothing: the content stays sealed\n"),
        false => {
            list(&mut out, "DISCLOSED: it is what the sender signed, and nothing else opens", &page.disclosed)
        }
    }
    list(&mut out, "WITNESSES", &page.witnesses);
    list(&mut out, "REMARKS", &page.remarks);
    out.push_str("\nSIGNATURES AND PROOFS\n");
    let mut rows = vec![PROOFS.map(str::to_owned).to_vec()];
    rows.extend(page.proofs.iter().cloned());
    out.push_str(&table(&rows));
    list(&mut out, "WHAT NO BUNDLE PROVES", &page.limits);
    out
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    out.push_str(&format!("\n{title}\n"));
    for line in lines {
        out.push_str(&format!("- {line}\n"));
    }
}
