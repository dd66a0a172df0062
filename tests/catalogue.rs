//! What wrong declarations are told, and the book's chapter of it: each code with a wrong declaration, its message, and
//! the right one.
//!
//! A code is explained by the wrong declaration that has a repaired one of the same name in `ui-fixed`; all of these are
//! compiled here. `BLESS=1 cargo test -p rest-standard-tests --test catalogue` writes the chapter anew.

// The repaired declarations differ from the wrong ones in the mistake alone.
#![allow(dead_code, missing_debug_implementations, missing_docs, unreachable_pub, unused_imports)]

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

#[path = "../rest-standard-macros/src/code.rs"]
mod code;

#[path = "catalogue/told.rs"]
mod told;

mod repaired {
    include!(concat!(env!("OUT_DIR"), "/repaired.rs"));
}

use code::Code;

const CHAPTER: &str = "../book/src/guide/compiler-errors.md";

const BEGINNING: &str = "\
# Compiler errors

A declaration that would make no sense as an API does not compile.
Each mistake is one error at the token to change. It begins with a code, and its `help` or `note` says what to write.
This chapter has one example of each code, with its message and the declaration as it should be.
They all begin with `use rest_standard::prelude::*;`.

What Rust itself refuses, such as a type that does not exist, a second `#[custom_methods]` block (\"conflicting implementations of trait `PutAllCustomMethodsIntoOneBlock`\": move its methods into the first), or a future that is not `Send`, is said in the compiler's own words, without a code.

A code is never used for another mistake.
";

fn own(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A repaired declaration with the wrong one.
struct Example {
    /// `field/id`.
    name: String,
    before: String,
    message: String,
    after: String,
}

fn examples() -> Vec<Example> {
    let mut examples = Vec::new();
    for kind in fs::read_dir(own("ui-fixed")).expect("the folder exists") {
        let kind = kind.expect("a readable folder").path();
        for file in fs::read_dir(&kind).expect("a folder for each kind") {
            let after = file.expect("a readable folder").path();
            let path = after.strip_prefix(own("ui-fixed")).expect("a file in it").with_extension("");
            let before = own("ui").join(&path).with_extension("rs");
            examples.push(Example {
                name: path.display().to_string(),
                before: read(&before),
                message: read(&before.with_extension("stderr")),
                after: read(&after),
            });
        }
    }
    examples
}

/// The declaration without what every file of its kind has.
fn declaration(text: &str) -> String {
    let text = text.replace("use rest_standard::prelude::*;\n\n", "").replace("\n\nfn main() {}\n", "");
    text.trim().to_owned()
}

/// What the message says. The compiler's notes behind the code are about the library's source.
fn message(text: &str) -> String {
    let is_about_the_library =
        |line: &str| line.contains("$WORKSPACE") || line.starts_with("note: required by");
    let mut lines: Vec<&str> = text.lines().take_while(|line| !is_about_the_library(line)).collect();
    // The heading of a note whose place was left out says nothing.
    while lines.last().is_some_and(|line| line.trim_end().ends_with('|') || line.starts_with("help: the")) {
        lines.pop();
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

fn chapter() -> String {
    let examples = examples();
    let mut text = BEGINNING.to_owned();
    for code in Code::ALL {
        let mark = format!("[{}]", code.text());
        let mut of_code = examples.iter().filter(|example| example.message.contains(&mark));
        let example = of_code.next().unwrap_or_else(|| {
            panic!("no example in `ui-fixed` explains {}: repair one of its wrong declarations", code.text())
        });
        if let Some(other) = of_code.next() {
            panic!("`{}` and `{}` both explain {}: leave one", example.name, other.name, code.text());
        }
        let (before, after) = (declaration(&example.before), declaration(&example.after));
        write!(
            text,
            "\n## {}: {}\n\n{}\n\n```rust\n{before}\n```\n\n```text\n{}\n```\n\nInstead:\n\n```rust\n{after}\n```\n",
            code.text(),
            code.title(),
            code.reason(),
            message(&example.message),
        )
        .expect("a text takes everything");
    }
    text
}

#[test]
fn the_chapter_is_what_the_tests_of_wrong_declarations_say() {
    let (written, chapter) = (own(CHAPTER), chapter());
    if env::var_os("BLESS").is_some() {
        fs::write(&written, &chapter).expect("the book's folder is writable");
    }
    assert!(
        read(&written) == chapter,
        "the chapter is out of date; run `BLESS=1 cargo test -p rest-standard-tests --test catalogue` and review it"
    );
}

#[test]
fn codes_in_messages_of_the_library_are_in_the_list() {
    for file in ["resource.rs", "private/mod.rs", "private/standard.rs"] {
        let text = read(&own("../rest-standard/src").join(file));
        for found in text.split("[RS").skip(1).filter_map(|rest| rest.split_once(']')) {
            let code = format!("RS{}", found.0);
            assert!(Code::ALL.iter().any(|known| known.text() == code), "{file}: {code}");
        }
    }
}
