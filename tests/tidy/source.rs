//! Reading a Rust file: the paths into its own crate, the names, and the text in its string literals.
//!
//! Comments, documentation and code under `#[cfg(test)]` are left out: rules are about what is built.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use crate::{files, read};

/// A file, as far as the rules look at it.
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    /// The module's path from the crate's root; empty for `lib.rs`.
    pub(crate) module: Vec<String>,
    /// Every mention of a module or item of its own crate.
    pub(crate) paths: Vec<Mention>,
    /// Every identifier with its line.
    pub(crate) names: Vec<(String, usize)>,
    /// Every string literal with its line.
    pub(crate) texts: Vec<(String, usize)>,
}

/// A path into the file's own crate.
pub(crate) struct Mention {
    /// From the crate's root.
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    pub(crate) is_pub_use: bool,
}

/// The sources of a crate without its tests.
pub(crate) fn sources(folder: &str) -> Vec<Source> {
    files(folder, "rs")
        .iter()
        .filter(|file| !is_test(file))
        .map(|file| Source::read(file, Path::new(folder)))
        .collect()
}

/// Whether a file is built for tests only.
pub(crate) fn is_test(file: &Path) -> bool {
    file.iter().any(|part| part == "tests" || part == "tests.rs" || part == "snapshots")
}

impl Source {
    fn read(file: &Path, folder: &Path) -> Self {
        let below = file.strip_prefix(folder).expect("a file of the folder").with_extension("");
        let mut module: Vec<_> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module.last().is_some_and(|last| last == "mod" || last == "lib") {
            module.pop();
        }
        let mut source = Self {
            file: file.to_path_buf(),
            module,
            paths: Vec::new(),
            names: Vec::new(),
            texts: Vec::new(),
        };
        let tokens = read(file).parse().unwrap_or_else(|reason| panic!("{}: {reason}", file.display()));
        let module = source.module.clone();
        source.walk(tokens, &module);
        source
    }

    /// Whether the file is the module `module` or lies below it.
    pub(crate) fn is_in(&self, module: &[&str]) -> bool {
        self.module.len() >= module.len() && self.module.iter().zip(module).all(|(own, given)| own == given)
    }

    fn walk(&mut self, tokens: TokenStream, module: &[String]) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            if let Some((attribute, next)) = attribute(&tokens, at) {
                at = if is_cfg_test(attribute) { after_item(&tokens, next) } else { next };
                continue;
            }
            match &tokens[at] {
                TokenTree::Ident(name) => {
                    self.names.push((name.to_string(), line(&tokens[at])));
                    if name == "mod"
                        && let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(body))) =
                            (tokens.get(at + 1), tokens.get(at + 2))
                    {
                        self.walk(body.stream(), &[module, &[name.to_string()]].concat());
                        at += 3;
                        continue;
                    }
                    if name == "use" && !is_punct(tokens.get(at + 1), '<') {
                        let end = (at..tokens.len())
                            .find(|at| is_punct(tokens.get(*at), ';'))
                            .unwrap_or(tokens.len());
                        self.import(&tokens[at + 1..end], module, &[], is_pub(&tokens[..at]));
                        at = end;
                        continue;
                    }
                    if matches!(&*name.to_string(), "crate" | "self" | "super") && !ends_path(&tokens[..at]) {
                        let (path, next) = path(&tokens, at);
                        if path.len() > 1 {
                            self.mention(&path, module, line(&tokens[at]), false);
                        }
                        at = next;
                        continue;
                    }
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if text.contains('"') {
                        self.texts.push((text, line(&tokens[at])));
                    }
                }
                TokenTree::Group(group) => self.walk(group.stream(), module),
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    /// Takes a `use` tree apart; `before` is what stands before the brace it lies in.
    fn import(&mut self, tokens: &[TokenTree], module: &[String], before: &[String], is_pub_use: bool) {
        for tree in tokens.split(|token| is_punct(Some(token), ',')) {
            let Some(first) = tree.first() else { continue };
            let mut path = before.to_vec();
            let mut is_renamed = false;
            for token in tree {
                match token {
                    TokenTree::Ident(name) if name == "as" => is_renamed = true,
                    TokenTree::Ident(name) if !is_renamed => {
                        self.names.push((name.to_string(), line(token)));
                        path.push(name.to_string());
                    }
                    TokenTree::Group(inner) => {
                        let inner: Vec<_> = inner.stream().into_iter().collect();
                        self.import(&inner, module, &path, is_pub_use);
                        path.clear();
                    }
                    _ => {}
                }
            }
            self.mention(&path, module, line(first), is_pub_use);
        }
    }

    fn mention(&mut self, path: &[String], module: &[String], line: usize, is_pub_use: bool) {
        let Some(first) = path.first() else { return };
        let mut from = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.to_vec(),
            "super" => module[..module.len().saturating_sub(1)].to_vec(),
            // Another crate, or what the file imported before.
            _ => return,
        };
        for part in &path[1..] {
            if part == "super" {
                from.pop();
            } else if part != "self" {
                from.push(part.clone());
            }
        }
        self.paths.push(Mention { path: from, line, is_pub_use });
    }
}

/// The attribute that begins at `at`, and where it ends.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<(&Group, usize)> {
    if !is_punct(tokens.get(at), '#') {
        return None;
    }
    let at = if is_punct(tokens.get(at + 1), '!') { at + 2 } else { at + 1 };
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => Some((group, at + 1)),
        _ => None,
    }
}

fn is_cfg_test(attribute: &Group) -> bool {
    attribute.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// Where the item that begins at `at` ends: after its braces or its semicolon.
fn after_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        at += 1;
        let is_body = matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        if is_body || is_punct(Some(token), ';') {
            break;
        }
    }
    at
}

/// The path that begins at `at`, and where it ends.
fn path(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        path.push(name.to_string());
        at += 1;
        if !(is_joint_colon(tokens.get(at)) && is_punct(tokens.get(at + 1), ':')) {
            break;
        }
        at += 2;
    }
    (path, at)
}

/// Whether the tokens end in `::`, so that what follows is the middle of a path.
fn ends_path(tokens: &[TokenTree]) -> bool {
    tokens.len() >= 2 && is_joint_colon(tokens.get(tokens.len() - 2)) && is_punct(tokens.last(), ':')
}

/// Whether the tokens end in `pub` or `pub(…)`.
fn is_pub(tokens: &[TokenTree]) -> bool {
    match tokens {
        [.., TokenTree::Ident(name)] => name == "pub",
        [.., TokenTree::Ident(name), TokenTree::Group(_)] => name == "pub",
        _ => false,
    }
}

fn is_joint_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}
