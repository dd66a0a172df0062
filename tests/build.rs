//! Makes a module of doc tests of README and of each chapter of the book, so that their code is compiled and run.
//!
//! `cargo test --package rest-standard-tests --doc` runs them. The modules exist in doc tests only, and are named after
//! the files.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = own.parent().expect("the tests package lies in the workspace");
    let mut chapters = vec![root.join("README.md")];
    chapters.retain(|chapter| chapter.exists());
    collect(&root.join("book/src"), &mut chapters);
    chapters.sort();
    let modules: String = chapters.iter().map(|chapter| module(root, chapter)).collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it")).join("book.rs");
    fs::write(&out, modules).expect("the output folder can be written");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", root.join("book/src").display());
    println!("cargo::rerun-if-changed={}", root.join("README.md").display());
}

/// Finds the Markdown files below a folder.
fn collect(folder: &Path, chapters: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        if path.is_dir() {
            collect(&path, chapters);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            chapters.push(path);
        }
    }
}

/// The module whose documentation is the chapter: `book/src/wire/paging.md` is `book_src_wire_paging`.
fn module(root: &Path, chapter: &Path) -> String {
    let name = chapter.strip_prefix(root).expect("a file of the workspace").with_extension("");
    let name: String = name
        .to_string_lossy()
        .chars()
        .map(|char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '_' })
        .collect();
    format!("#[cfg(doctest)]\n#[doc = include_str!({chapter:?})]\npub mod {name} {{}}\n")
}
