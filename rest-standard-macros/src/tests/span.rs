//! What an editor finds: each token of the author's is in the output, where it was written.
//!
//! An editor follows a name, completes it and renames it by the place that its token has in the output. A token that was
//! made anew, or put elsewhere, is lost to it.

use proc_macro2::{LineColumn, TokenStream, TokenTree};

use super::tokens;
use crate::expand::{expand_methods, expand_resource};

/// The words and literals with the places where they were written, depth first.
fn places(tokens: TokenStream) -> Vec<(String, LineColumn)> {
    let mut found = Vec::new();
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => found.extend(places(group.stream())),
            TokenTree::Punct(_) => {}
            other => found.push((other.to_string(), other.span().start())),
        }
    }
    found
}

/// Asserts that `part` is in `whole` in its order, though not at a stretch.
fn assert_kept(part: &[(String, LineColumn)], whole: &[(String, LineColumn)]) {
    let mut rest = whole.iter();
    for token in part {
        assert!(rest.any(|other| other == token), "`{}` at {:?} is lost", token.0, token.1);
    }
}

const ITEM: &str = "

    pub struct Device {
        pub display_name: String,
        pub state: Option<Vec<self::Mode>>,
    }";

#[test]
fn every_token_of_the_struct_is_where_it_was() {
    let item = tokens(ITEM);
    for arguments in ["collection = \"devices\"", "colection = \"devices\", methods(fetch)", "", "7"] {
        let output = places(expand_resource(tokens(arguments), item.clone()));
        assert_kept(&places(item.clone()), &output);
    }
}

#[test]
fn a_struct_that_is_being_typed_stays() {
    let item = tokens("\n\n\npub struct Device { #[field(length = )] pub owner: String, pub dis }");
    let output = expand_resource(tokens("collection = \"devices\""), item);
    let kept = tokens("\n\n\npub struct Device {                     pub owner: String, pub dis }");
    assert_kept(&places(kept), &places(output));
}

#[test]
fn the_parent_is_where_it_was_written_also_beside_mistakes() {
    for arguments in [
        "collection = \"devices\", parent = crate::DeviceType, changes",
        "parent = crate::DeviceType, colection = \"devices\"",
    ] {
        let written = places(tokens(arguments));
        let at = written.iter().position(|(word, _)| word == "crate").expect("it is there");
        assert_kept(&written[at..=at + 1], &places(expand_resource(tokens(arguments), tokens(ITEM))));
    }
}

#[test]
fn types_and_values_of_fields_are_where_they_were_written() {
    let item = tokens(
        "

        pub struct Device {
            #[field(default = Mode::On, example = Mode::Off)]
            pub mode: Mode,
        }",
    );
    let output = places(expand_resource(tokens("collection = \"devices\""), item.clone()));
    for word in ["On", "Off"] {
        let written: Vec<_> = places(item.clone()).into_iter().filter(|(found, _)| found == word).collect();
        assert_kept(&written, &output);
    }
    // Once in the struct, once as the field's type in the generated code.
    let (_, place) = places(item).pop().expect("the last word is the type");
    assert_eq!(output.iter().filter(|(word, found)| word == "Mode" && *found == place).count(), 2);
}

#[test]
fn every_token_of_a_block_of_methods_is_where_it_was() {
    let block = "

        impl Device {
            #[custom_method(when = self.mode == Mode::On)]
            async fn ring(&mut self, input: Tone, cx: &mut Context<Self>) -> Result<Answer> {
                self.
            }
        }";
    let output = places(expand_methods(tokens(""), tokens(block)));
    let words = places(tokens(block));
    let kept: Vec<_> =
        words.iter().filter(|(word, _)| word != "custom_method" && word != "when").cloned().collect();
    let condition = kept.iter().position(|(word, _)| word == "mode").expect("it is there");
    // The condition becomes a method of its own, behind the block.
    let (condition, block): (Vec<_>, Vec<_>) =
        kept.into_iter().enumerate().partition(|(index, _)| (condition - 1..condition + 3).contains(index));
    let tokens_of = |tokens: Vec<(usize, _)>| tokens.into_iter().map(|(_, token)| token).collect::<Vec<_>>();
    assert_kept(&tokens_of(condition), &output);
    assert_kept(&tokens_of(block), &output);
}
