//! What the compiler does not check about this repository: which way the layers point, where axum and SQL may be named,
//! how long files are, and whether documents' links lead somewhere.
//!
//! Each rule is one test. A failure names file, line and rule.

#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/texts.rs"]
mod texts;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The workspace's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests package lies in the workspace")
}

/// All files below `folder` whose names end in `.{extension}`, relative to the workspace, sorted.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        // A folder of the layout that has no files yet breaks no rule.
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                // What npm installs is not this project's.
                if !name.starts_with('.') && name != "target" && name != "node_modules" {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path.strip_prefix(root()).expect("a path below the root").to_path_buf());
            }
        }
    }
    found.sort();
    found
}

/// The text of a file that is named relative to the workspace.
fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|reason| panic!("{}: {reason}", file.display()))
}

/// The places where a rule is broken.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, file: &Path, line: usize, rule: impl std::fmt::Display) {
        self.0.push(format!("{}:{line}: {rule}", file.display()));
    }

    /// Fails the test when there are any.
    #[track_caller]
    fn assert_none(self) {
        let mut list = String::new();
        for fault in &self.0 {
            writeln!(list, "{fault}").expect("writing to a string");
        }
        assert!(self.0.is_empty(), "{} place(s) break this rule:\n{list}", self.0.len());
    }
}
