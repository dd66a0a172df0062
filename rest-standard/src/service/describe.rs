//! What a service says of itself: the entry point, OPTIONS, ping and health.

use super::{Api, Refusal, call::Call, route::Target};
use crate::{
    descriptor::Method,
    document::{Data, JsonWriter, Outcome, Site, for_root, success_data, write_link, write_validated},
    error::{Error, Reason},
    query::Holds,
};

/// The methods of an address, in the order of `Allow`.
pub(super) fn allowed(api: &Api, target: Option<&Target>) -> impl Iterator<Item = &'static str> {
    let (mut read, mut post, mut update, mut delete) = (true, false, false, false);
    if let Some(target) = target {
        let has = |method| api.has(target.node, method);
        match target.verb {
            Some(verb) => (read, post) = (verb.answers_get(), verb.answers_post()),
            None if target.across => read = has(Method::List),
            None if target.is_collection => (read, post) = (has(Method::List), has(Method::Create)),
            None => {
                let is_singleton = api.tree.node(target.node).id_kind().is_none();
                (read, update) = (has(Method::Read), has(Method::Update));
                delete = has(Method::Delete) && !is_singleton;
            }
        }
    }
    let methods = [
        ("GET", read),
        ("HEAD", read),
        ("POST", post),
        ("PUT", update),
        ("PATCH", update),
        ("DELETE", delete),
        ("OPTIONS", true),
    ];
    methods.into_iter().filter(|(_, has)| *has).map(|(method, _)| method)
}

/// Answers OPTIONS.
pub(super) fn options(call: &mut Call) -> Result<(Outcome, Data), Refusal> {
    call.parse_query(&[], Holds::Other);
    call.refuse_faults()?;
    Ok(options_of(allowed(&call.api, Some(&call.target))))
}

/// The answer to OPTIONS on an address with these methods.
pub(super) fn options_of(methods: impl Iterator<Item = &'static str>) -> (Outcome, Data) {
    let methods: Vec<_> = methods.collect();
    let outcome = Outcome {
        status: 200,
        description: "The methods of this address are in `Allow`.".into(),
        allow: Some(methods.join(", ")),
        accept_patch: methods.contains(&"PATCH"),
        ..Outcome::default()
    };
    (outcome, Data::Json(success_data(32, |_| {}, empty)))
}

fn empty(values: &mut JsonWriter) {
    values.begin_object();
    values.end_object();
}

/// Answers GET on the entry point of a version; `docs` says whether there is a page for people.
pub(super) fn root(site: Site<'_>, docs: bool, validated: bool) -> (Outcome, Data) {
    let data = success_data(
        1024,
        |meta| write_validated(meta, validated),
        |values| {
            values.begin_object();
            values.name("links");
            values.begin_array();
            for_root(site, docs, |link| write_link(values, link));
            values.end_array();
            values.end_object();
        },
    );
    (
        Outcome { status: 200, description: "The entry point of this API.".into(), ..Outcome::default() },
        Data::Json(data),
    )
}

/// Answers `/ping` and `/health/live`: the process answers.
pub(super) fn alive(description: &'static str, validated: bool) -> (Outcome, Data) {
    (
        Outcome { status: 200, description: description.into(), ..Outcome::default() },
        Data::Json(success_data(32, |meta| write_validated(meta, validated), empty)),
    )
}

/// Answers `/health/ready`: the store can commit.
pub(super) async fn ready(api: &Api, validated: bool) -> Result<(Outcome, Data), Refusal> {
    match api.store.ready().await {
        Ok(()) => Ok(alive("The service is ready.", validated)),
        Err(error) => {
            tracing::warn!(?error, "not ready");
            Err(Error::new(Reason::Unavailable, "The service cannot commit at the moment.").into())
        }
    }
}
