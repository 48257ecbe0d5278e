use super::*;

const REGISTER: &str = r#"
as_of = "2026-11-01"
[[state]]
code = "XA"
name = "Arvand"
authorities = ["XA", "XA-FIU"]
languages = ["fa", "en"]
channel = "Office of International Cooperation, Ministry of Justice"
[[state]]
code = "XB"
name = "Baltmark"
authorities = ["XB"]
[[state]]
code = "XC"
name = "Opaline"
[[party]]
state = "XA"
instrument = "untoc"
is = "party"
since = "2010-05-01"
reservations = ["Article 35(2): not bound"]
[[party]]
state = "XB"
instrument = "untoc"
is = "signed"
[[party]]
state = "XB"
instrument = "untoc"
is = "provisional"
since = "2012-01-01"
[[party]]
state = "XB"
instrument = "untoc"
is = "party"
since = "2014-07-01"
until = "2025-01-01"
[[party]]
state = "XA"
instrument = "uncac"
is = "party"
since = "2010-05-01"
[[party]]
state = "XB"
instrument = "uncac"
is = "not_party"
[[treaty]]
instrument = "bilateral"
name = "Treaty of Halmsund on Legal Assistance"
states = ["XA", "XB"]
is = "party"
since = "2016-03-01"
"#;

fn basis(instrument: Instrument, name: &str) -> LegalBasis {
    LegalBasis { instrument: instrument as i32, article: String::new(), name: name.into() }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn what_stands_is_said_and_what_is_not_known_is_not_guessed() {
    let register = Register::read(REGISTER).unwrap();
    let cases = [
        (Instrument::Untoc, "", ["XA", "XB"], "2009-01-01", Is::NotInForce, None),
        (Instrument::Untoc, "", ["XA", "XB"], "2011-01-01", Is::NotInForce, None),
        (Instrument::Untoc, "", ["XA", "XB"], "2013-01-01", Is::Provisional, None),
        (Instrument::Untoc, "", ["XA", "XB"], "2014-07-01", Is::InForce, Some("2014-07-01")),
        (Instrument::Untoc, "", ["XB", "XA"], "2024-12-31", Is::InForce, Some("2014-07-01")),
        (Instrument::Untoc, "", ["XA", "XB"], "2025-01-01", Is::NotInForce, None),
        (Instrument::Untoc, "", ["XA", "XC"], "2024-01-01", Is::Unknown, None),
        (Instrument::Untoc, "", ["XA", "XX"], "2024-01-01", Is::Unknown, None),
        (Instrument::Uncac, "", ["XA", "XB"], "2024-01-01", Is::NotInForce, None),
        (Instrument::Convention1988, "", ["XA", "XB"], "2024-01-01", Is::Unknown, None),
        (Instrument::Bilateral, "", ["XA", "XB"], "2024-01-01", Is::InForce, Some("2016-03-01")),
        (Instrument::Bilateral, "", ["XA", "XB"], "2015-01-01", Is::NotInForce, None),
        (
            Instrument::Bilateral,
            "treaty of halmsund on legal assistance ",
            ["XB", "XA"],
            "2024-01-01",
            Is::InForce,
            Some("2016-03-01"),
        ),
        (Instrument::Bilateral, "Another", ["XA", "XB"], "2024-01-01", Is::Unknown, None),
        (Instrument::Regional, "", ["XA", "XB"], "2024-01-01", Is::Unknown, None),
    ];
    for (instrument, name, between, on, is, since) in cases {
        let found = register.standing(&basis(instrument, name), between, day(on)).unwrap();
        assert_eq!((found.is, found.since), (is, since.map(day)), "{instrument:?} {name} {between:?} {on}");
    }
    for none in [Instrument::Reciprocity, Instrument::DomesticLaw, Instrument::Unspecified] {
        assert_eq!(register.standing(&basis(none, ""), ["XA", "XB"], day("2024-01-01")), None);
    }
    let untoc = basis(Instrument::Untoc, "");
    let found = register.standing(&untoc, ["XA", "XB"], day("2025-06-01")).unwrap();
    assert_eq!(found.by.as_deref(), Some("XB"));
    assert_eq!(found.reservations, [("XA".to_owned(), "Article 35(2): not bound".to_owned())]);
    let empty = Register::default();
    assert_eq!(empty.standing(&untoc, ["XA", "XB"], day("2024-01-01")).unwrap().is, Is::Unknown);
}

#[test]
fn the_best_basis_counts_and_none_is_asked_about_where_one_needs_no_treaty() {
    let register = Register::read(REGISTER).unwrap();
    let [xa, xb, xc] = ["XA", "XB", "XC"].map(|name| AuthorityId::parse(name).unwrap());
    let on = day("2025-06-01");
    let (untoc, bilateral) = (basis(Instrument::Untoc, ""), basis(Instrument::Bilateral, ""));
    let best = |bases: &[LegalBasis], other| register.best(bases, [&xa, other], on);
    assert_eq!(best(std::slice::from_ref(&untoc), &xb), Some(Is::NotInForce));
    assert_eq!(best(&[untoc.clone(), bilateral], &xb), Some(Is::InForce));
    // The register knows the State, and not that the authority is of it.
    assert_eq!(best(std::slice::from_ref(&untoc), &xc), Some(Is::Unknown));
    assert_eq!(best(&[untoc, basis(Instrument::Reciprocity, "")], &xb), None);
    assert_eq!(best(&[], &xb), None);
}

#[test]
fn authorities_and_languages_belong_to_states() {
    let register = Register::read(REGISTER).unwrap();
    let unit = AuthorityId::parse("XA-FIU").unwrap();
    assert_eq!(register.state_of(&unit).map(|state| state.code.as_str()), Some("XA"));
    assert_eq!(register.state_of(&AuthorityId::parse("XC").unwrap()), None);
    assert_eq!(register.state("XA").unwrap().languages, ["fa", "en"]);
    assert_eq!(register.between("XB", "XA").count(), 1);
    assert_eq!(register.between("XB", "XC").count(), 0);
}

#[test]
fn a_register_that_is_wrong_is_refused_with_the_place() {
    let cases = [
        ("is = \"party\"\nsince = \"2010-05-01\"\nreservations", "is = \"member\"\nreservations", "line"),
        (
            "since = \"2014-07-01\"\nuntil = \"2025-01-01\"",
            "since = \"2014-07-01\"\nuntil = \"2014-07-01\"",
            "[[party]] number 4",
        ),
        ("is = \"party\"\nsince = \"2016-03-01\"", "is = \"party\"", "[[treaty]] number 1: since when"),
        ("states = [\"XA\", \"XB\"]\nis", "states = [\"XA\"]\nis", "[[treaty]] number 1"),
        ("states = [\"XA\", \"XB\"]\nis", "states = [\"XA\", \"XD\"]\nis", "XD has no [[state]]"),
        ("code = \"XC\"", "code = \"XB\"", "[[state]] number 3: XB stands there already"),
        ("code = \"XC\"", "code = \"xc\"", "no code of a State"),
        ("authorities = [\"XB\"]", "authorities = [\"XA\"]", "another State"),
        ("instrument = \"bilateral\"", "instrument = \"untoc\"", "neither bilateral nor regional"),
        ("as_of = \"2026-11-01\"", "as_of = \"yesterday\"", "no date"),
        ("as_of = \"2026-11-01\"", "checked = \"2026-11-01\"", "checked"),
    ];
    for (good, bad, why) in cases {
        assert!(REGISTER.contains(good), "{good}");
        let error = Register::read(&REGISTER.replacen(good, bad, 1)).unwrap_err().to_string();
        assert!(error.contains(why), "{bad}: {error}");
    }
}
