//! How an answer looks to a person: a page in place of the envelope, for clients that rank `text/html` first.
//!
//! A page is made from the finished envelope, so it holds what a program gets, and its links and forms are those that the
//! envelope offers. It can be read without script; script sends the forms, which HTML alone cannot: their bodies are JSON.

mod entry;
mod form;
mod input;
mod list;
mod place;
mod refusal;
mod resource;
mod value;

use std::sync::LazyLock;

use http::{HeaderValue, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value as Json;

pub(crate) use place::Place;

use crate::{
    document::{Document, HTML},
    openapi::{self, About, BASE_STYLE},
    query::{Format, Holds, Pair, Standard, pairs},
    tree::Tree,
};

static STYLE: LazyLock<String> = LazyLock::new(|| [BASE_STYLE, include_str!("style.css")].concat());
const SCRIPT: &str = include_str!("script.js");

/// What a browser may do with a page: run and draw what is in it, and ask the service it came from.
pub(crate) static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| openapi::policy(&STYLE, SCRIPT, "'self'"));

/// What a page is made from beside the answer.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) about: &'a About,
    /// The scheme and authority that addresses in the answer start with.
    pub(crate) origin: &'a str,
    /// The path of the request as received.
    pub(crate) uri: &'a str,
    /// The query of the request, without secrets.
    pub(crate) query: &'a str,
    pub(crate) status: StatusCode,
    /// The node that the request names; absent where it names none.
    pub(crate) place: Option<Place<'a>>,
    /// Whether there is a documentation page.
    pub(crate) docs: bool,
}

/// The page of an answer, whose envelope in JSON is `envelope`.
pub(crate) fn page(scene: &Scene<'_>, envelope: &[u8]) -> Document {
    // It was written a moment ago, so it can be read.
    let answer: Json = serde_json::from_slice(envelope).unwrap_or_default();
    let (title, content) = scene.content(&answer);
    let bytes = scene.frame(&title, &content, &answer).into_string().into();
    Document { media_type: HTML, policy: POLICY.clone(), bytes }
}

impl Scene<'_> {
    fn content(&self, answer: &Json) -> (String, Markup) {
        let (data, values) = (&answer["data"], &answer["data"]["values"]);
        if data.is_null() {
            return self.refusal(answer);
        }
        match &self.place {
            Some(place) if place.verb.is_none() && values.is_array() => self.list(place, data),
            Some(place) if place.verb.is_none() && values.get("url").is_some() => {
                self.resource(place, values)
            }
            None if values.get("links").is_some() => self.entry(values),
            _ => self.plain(answer),
        }
    }

    /// An answer that is neither a resource nor a list of them: what a method gives, a probe, nothing.
    fn plain(&self, answer: &Json) -> (String, Markup) {
        let description = text_of(&answer["status"]["description"]);
        let values = &answer["data"]["values"];
        let is_empty = values.as_object().is_some_and(serde_json::Map::is_empty);
        let content = html! {
            h1 { (description) }
            @if !is_empty { (value::any(values)) }
        };
        (description.to_owned(), content)
    }

    fn frame(&self, title: &str, content: &Markup, answer: &Json) -> Markup {
        let About { title: service, version, root_path, .. } = self.about;
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) ", " (service) }
                    // Without one, a browser asks the service for `/favicon.ico`.
                    link rel="icon" href="data:,";
                    @for (format, address) in self.formats(answer) {
                        link rel="alternate" type=(format.media_type()) href=(address);
                    }
                    style { (PreEscaped(STYLE.as_str())) }
                    script { (PreEscaped(SCRIPT)) }
                }
                body {
                    a.skip href="#content" { "Skip to the content" }
                    header.top {
                        p.brand { a href=(root_path) { (service) } " " span.version { (version) } }
                        @if self.docs { a href={ (root_path) "/" (openapi::PAGE_SEGMENT) } { "Documentation" } }
                    }
                    @if let Some(place) = &self.place { (self.crumbs(place)) }
                    main #content tabindex="-1" { (content) }
                    footer {
                        @let formats = self.formats(answer);
                        @if !formats.is_empty() {
                            p {
                                "This page, for programs: "
                                @for (at, (format, address)) in formats.iter().enumerate() {
                                    @if at > 0 { ", " }
                                    a href=(address) { (format.name().to_uppercase()) }
                                }
                            }
                        }
                        p { "Request " code { (text_of(&answer["request"]["id"])) } }
                    }
                }
            }
        }
    }

    /// The other formats of the page with their addresses; none for what has no address of its own.
    fn formats(&self, answer: &Json) -> Vec<(Format, String)> {
        let has_address = match &self.place {
            Some(place) => place.verb.is_none(),
            None => !answer["data"]["values"]["links"].is_null(),
        };
        if !has_address || answer["data"].is_null() {
            return Vec::new();
        }
        let holds = if answer["data"]["values"].is_array() { Holds::List } else { Holds::Other };
        let path = self.path();
        let query = self.query_without(&[Standard::RequestId]);
        let address = |format: &Format| format!("{path}.{}{query}", format.name());
        holds.formats().iter().map(|format| (*format, address(format))).collect()
    }

    /// The path of the request without its last slash. It has no suffix, as there would be no page then.
    fn path(&self) -> &str {
        self.uri.strip_suffix('/').unwrap_or(self.uri)
    }

    /// An address of the answer without the scheme and authority, which the page has itself.
    fn local<'h>(&self, href: &'h str) -> &'h str {
        href.strip_prefix(self.origin).unwrap_or(href)
    }

    /// The query with its `?`, without these parameters; empty where nothing is left.
    fn query_without(&self, dropped: &[Standard]) -> String {
        let mut query = String::new();
        for pair in pairs(self.query).filter(|pair| !self.is_one_of(pair, dropped)) {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(pair.raw);
        }
        query
    }

    /// Whether the parameter is a standard one of these, and not a field's equality.
    fn is_one_of(&self, pair: &Pair<'_>, standards: &[Standard]) -> bool {
        let is_field = self.place.as_ref().is_some_and(|place| place.takes_equality(&pair.name));
        !is_field && pair.standard().is_some_and(|standard| standards.contains(&standard))
    }

    /// The value of a standard parameter of the request.
    fn parameter(&self, standard: Standard) -> Option<String> {
        pairs(self.query).find(|pair| self.is_one_of(pair, &[standard])).map(|pair| pair.value.into_owned())
    }
}

/// A text of the envelope.
fn text_of(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

/// A link of an answer.
#[derive(Clone, Copy, Debug)]
struct Link<'a> {
    rel: &'a str,
    href: &'a str,
    action: &'a str,
}

/// The links of a resource or of `meta`.
fn links(of: &Json) -> impl Iterator<Item = Link<'_>> {
    of["links"].as_array().into_iter().flatten().map(|link| Link {
        rel: text_of(&link["rel"]),
        href: text_of(&link["href"]),
        action: text_of(&link["action"]),
    })
}

#[cfg(test)]
mod tests;
