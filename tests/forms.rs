//! Request files in their three forms: what one says the others say, and the schema says what may
//! stand in them. What a later schema adds is kept, though it is not known here.

mod support;

use prost::Message as _;
use rogatory::format::wire::{RequestFile, kind::Code as Kind};
use rogatory::request::file::{Form, Written};
use rogatory::request::schema;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use support::{end, pair, path, run, settled, succeeds};

const FORMS: [Form; 3] = [Form::Toml, Form::Json, Form::Protobuf];

fn samples() -> Vec<(PathBuf, Written)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let written = Written::read(&std::fs::read_to_string(&path).unwrap());
            let written = written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, written)
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn again(bytes: &[u8], form: Form) -> Written {
    match form {
        Form::Protobuf => Written::from_protobuf(bytes),
        _ => Written::read(std::str::from_utf8(bytes).unwrap()),
    }
    .unwrap()
}

fn json_of(written: &Written) -> Value {
    serde_json::from_slice(&written.write(Form::Json).unwrap()).unwrap()
}

#[test]
fn every_form_says_what_the_others_say() {
    for (path, written) in samples() {
        let bytes = written.write(Form::Protobuf).unwrap();
        for one in FORMS {
            for other in FORMS {
                let once = again(&written.write(one).unwrap(), one);
                let twice = again(&once.write(other).unwrap(), other);
                assert_eq!(twice.file, written.file, "{}: {one:?}, {other:?}", path.display());
                assert_eq!(twice.write(Form::Protobuf).unwrap(), bytes, "{}", path.display());
            }
        }
    }
}

/// Adds a field that nobody knows to every message of a sample, as bytes.
fn with_unknown(written: &Written) -> Vec<u8> {
    let mut json = json_of(written);
    fn add(value: &mut Value) {
        match value {
            Value::Object(keys) => {
                keys.values_mut().for_each(add);
                // Field 2000, a varint; field 2001, bytes.
                keys.insert("@unknown".into(), json!("gH0HinICaGk="));
            }
            Value::Array(items) => items.iter_mut().for_each(add),
            _ => {}
        }
    }
    add(&mut json);
    Written::read(&json.to_string()).unwrap().write(Form::Protobuf).unwrap()
}

#[test]
fn what_a_later_schema_adds_is_kept() {
    for (path, written) in samples() {
        let bytes = with_unknown(&written);
        // It decodes as what it was, and is longer by what is not known.
        assert_eq!(RequestFile::decode(bytes.as_slice()).unwrap(), written.file, "{}", path.display());
        assert!(bytes.len() > written.write(Form::Protobuf).unwrap().len());
        let later = Written::from_protobuf(&bytes).unwrap();
        for form in FORMS {
            let back = again(&later.write(form).unwrap(), form);
            assert_eq!(back.write(Form::Protobuf).unwrap(), bytes, "{}: {form:?}", path.display());
        }
    }
}

#[test]
fn what_is_known_can_not_hide_among_what_is_not() {
    let (_, written) = samples().remove(0);
    let refused = |place: &str, unknown: Value, why: &str| {
        let mut json = json_of(&written);
        *json.pointer_mut(place).unwrap().as_object_mut().unwrap() =
            [("@unknown".to_owned(), unknown)].into_iter().collect();
        let error = Written::read(&json.to_string()).unwrap_err().to_string();
        assert!(error.contains("@unknown") && error.contains(why), "{error}");
    };
    // Field 1 of a request file is the recipient, of a request the schema.
    refused("", json!("CgJYQg=="), "known");
    refused("/request", json!("CAE="), "known");
    refused("/request", json!(""), "known");
    refused("/request", json!("gH0"), "base64");
    refused("/request", json!("gA=="), "can't be read");
    refused("/request", json!(7), "no text");
}

fn validator(kind: Kind) -> jsonschema::Validator {
    jsonschema::draft202012::new(&schema::of_kind(kind)).unwrap()
}

#[test]
fn the_schema_takes_what_the_program_takes() {
    let kinds = schema::kinds();
    assert_eq!(kinds.len(), 25);
    for kind in &kinds {
        assert!(jsonschema::draft202012::meta::is_valid(&schema::of_kind(*kind)), "{kind:?}");
    }
    let mut seen = std::collections::BTreeSet::new();
    for (path, written) in samples() {
        let json = json_of(&written);
        let own =
            kinds.iter().copied().find(|kind| json["request"].get(kind.as_str_name()).is_some()).unwrap();
        seen.insert(own as i32);
        for kind in kinds.iter().copied() {
            let verdict = validator(kind).validate(&json).map_err(|error| error.to_string());
            assert_eq!(verdict.is_ok(), kind == own, "{} as {kind:?}: {verdict:?}", path.display());
        }
        let taken = validator(own);
        assert!(taken.is_valid(&json_of(&Written::from_protobuf(&with_unknown(&written)).unwrap())));
        // What the program refuses the schema refuses, at every depth.
        fn bent(value: &Value, way: &str, all: &mut Vec<String>) {
            match value {
                Value::Object(keys) => {
                    all.push(way.to_owned());
                    keys.iter().for_each(|(key, inner)| bent(inner, &format!("{way}/{key}"), all));
                }
                Value::Array(items) => {
                    items.iter().enumerate().for_each(|(n, inner)| bent(inner, &format!("{way}/{n}"), all));
                }
                _ => {}
            }
        }
        let mut places = Vec::new();
        bent(&json, "", &mut places);
        for place in places {
            for wrong in [("no_such_key", json!(1)), ("@unknown", json!(1))] {
                let mut json = json.clone();
                let object = json.pointer_mut(&place).unwrap().as_object_mut().unwrap();
                object.insert(wrong.0.into(), wrong.1);
                assert!(!taken.is_valid(&json), "{}{place}: {}", path.display(), wrong.0);
                assert!(Written::read(&json.to_string()).is_err(), "{}{place}: {}", path.display(), wrong.0);
            }
        }
    }
    assert_eq!(seen.len(), 25, "a sample of every kind");
}

#[test]
fn the_schema_cites_the_articles() {
    let schema = schema::of_kind(Kind::Confiscation);
    let said = |message: &str, key: &str| {
        schema["$defs"][message]["properties"][key]["description"].as_str().unwrap_or_default().to_owned()
    };
    assert!(said("Matter", "facts").contains("Item (c)"));
    assert!(said("Confiscation.EnforceOrder", "finality").contains("UNCAC 55(3)(b)"));
    let told = succeeds(&["schema", "confiscation"]);
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), schema);
    assert_eq!(succeeds(&["schema"]).lines().count(), 25);
    let wrong = run(&["schema", "letter"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("one of: mutual_legal_assistance"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_travels_from_file_to_file() {
    let dir = tempfile::tempdir().unwrap();
    let (xa, xb) = pair(dir.path()).await;
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/border_alert.json");
    let mut written = Written::read(&std::fs::read_to_string(sample).unwrap()).unwrap();
    written.file.recipient = "XB".into();
    written.file.kind = 0;
    written.file.attachments.clear();
    written.file.expires = "30d".into();
    let plain = Written::from_protobuf(&written.file.encode_to_vec()).unwrap();
    let later = dir.path().join("later.binpb");
    std::fs::write(&later, with_unknown(&plain)).unwrap();
    // Whoever has only our program reads it, changes its form, and sends it on.
    let toml = dir.path().join("later.toml");
    succeeds(&["convert", path(&later), "--to", "toml", "--out", path(&toml)]);
    let sent = xa.json(&["send", path(&toml)]);
    let packet = sent["packet"].as_str().unwrap();
    settled(&xa, packet).await;
    let out = dir.path().join("out");
    xb.json(&["fetch", packet, "--purpose", "execution", "--out", path(&out)]);
    let fetched: Value = serde_json::from_slice(&std::fs::read(out.join("request.json")).unwrap()).unwrap();
    let mut expected = json_of(&Written::from_protobuf(&with_unknown(&plain)).unwrap())["request"].take();
    // The gateway fills this in.
    expected["schema"] = json!(1);
    assert_eq!(fetched, expected);
    end([xa, xb]).await;
}
