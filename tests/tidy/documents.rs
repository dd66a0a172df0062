//! Rules on Markdown files: links lead somewhere, chapters are listed, code says what language it is in.

use std::path::{Path, PathBuf};

use crate::{Faults, files, read, root};

/// Where a path in backticks may begin: the workspace, or the sources of one of its crates.
const BEGINNINGS: [&str; 3] = ["", "rest-standard/src", "rest-standard-macros/src"];

#[test]
fn links_lead_somewhere() {
    let mut faults = Faults::default();
    for file in files("", "md") {
        for (line, text) in prose(&read(&file)) {
            for link in links(&without_code(text)) {
                if let Some(reason) = broken(&file, &link) {
                    faults.add(&file, line, format_args!("`{link}` leads nowhere: {reason}"));
                }
            }
        }
    }
    faults.assert_none();
}

#[test]
fn files_that_documents_name_exist() {
    let mut faults = Faults::default();
    for file in files("", "md").iter().filter(|file| file.iter().count() == 1) {
        for (line, text) in prose(&read(file)) {
            for path in text.split('`').skip(1).step_by(2).filter(|code| is_file(code)) {
                if !BEGINNINGS.iter().any(|beginning| root().join(beginning).join(path).exists()) {
                    faults.add(file, line, format_args!("there is no file `{path}`"));
                }
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_chapter_is_in_the_summary() {
    let book = Path::new("book/src");
    let summary = book.join("SUMMARY.md");
    let chapters = files("book/src", "md");
    let listed: Vec<PathBuf> = match chapters.contains(&summary) {
        true => links(&read(&summary)).map(|link| book.join(link.trim_start_matches("./"))).collect(),
        false => Vec::new(),
    };
    let mut faults = Faults::default();
    for chapter in chapters.iter().filter(|chapter| **chapter != summary && !listed.contains(chapter)) {
        faults.add(chapter, 1, "the chapter is not listed in book/src/SUMMARY.md");
    }
    faults.assert_none();
}

#[test]
fn code_says_what_language_it_is_in() {
    let mut faults = Faults::default();
    for file in files("", "md") {
        let mut is_inside = false;
        for (index, text) in read(&file).lines().enumerate() {
            if let Some(language) = text.trim_start().strip_prefix("```") {
                is_inside = !is_inside;
                if is_inside && language.is_empty() {
                    faults.add(
                        &file,
                        index + 1,
                        "a block without a language is taken for Rust; write ```text",
                    );
                }
            }
        }
    }
    faults.assert_none();
}

#[test]
fn the_readme_shows_the_quickstart_as_it_is() {
    let readme = Path::new("README.md");
    if root().join(readme).exists() {
        let example = read(Path::new("examples/quickstart/src/main.rs"));
        let mut faults = Faults::default();
        if !read(readme).contains(example.trim()) {
            faults.add(readme, 1, "the source of examples/quickstart is not shown word for word");
        }
        faults.assert_none();
    }
}

/// The lines outside code blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        (!is_code && !is_fence).then_some((index + 1, line))
    })
}

/// The line with the text between backticks left out.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// The targets of `[text](target)` and `[text]: target`.
fn links(text: &str) -> impl Iterator<Item = String> {
    let inline = text.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let reference =
        text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).map(|(_, target)| target);
    inline.chain(reference).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// Why a link leads nowhere. Links to other hosts are not followed.
fn broken(from: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = link.split_once('#').map_or((link, None), |(path, heading)| (path, Some(heading)));
    let folder = from.parent().unwrap_or(Path::new(""));
    let target = if path.is_empty() { from.to_path_buf() } else { folder.join(path) };
    if !root().join(&target).exists() {
        return Some("there is no such file".to_owned());
    }
    let heading = heading.filter(|_| target.extension().is_some_and(|extension| extension == "md"))?;
    let text = read(&target);
    let is_found = prose(&text).any(|(_, line)| line.starts_with('#') && anchor(line) == heading);
    (!is_found).then(|| format!("{} has no such heading", target.display()))
}

/// The name by which a heading is linked to.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

/// Whether the code is the path of a file, and not a pattern for paths.
fn is_file(code: &str) -> bool {
    let is_path =
        code.contains('/') && code.chars().all(|char| char.is_alphanumeric() || "/._-".contains(char));
    is_path && [".rs", ".toml", ".md"].iter().any(|extension| code.ends_with(extension))
}

#[test]
fn anchors_are_made_as_mdbook_and_github_make_them() {
    assert_eq!(anchor("## Ids, and `Slug`s"), "ids-and-slugs");
    assert_eq!(
        links("see [a](b.md#c), [d](e.md \"title\")\n[f]: g.md").collect::<Vec<_>>(),
        ["b.md#c", "e.md", "g.md"]
    );
}
