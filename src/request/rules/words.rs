//! What the rules say, in words.

use crate::format::wire;
use crate::request::language::Language;

/// A deficiency in a sentence, with the article that it offends. A rule of a version that is newer
/// than ours is told as such, with its article.
pub fn sentence(language: Language, told: &wire::Deficiency) -> String {
    let id = format!("rule-{}", told.rule);
    let message = language.say(if language.knows(&id) { &id } else { "check-unknown_rule" });
    if told.article.is_empty() {
        return message;
    }
    let source = language.code("source", &told.instrument);
    let id = if told.verify { "check-cited_verify" } else { "check-cited" };
    let article = told.article.as_str();
    language
        .say_with(id, &[("message", message.into()), ("source", source.into()), ("article", article.into())])
}

/// The name of a level.
pub fn level(language: Language, told: &wire::Deficiency) -> String {
    language.code("level", told.level().as_str_name())
}
