//! `rogatory pair list`.

use crate::cli::error::CliError;
use crate::cli::{Context, output};
use rogatory::format::pairing::Terms;
use rogatory::format::wire::{
    GatewayRequest, Pairing, PeersRequest, alarm::Code, pairing_state::Code as State,
};
use rogatory::request::file::enum_name;

pub async fn list(context: &Context) -> Result<(), CliError> {
    let mut operator = context.gateway().await?.operator();
    let peers = operator.peers(PeersRequest {}).await?.into_inner().peers;
    let gateway = operator.gateway(GatewayRequest {}).await?.into_inner();
    let (tail, alarms) = (gateway.tail.unwrap_or_default(), gateway.alarms.unwrap_or_default());
    if context.json {
        let peers: Vec<_> = peers
            .iter()
            .map(|peer| {
                let witnessed = peer.witnessed.as_ref();
                serde_json::json!({
                    "authority": peer.authority, "fingerprint": hex::encode(&peer.fingerprint),
                    "addresses": peer.addresses, "statements": peer.statements, "waiting": peer.waiting,
                    "verified_size": witnessed.map(|w| w.size), "development": peer.development,
                    "suite": peer.suite, "holds": peer.holds, "cosigned": output::cosigned_json(peer.cosigned.as_ref()),
                    "alarms": output::alarms_json(&peer.alarms.clone().unwrap_or_default()),
                    "pairing": pairing_json(&peer.pairing.clone().unwrap_or_default()),
                })
            })
            .collect();
        println!(
            "{}",
            serde_json::json!({
                "peers": peers, "witnesses": output::witnesses_json(&gateway.witnesses), "log_size": gateway.log_size, "alarms": output::alarms_json(&alarms),
                "tail": { "entries": tail.entries, "substance": tail.substance,
                          "since": (tail.since > 0).then(|| output::time(tail.since)) },
            })
        );
        return Ok(());
    }
    let heading =
        ["authority", "fingerprint", "pairing", "addresses", "waiting", "log verified", "holds of ours"];
    let (mut rows, mut alarmed) = (vec![heading.map(str::to_owned).to_vec()], Vec::new());
    let mut roots = Vec::new();
    for peer in peers {
        roots.extend(peer.pairing.iter().filter_map(|pairing| changed_root(&peer.authority, pairing)));
        alarmed.extend(peer.alarms.filter(|alarms| alarms.count > 0));
        let cosigned = match peer.cosigned {
            Some(cosigned) => format!("cosigned {} at {}", cosigned.size, output::time(cosigned.at)),
            None => "never cosigned".into(),
        };
        rows.push(vec![
            peer.authority,
            hex::encode(&peer.fingerprint)[..16].to_owned(),
            standing(&peer.pairing.unwrap_or_default()),
            if peer.addresses.is_empty() { "collects".into() } else { peer.addresses.join(" ") },
            peer.waiting.to_string(),
            peer.witnessed.map_or_else(String::new, |w| format!("{} entries", w.size)),
            format!("{} entries, {cosigned}", peer.holds),
        ]);
    }
    print!("{}", output::table(&rows));
    for root in roots {
        println!("\n{root}");
    }
    for witness in &gateway.witnesses {
        let cosigned = witness.cosigned.unwrap_or_default();
        println!("witness {} cosigned {} at {}", witness.name, cosigned.size, output::time(cosigned.at));
    }
    match tail.substance {
        0 => println!("\nour log: {} entries; all that matters is cosigned", gateway.log_size),
        count => println!(
            "\nour log: {} entries; nobody has cosigned the last {}: {count} of substance, since {}",
            gateway.log_size,
            tail.entries,
            output::time(tail.since)
        ),
    }
    if alarms.count > 0 {
        println!("\nALARM: {} in all; docs/OPERATIONS.md, \"Alarms\", says what to do", alarms.count);
    }
    for alarms in alarmed {
        // Nothing against whoever brought it.
        let ours = if alarms.code() == Code::OwnLogContradicted { " (of OUR log)" } else { "" };
        println!(
            "  {}: {}; the newest is entry {} of {}: {}{ours}",
            alarms.peer,
            alarms.count,
            alarms.index,
            output::time(alarms.at),
            output::alarm(alarms.code),
        );
    }
    Ok(())
}

/// What terms restrict, in a few words.
pub fn terms_line(terms: &Terms) -> String {
    let kinds: Vec<_> = terms.kinds.iter().map(|kind| kind.as_str_name()).collect();
    let mut line = String::new();
    for (what, list) in [("of these kinds", kinds.join(", ")), ("in", terms.languages.join(", "))] {
        if !list.is_empty() {
            line.push_str(&format!("; {what}: {list}"));
        }
    }
    line
}

/// How a pairing stands, and by whose word.
fn standing(pairing: &Pairing) -> String {
    let (us, them) = match pairing.state() {
        State::Suspended => (pairing.suspended_by_us, pairing.suspended_by_peer),
        State::Ended => (pairing.ended_by_us, pairing.ended_by_peer),
        State::Active | State::Unspecified => (false, false),
    };
    let mut text = enum_name("PairingState.Code", pairing.state);
    text.push_str(match (us, them) {
        (true, true) => " by both",
        (true, false) => " by us",
        (false, true) => " by it",
        (false, false) => "",
    });
    match pairing.said > pairing.confirmed {
        true => text + ", not confirmed",
        false => text,
    }
}

/// What is said of a peer whose root nobody here has confirmed.
fn changed_root(peer: &str, pairing: &Pairing) -> Option<String> {
    (pairing.root != pairing.root_confirmed).then(|| {
        format!(
            "{peer}: root changed at {}, not confirmed: old {}, new {}\n  have {peer} read out its new one, then: \
             rogatory pair confirm-root {peer} --root \"…\"",
            output::time(pairing.root_since),
            hex::encode(&pairing.root_confirmed),
            hex::encode(&pairing.root),
        )
    })
}

fn pairing_json(pairing: &Pairing) -> serde_json::Value {
    let limits = pairing.limits.unwrap_or_default();
    let terms = pairing.terms.clone().unwrap_or_default();
    serde_json::json!({
        "state": enum_name("PairingState.Code", pairing.state),
        "suspended_by_us": pairing.suspended_by_us, "suspended_by_peer": pairing.suspended_by_peer,
        "ended_by_us": pairing.ended_by_us, "ended_by_peer": pairing.ended_by_peer,
        "said": pairing.said, "confirmed": pairing.confirmed,
        "root": {
            "id": hex::encode(&pairing.root), "since": output::time(pairing.root_since),
            "confirmed": pairing.root == pairing.root_confirmed,
            "confirmed_before": hex::encode(&pairing.root_confirmed), "ours_confirmed": pairing.our_root_confirmed,
        },
        "takes": {
            "packet_bytes": limits.packet_bytes, "objects": limits.objects,
            "kinds": terms.kinds.iter().map(|kind| output::kind(*kind)).collect::<Vec<_>>(),
            "languages": terms.languages, "suites": terms.suites,
        },
    })
}
