//! The rules of `#[resource(…)]` and `#[resource_value]`.

use proc_macro2::Ident;
use syn::{Expr, Lit, LitStr, ext::IdentExt};

use super::{Owner, existing, field, index, view};
use crate::{
    attr::{Keyed, ungroup},
    code::Code,
    diag::{Problem, Sink, closest, one_of},
    model::{RawResource, RawValue, Resource, ResourceOptions, Value},
    name, symbol, synonym,
};

/// Judges a resource; `None` where it is too broken to be described.
pub(crate) fn resource(raw: &RawResource, sink: &mut Sink) -> Option<Resource> {
    let options = &raw.options;
    let segment = segment(raw, sink);
    let is_singleton = segment.as_ref().is_some_and(|(_, is_singleton)| *is_singleton);
    if is_singleton {
        collection_options(options, sink);
    }
    // A refused `id = …` leaves open what form the example should have.
    let example_id = if is_singleton || !raw.options_are_whole { None } else { example_id(options, sink) };
    let methods = methods(options, is_singleton, sink);
    upsert(options, &methods, is_singleton, sink);
    transfers(options, &methods, is_singleton, sink);
    let soft_delete = if is_singleton { None } else { soft_delete(options, &methods, sink) };
    across_parents(options, &methods, is_singleton, sink);
    let owner = if is_singleton { Owner::Singleton } else { Owner::Collection };
    let existing = existing::existing(raw, is_singleton, sink);
    let fields = field::fields(&raw.fields, owner, sink);
    let deletion = symbol::VIEW_DELETION_FIELDS.iter().filter(|_| soft_delete.is_some());
    let framework: Vec<&str> = symbol::VIEW_FRAMEWORK_FIELDS.iter().chain(deletion).copied().collect();
    let indexes = index::indexes(&options.indexes, &fields, sink);
    let views = view::views(&options.views, &fields, &framework, sink);
    Some(Resource {
        ident: raw.item.ident.clone(),
        cfgs: raw.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect(),
        name: raw.item.ident.unraw().to_string(),
        doc: raw.doc.clone(),
        segment: segment?.0,
        id: (!is_singleton).then(|| id_kind(options)),
        example_id,
        parent: options.parent.as_ref().map(|parent| parent.value.clone()),
        views,
        indexes,
        methods,
        rules: options.rules.clone(),
        changes: options.changes.is_some(),
        keep_changes: keep_changes(options, sink),
        upsert: options.upsert.is_some(),
        across_parents: options.across_parents.is_some(),
        slash_verbs: options.slash_verbs.is_some(),
        require_if_match: options.require_if_match.is_some(),
        soft_delete,
        export: options.export.is_some(),
        import: options.import.is_some(),
        dropped: dropped(options),
        existing,
        fields,
    })
}

/// Judges a nested struct.
pub(crate) fn value(raw: &RawValue, sink: &mut Sink) -> Value {
    Value {
        ident: raw.item.ident.clone(),
        cfgs: raw.item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect(),
        name: raw.item.ident.unraw().to_string(),
        doc: raw.doc.clone(),
        fields: field::fields(&raw.fields, Owner::Value, sink),
    }
}

/// The path segment, and whether it is a singleton's.
fn segment(raw: &RawResource, sink: &mut Sink) -> Option<(LitStr, bool)> {
    let singular = raw.options.singular.as_ref();
    match (&raw.options.collection, &raw.options.singleton) {
        (Some(_), Some(singleton)) => {
            sink.push(
                Problem::at(
                    Code::CollectionAndSingleton,
                    &singleton.key,
                    "a resource is a `collection` or a `singleton`, not both",
                )
                .note("a collection has many resources with ids, a singleton is one without")
                .help("leave one of the two out"),
            );
            None
        }
        (Some(collection), None) => {
            collection_name(collection, singular, raw.options.parent.is_none(), sink);
            Some((collection.value.clone(), false))
        }
        (None, Some(singleton)) => {
            singleton_name(singleton, singular, raw.options.parent.is_none(), sink);
            Some((singleton.value.clone(), true))
        }
        (None, None) => {
            // A misspelt option was reported where it stands.
            if raw.options_are_whole {
                let ident = raw.item.ident.unraw().to_string();
                let proposal = name::to_plural(&name::to_kebab(&ident));
                sink.push(
                    Problem::at(Code::NoPlace, &raw.item.ident, format!("`{ident}` has no place in the API"))
                        .help(format!("write `#[resource(collection = \"{proposal}\")]`, or `singleton = \"…\"` for one without id")),
                );
            }
            None
        }
    }
}

/// A collection is plural, unabbreviated, kebab-case, and named after things.
///
/// Whoever states the singular knows the word better than the lists of this crate do.
fn collection_name(
    collection: &Keyed<LitStr>,
    singular: Option<&Keyed<LitStr>>,
    at_root: bool,
    sink: &mut Sink,
) {
    let segment = collection.value.value();
    let is_well_formed = common_name(collection, at_root, sink);
    if let Some(singular) = singular {
        kebab(singular, sink);
        return;
    }
    if !is_well_formed {
        return;
    }
    if let Some((verb, proposal)) = name::action(&segment) {
        // Slow or effectful work is a resource that can be listed, read and cancelled, not a path that does something.
        let mut help = if proposal.ends_with("-requests") {
            format!("name the requests for it: `{proposal}`")
        } else {
            format!("name the collection after the things, `{proposal}`; the HTTP method is the verb")
        };
        help += &format!("; or add `singular = \"{}\"` if these are things", name::to_singular(&segment));
        sink.push(
            Problem::at(
                Code::Action,
                &collection.value,
                format!("a collection is named after things, and `{verb}` is a verb"),
            )
            .note("an action is a custom method, or a resource of its own when it takes time")
            .help(help),
        );
    } else if !name::is_plural(&segment) {
        sink.push(
            Problem::at(
                Code::NotPlural,
                &collection.value,
                format!("`collection` must be a plural, and `{segment}` is not"),
            )
            .help(format!(
                "try `{}`, or add `singular = \"…\"` if `{segment}` is a plural",
                name::to_plural(&segment)
            )),
        );
    }
}

/// A singleton is singular, unabbreviated, kebab-case.
fn singleton_name(
    singleton: &Keyed<LitStr>,
    singular: Option<&Keyed<LitStr>>,
    at_root: bool,
    sink: &mut Sink,
) {
    let segment = singleton.value.value();
    let is_well_formed = common_name(singleton, at_root, sink);
    if let Some(singular) = singular {
        let written = singular.value.value();
        if written != segment {
            let problem = Problem::at(
                Code::SingularOfSingleton,
                &singular.value,
                "a singleton is called by its singular already",
            );
            // Who writes both has often given the segment as that of a collection.
            sink.push(if name::is_singular(&segment) {
                problem.help("leave `singular` out")
            } else if name::to_plural(&written) == segment {
                problem.help(format!("write `singleton = \"{written}\"`, and leave `singular` out"))
            } else {
                problem.help(format!("write `singular = \"{segment}\"`, which says that the segment is one"))
            });
        }
        return;
    }
    if is_well_formed && !name::is_singular(&segment) {
        sink.push(
            Problem::at(Code::NotSingular, &singleton.value, format!("`singleton` must be a singular, and `{segment}` is not"))
                .note("a singleton is one resource without id")
                .help(format!(
                    "try `{}`, `collection = \"{segment}\"` if there are many, or add `singular = \"{segment}\"` if it is a singular",
                    name::to_singular(&segment)
                )),
        );
    }
}

/// What holds for both kinds of segment; whether it does.
fn common_name(option: &Keyed<LitStr>, at_root: bool, sink: &mut Sink) -> bool {
    let segment = option.value.value();
    if !kebab(option, sink) {
        return false;
    }
    if segment == "changes" {
        sink.push(
            Problem::at(Code::ReservedSegment, &option.value, "`changes` is the name of the collection that records a resource's changes")
                .help("write the option `changes` on the resource whose changes are to be recorded, or take another name"),
        );
        return false;
    }
    if at_root && segment == "docs" {
        sink.push(
            Problem::at(
                Code::ReservedSegment,
                &option.value,
                "`docs` at the API root is the address of the API's documentation page",
            )
            .help("try `documents`"),
        );
        return false;
    }
    if let Some((short, proposal)) = name::abbreviation(&segment) {
        sink.push(
            Problem::at(Code::Abbreviation, &option.value, format!("`{short}` is an abbreviation"))
                .note("a client's author should not have to guess a name")
                .help(format!("try `{proposal}`")),
        );
        return false;
    }
    true
}

/// Whether the name is in kebab-case.
fn kebab(option: &Keyed<LitStr>, sink: &mut Sink) -> bool {
    let text = option.value.value();
    if name::is_kebab(&text) {
        return true;
    }
    let problem = Problem::at(
        Code::NotKebabCase,
        &option.value,
        format!("`{}` must be lower-case words joined by `-`", option.key),
    );
    // What looks like an address says more than one segment.
    let last =
        text.rsplit('/').find(|part| !part.is_empty() && !part.contains(['{', ':'])).unwrap_or_default();
    let mut proposal = name::to_kebab(last);
    if option.key == symbol::COLLECTION && !name::is_plural(&proposal) {
        proposal = name::to_plural(&proposal);
    }
    sink.push(if !name::is_kebab(&proposal) {
        problem.help(format!("write for example `{} = \"alarm-devices\"`", option.key))
    } else if text.contains('/') {
        problem
            .note("it is one segment of the address, not a path")
            .help(format!("write `{} = \"{proposal}\"`; what it stands under is its `parent`", option.key))
    } else {
        problem.help(format!("try `{proposal}`"))
    });
    false
}

/// Options that have no meaning on a singleton.
fn collection_options(options: &ResourceOptions, sink: &mut Sink) {
    if let Some(id) = &options.id {
        sink.push(
            Problem::at(Code::CollectionOption, &id.key, "a singleton has no `id`")
                .note("it is one resource; its `id` in JSON is its segment")
                .help("leave `id` out, or declare a `collection`"),
        );
    }
    if let Some(example) = &options.example {
        sink.push(
            Problem::at(Code::CollectionOption, &example.key, "a singleton has no `example`")
                .note("it is the example of an id, and a singleton has none")
                .help("leave `example` out here; a field's is `#[field(example = …)]`"),
        );
    }
    if let Some(changes) = &options.changes {
        sink.push(
            Problem::at(Code::CollectionOption, changes, "a singleton has no `changes` of its own")
                .note("its changes are recorded with those of its parent")
                .help("write `changes` on the parent"),
        );
    }
    if let Some(soft_delete) = &options.soft_delete {
        sink.push(
            Problem::at(Code::CollectionOption, &soft_delete.key, "a singleton has no `soft_delete`")
                .note("it is never deleted; it goes and comes back with its parent")
                .help("write `soft_delete = \"30d\"` on the parent"),
        );
    }
}

/// The id that the documentation shows, in the form that ids of the collection have.
fn example_id(options: &ResourceOptions, sink: &mut Sink) -> Option<String> {
    let written = ungroup(&options.example.as_ref()?.value);
    let (fits, help): (fn(&Lit) -> Option<String>, _) = match id_kind(options) {
        "Integer" => (integer_id, "write `example = 1234`"),
        symbol::TEXT => (text_id, "write `example = \"ALFKI\"`: 1 to 255 characters"),
        "Slug" => {
            (slug, "write `example = \"front-door\"`: lower-case letters, digits and inner `-`, at most 63")
        }
        _ => (uuid, "write `example = \"cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4\"`: lower-case with hyphens"),
    };
    let id = match written {
        Expr::Lit(literal) => fits(&literal.lit),
        _ => None,
    };
    if id.is_none() {
        let kind = id_kind(options);
        sink.push(
            Problem::at(
                Code::ExampleOfId,
                written,
                format!("the example of an id must be a literal of the form that `id = {kind}` has"),
            )
            .help(help),
        );
    }
    id
}

fn integer_id(literal: &Lit) -> Option<String> {
    let Lit::Int(number) = literal else { return None };
    number.base10_parse::<i64>().ok().filter(|number| *number > 0).map(|number| number.to_string())
}

fn slug(literal: &Lit) -> Option<String> {
    let Lit::Str(text) = literal else { return None };
    let text = text.value();
    let fits = (1..=63).contains(&text.len())
        && text.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    fits.then_some(text)
}

fn text_id(literal: &Lit) -> Option<String> {
    let Lit::Str(text) = literal else { return None };
    let text = text.value();
    ((1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control)).then_some(text)
}

fn uuid(literal: &Lit) -> Option<String> {
    let Lit::Str(text) = literal else { return None };
    let text = text.value();
    let fits = text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text.chars().all(|char| char == '-' || (char.is_ascii_hexdigit() && !char.is_ascii_uppercase()));
    fits.then_some(text)
}

/// The standard methods, as the variants of `Method`.
fn methods(options: &ResourceOptions, is_singleton: bool, sink: &mut Sink) -> Vec<&'static str> {
    let all = if is_singleton { symbol::SINGLETON_METHODS } else { symbol::COLLECTION_METHODS };
    if let (Some(_), Some(without)) = (&options.methods, &options.without) {
        sink.push(
            Problem::at(
                Code::MethodsAndWithout,
                &without.key,
                "`methods` and `without` cannot be used together",
            )
            .note("`methods(…)` already says exactly which methods there are")
            .help("leave `without` out"),
        );
    }
    let named = |option: &Option<Keyed<Vec<Ident>>>, sink: &mut Sink| -> Option<Vec<&'static str>> {
        let option = option.as_ref()?;
        if option.value.is_empty() {
            sink.push(
                Problem::at(Code::NoMethod, &option.key, format!("`{}` names no method", option.key))
                    .help(format!("name some of {}, or leave it out", one_of(all))),
            );
        }
        Some(standard_methods(&option.value, all, is_singleton, sink))
    };
    let only = named(&options.methods, sink);
    if let (Some(only), Some(option)) = (&only, &options.methods)
        && let Some(batch) = option.value.iter().find(|word| *word == symbol::BATCH)
        && !only.iter().any(|method| symbol::BATCHED_METHODS.contains(method))
    {
        sink.push(
            Problem::at(
                Code::BatchOfNothing,
                batch,
                format!("`batch` needs {}", one_of(symbol::BATCHED_METHODS)),
            )
            .note("it does one of them to several resources at once")
            .help("switch one of them on, or leave `batch` out"),
        );
    }
    let without = named(&options.without, sink).unwrap_or_default();
    only.unwrap_or_else(|| all.to_vec()).into_iter().filter(|method| !without.contains(method)).collect()
}

fn standard_methods(
    words: &[Ident],
    all: &'static [&'static str],
    is_singleton: bool,
    sink: &mut Sink,
) -> Vec<&'static str> {
    let mut found = Vec::new();
    for word in words {
        let text = word.to_string();
        match all.iter().find(|method| **method == text) {
            Some(method) if found.contains(method) => {
                sink.push(
                    Problem::at(Code::DuplicateMethod, word, format!("method `{text}` is named twice"))
                        .help("leave one out"),
                );
            }
            Some(method) => found.push(*method),
            None if is_singleton && symbol::COLLECTION_METHODS.contains(&text.as_str()) => sink.push(
                Problem::at(Code::CollectionMethod, word, format!("a singleton has no method `{text}`"))
                    .note("it exists as soon as its parent does, and as long")
                    .help(format!("leave `{text}` out; a singleton has `read` and `update`")),
            ),
            None => {
                let problem = Problem::at(
                    Code::UnknownMethod,
                    word,
                    format!("unknown method `{text}`, expected one of {}", one_of(all)),
                );
                let meant = synonym::method(&text).filter(|method| all.contains(method));
                sink.push(match meant.or_else(|| closest(&text, all)) {
                    Some(method) => problem.help(format!("did you mean `{method}`?")),
                    None => problem.help(format!("leave `{text}` out; an action is a `#[custom_method]`")),
                });
            }
        }
    }
    found
}

/// PUT on an absent id can create only where the client chooses ids and PUT exists.
fn upsert(options: &ResourceOptions, methods: &[&str], is_singleton: bool, sink: &mut Sink) {
    let Some(upsert) = &options.upsert else { return };
    if is_singleton {
        sink.push(
            Problem::at(Code::CollectionOption, upsert, "a singleton has no `upsert`")
                .note("it is never absent")
                .help("leave `upsert` out; PUT replaces a singleton"),
        );
    } else if id_kind(options) == "Integer" && options.table.is_none() {
        // A row that is there already may have the id of another one, which a client knows.
        sink.push(
            Problem::at(Code::UpsertOfServerMadeIds, upsert, "`upsert` needs ids that a client can choose")
                .note("`id = Integer` means that the server makes them")
                .help("write `id = Uuid` or `id = Slug`"),
        );
    } else if !methods.contains(&"update") {
        sink.push(
            Problem::at(Code::UpsertWithoutUpdate, upsert, "`upsert` needs the method `update`")
                .note("it lets PUT create what is absent")
                .help("switch `update` on, or leave `upsert` out"),
        );
    }
}

/// A list across all parents needs a list, and parents.
fn across_parents(options: &ResourceOptions, methods: &[&str], is_singleton: bool, sink: &mut Sink) {
    let Some(written) = &options.across_parents else { return };
    let problem = |text: &str| Problem::at(Code::AcrossParents, written, text);
    if is_singleton {
        sink.push(
            Problem::at(Code::CollectionOption, written, "a singleton has no `across_parents`")
                .note("it lists the resources of a collection below every parent at once")
                .help("leave `across_parents` out, or declare a `collection`"),
        );
    } else if options.parent.is_none() {
        sink.push(
            problem("`across_parents` needs a `parent`")
                .note("it lists the resources below every parent at once; at the API root the list has them all")
                .help("leave `across_parents` out, or write `parent = DeviceType`"),
        );
    } else if !methods.contains(&"list") {
        sink.push(
            problem("`across_parents` needs the method `list`")
                .note("it lists the resources below every parent at once")
                .help("switch `list` on, or leave `across_parents` out"),
        );
    }
}

/// The whole collection can be read or filled at once only where its resources can one by one.
fn transfers(options: &ResourceOptions, methods: &[&str], is_singleton: bool, sink: &mut Sink) {
    let transfers = [
        (&options.export, "list", "it answers with everything that the pages of a list have"),
        (&options.import, "create", "it creates a resource for each line of its body"),
    ];
    for (option, method, note) in transfers {
        let Some(option) = option else { continue };
        if is_singleton {
            sink.push(
                Problem::at(Code::CollectionOption, option, format!("a singleton has no `{option}`"))
                    .note("it is one resource, which is read and updated")
                    .help(format!("leave `{option}` out, or declare a `collection`")),
            );
        } else if !methods.contains(&method) {
            sink.push(
                Problem::at(Code::Transfer, option, format!("`{option}` needs the method `{method}`"))
                    .note(note)
                    .help(format!("switch `{method}` on, or leave `{option}` out")),
            );
        }
    }
}

/// For how many seconds a deleted resource can be brought back.
fn soft_delete(options: &ResourceOptions, methods: &[&str], sink: &mut Sink) -> Option<u64> {
    let written = options.soft_delete.as_ref()?;
    if !methods.contains(&"delete") {
        sink.push(
            Problem::at(Code::SoftDelete, &written.key, "`soft_delete` needs the method `delete`")
                .note("it says what becomes of a resource that is deleted")
                .help("switch `delete` on, or leave `soft_delete` out"),
        );
        return None;
    }
    let problem = Problem::at(
        Code::SoftDelete,
        &written.value,
        format!("`{}` is no time to keep deleted resources for", written.value.value()),
    );
    seconds(&written.value, problem, "write `soft_delete = \"30d\"` for 30 days", sink)
}

/// For how many seconds entries of `changes` are kept.
fn keep_changes(options: &ResourceOptions, sink: &mut Sink) -> Option<u64> {
    let written = options.keep_changes.as_ref()?;
    let problem = Problem::at(
        Code::KeepChanges,
        &written.value,
        format!("`{}` is no time to keep changes for", written.value.value()),
    );
    let help = "write `changes = \"90d\"` for 90 days, or `changes` to keep them forever";
    seconds(&written.value, problem, help, sink)
}

/// A time in seconds; otherwise the problem is said, with what would be one.
fn seconds(written: &LitStr, problem: Problem, help: &str, sink: &mut Sink) -> Option<u64> {
    let text = written.value();
    let seconds = text.char_indices().next_back().and_then(|(at, unit)| {
        let unit = match unit {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let digits = Some(&text[..at]).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<u64>().ok()?.checked_mul(unit)
    });
    let seconds = seconds.filter(|seconds| (1..=MOST_DAYS * 86_400).contains(seconds));
    if seconds.is_none() {
        let note = format!("a whole number and `d`, `h`, `m` or `s`; from 1 second to {MOST_DAYS} days");
        sink.push(problem.note(note).help(help));
    }
    seconds
}

/// The longest time that something can be kept for: about ten years.
const MOST_DAYS: u64 = 3_650;

fn id_kind(options: &ResourceOptions) -> &'static str {
    let written = options.id.as_ref().map(|id| id.value.to_string());
    symbol::ID_KINDS.iter().find(|kind| Some(**kind) == written.as_deref()).unwrap_or(&symbol::ID_KINDS[0])
}

/// The columns that are to go; whether one is still declared, the start sees.
fn dropped(options: &ResourceOptions) -> Vec<String> {
    let written = options.dropped.iter().flat_map(|option| &option.value);
    written.map(|name| name.unraw().to_string()).collect()
}
