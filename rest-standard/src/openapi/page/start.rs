//! What a client does first.

use maud::{Markup, html};

use super::{Page, markdown, text};

/// The anchor of the recipes.
pub(super) const ANCHOR: &str = "getting-started";

impl Page<'_> {
    pub(super) fn start(&self) -> Markup {
        html! {
            @if !self.recipes.is_empty() {
                section.resource id=(ANCHOR) {
                    h2 { "Getting started" }
                    p { "These run as they are, one after the other, as long as what they create is not there yet; other collections are used alike." }
                    @for recipe in &self.recipes {
                        div.columns.recipe id={ (ANCHOR) "-" (recipe.name) } {
                            div {
                                h3 { (recipe.title) }
                                (markdown::block(&recipe.text))
                            }
                            div.side {
                                div.code { pre data-copy data-recipe=(recipe.name) { code { (text(&recipe.source)) } } }
                                @if let Some(answer) = &recipe.answer {
                                    div.code { pre data-copy data-answer=(recipe.name) { code.json { (text(&answer.to_pretty_text())) } } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
