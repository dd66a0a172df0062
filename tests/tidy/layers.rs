//! Which way the layers point, and what only some of them may name.

use crate::{
    Faults,
    source::{Mention, Source, sources},
};

const LIBRARY: &str = "rest-standard/src";
const MACROS: &str = "rest-standard-macros/src";

/// The library's layers: each imports only from the lines above its own, and from its own line.
///
/// The fourth line is one layer: descriptors hold functions that take a `Context`, which holds descriptors. `store` is the
/// trait with what a store is asked; `query` turns a request's parameters into that.
const LAYERS: [&[&str]; 19] = [
    &["value"],
    &["error"],
    &["source"],
    &["descriptor", "context", "resource", "codec"],
    &["validate"],
    &["json"],
    &["tree"],
    &["search"],
    &["store"],
    &["query"],
    &["store::memory"],
    &["store::sql"],
    &["store::postgres", "store::sqlite"],
    &["document"],
    &["openapi"],
    &["html"],
    &["service"],
    &["http"],
    &["command", "testing"],
];

/// What gathers names of all layers for others: the crate's root, the prelude, and what generated code names.
const FACADES: [&str; 2] = ["prelude", "private"];

/// What generated code names is reached from the crate's root only.
const PRIVATE: [&str; 2] = ["private", "__private"];

#[test]
fn every_module_stands_in_a_layer() {
    let mut faults = Faults::default();
    for source in library() {
        if !is_facade(&source) && layer(&source.module).is_none() {
            faults.add(
                &source.file,
                1,
                format_args!("`{}` has no place in LAYERS of tests/tidy/layers.rs", source.module[0]),
            );
        }
    }
    faults.assert_none();
}

#[test]
fn each_layer_imports_only_from_the_layers_above_it() {
    let mut faults = Faults::default();
    for source in library().iter().filter(|source| !is_facade(source)) {
        for mention in foreign(source) {
            let (Some(own), Some(other)) = (layer(&source.module), layer(&mention.path)) else { continue };
            // A module may declare and gather its own children.
            let is_child = is_mod(source) && mention.path.starts_with(&source.module);
            if other > own && !is_child {
                let rule =
                    format_args!("`{}` stands above `{}` and must not name it", name(own), name(other));
                faults.add(&source.file, mention.line, rule);
            }
        }
    }
    faults.assert_none();
}

#[test]
fn only_the_crate_root_names_private() {
    let mut faults = Faults::default();
    // The root, and what belongs to the module itself.
    let may = |module: &[String]| module.first().is_none_or(|first| PRIVATE.contains(&first.as_str()));
    for source in library().iter().filter(|source| !may(&source.module)) {
        for mention in foreign(source).filter(|mention| PRIVATE.contains(&mention.path[0].as_str())) {
            faults.add(&source.file, mention.line, "`private` is for generated code; only `lib.rs` names it");
        }
    }
    faults.assert_none();
}

#[test]
fn nothing_is_exported_a_second_time_by_another_layer() {
    let mut faults = Faults::default();
    for source in library().iter().filter(|source| !is_facade(source)) {
        for mention in foreign(source).filter(|mention| mention.is_pub_use) {
            if layer(&mention.path) != layer(&source.module) && !mention.path.starts_with(&source.module) {
                faults.add(
                    &source.file,
                    mention.line,
                    "an item is exported by its own layer and by `lib.rs` only",
                );
            }
        }
    }
    faults.assert_none();
}

#[test]
fn only_http_testing_and_the_command_line_name_axum() {
    let rule = "only `http`, `testing` and `command` know axum, hyper and tower";
    let names = ["axum", "hyper", "hyper_util", "tower", "tower_http"];
    assert_named_only_in(&[&["http"], &["testing"], &["command"]], &names, rule);
}

#[test]
fn only_the_sqlite_store_names_rusqlite() {
    assert_named_only_in(&[&["store", "sqlite"]], &["rusqlite"], "only `store::sqlite` knows rusqlite");
}

#[test]
fn only_the_postgres_store_names_its_driver() {
    let names = ["tokio_postgres", "deadpool_postgres", "tokio_postgres_rustls"];
    assert_named_only_in(&[&["store", "postgres"]], &names, "only `store::postgres` knows the driver");
}

#[test]
fn only_what_makes_and_sends_traces_names_opentelemetry() {
    let names = [
        "opentelemetry",
        "opentelemetry_http",
        "opentelemetry_otlp",
        "opentelemetry_sdk",
        "tracing_opentelemetry",
    ];
    let rule = "only `service::trace` and `command::traces` know OpenTelemetry";
    assert_named_only_in(&[&["service", "trace"], &["command", "traces"]], &names, rule);
}

#[test]
fn only_what_connects_to_others_names_rustls() {
    let rule = "only `store::postgres` and `command::traces` connect to others";
    assert_named_only_in(
        &[&["store", "postgres"], &["command", "traces"]],
        &["rustls", "hyper_rustls"],
        rule,
    );
}

#[test]
fn only_the_command_line_and_testing_choose_a_store() {
    let stores = [["store", "memory"], ["store", "sql"], ["store", "sqlite"], ["store", "postgres"]];
    let mut faults = Faults::default();
    for source in library().iter().filter(|source| !is_facade(source)) {
        let may_choose = ["store", "command", "testing"].iter().any(|module| source.is_in(&[module]));
        for mention in foreign(source).filter(|_| !may_choose) {
            if stores.iter().any(|store| mention.path.starts_with(&store.map(str::to_owned))) {
                faults.add(&source.file, mention.line, "a store is named by `command` and `testing` only");
            }
        }
    }
    faults.assert_none();
}

#[test]
fn only_the_sql_store_contains_sql() {
    let mut faults = Faults::default();
    for source in library().iter().filter(|source| !source.is_in(&["store", "sql"])) {
        for (text, line) in &source.texts {
            let is_setting = |keyword| keyword == "PRAGMA " && source.is_in(&["store", "sqlite"]);
            if let Some(keyword) = sql(text).filter(|keyword| !is_setting(*keyword)) {
                faults.add(
                    &source.file,
                    *line,
                    format_args!("`{}`: only `store::sql` writes SQL", keyword.trim()),
                );
            }
        }
    }
    faults.assert_none();
}

#[test]
fn the_macros_phases_cannot_be_skipped() {
    let rules: [(&str, &[&str], &str); 3] = [
        ("expand", &["diag", "parse"], "`expand` takes checked types and makes no diagnostics"),
        ("check", &["expand", "parse"], "`check` takes what `parse` made and emits nothing"),
        ("parse", &["check", "expand"], "`parse` turns tokens into raw types and judges nothing else"),
    ];
    let mut faults = Faults::default();
    // `expand/mod.rs` runs the three phases one after the other; what lies beside it is the last of them.
    for source in sources(MACROS).iter().filter(|source| !source.file.ends_with("expand/mod.rs")) {
        for (phase, forbidden, rule) in rules {
            if source.is_in(&[phase]) {
                for mention in source.paths.iter().filter(|mention| !mention.path.is_empty()) {
                    if forbidden.contains(&mention.path[0].as_str()) {
                        faults.add(&source.file, mention.line, rule);
                    }
                }
            }
        }
    }
    faults.assert_none();
}

fn library() -> Vec<Source> {
    sources(LIBRARY)
}

/// The mentions that name something below the crate's root.
fn foreign(source: &Source) -> impl Iterator<Item = &Mention> {
    source.paths.iter().filter(|mention| !mention.path.is_empty())
}

fn is_facade(source: &Source) -> bool {
    source.module.first().is_none_or(|first| FACADES.contains(&first.as_str()))
}

fn is_mod(source: &Source) -> bool {
    source.file.ends_with("mod.rs")
}

/// The line of `LAYERS` that a path belongs to; the longest entry counts.
fn layer(path: &[String]) -> Option<usize> {
    let of = |length: usize| {
        let entry = path.get(..length)?.join("::");
        LAYERS.iter().position(|line| line.contains(&entry.as_str()))
    };
    of(2).or_else(|| of(1))
}

fn name(layer: usize) -> String {
    LAYERS[layer].join("`, `")
}

/// The first word of SQL in a literal. Upper case and a space behind it tell it from English and from HTTP's methods.
fn sql(text: &str) -> Option<&'static str> {
    const KEYWORDS: [&str; 9] = [
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE FROM",
        "CREATE TABLE",
        "CREATE INDEX",
        "CREATE UNIQUE",
        "ALTER TABLE",
        "PRAGMA ",
    ];
    KEYWORDS.into_iter().find(|keyword| text.contains(keyword))
}

fn assert_named_only_in(allowed: &[&[&str]], names: &[&str], rule: &str) {
    let mut faults = Faults::default();
    // The root only re-exports, so that authors have the same version.
    for source in library().iter().filter(|source| !source.module.is_empty()) {
        if !allowed.iter().any(|module| source.is_in(module)) {
            for (name, line) in &source.names {
                if names.contains(&name.as_str()) {
                    faults.add(&source.file, *line, format_args!("`{name}`: {rule}"));
                }
            }
        }
    }
    faults.assert_none();
}
