//! Makes a module of doc tests of README and of each chapter of the book, so that their code is compiled and run.
//!
//! `cargo test --package rest-standard-tests --doc` runs them. The modules exist in doc tests only, and are named after
//! the files. The chapter of compiler errors is not among them: its code is that of the tests of declarations.
//!
//! The repaired declarations, each a file of its own, become the modules of one test.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = own.parent().expect("the tests package lies in the workspace");
    let mut chapters = vec![root.join("README.md")];
    chapters.retain(|chapter| chapter.exists());
    collect(&root.join("book/src"), "md", &mut chapters);
    chapters.retain(|chapter| !chapter.ends_with("compiler-errors.md"));
    chapters.sort();
    let modules: String = chapters.iter().map(|chapter| module(root, chapter)).collect();
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("book.rs"), modules).expect("the output folder can be written");
    let mut repaired = Vec::new();
    collect(&own.join("ui-fixed"), "rs", &mut repaired);
    repaired.sort();
    let modules: String = repaired.iter().map(|file| declaration(&own, file)).collect();
    fs::write(out.join("repaired.rs"), modules).expect("the output folder can be written");
    println!("cargo::rerun-if-changed={}", own.join("ui-fixed").display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", root.join("book/src").display());
    println!("cargo::rerun-if-changed={}", root.join("README.md").display());
}

/// Finds the files with an extension below a folder.
fn collect(folder: &Path, wanted: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        if path.is_dir() {
            collect(&path, wanted, found);
        } else if path.extension().is_some_and(|extension| extension == wanted) {
            found.push(path);
        }
    }
}

/// The module whose documentation is the chapter: `book/src/wire/paging.md` is `book_src_wire_paging`.
fn module(root: &Path, chapter: &Path) -> String {
    let name = module_name(root, chapter);
    format!("#[cfg(doctest)]\n#[doc = include_str!({chapter:?})]\npub mod {name} {{}}\n")
}

/// The module that a repaired declaration is: `ui-fixed/field/id.rs` is `ui_fixed_field_id`.
fn declaration(own: &Path, file: &Path) -> String {
    format!("#[path = {file:?}]\nmod {};\n", module_name(own, file))
}

fn module_name(root: &Path, file: &Path) -> String {
    let name = file.strip_prefix(root).expect("a file of the workspace").with_extension("");
    let char = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '_' };
    name.to_string_lossy().chars().map(char).collect()
}
