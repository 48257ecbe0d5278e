//! Answers as a table for people, as CSV, or as one JSON object; written row by row.

use crate::cli::error::CliError;
use crate::cli::output;
use rogatory::ledger::questions::{Cell, Row};
use serde_json::Value;
use std::io::{BufWriter, ErrorKind, Stdout, Write as _, stdout};

/// Rows of a table that are aligned together; the next as many follow when these are written.
const ALIGNED: usize = 500;

/// How an answer looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Columns for people, without those that are empty.
    Table,
    /// RFC 4180 with a header line.
    Csv,
    /// One object.
    Json,
}

/// Writes one answer to standard output.
pub struct Printer {
    out: Out,
    columns: &'static [&'static str],
    held: Vec<Row>,
    count: u64,
}

enum Out {
    Table,
    Csv(Box<csv::Writer<Stdout>>),
    Json(BufWriter<Stdout>),
}

impl Printer {
    /// Begins the answer to a question.
    pub fn begin(form: Form, question: &str, columns: &'static [&'static str]) -> Result<Self, CliError> {
        let out = match form {
            Form::Table => Out::Table,
            Form::Csv => {
                let mut writer = Box::new(csv::Writer::from_writer(stdout()));
                written(writer.write_record(columns).map_err(Into::into))?;
                Out::Csv(writer)
            }
            Form::Json => {
                let mut writer = BufWriter::new(stdout());
                written(write!(writer, "{{\"question\":\"{question}\",\"rows\":["))?;
                Out::Json(writer)
            }
        };
        Ok(Self { out, columns, held: Vec::new(), count: 0 })
    }

    /// Writes a row.
    pub fn row(&mut self, row: Row) -> Result<(), CliError> {
        self.count += 1;
        match &mut self.out {
            Out::Table => {
                self.held.push(row);
                if self.held.len() >= ALIGNED { self.table() } else { Ok(()) }
            }
            Out::Csv(writer) => written(writer.write_record(row.iter().map(field)).map_err(Into::into)),
            Out::Json(writer) => {
                let comma = if self.count == 1 { "\n" } else { ",\n" };
                written(write!(writer, "{comma}{}", object(self.columns, &row)))
            }
        }
    }

    /// Ends the answer.
    pub fn end(mut self) -> Result<(), CliError> {
        match &mut self.out {
            Out::Table if self.count == 0 => written(writeln!(stdout(), "nothing")),
            Out::Table => self.table(),
            Out::Csv(writer) => written(writer.flush()),
            Out::Json(writer) => written(writeln!(writer, "\n]}}").and_then(|()| writer.flush())),
        }
    }

    fn table(&mut self) -> Result<(), CliError> {
        let rows = std::mem::take(&mut self.held);
        let mut lines = vec![self.columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>()];
        lines.extend(rows.iter().map(|row| row.iter().map(shown).collect()));
        let filled: Vec<bool> = (0..self.columns.len())
            .map(|column| rows.iter().any(|row| !matches!(row.get(column), None | Some(Cell::Empty))))
            .collect();
        for line in &mut lines {
            let mut filled = filled.iter();
            line.retain(|_| filled.next().copied().unwrap_or(false));
        }
        written(write!(stdout(), "{}", output::table(&lines)))
    }
}

/// A row for programs.
pub fn object(columns: &[&str], row: &Row) -> Value {
    let value = |cell: &Cell| match cell {
        Cell::Empty => Value::Null,
        Cell::Number(number) => (*number).into(),
        Cell::Flag(flag) => (*flag).into(),
        Cell::Time(at) => output::time(*at).into(),
        Cell::Code(text) | Cell::Outside(text) => text.clone().into(),
    };
    columns.iter().zip(row).map(|(column, cell)| ((*column).to_owned(), value(cell))).collect()
}

/// A cell on a terminal: nothing that somebody else wrote may steer it.
pub fn shown(cell: &Cell) -> String {
    let text = text(cell);
    match cell {
        Cell::Outside(_) => text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
        _ => text,
    }
}

/// A cell in CSV: text from outside must not become a formula where a spreadsheet opens it.
fn field(cell: &Cell) -> String {
    let text = text(cell);
    match cell {
        Cell::Outside(_) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        _ => text,
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Cell::Time(at) => output::time(*at),
        Cell::Code(text) | Cell::Outside(text) => text.clone(),
    }
}

/// Whoever reads the answer may have seen enough: that is no error.
pub fn written(result: std::io::Result<()>) -> Result<(), CliError> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(CliError::failed(format!("the answer could not be written: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_no_formula_and_codes_stay_as_they_are() {
        let outside = |text: &str| field(&Cell::Outside(text.into()));
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(outside(bad), format!("'{bad}"));
        }
        assert_eq!(outside("uid 1000"), "uid 1000");
        assert_eq!(outside(""), "");
        assert_eq!(field(&Cell::Code("-1".into())), "-1");
        assert_eq!(shown(&Cell::Outside("a\u{1b}[2Jb".into())), "a\u{fffd}[2Jb");
    }
}
