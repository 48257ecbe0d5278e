//! What people and programs of the same machine can do, and what reaches them from outside.

use crate::packets::Large;
use crate::stage::{Row, Stage, Told, Who::Local, Who::Peer, command, elsewhere, row};
use crate::support::{files_below, path, request_file, rogatory, settled};
use rogatory::format::wire::{CheckpointRequest, PacketsRequest, PeersRequest};
use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Names of attachments as they come, and as they stand in the folder.
const NAMES: [(&str, &str); 18] = [
    ("../escaped", "escaped"),
    ("../../../../../../tmp/climbed", "climbed"),
    ("/etc/passwd", "passwd"),
    ("C:\\windows\\system32\\evil.dll", "evil.dll"),
    ("..", "attachment-5"),
    ("", "attachment-6"),
    ("CON", "_CON"),
    ("nul.txt", "_nul.txt"),
    (".bashrc", "bashrc"),
    ("nul\0byte", "nulbyte"),
    ("line\nbreak\u{1b}[31m", "linebreak[31m"),
    ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
    ("-rf", "_-rf"),
    ("request.json", "14-request.json"),
    ("same", "same"),
    ("same", "16-same"),
    ("18-last", "18-last"),
    ("18-last", "18-18-last"),
];

/// A packet of XA with attachments of these names, in XB's inbox; gives its id.
async fn arrived(stage: &Stage, names: &[&str]) -> String {
    let attachments: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, name.as_bytes())).collect();
    // Nothing is sealed of no bytes.
    let attachments: Vec<_> = attachments
        .into_iter()
        .map(|(name, bytes)| (name, if bytes.is_empty() { b"-" } else { bytes }))
        .collect();
    let large = Large::with(stage, &attachments);
    assert_eq!(large.deliver(stage, large.chunks()).await, Told::Accepted);
    large.header.id.to_string()
}

fn fetch<'a>(packet: &'a str, out: &'a Path) -> [&'a str; 6] {
    ["fetch", packet, "--purpose", "execution", "--out", path(out)]
}

/// Several commands at once, on the same configuration.
fn at_once(commands: Vec<Vec<String>>) -> Vec<Output> {
    let running: Vec<_> = commands
        .into_iter()
        .map(|args| std::thread::spawn(move || rogatory().args(args).output().unwrap()))
        .collect();
    running.into_iter().map(|one| one.join().unwrap()).collect()
}

fn told(code: i32, words: &str) -> Told {
    Told::Command(code, words.into())
}

pub fn rows() -> Vec<Row> {
    let mut rows = names();
    rows.extend(links());
    rows.extend(files());
    rows.extend(roles());
    rows.extend(together());
    rows.extend(socket());
    rows.extend([
        elsewhere(Local, "a user without a role", "local.rs", "who_has_no_role_may_do_nothing"),
        elsewhere(
            Local,
            "another user of the machine",
            "four_eyes.rs",
            "another_user_of_the_machine_approves",
        ),
        elsewhere(
            Local,
            "files of the same names",
            "local.rs",
            "fetching_overwrites_nothing_and_unknown_names_are_told",
        ),
    ]);
    rows
}

fn names() -> Vec<Row> {
    vec![
        // The packet, its opening, the handover.
        row(
            Peer,
            "attachments named as paths, devices, options and each other",
            Told::Answered(NAMES.len()),
            4,
            |stage| {
                Box::pin(async move {
                    let packet = arrived(stage, &NAMES.map(|(given, _)| given)).await;
                    let folder = stage.folder("named");
                    let out = folder.join("deep/er");
                    stage.bench.xb.json(&fetch(&packet, &out));
                    let found: BTreeSet<_> = files_below(&folder).into_iter().collect();
                    let mut expected: BTreeSet<_> = NAMES.iter().map(|(_, safe)| out.join(safe)).collect();
                    expected.insert(out.join("request.json"));
                    assert_eq!(found, expected);
                    for (number, (given, safe)) in (1..).zip(NAMES) {
                        let bytes = std::fs::read(out.join(safe)).unwrap();
                        let given = if given.is_empty() { "-" } else { given };
                        assert_eq!(bytes, given.as_bytes(), "attachment {number}");
                    }
                    Told::Answered(found.len() - 1)
                })
            },
        ),
        row(Peer, "an attachment whose name is of 4,000 bytes", Told::Answered(1), 4, |stage| {
            Box::pin(async move {
                let name = "\u{10348}".repeat(1000) + ".pdf";
                let packet = arrived(stage, &[&name]).await;
                let out = stage.folder("long");
                stage.bench.xb.json(&fetch(&packet, &out));
                let kept =
                    files_below(&out).into_iter().filter(|file| file.extension() == Some("pdf".as_ref()));
                Told::Answered(kept.count())
            })
        }),
    ]
}

/// Links in the folder, where somebody wants the files to go elsewhere. The packet is an honest
/// peer's: whether its handover is stated depends on who is quicker.
fn links() -> Vec<Row> {
    let link = |what: &'static str, to: fn(&Path) -> std::path::PathBuf| {
        row(Local, what, told(1, "is there already"), 0, move |stage| {
            Box::pin(async move {
                let folder = stage.folder(&what.replace(' ', "-"));
                std::fs::write(folder.join("letter.pdf"), "a letter").unwrap();
                let request = folder.join("request.toml");
                let more = "[[attachments]]\npath = \"letter.pdf\"\n";
                std::fs::write(&request, request_file("XB", more)).unwrap();
                let packet = stage.xc.json(&["send", path(&request)])["packet"].as_str().unwrap().to_owned();
                settled(&stage.xc, &packet).await;
                let (out, victim) = (folder.join("out"), to(&folder));
                std::fs::create_dir(&out).unwrap();
                let before = std::fs::read(&victim).ok();
                symlink(&victim, out.join("letter.pdf")).unwrap();
                let told = command(&stage.bench.xb, &fetch(&packet, &out), "is there already");
                assert_eq!(std::fs::read(&victim).ok(), before, "nothing was written through the link");
                assert_eq!(files_below(&out).len(), 1, "nothing is left beside it");
                told
            })
        })
    };
    vec![
        link("a link to a file", |folder| {
            std::fs::write(folder.join("victim"), "precious").unwrap();
            folder.join("victim")
        }),
        link("a link to nothing", |folder| folder.join("not-yet")),
    ]
}

/// Request files that are none.
fn files() -> Vec<Row> {
    type Make = fn(&Path);
    let rows: [(&str, Make, Told); 9] = [
        (
            "a request file of two mebibytes",
            |file| std::fs::write(file, request_file("XC", "") + &"# x\n".repeat(1 << 19)).unwrap(),
            told(2, "longer than 1048576 bytes"),
        ),
        (
            "a request file without end",
            |file| symlink("/dev/zero", file).unwrap(),
            told(2, "longer than 1048576 bytes"),
        ),
        (
            "a hundred thousand arrays in each other",
            |file| std::fs::write(file, format!("recipient = {}", "[".repeat(100_000))).unwrap(),
            told(2, "line 1"),
        ),
        (
            "a hundred thousand tables in each other",
            |file| std::fs::write(file, format!("{} = 1", ["a"; 100_000].join("."))).unwrap(),
            told(2, "recursion limit"),
        ),
        (
            "a hundred thousand objects of JSON in each other",
            |file| std::fs::write(file, "{\"request\":".repeat(50_000)).unwrap(),
            told(2, "line 1"),
        ),
        (
            "bytes that are no text",
            |file| std::fs::write(file, [0xff; 100]).unwrap(),
            told(2, "no text in UTF-8"),
        ),
        (
            "300 attachments",
            |file| {
                std::fs::write(file.with_file_name("small.txt"), "small").unwrap();
                let more = "[[attachments]]\npath = \"small.txt\"\n".repeat(300);
                std::fs::write(file, request_file("XC", &more)).unwrap();
            },
            told(2, "attachments"),
        ),
        (
            "an attachment that is a device",
            |file| {
                let more = "[[attachments]]\npath = \"/dev/zero\"\n";
                std::fs::write(file, request_file("XC", more)).unwrap();
            },
            told(2, "is no file"),
        ),
        ("a folder", |file| std::fs::create_dir(file).unwrap(), told(2, "directory")),
    ];
    let played = rows.into_iter().map(|(what, make, told)| {
        let words = match &told {
            Told::Command(_, words) => words.clone(),
            _ => String::new(),
        };
        row(Local, what, told, 0, move |stage| {
            let words = words.clone();
            Box::pin(async move {
                let file = stage.folder(&what.replace(' ', "-")).join("request.toml");
                make(&file);
                command(&stage.bench.xb, &["send", path(&file)], &words)
            })
        })
    });
    played.collect()
}

/// Each role is needed for its own calls, and gives no other.
fn roles() -> Vec<Row> {
    let roles = ["officer", "operator", "auditor"];
    let rows = roles.map(|role| {
        let told = Told::Words(format!("no {role}"));
        row(Local, format!("all roles but that of {role}"), told, 0, move |stage| {
            Box::pin(async move {
                let xb = &mut stage.bench.xb;
                let with = std::fs::read_to_string(xb.config()).unwrap();
                let uid = rustix::process::getuid().as_raw();
                let without = with.replace(&format!("{role}s = [{uid}]"), &format!("{role}s = []"));
                assert_ne!(with, without);
                assert!(xb.stop().await.success());
                std::fs::write(xb.config(), without).unwrap();
                xb.serve().await;
                let (officer, operator, auditor) =
                    (xb.client().officer(), xb.client().operator(), xb.client().auditor());
                let (mut officer, mut operator, mut auditor) = (officer, operator, auditor);
                let answers = [
                    officer.packets(PacketsRequest::default()).await.err(),
                    operator.peers(PeersRequest {}).await.err(),
                    auditor.checkpoint(CheckpointRequest {}).await.err(),
                ];
                let denied: Vec<_> = roles
                    .iter()
                    .zip(answers)
                    .filter_map(|(role, refused)| Some((role, refused?)))
                    .inspect(|(_, refused)| assert_eq!(refused.code(), tonic::Code::PermissionDenied))
                    .map(|(role, _)| *role)
                    .collect();
                assert!(xb.stop().await.success());
                std::fs::write(xb.config(), with).unwrap();
                xb.serve().await;
                Told::Words(format!("no {}", denied.join(", ")))
            })
        })
        .logged("refused: the user has not this role")
    });
    rows.into()
}

/// Two at once.
fn together() -> Vec<Row> {
    vec![
        row(Local, "eight officers send in one case at once", Told::Answered(8), 0, |stage| {
            Box::pin(async move {
                let (first, case) = stage.bench.xb.send("XC", "");
                settled(&stage.bench.xb, &first).await;
                let (folder, config) = (stage.folder("at-once"), stage.bench.xb.config());
                let commands = (0..8).map(|number| {
                    let file = folder.join(format!("{number}.toml"));
                    std::fs::write(&file, request_file("XC", &format!("case = \"{case}\"\n"))).unwrap();
                    ["send", path(&file), "--json", "--config", path(&config)].map(str::to_owned).to_vec()
                });
                let mut ids = BTreeSet::new();
                for output in at_once(commands.collect()) {
                    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
                    let sent: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                    ids.insert(sent["packet"].as_str().unwrap().to_owned());
                }
                for id in &ids {
                    settled(&stage.bench.xb, id).await;
                }
                Told::Answered(ids.len())
            })
        }),
        // The packet; one status.
        row(Local, "four officers register one case at once", told(2, "registered"), 3, |stage| {
            Box::pin(async move {
                let packet = arrived(stage, &[]).await;
                let config = stage.bench.xb.config();
                let one =
                    ["answer", &packet, "registered", "--config", path(&config)].map(str::to_owned).to_vec();
                let outputs = at_once(vec![one; 4]);
                let (done, refused): (Vec<_>, Vec<_>) =
                    outputs.iter().partition(|output| output.status.success());
                assert_eq!(done.len(), 1);
                let all_say = |words: &str| {
                    refused.iter().all(|output| String::from_utf8_lossy(&output.stderr).contains(words))
                };
                match refused.iter().all(|output| output.status.code() == Some(2))
                    && all_say("after registered")
                {
                    true => told(2, "registered"),
                    false => Told::Words(format!("{outputs:?}")),
                }
            })
        }),
        // The packet, four openings, one handover.
        row(Local, "four officers fetch one packet at once", Told::Answered(4), 7, |stage| {
            Box::pin(async move {
                let packet = arrived(stage, &["letter.pdf"]).await;
                let (folder, config) = (stage.folder("fetched"), stage.bench.xb.config());
                let commands = (0..4).map(|number| {
                    let out = folder.join(number.to_string());
                    let more = ["--config", path(&config)];
                    fetch(&packet, &out).iter().chain(&more).map(|word| (*word).to_owned()).collect()
                });
                let outputs = at_once(commands.collect());
                Told::Answered(outputs.iter().filter(|output| output.status.success()).count())
            })
        }),
    ]
}

/// The Unix socket itself.
fn socket() -> Vec<Row> {
    vec![
        row(Local, "bytes that are no HTTP/2, on the socket", Told::Closed, 0, |stage| {
            Box::pin(async move {
                let socket = stage.bench.xb.data.join("rogatory.sock");
                let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
                stream.write_all(&[0xff; 4096]).await.unwrap();
                let mut said = Vec::new();
                drop(stream.read_to_end(&mut said).await);
                Told::Closed
            })
        }),
        row(Local, "the socket is nobody else's", Told::Words("660".into()), 0, |stage| {
            Box::pin(async move {
                use std::os::unix::fs::PermissionsExt as _;
                let socket = stage.bench.xb.data.join("rogatory.sock");
                let mode = std::fs::metadata(socket).unwrap().permissions().mode();
                Told::Words(format!("{:o}", mode & 0o777))
            })
        }),
    ]
}
