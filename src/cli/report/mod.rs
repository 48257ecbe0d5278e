//! `rogatory report`: the report of a year, to be given away.

mod html;
mod plot;

use super::Context;
use super::ask::printer::{Form, Printer, shown, written};
use super::ask::source::Source;
use super::error::CliError;
use super::output;
use clap::Args;
use rogatory::ledger::questions::Cell;
use rogatory::ledger::questions::report::{COLUMNS, Reading, Report};
use rogatory::request::language::Language;
use rogatory::store::StoreError;
use serde_json::{Value, json};
use std::io::{Write as _, stdout};
use std::path::PathBuf;

/// The report of a year: requests by treaty, State, offence and assistance, outcomes, times
#[derive(Args)]
#[command(after_help = "Examples:\n  rogatory report --year 2026\n  \
rogatory report --year 2026 copy-of-xa --html report-2026.html\n  rogatory report --year 2026 --csv > report.csv\n\n\
It is made from the entries of the ledger alone, up to the end of the year in UTC: the same ledger \
gives the same bytes. Counts below the threshold are hidden, and as many others as it takes that \
they can't be worked out; a dash, or an empty value, is hidden. Nothing is verified: rogatory \
ledger verify does that.")]
pub struct MakeReport {
    /// Year, in UTC
    #[arg(long, value_parser = clap::value_parser!(i16).range(1970..=9998))]
    year: i16,
    /// Read this data directory, copy of one, or export, and not the running gateway
    #[arg(value_name = "LEDGER")]
    ledger: Option<PathBuf>,
    /// Hide counts below this; 1 shows all, for your own eyes
    #[arg(long, default_value_t = 5, value_name = "COUNT", value_parser = threshold)]
    threshold: u64,
    /// Comma-separated values (RFC 4180), one value a line
    #[arg(long, conflicts_with = "html")]
    csv: bool,
    /// Write one HTML file with plots, which loads nothing
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl MakeReport {
    pub async fn run(self, context: &Context) -> Result<(), CliError> {
        if context.json && (self.csv || self.html.is_some()) {
            return Err(CliError::input("--json is another form of the same report")
                .hint("leave --json out, or --csv and --html"));
        }
        let no_year = || CliError::input(format!("{} is no year that can be reported on", self.year));
        let mut reading = Reading::of(self.year).ok_or_else(no_year)?;
        let source = match self.ledger {
            Some(folder) => Source::folder(folder)?,
            None => Source::Gateway(context.gateway().await?),
        };
        source.each(&mut |entry| Ok(reading.entry(&entry).map_err(StoreError::from)?)).await?;
        let report = reading.report(self.threshold);
        if let Some(file) = &self.html {
            let page = html::write(&report)?;
            std::fs::write(file, page).map_err(|error| CliError::file(file, &error))?;
            println!("{} written", file.display());
            return Ok(());
        }
        if self.csv {
            let mut printer = Printer::begin(Form::Csv, "report", &Report::ROWS)?;
            report.rows().into_iter().try_for_each(|row| printer.row(row))?;
            return printer.end();
        }
        let text = if context.json { format!("{:#}\n", object(&report)) } else { text(&report) };
        written(write!(stdout(), "{text}"))
    }
}

/// One, or three and more: a count that is hidden for being below two is one.
fn threshold(text: &str) -> Result<u64, String> {
    let count = text.parse::<u64>().ok().filter(|count| matches!(count, 1 | 3..=1_000_000));
    count.ok_or_else(|| "1, which hides nothing, or 3 up to 1000000: below two there is only one".to_owned())
}

/// Whose report, of what.
fn heading(report: &Report) -> String {
    let whose = report.authority.as_ref().map(|authority| format!("of {authority} ")).unwrap_or_default();
    format!("Report {whose}for {}", report.year)
}

/// What it is made from, and what is hidden.
fn basis(report: &Report) -> Vec<String> {
    let root = report.root.map(|root| format!(", whose root is {}", hex::encode(root))).unwrap_or_default();
    let mut lines = vec![format!(
        "Made from the first {} entries of the ledger{root}. As of {}. Times are UTC.",
        report.entries,
        output::time(report.as_of)
    )];
    if report.threshold > 1 {
        lines.push(format!(
            "A dash is a hidden value: counts from 1 to {} are hidden, and as many others as it takes that \
             they can't be worked out from the totals of the same table.",
            report.threshold - 1
        ));
    }
    lines
}

/// What a count is, in a table for people.
fn count(value: Option<u64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| value.to_string())
}

/// A length of time that is quickly read.
fn length(seconds: Option<u64>) -> String {
    let Some(seconds) = seconds else { return "–".into() };
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A code as a short name.
fn label(name: &str) -> String {
    name.replace('_', " ")
}

/// A code in words, as letters have it, where there is room.
fn worded(table: &str, name: &str) -> String {
    let codes = match table {
        "requests_by_treaty" => "instrument",
        "requests_by_offence" => "offence",
        "requests_by_kind" => "kind",
        "legal_assistance_by_sort" => "assistance",
        "refusals_by_ground" => "ground",
        _ => "",
    };
    match Language::En.knows(&format!("{codes}-{name}")) {
        true => Language::En.code(codes, name),
        false => label(name),
    }
}

fn text(report: &Report) -> String {
    let mut out = format!("{}\n\n", heading(report));
    for line in basis(report) {
        out.push_str(&output::wrapped("", &line, 0, 96));
    }
    let mut add = |title: &str, lines: Vec<Vec<String>>| {
        out.push_str(&format!("\n{title}\n"));
        out.push_str(&output::table(&lines));
    };
    for table in &report.tables {
        let mut lines = vec![vec![String::new(), COLUMNS[0].to_owned(), COLUMNS[1].to_owned()]];
        let some = |counts: &[Option<u64>; 2]| counts.iter().any(|count| *count != Some(0));
        for (name, counts) in table.rows.iter().filter(|(_, counts)| some(counts)) {
            lines.push(vec![label(name), count(counts[0]), count(counts[1])]);
        }
        lines.push(vec!["total".into(), count(table.total[0]), count(table.total[1])]);
        add(table.title, lines);
    }
    let mut lines = vec![["", "", "at least", "median", "90 %"].map(str::to_owned).to_vec()];
    lines.extend(report.times.iter().map(|time| {
        vec![
            label(time.stage),
            COLUMNS[time.column].to_owned(),
            count(time.at_least),
            length(time.median),
            length(time.p90),
        ]
    }));
    add("How long stages took that ended in the year", lines);
    let mut lines = vec![["", "", "at least", "sum"].map(str::to_owned).to_vec()];
    lines.extend(report.amounts.iter().map(|amount| {
        let currency = shown(&Cell::Outside(amount.currency.clone()));
        vec![currency, COLUMNS[amount.column].to_owned(), count(amount.at_least), count(amount.sum)]
    }));
    if lines.len() > 1 {
        add("Sums that requests of the year were about, rounded", lines);
    }
    out
}

fn object(report: &Report) -> Value {
    let pair = |counts: &[Option<u64>; 2]| json!({ COLUMNS[0]: counts[0], COLUMNS[1]: counts[1] });
    let tables = report.tables.iter().map(|table| {
        let rows = table.rows.iter().map(|(name, counts)| (name.clone(), pair(counts)));
        let rows: serde_json::Map<String, Value> = rows.collect();
        (table.name.to_owned(), json!({ "title": table.title, "rows": rows, "total": pair(&table.total) }))
    });
    let tables: serde_json::Map<String, Value> = tables.collect();
    let times: Vec<Value> = report
        .times
        .iter()
        .map(|time| {
            json!({
                "stage": time.stage, "direction": COLUMNS[time.column], "at_least": time.at_least,
                "median_seconds": time.median, "p90_seconds": time.p90,
            })
        })
        .collect();
    let amounts: Vec<Value> = report
        .amounts
        .iter()
        .map(|amount| {
            json!({
                "currency": amount.currency, "direction": COLUMNS[amount.column],
                "at_least": amount.at_least, "sum": amount.sum,
            })
        })
        .collect();
    json!({
        "authority": report.authority.as_ref().map(ToString::to_string), "year": report.year,
        "as_of": output::time(report.as_of), "entries": report.entries, "root": report.root.map(hex::encode),
        "threshold": report.threshold, "tables": tables, "times": times, "amounts": amounts,
    })
}
