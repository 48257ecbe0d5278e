//! The page as HTML for printing: one file, nothing in it that is loaded or run, and every
//! text escaped and in its own direction.

use super::page::{PROOFS, Page};
use std::fmt::Write as _;

const STYLE: &str = "body{font:15px/1.5 Georgia,'Times New Roman',serif;max-width:52em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.1em;margin-top:1.8em;border-bottom:1px solid #999}\
.verdict{border:2px solid #161;padding:.6em 1em;font-weight:bold}.not{border-color:#b00;color:#b00}\
table{border-collapse:collapse;width:100%}td,th{overflow-wrap:anywhere;text-align:start;vertical-align:top;padding:.2em .6em .2em 0}\
.facts th{font-weight:normal;color:#555;white-space:nowrap;width:11em}.facts td{width:auto}\
.proofs{font-size:.72em}.proofs th{white-space:nowrap}.proofs td,.proofs th{border-bottom:1px solid #ccc}\
code{font:0.85em/1.4 'DejaVu Sans Mono',Menlo,Consolas,monospace;overflow-wrap:anywhere}\
.event{margin:1em 0;padding-inline-start:1em;border-inline-start:3px solid #bbb;break-inside:avoid}\
.event p{margin:.1em 0}.label{color:#555}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8em}\
@page{margin:18mm}@media print{body{margin:0;max-width:none;font-size:11pt}}";

/// The page as one HTML file.
pub fn write(page: &Page) -> String {
    let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // A reader that honours it loads and runs nothing, whatever slipped through.
    out.push_str("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    out.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n");
    add(
        &mut out,
        format_args!("<title>Proof of a packet</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"),
    );
    out.push_str("<h1>Proof of what became of a packet</h1>\n");
    let class = if page.proved { "verdict" } else { "verdict not" };
    add(&mut out, format_args!("<p class=\"{class}\">{}</p>\n", escape(&page.verdict)));
    out.push_str("<table class=\"facts\">\n");
    for (label, value) in &page.facts {
        add(&mut out, format_args!("<tr><th>{label}</th><td dir=\"auto\">{}</td></tr>\n", code(value)));
    }
    out.push_str("</table>\n<h2>The two authorities</h2>\n");
    for party in &page.parties {
        add(
            &mut out,
            format_args!(
                "<div class=\"event\"><p><b>{}</b>: {}</p>\n<p><span class=\"label\">fingerprint</span> <code>{}</code> ({})</p>\n\
                 <p><span class=\"label\">in words</span> {}</p>{}</div>\n",
                escape(&party.name),
                party.role,
                escape(&party.hex),
                if party.compared { "compared by the reader" } else { "<b>NOT COMPARED</b>" },
                escape(&party.words),
                if party.development {
                    "<p><b>Development keys: they are published, anybody has them.</b></p>"
                } else {
                    ""
                },
            ),
        );
    }
    out.push_str("<h2>What happened</h2>\n");
    for row in &page.events {
        add(
            &mut out,
            format_args!(
                "<div class=\"event\"><p><b>{}</b> &nbsp; <b dir=\"auto\">{}</b></p>\n<p><span class=\"label\">Signed by</span> {}</p>\n\
                 <p><span class=\"label\">Proves:</span> {}</p>\n<p><span class=\"label\">Does not prove:</span> {}</p>\n\
                 <p><span class=\"label\">Stands in</span> {}</p></div>\n",
                escape(&row.at),
                escape(&row.meaning.what),
                escape(&row.author),
                escape(&row.meaning.proves),
                escape(&row.meaning.not),
                escape(&row.place),
            ),
        );
    }
    list(&mut out, "Not shown by this bundle", &page.absent);
    match page.disclosed.is_empty() {
        true => out.push_str("<h2>Disclosed</h2>\n<p>Nothing: the content stays sealed.</p>\n"),
        false => {
            list(&mut out, "Disclosed: it is what the sender signed, and nothing else opens", &page.disclosed)
        }
    }
    if let Some(body) = &page.body {
        add(&mut out, format_args!("<h2>The body, in full</h2>\n<pre>{}</pre>\n", lines(body)));
    }
    list(&mut out, "Witnesses", &page.witnesses);
    list(&mut out, "Remarks", &page.remarks);
    out.push_str("<h2>Signatures and proofs</h2>\n<table class=\"proofs\">\n<tr>");
    for head in PROOFS {
        add(&mut out, format_args!("<th>{head}</th>"));
    }
    out.push_str("</tr>\n");
    for row in &page.proofs {
        out.push_str("<tr>");
        for cell in row {
            add(&mut out, format_args!("<td>{}</td>", code(cell)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
    list(&mut out, "What no bundle proves", &page.limits);
    out.push_str("</body>\n</html>\n");
    out
}

fn add(out: &mut String, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("writing into a String does not fail");
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    add(out, format_args!("<h2>{title}</h2>\n<ul>\n"));
    for line in lines {
        add(out, format_args!("<li dir=\"auto\">{}</li>\n", escape(line)));
    }
    out.push_str("</ul>\n");
}

/// Digests and ids in a face in which every digit can be told from every letter.
fn code(text: &str) -> String {
    let machine = text.len() >= 32 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if machine { format!("<code>{}</code>", escape(text)) } else { escape(text) }
}

/// Lines of a longer text, each in its own direction.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("<bdi>{}</bdi>\n", escape(line))).collect()
}

/// Text that can't end an element or an attribute, or turn what stands around it: controls are
/// dropped, and overrides of direction with them.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{202A}'..='\u{202E}' => {}
            c if c.is_control() && c != '\t' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{code, escape, lines};

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(
            escape("<b a=\"x\" c='y'>&\u{202E}\u{0}z"),
            "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;z"
        );
        assert_eq!(lines("الف\n<p>"), "<bdi>الف</bdi>\n<bdi>&lt;p&gt;</bdi>\n");
        assert_eq!(code(&"a1".repeat(32)), format!("<code>{}</code>", "a1".repeat(32)));
    }
}
