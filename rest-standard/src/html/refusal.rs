//! The page of an error: what went wrong, where, and how it goes on.

use maud::{Markup, html};
use serde_json::Value as Json;

use super::{Scene, text_of};
use crate::query::Standard;

impl Scene<'_> {
    pub(super) fn refusal(&self, answer: &Json) -> (String, Markup) {
        let status = &answer["status"];
        let info = &status["additionalInfo"];
        let phrase = self.status.canonical_reason().unwrap_or("Error");
        let faults = info["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let title = format!("{} {phrase}", self.status.as_u16());
        let is_list = self.place.as_ref().is_some_and(|place| place.is_collection && place.verb.is_none());
        let content = html! {
            h1 { (title) }
            p { (prose(text_of(&status["description"]))) }
            // One fault is what the description says.
            @if let [fault] = faults {
                (self.marked(fault))
            } @else if !faults.is_empty() {
                dl.faults {
                    @for fault in faults {
                        dt { (location(fault)) }
                        dd { (prose(text_of(&fault["detail"]))) (self.marked(fault)) }
                    }
                }
            }
            @if info["retry"] == true { p { "It may work if the page is loaded again in a moment." } }
            @if info["contactSupport"] == true {
                p { "This is a fault of the service. Its log knows more under the request's id below." }
            }
            @if is_list && let Some(place) = &self.place { (self.boxes(place)) }
            @if let Some(address) = self.way_out() { p { a href=(address) { "The same page without parameters" } } }
        };
        (title, content)
    }

    /// The part of a filter at which a fault was found.
    fn marked(&self, fault: &Json) -> Markup {
        let at = fault["position"].as_u64().and_then(|position| usize::try_from(position).ok());
        let filter =
            self.parameter(Standard::Filter).filter(|_| fault["parameter"] == Standard::Filter.name());
        let (Some(at), Some(filter)) = (at, filter) else { return html! {} };
        let split = filter.char_indices().nth(at).map_or(filter.len(), |(split, _)| split);
        html! { pre { code { (filter[..split]) mark { (filter[split..]) } } } }
    }

    fn way_out(&self) -> Option<&str> {
        (self.place.is_some() && !self.query.is_empty()).then_some(self.uri)
    }
}

fn location(fault: &Json) -> Markup {
    let named =
        ["parameter", "header", "pointer"].into_iter().find_map(|kind| Some((kind, fault[kind].as_str()?)));
    match named {
        Some(("pointer", "")) => html! { "The body" },
        Some((kind, name)) => html! { (kind) " " code { (name) } },
        None => html! {},
    }
}

/// A sentence of the service, in which backticks mark code. It may repeat what a client sent, so nothing else in it is
/// markup.
fn prose(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 0 { (part) } @else { code { (part) } }
        }
    }
}
