//! Rules on the text of source files: their length, what is left open in them, and the requirements they name.

use std::{collections::HashSet, ops::RangeInclusive, path::Path};

use crate::{Faults, files, read, source::is_test};

/// A file that is longer answers more than one question.
const LONGEST: usize = 600;

/// The requirements are numbered R001 to this one.
const LAST_ROW: u32 = 201;

/// The requirements that this release meets. Each has a test, in whose name or comment it is written as `r051`.
const MET: [RangeInclusive<u32>; 28] = [
    4..=4,
    7..=14,
    16..=37,
    39..=39,
    43..=43,
    45..=60,
    62..=64,
    67..=72,
    74..=89,
    91..=93,
    98..=99,
    105..=105,
    112..=112,
    116..=116,
    118..=118,
    125..=126,
    128..=128,
    133..=133,
    140..=147,
    150..=152,
    163..=163,
    169..=169,
    171..=173,
    175..=180,
    193..=193,
    195..=196,
    198..=198,
    200..=201,
];

#[test]
fn no_file_is_longer_than_600_lines() {
    let mut faults = Faults::default();
    for file in files("", "rs").iter().filter(|file| !is_test(file)) {
        let lines = read(file).lines().count();
        if lines > LONGEST {
            faults.add(
                file,
                lines,
                format_args!("{lines} lines; a file has at most {LONGEST} and answers one question"),
            );
        }
    }
    faults.assert_none();
}

#[test]
fn nothing_is_left_open() {
    // Written in two parts, or this file would break its own rule.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("todo", "!("),
        concat!("dbg", "!("),
        concat!("unimplemented", "!("),
        concat!("#[ign", "ore"),
    ];
    let mut faults = Faults::default();
    for file in files("", "rs") {
        for (line, text) in numbered(&read(&file)) {
            for mark in marks.iter().filter(|mark| text.contains(**mark)) {
                faults.add(&file, line, format_args!("`{mark}`: what is merged is finished"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn requirements_that_tests_are_named_by_exist() {
    let mut faults = Faults::default();
    for file in files("", "rs") {
        for (line, text) in numbered(&read(&file)) {
            for row in rows(text).filter(|row| !(1..=LAST_ROW).contains(row)) {
                faults.add(
                    &file,
                    line,
                    format_args!("there is no requirement R{row:03}; the last is R{LAST_ROW:03}"),
                );
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_requirement_of_this_release_has_a_test() {
    let mut named = HashSet::new();
    for file in files("", "rs").iter().filter(|file| !file.starts_with("tests/tidy")) {
        let text = read(file).to_lowercase();
        let words = text.split(|char: char| !char.is_ascii_alphanumeric());
        named.extend(words.filter_map(row));
    }
    let missing: Vec<_> = MET.into_iter().flatten().filter(|row| !named.contains(row)).collect();
    assert!(missing.is_empty(), "no test is named by the requirements {missing:?}, written as `r051`");
}

/// The requirements that a test on this line is named by: `fn r024_r025_…`.
fn rows(line: &str) -> impl Iterator<Item = u32> {
    let name = line.trim_start().split_once("fn ").map_or("", |(_, name)| name);
    name.split('_').map_while(row)
}

/// The number in `r051`.
fn row(word: &str) -> Option<u32> {
    word.strip_prefix('r').filter(|digits| digits.len() == 3)?.parse().ok()
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

#[test]
fn rows_are_read_from_the_names_of_tests() {
    assert_eq!(rows("    async fn r024_r025_create_answers_201() {").collect::<Vec<_>>(), [24, 25]);
    assert_eq!(rows("fn rows_exist()").count(), 0);
}

#[test]
fn every_package_is_licensed_and_linted_alike() {
    let mut faults = Faults::default();
    for manifest in files("", "toml")
        .iter()
        .filter(|file| file.ends_with("Cargo.toml") && **file != Path::new("Cargo.toml"))
    {
        let text = read(manifest);
        // A consumer's client is a workspace of its own, as consumers are.
        if text.contains("[workspace]") {
            continue;
        }
        for line in ["license.workspace = true", "edition.workspace = true", "[lints]\nworkspace = true"] {
            if !text.contains(line) {
                faults.add(manifest, 1, format_args!("`{}` is missing", line.replace('\n', " ")));
            }
        }
    }
    faults.assert_none();
}
