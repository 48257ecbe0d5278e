//! The table is sound, every rule of it is heard of in every language.

use super::table::Table;
use super::*;
use crate::request::language::Language;
use std::collections::BTreeMap;

#[test]
fn the_table_is_read_and_every_path_in_it_is_there() {
    let table = Table::parse(include_str!("table.toml")).unwrap();
    assert_eq!(table.rules.len(), 25, "twelve kinds and thirteen answers");
    for (kind, rules) in &table.rules {
        let mut levels: BTreeMap<&str, Vec<(Level, Vec<&str>)>> = BTreeMap::new();
        for rule in rules {
            let when = (rule.level, rule.citations().map(|cited| cited.article.as_str()).collect());
            let of_id = levels.entry(&rule.id).or_default();
            assert!(!of_id.contains(&when), "{kind}: {} is asked twice", rule.id);
            of_id.push(when);
        }
    }
    for wrong in [
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nmissing = [\"content.no_field\"]\nanywhere = true",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"no_kind\"]\nmissing = [\"language\"]\nanywhere = true",
        "id = \"a\"\nlevel = \"fault\"\nkinds = [\"closing\"]\nmissing = [\"language\"]\nanywhere = true",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nmissing = [\"language\"]",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nmissing = [\"item.code\"]\nanywhere = true",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nanywhere = true",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nabout = \"language\"\nanywhere = true\nwhen = [\"@urgency is late\"]",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nabout = \"language\"\nanywhere = true\nwhen = [\"content.result is fine\"]",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nmissing = [\"language\"]\narticle = \"none_such\"",
        "id = \"a\"\nlevel = \"error\"\nkinds = [\"closing\"]\nmissing = [\"language\"]\nanywhere = true\ncolour = \"red\"",
    ] {
        let table =
            format!("version = 1\nsource = \"\"\ngroups = {{}}\narticles = {{}}\n[[rule]]\n{wrong}\n");
        assert!(Table::parse(&table).is_err(), "{wrong}");
    }
}

#[test]
fn every_rule_and_source_has_its_words_and_fits_into_evidence() {
    for rule in TABLE.rules.values().flatten() {
        assert!(rule.id.len() <= crate::format::limits::CODE, "{}", rule.id);
        for language in Language::ALL {
            assert!(language.knows(&format!("rule-{}", rule.id)), "{language:?}: {}", rule.id);
            for cited in rule.citations() {
                assert!(language.knows(&format!("source-{}", cited.source)), "{}", cited.source);
            }
        }
        for cited in rule.citations() {
            assert!(cited.article.len() <= crate::format::limits::ARTICLE, "{}", cited.article);
            let letter =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"()".contains(&byte);
            assert!(cited.article.bytes().all(letter), "{}", cited.article);
        }
    }
}

#[test]
fn what_was_not_read_from_the_treaty_is_marked() {
    for cited in TABLE.rules.values().flatten().flat_map(Rule::citations) {
        let model = !["untoc", "uncac", "convention_1988"].contains(&cited.source.as_str());
        assert!(cited.verify || !model, "{cited:?}");
        if cited.source == "convention_1988" && cited.article == "7(18)" {
            assert!(cited.verify);
        }
    }
}
