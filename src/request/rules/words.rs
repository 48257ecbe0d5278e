//! What the rules say, in words.

use crate::format::wire;
use crate::request::file::enum_name;
use crate::request::language::Language;
use crate::request::mapping::descriptor;

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
    let variables = [("message", message.into()), ("source", source.into()), ("article", article.into())];
    language.plain(language.say_with(id, &variables))
}

/// How many there are of each level.
pub fn counted(language: Language, [errors, warnings, advice]: [usize; 3]) -> String {
    let counts = [("errors", errors.into()), ("warnings", warnings.into()), ("advice", advice.into())];
    language.plain(language.say_with("check-counted", &counts))
}

/// A finding of signed evidence in a sentence: what is missing with its article, or else the cause;
/// and the field.
pub fn finding(language: Language, found: &wire::Finding) -> String {
    let said = match found.rule.as_str() {
        "" => enum_name("Cause.Code", found.cause),
        rule => sentence(
            language,
            &wire::Deficiency {
                rule: rule.to_owned(),
                instrument: found.instrument.clone(),
                article: found.article.clone(),
                ..wire::Deficiency::default()
            },
        ),
    };
    let mut place = field(&found.field, found.item);
    if let Some(attachment @ 1..) = found.object.checked_sub(1) {
        place = format!("attachment {attachment}");
    }
    if place.is_empty() { said } else { format!("{said}  ({place})") }
}

/// A path of field numbers as request files write it; numbers that this version does not know
/// stand as they are.
pub fn field(numbers: &[u32], item: u32) -> String {
    let mut at = Some(descriptor("Request"));
    let (mut names, mut item) = (Vec::new(), item);
    for number in numbers {
        let field = at.as_ref().and_then(|message| message.get_field(*number));
        let mut name = field.as_ref().map_or_else(|| number.to_string(), |field| field.name().to_owned());
        at = field.as_ref().and_then(|field| field.kind().as_message().cloned());
        if item > 0 && field.is_some_and(|field| field.is_list()) {
            name.push_str(&format!("[{item}]"));
            item = 0;
        }
        names.push(name);
    }
    names.join(".")
}

/// The name of a level.
pub fn level(language: Language, told: &wire::Deficiency) -> String {
    language.code("level", told.level().as_str_name())
}
