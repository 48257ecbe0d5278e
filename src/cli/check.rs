//! `rogatory check`: what a request lacks, article by article, before anything is sent.

use super::error::CliError;
use super::{Context, forms, send};
use clap::Args;
use rogatory::format::id::AuthorityId;
use rogatory::format::wire::{CheckRequest, Deficiency, RequestFile, deficiency::Level};
use rogatory::gateway::SystemClock;
use rogatory::request::content::kind;
use rogatory::request::language::Language;
use rogatory::request::rules::{self, Circumstances, words};
use rogatory::store::Clock as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Say what a request file lacks: errors with their article, warnings, advice
#[derive(Args)]
#[command(
    after_help = "Examples:\n  rogatory check request.toml\n  rogatory check request.toml --language fa\n  \
rogatory check request.toml --json\n\n\
No gateway is needed. Where one runs, what the recipient takes is looked at too: kinds, languages, size;\n\
where the configuration names a register of treaties, whether the legal basis is in force.\n\
Exit codes: 0 no error; 1 errors: it would not be sent; 2 the file can't be read."
)]
pub struct Check {
    /// The request file
    file: PathBuf,
    /// Language of what is said: en, fr, ru, ar or fa
    #[arg(long, default_value = "en", value_name = "TAG", value_parser = Language::of_tag)]
    language: Language,
}

/// What was found, and whether the recipient's terms were known.
struct Found {
    deficiencies: Vec<Deficiency>,
    with_terms: bool,
}

impl Check {
    pub async fn run(self, context: &Context) -> Result<ExitCode, CliError> {
        let (file, found) = self.found(context).await?;
        Ok(self.print(context, &file, &found))
    }

    async fn found(&self, context: &Context) -> Result<(RequestFile, Found), CliError> {
        let mut file = forms::open(&self.file)?.file;
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let attachments = send::described(&file, folder)?;
        let urgency = file.urgency();
        let request = file.request.as_mut().ok_or_else(|| {
            CliError::input("request: the table is missing").hint("docs/REQUESTS.md has every key")
        })?;
        if kind(request).is_none() {
            return Err(CliError::input("the request has no content: which kind is it?")
                .hint("it is the table named by the kind, such as [request.mutual_legal_assistance]"));
        }
        request.attachments = attachments;
        let asked = CheckRequest {
            recipient: file.recipient.clone(),
            urgency: urgency.into(),
            request: prost::Message::encode_to_vec(request),
        };
        let config = context.config().ok();
        let recipient = AuthorityId::parse(&file.recipient).ok();
        let treaties = config.as_ref().zip(recipient.as_ref()).and_then(|(config, recipient)| {
            Some((config.register.as_ref()?, [&config.authority, recipient]))
        });
        let now = Some(SystemClock.now());
        let electronic_form = config
            .as_ref()
            .zip(recipient.as_ref())
            .is_some_and(|(config, recipient)| config.agreed.electronic_form.contains(recipient));
        let around = Circumstances { urgency, now, treaties, electronic_form, ..Circumstances::default() };
        let alone = || Found {
            deficiencies: rules::check(request, &around).iter().map(rules::Deficiency::to_wire).collect(),
            with_terms: false,
        };
        let found = match context.gateway().await {
            // Without a configuration or a gateway the rules are the same, and the terms unknown.
            Err(_) => alone(),
            Ok(gateway) => {
                let reply = gateway.officer().check(asked).await?.into_inner();
                Found { deficiencies: reply.deficiencies, with_terms: reply.with_terms }
            }
        };
        Ok((file, found))
    }

    fn print(&self, context: &Context, file: &RequestFile, found: &Found) -> ExitCode {
        let count = |level| found.deficiencies.iter().filter(|told| told.level() == level).count();
        let counts = [count(Level::Error), count(Level::Warning), count(Level::Advice)];
        if context.json {
            let kind = file.request.as_ref().and_then(kind).map_or("", |kind| kind.as_str_name());
            println!(
                "{}",
                serde_json::json!({
                    "file": self.file, "kind": kind,
                    "rules": { "version": rules::version(), "source": rules::source() },
                    "with_terms": found.with_terms,
                    "errors": counts[0], "warnings": counts[1], "advice": counts[2],
                    "deficiencies": found.deficiencies.iter().map(|told| json(self.language, told)).collect::<Vec<_>>(),
                })
            );
        } else {
            print!("{}", text(self.language, &found.deficiencies));
            println!(
                "{}",
                match found.deficiencies.is_empty() {
                    true => self.language.say("check-complete"),
                    false => words::counted(self.language, counts),
                }
            );
        }
        ExitCode::from(u8::from(counts[0] > 0))
    }
}

/// A deficiency for programs.
pub fn json(language: Language, told: &Deficiency) -> serde_json::Value {
    let or_none = |text: &str| if text.is_empty() { None } else { Some(text.to_owned()) };
    serde_json::json!({
        "level": told.level().as_str_name(), "rule": told.rule, "path": told.path,
        "instrument": or_none(&told.instrument), "article": or_none(&told.article), "verify": told.verify,
        "message": words::sentence(language, told),
    })
}

/// Deficiencies for people, with the field that each is about.
pub fn text(language: Language, found: &[Deficiency]) -> String {
    let mut lines = String::new();
    for told in found {
        let level = words::level(language, told);
        lines.push_str(&format!("{level}: {}\n", words::sentence(language, told)));
        lines.push_str(&format!("  {}\n", told.path));
    }
    lines
}
