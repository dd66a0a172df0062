//! The forms of names: kebab-case, lowerCamelCase, snake_case, singular and plural.
//!
//! English is judged with short rules and short lists. A word that is judged wrongly belongs in a list here; until it is
//! there, an author writes the option `singular`.

/// Words that end like a plural but are one thing, so that a collection of them needs another ending.
const SINGULAR_IN_S: &[&str] =
    &["alias", "atlas", "bias", "canvas", "christmas", "gas", "lens", "pancreas", "plus", "summons", "yes"];

/// Words in `-us` and `-is` that are plurals all the same.
const PLURAL_IN_US_OR_IS: &[&str] = &[
    "alibis", "bikinis", "emus", "gurus", "kiwis", "menus", "safaris", "skis", "taxis", "tofus", "tsunamis",
    "zombis",
];

/// Words that are their own plural, or that nobody counts: right for a collection and for a singleton.
const BOTH: &[&str] = &[
    "analytics",
    "bison",
    "bonsai",
    "cattle",
    "chassis",
    "data",
    "deer",
    "diagnostics",
    "equipment",
    "feedback",
    "hardware",
    "headquarters",
    "information",
    "inventory",
    "livestock",
    "logistics",
    "means",
    "media",
    "metadata",
    "moose",
    "news",
    "offspring",
    "personnel",
    "police",
    "salmon",
    "series",
    "settings",
    "sheep",
    "software",
    "species",
    "staff",
    "statistics",
    "swine",
    "trout",
];

/// Endings of such words: `spacecraft`, `jellyfish`.
const BOTH_ENDINGS: &[&str] = &["craft", "fish"];

/// Words in `-ae` that are one thing; all others are plurals, as `larvae` is.
const SINGULAR_IN_AE: &[&str] = &["brae", "reggae", "sundae"];

/// Singular and plural of words that do not just take an `s`.
const IRREGULAR: &[(&str, &str)] = &[
    ("child", "children"),
    ("criterion", "criteria"),
    ("datum", "data"),
    ("foot", "feet"),
    ("goose", "geese"),
    ("man", "men"),
    ("medium", "media"),
    ("mouse", "mice"),
    ("ox", "oxen"),
    ("person", "people"),
    ("phenomenon", "phenomena"),
    ("tooth", "teeth"),
    ("woman", "women"),
    ("addendum", "addenda"),
    ("automaton", "automata"),
    ("bacterium", "bacteria"),
    ("corpus", "corpora"),
    ("curriculum", "curricula"),
    ("die", "dice"),
    ("erratum", "errata"),
    ("fungus", "fungi"),
    ("genus", "genera"),
    ("larva", "larvae"),
    ("memorandum", "memoranda"),
    ("quantum", "quanta"),
    ("radius", "radii"),
    ("spectrum", "spectra"),
    ("stratum", "strata"),
    ("syllabus", "syllabi"),
    ("stimulus", "stimuli"),
    ("cactus", "cacti"),
    ("nucleus", "nuclei"),
    ("alumnus", "alumni"),
    ("analysis", "analyses"),
    ("basis", "bases"),
    ("crisis", "crises"),
    ("diagnosis", "diagnoses"),
    ("hypothesis", "hypotheses"),
    ("axis", "axes"),
    ("thesis", "theses"),
    ("index", "indices"),
    ("matrix", "matrices"),
    ("vertex", "vertices"),
    ("life", "lives"),
    ("knife", "knives"),
    ("leaf", "leaves"),
    ("half", "halves"),
    ("shelf", "shelves"),
    ("thief", "thieves"),
    ("movie", "movies"),
    ("cookie", "cookies"),
    ("cache", "caches"),
    ("shoe", "shoes"),
    ("quiz", "quizzes"),
    ("lens", "lenses"),
    ("gas", "gases"),
    ("bus", "buses"),
];

/// Shortened words that a reader of the API should not have to guess, with the word that is meant.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("acct", "account"),
    ("addr", "address"),
    ("attr", "attribute"),
    ("cfg", "configuration"),
    ("cmd", "command"),
    ("conf", "configuration"),
    ("conn", "connection"),
    ("cust", "customer"),
    ("dept", "department"),
    ("desc", "description"),
    ("dev", "device"),
    ("dir", "directory"),
    ("doc", "document"),
    ("emp", "employee"),
    ("env", "environment"),
    ("err", "error"),
    ("evt", "event"),
    ("func", "function"),
    ("grp", "group"),
    ("idx", "index"),
    ("img", "image"),
    ("inv", "invoice"),
    ("lang", "language"),
    ("lib", "library"),
    ("mgr", "manager"),
    ("mgmt", "management"),
    ("msg", "message"),
    ("num", "number"),
    ("obj", "object"),
    ("org", "organization"),
    ("param", "parameter"),
    ("perm", "permission"),
    ("pkg", "package"),
    ("pref", "preference"),
    ("prod", "product"),
    ("pwd", "password"),
    ("qty", "quantity"),
    ("repo", "repository"),
    ("req", "request"),
    ("seq", "sequence"),
    ("srv", "server"),
    ("svc", "service"),
    ("tbl", "table"),
    ("tmp", "temporary"),
    ("txn", "transaction"),
    ("usr", "user"),
    ("util", "utility"),
    ("val", "value"),
    ("var", "variable"),
    ("ver", "version"),
    ("vol", "volume"),
];

/// Verbs that begin a segment only where an action was modelled as a collection.
const VERBS: &[&str] = &[
    "activate",
    "add",
    "apply",
    "approve",
    "assign",
    "cancel",
    "close",
    "create",
    "deactivate",
    "delete",
    "disable",
    "enable",
    "execute",
    "fetch",
    "get",
    "install",
    "notify",
    "open",
    "perform",
    "reboot",
    "reject",
    "remove",
    "rename",
    "reopen",
    "restart",
    "revoke",
    "send",
    "submit",
    "unassign",
    "uninstall",
    "update",
    "validate",
    "verify",
];

/// The verbs among them that a standard method expresses.
const STANDARD_VERBS: &[&str] = &["add", "create", "delete", "fetch", "get", "remove", "update"];

/// Things whose name begins with such a verb.
const COMPOUNDS: &[&str] = &[
    "add-in",
    "add-on",
    "close-up",
    "get-together",
    "open-air",
    "open-day",
    "open-evening",
    "open-hour",
    "open-house",
    "open-source",
    "open-space",
    "send-off",
    "update-channel",
    "update-package",
    "update-ring",
];

/// Whether the text is lower-case words of letters and digits joined by `-`, the first beginning with a letter.
#[must_use]
pub fn is_kebab(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

/// Whether the text is letters and digits, the first a lower-case letter.
#[must_use]
pub fn is_lower_camel(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the text is letters and digits, the first an upper-case letter.
#[must_use]
pub fn is_pascal(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the text is lower-case words of letters and digits joined by `_`, the first beginning with a letter.
#[must_use]
pub fn is_snake(text: &str) -> bool {
    !text.contains('-') && is_kebab(&text.replace('_', "-"))
}

/// The words of a name in any form, in lower case.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for char in text.chars() {
        let starts = !char.is_ascii_alphanumeric() || (char.is_ascii_uppercase() && after_lower);
        if starts {
            words.push(String::new());
        }
        if let (true, Some(word)) = (char.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(char.to_ascii_lowercase());
        }
        after_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The name in kebab-case.
#[must_use]
pub fn to_kebab(text: &str) -> String {
    words(text).join("-")
}

/// The name in snake_case.
#[must_use]
pub fn to_snake(text: &str) -> String {
    words(text).join("_")
}

/// The name in PascalCase.
#[must_use]
pub fn to_pascal(text: &str) -> String {
    words(text).iter().map(|word| capital(word)).collect()
}

/// The name in lowerCamelCase.
#[must_use]
pub fn to_lower_camel(text: &str) -> String {
    let words = words(text);
    words.iter().enumerate().map(|(at, word)| if at == 0 { word.clone() } else { capital(word) }).collect()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// Whether the last word of a segment is a plural, as a collection's must be.
#[must_use]
pub fn is_plural(segment: &str) -> bool {
    let word = last_word(segment);
    is_both(word) || is_irregular_plural(word) || has_plural_s(word)
}

/// Whether the last word of a segment is a singular, as a singleton's must be.
#[must_use]
pub fn is_singular(segment: &str) -> bool {
    let word = last_word(segment);
    is_both(word) || !(is_irregular_plural(word) || has_plural_s(word))
}

fn is_both(word: &str) -> bool {
    BOTH.contains(&word) || BOTH_ENDINGS.iter().any(|ending| word.ends_with(ending))
}

fn is_irregular_plural(word: &str) -> bool {
    IRREGULAR.iter().any(|(_, plural)| *plural == word) || classical_singular(word).is_some()
}

/// The singular of a plural in `-ae` or `-mata`: `formula`, `schema`.
fn classical_singular(word: &str) -> Option<String> {
    let in_ae = word.strip_suffix('e').filter(|stem| stem.ends_with('a') && !SINGULAR_IN_AE.contains(&word));
    let in_ta = || word.strip_suffix("ta").filter(|stem| stem.ends_with("ma"));
    in_ae.or_else(in_ta).map(str::to_owned)
}

fn has_plural_s(word: &str) -> bool {
    let singular = word.ends_with("ss")
        || (word.ends_with("us") || word.ends_with("is")) && !PLURAL_IN_US_OR_IS.contains(&word)
        || SINGULAR_IN_S.contains(&word);
    word.len() > 1 && word.ends_with('s') && !singular
}

/// The segment with its last word in the plural.
#[must_use]
pub fn to_plural(segment: &str) -> String {
    with_last_word(segment, |word| {
        if let Some((_, plural)) = IRREGULAR.iter().find(|(singular, _)| *singular == word) {
            return (*plural).to_owned();
        }
        if let Some(stem) = word.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
            return format!("{stem}ies");
        }
        if ["s", "x", "z", "ch", "sh"].iter().any(|ending| word.ends_with(ending)) {
            return format!("{word}es");
        }
        format!("{word}s")
    })
}

/// The segment with its last word in the singular.
#[must_use]
pub fn to_singular(segment: &str) -> String {
    with_last_word(segment, |word| {
        if let Some((singular, _)) = IRREGULAR.iter().find(|(_, plural)| *plural == word) {
            return (*singular).to_owned();
        }
        if let Some(singular) = classical_singular(word) {
            return singular;
        }
        if let Some(stem) = word.strip_suffix("ies") {
            return format!("{stem}y");
        }
        if let Some(stem) = word.strip_suffix("es")
            && ["ss", "atus", "irus", "onus", "ampus", "x", "zz", "ch", "sh"]
                .iter()
                .any(|ending| stem.ends_with(ending))
        {
            return stem.to_owned();
        }
        word.strip_suffix('s').unwrap_or(word).to_owned()
    })
}

fn last_word(segment: &str) -> &str {
    segment.rsplit('-').next().unwrap_or(segment)
}

fn with_last_word(segment: &str, change: impl FnOnce(&str) -> String) -> String {
    match segment.rsplit_once('-') {
        Some((rest, last)) => format!("{rest}-{}", change(last)),
        None => change(segment),
    }
}

/// The first shortened word of a segment, and the segment with all of them written out.
#[must_use]
pub fn abbreviation(segment: &str) -> Option<(&str, String)> {
    let expand = |word: &str| {
        let full = |word: &str| ABBREVIATIONS.iter().find(|(short, _)| *short == word).map(|(_, full)| *full);
        match full(word) {
            Some(full) => Some(full.to_owned()),
            None => word.strip_suffix('s').and_then(full).map(to_plural),
        }
    };
    let short = segment.split('-').find(|word| expand(word).is_some())?;
    let words: Vec<_> =
        segment.split('-').map(|word| expand(word).unwrap_or_else(|| word.to_owned())).collect();
    Some((short, words.join("-")))
}

/// The verb that a collection's name begins with, and the name to take in its place.
///
/// An action becomes a resource of its own, a request that can be listed and read: `open-switch-ports` is
/// `switch-port-open-requests`.
#[must_use]
pub fn action(segment: &str) -> Option<(&str, String)> {
    let (verb, things) = segment.split_once('-')?;
    if !VERBS.contains(&verb) || segment.ends_with("-requests") || begins_with_compound(segment) {
        return None;
    }
    let proposal = if STANDARD_VERBS.contains(&verb) {
        if is_plural(things) { things.to_owned() } else { to_plural(things) }
    } else {
        format!("{}-{verb}-requests", if is_plural(things) { to_singular(things) } else { things.to_owned() })
    };
    Some((verb, proposal))
}

fn begins_with_compound(segment: &str) -> bool {
    let mut words = segment.splitn(3, '-');
    let first = [words.next(), words.next()].into_iter().flatten().collect::<Vec<_>>().join("-");
    COMPOUNDS.contains(&first.as_str()) || COMPOUNDS.contains(&to_singular(&first).as_str())
}
