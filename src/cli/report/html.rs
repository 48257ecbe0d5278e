//! The report as one HTML file: tables with their plots, and nothing that is loaded or run.

use super::plot::{self, COLOURS};
use super::{basis, count, heading, label, length, worded};
use crate::cli::error::CliError;
use crate::cli::verify_bundle::html::escape;
use rogatory::ledger::questions::report::{COLUMNS, Report};

const STYLE: &str = "body{font:15px/1.5 Georgia,'Times New Roman',serif;max-width:52em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.6em;margin-bottom:.2em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #999}\
section{break-inside:avoid}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\
td,th{padding:.15em .6em .15em 0;text-align:start;font-weight:normal;border-bottom:1px solid #e4e4e4}\
thead th{color:#555;border-bottom:1px solid #999}.n{text-align:end}tfoot td,tfoot th{font-weight:bold;border-bottom:0}\
figure{margin:1em 0}svg{max-width:100%;height:auto}.key{display:inline-block;width:.8em;height:.8em;margin-inline-end:.3em}\
.none{color:#767676}.basis{overflow-wrap:anywhere;color:#333}@page{margin:18mm}@media print{body{margin:0;max-width:none;font-size:10.5pt}}";

/// The report as one HTML file.
pub fn write(report: &Report) -> Result<String, CliError> {
    let heading = escape(&heading(report));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{heading}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{heading}</h1>\n"
    );
    for line in basis(report) {
        out.push_str(&format!("<p class=\"basis\">{}</p>\n", escape(&line)));
    }
    let keys: Vec<String> = COLUMNS.iter().zip(COLOURS).map(|(name, colour)| key(name, colour)).collect();
    out.push_str(&format!("<p>{} Hidden values have no bar.</p>\n", keys.join(" &nbsp; ")));
    for table in &report.tables {
        out.push_str(&format!("<section>\n<h2>{}</h2>\n", escape(table.title)));
        if let Some(image) = plot::bars(&table.rows)? {
            let said = format!("{}, as bars; the table below has the numbers", table.title);
            out.push_str(&format!(
                "<figure role=\"img\" aria-label=\"{}\">\n{image}</figure>\n",
                escape(&said)
            ));
        }
        let total = ("total".to_owned(), table.total);
        let rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .chain([&total])
            .map(|(name, counts)| vec![worded(table.name, name), count(counts[0]), count(counts[1])])
            .collect();
        grid(&mut out, &["", COLUMNS[0], COLUMNS[1]], 1, &rows, true);
        out.push_str("</section>\n");
    }
    let rows: Vec<Vec<String>> = report
        .times
        .iter()
        .map(|time| {
            vec![
                label(time.stage),
                COLUMNS[time.column].to_owned(),
                count(time.at_least),
                length(time.median),
                length(time.p90),
            ]
        })
        .collect();
    out.push_str("<section>\n<h2>How long stages took that ended in the year</h2>\n");
    grid(&mut out, &["", "", "requests, at least", "median", "nine in ten"], 2, &rows, false);
    out.push_str("</section>\n");
    if !report.amounts.is_empty() {
        let rows: Vec<Vec<String>> = report
            .amounts
            .iter()
            .map(|amount| {
                vec![
                    amount.currency.clone(),
                    COLUMNS[amount.column].to_owned(),
                    count(amount.at_least),
                    count(amount.sum),
                ]
            })
            .collect();
        out.push_str("<section>\n<h2>Sums that requests of the year were about, rounded</h2>\n");
        grid(&mut out, &["", "", "requests, at least", "sum"], 2, &rows, false);
        out.push_str("</section>\n");
    }
    out.push_str("</body>\n</html>\n");
    Ok(out)
}

fn key(name: &str, colour: plotters::style::RGBColor) -> String {
    let (red, green, blue) = (colour.0, colour.1, colour.2);
    format!("<span class=\"key\" style=\"background:#{red:02x}{green:02x}{blue:02x}\"></span>{name}")
}

/// A table whose first `words` columns are words; the last row may be a sum.
fn grid(out: &mut String, head: &[&str], words: usize, rows: &[Vec<String>], sum: bool) {
    let cells = |row: &mut dyn Iterator<Item = &str>| -> String {
        row.enumerate()
            .map(|(place, text)| match place {
                0 => format!("<th scope=\"row\">{}</th>", escape(text)),
                place if place < words => format!("<td>{}</td>", escape(text)),
                _ => format!("<td class=\"n\">{}</td>", escape(text)),
            })
            .collect()
    };
    let heads: String = head
        .iter()
        .enumerate()
        .map(|(place, text)| {
            let class = if place < words { "" } else { " class=\"n\"" };
            format!("<th scope=\"col\"{class}>{}</th>", escape(text))
        })
        .collect();
    out.push_str(&format!("<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"));
    let last = rows.len().saturating_sub(1);
    for (place, row) in rows.iter().enumerate() {
        if sum && place == last {
            out.push_str("</tbody>\n<tfoot>\n");
        }
        let none = row[words..].iter().all(|text| text == "0");
        let class = if none { " class=\"none\"" } else { "" };
        out.push_str(&format!("<tr{class}>{}</tr>\n", cells(&mut row.iter().map(String::as_str))));
    }
    out.push_str(if sum { "</tfoot>\n</table>\n" } else { "</tbody>\n</table>\n" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use rogatory::ledger::questions::report::{Amount, Duration, Table};

    fn report() -> Report {
        let row = |name: &str, received, sent| (name.to_owned(), [received, sent]);
        Report {
            authority: None,
            year: 2026,
            as_of: 1_798_761_600_000,
            entries: 1200,
            root: Some([7; 32]),
            threshold: 5,
            tables: vec![
                Table {
                    name: "requests_by_treaty",
                    title: "Requests by treaty",
                    rows: vec![
                        row("untoc", Some(41), Some(17)),
                        row("convention_1988", None, Some(8)),
                        row("bilateral", None, Some(0)),
                        row("<other>", Some(0), Some(0)),
                    ],
                    total: [Some(60), Some(25)],
                },
                Table {
                    name: "refusals_by_ground",
                    title: "Refusals by ground",
                    rows: vec![row("nationality", None, Some(0))],
                    total: [None, Some(0)],
                },
            ],
            times: vec![Duration {
                stage: "delivery_to_decision",
                column: 0,
                at_least: Some(25),
                median: Some(1_900_000),
                p90: None,
            }],
            amounts: vec![Amount {
                currency: "EUR".into(),
                column: 1,
                at_least: Some(5),
                sum: Some(120_000),
            }],
        }
    }

    #[test]
    fn hidden_values_are_dashes_and_have_no_bar() {
        let page = write(&report()).unwrap();
        for part in [
            "<tr><th scope=\"row\">United Nations Convention against Illicit Traffic in Narcotic Drugs and Psychotropic Substances of 1988</th><td class=\"n\">–</td><td class=\"n\">8</td></tr>",
            "<tr class=\"none\"><th scope=\"row\">&lt;other&gt;</th><td class=\"n\">0</td>",
            "<tr><th scope=\"row\">total</th><td class=\"n\">60</td><td class=\"n\">25</td></tr>",
            "<td>received</td><td class=\"n\">25</td><td class=\"n\">21 d</td><td class=\"n\">–</td>",
            "<th scope=\"row\">EUR</th><td>sent</td><td class=\"n\">5</td><td class=\"n\">120000</td>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert_eq!(page.matches("<svg").count(), 1, "where all is hidden or zero there is no plot");
        let one = vec![("one".to_owned(), [Some(5), None])];
        assert!(plot::bars(&one).unwrap().is_some_and(|image| image.contains("one")));
        assert_eq!(page.matches("<figure").count(), 1);
        // 41, 17 and 8.
        assert_eq!(page.matches("fill=\"#1F4E79\"").count() + page.matches("fill=\"#E08E2D\"").count(), 3);
    }
}
