//! Expansions against reviewed snapshots; `BLESS=1 cargo test -p rest-standard-macros` writes them anew.

mod code;
mod enumeration;
mod method;
mod name;
mod resource;
mod span;
mod timing;
mod value;

use std::{collections::BTreeSet, env, fs, path::PathBuf, str::FromStr};

use proc_macro2::{Spacing, TokenStream, TokenTree};

type Expand = fn(TokenStream, TokenStream) -> TokenStream;

/// Expands `item` and compares it with the snapshot `name`; gives the number of generated lines.
fn snapshot(name: &str, expand: Expand, arguments: &str, item: &str) -> usize {
    let expanded = expand(tokens(arguments), tokens(item));
    let mut written = words(tokens(arguments));
    written.extend(words(tokens(item)));
    assert_names_only_allowed_paths(expanded.clone(), &written);
    let text = format(&expanded);
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/snapshots").join(format!("{name}.rs"));
    let input: String = item
        .trim()
        .lines()
        .map(|line| format!("// {}\n", line.strip_prefix("        ").unwrap_or(line)))
        .collect();
    let expected = format!("// Generated from, with the options `{arguments}`:\n//\n{input}\n{text}");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &expected).expect("the snapshots' folder is writable");
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "the expansion of `{name}` changed; review it and run with BLESS=1\n{expected}"
    );
    text.lines().count() - format(&tokens(item)).lines().count()
}

/// The messages of the mistakes in `item`, in order.
fn mistakes(expand: Expand, arguments: &str, item: &str) -> Vec<String> {
    let expanded = expand(tokens(arguments), tokens(item)).to_string();
    let texts = expanded.split("compile_error ! {").skip(1).map(|rest| {
        let literal = rest.split("\" }").next().unwrap_or_default().trim().to_owned() + "\"";
        syn::parse_str::<syn::LitStr>(&literal).expect("the message is a literal").value()
    });
    texts.collect()
}

fn tokens(text: &str) -> TokenStream {
    TokenStream::from_str(text).expect("the test's input is Rust")
}

fn format(tokens: &TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens.clone()).expect("the expansion is Rust"))
}

/// Generated code names nothing but the private module, `core` and `std`, and contains nothing unsafe.
///
/// What the author wrote may name anything.
fn assert_names_only_allowed_paths(tokens: TokenStream, written: &BTreeSet<String>) {
    const PRELUDE: [&str; 12] =
        ["Some", "None", "Ok", "Err", "Result", "Option", "String", "Vec", "Box", "Default", "Into", "From"];
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_colon =
        |at: usize| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let is_joint = |at: usize| matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint);
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Ident(ident) = tree else {
            // Paths in `#[allow(…)]` name lints.
            let behind_allow =
                at > 0 && matches!(&trees[at - 1], TokenTree::Ident(before) if before == "allow");
            if let TokenTree::Group(group) = tree
                && !behind_allow
            {
                assert_names_only_allowed_paths(group.stream(), written);
            }
            continue;
        };
        let name = ident.to_string();
        assert!(name != "unsafe", "generated code is safe");
        let behind_colons = at >= 2 && is_colon(at - 1) && is_colon(at - 2);
        let within_path = behind_colons
            && matches!(trees.get(at.wrapping_sub(3)), Some(TokenTree::Ident(before)) if before != "use" && before != "impl")
            || matches!(trees.get(at.wrapping_sub(3)), Some(TokenTree::Punct(before)) if before.as_char() == '>');
        if within_path || written.contains(&name) {
            continue;
        }
        if behind_colons {
            assert!(
                ["core", "std", "rest_standard"].contains(&name.as_str()),
                "`::{name}` is not ours to name"
            );
        } else {
            let starts_path = is_joint(at + 1) && is_colon(at + 2) && name != "use" && name != "impl";
            assert!(
                !starts_path || ["__rs", "Self"].contains(&name.as_str()),
                "`{name}::` means what the user says"
            );
            assert!(!PRELUDE.contains(&name.as_str()), "`{name}` means what the user says");
        }
    }
}

/// Every word of the input.
fn words(tokens: TokenStream) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => words.extend(self::words(group.stream())),
            TokenTree::Ident(ident) => {
                words.insert(ident.to_string());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    words
}
