//! What a client does first, shown with the service's own first collection: each recipe is a shell script that runs.

use super::{
    document::call,
    example,
    operation::{Kind, Operation, Refusal},
    ordered::Ordered,
    sample, snippet,
};
use crate::{error::Reason, store::Column};

/// One thing that a client does.
#[derive(Debug)]
pub(crate) struct Recipe {
    /// Names it in its anchor.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What happens, in Markdown.
    pub(crate) text: String,
    /// The script.
    pub(crate) source: String,
    /// What it answers with.
    pub(crate) answer: Option<Ordered>,
}

/// The recipes that the service's operations allow. `root` is the URL of the entry point.
pub(crate) fn recipes(operations: &[Operation<'_>], root: &str) -> Vec<Recipe> {
    let list = operations.iter().find(|operation| matches!(operation.kind, Kind::List));
    // What is created is what is changed then, where it can be.
    let create = operations.iter().find(|operation| {
        matches!(operation.kind, Kind::Create)
            && has_example(operation)
            && change_of(operations, operation).is_some()
    });
    let create =
        create.or_else(|| operations.iter().find(|operation| matches!(operation.kind, Kind::Create)));
    let change = match create {
        Some(create) => change_of(operations, create),
        None => operations
            .iter()
            .find(|operation| matches!(operation.kind, Kind::Patch) && has_example(operation)),
    };
    [
        list.map(|list| page_by_page(list, root)),
        list.map(|list| find(operations, list, root)),
        create.filter(|create| has_example(create)).map(|create| once(create, root)),
        change.map(|change| unless_changed(change, root)),
        change.or(create.filter(|create| has_example(create))).map(|write| dry_run(write, root)),
        list.map(|list| error(list, root)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The PATCH of what an operation creates.
fn change_of<'a>(operations: &'a [Operation<'a>], create: &Operation<'_>) -> Option<&'a Operation<'a>> {
    operations.iter().find(|operation| {
        let same = operation.node.map(|node| node.id) == create.node.map(|node| node.id);
        same && matches!(operation.kind, Kind::Patch) && has_example(operation)
    })
}

fn has_example(operation: &Operation<'_>) -> bool {
    let content = operation.body.as_ref().and_then(|body| body.contents.first());
    content.is_some_and(|content| content.example.is_some())
}

fn page_by_page(list: &Operation<'_>, root: &str) -> Recipe {
    let url = call(list, root).url;
    Recipe {
        name: "list",
        title: "List page by page",
        text: "A list is always a page. Each page but the last names the next one, in `meta.cursorNextLink` and in the header \
               `Link`. Follow these until there is none: that visits everything exactly once, whatever is added or deleted \
               meanwhile. No page has to be put together by the client."
            .to_owned(),
        source: format!(
            "next='{url}?$limit=2'\nwhile [ -n \"$next\" ]; do\n  link=$(curl -s -o page.json -w '%header{{link}}' \"$next\")\n  \
             cat page.json\n  next=$(echo \"$link\" | sed -n 's/^<\\(.*\\)>; rel=\"next\".*/\\1/p')\ndone"
        ),
        answer: None,
    }
}

fn find(operations: &[Operation<'_>], list: &Operation<'_>, root: &str) -> Recipe {
    let url = call(list, root).url;
    let is_exported = operations.iter().any(|operation| {
        matches!(operation.kind, Kind::Export)
            && operation.node.map(|node| node.id) == list.node.map(|node| node.id)
    });
    let (address, what) = if is_exported {
        (":export.csv", "`:export.csv` has all that is found, as a file for spreadsheets")
    } else {
        (".csv", "`.csv` is the page as a file for spreadsheets")
    };
    let descriptor = list.node.map(|node| node.descriptor);
    let query = match descriptor.filter(|descriptor| !Column::CreatedAt.is_in(descriptor)) {
        None => "--data-urlencode '$filter=createdAt >= \"2020-01-01T00:00:00Z\"' --data-urlencode '$orderBy=createdAt desc'".to_owned(),
        Some(descriptor) => {
            format!("--data-urlencode '$filter={}' --data-urlencode '$orderBy=id desc'", example::filter(descriptor))
        }
    };
    Recipe {
        name: "find",
        title: "Find, and take it along",
        text: format!(
            "`$filter` says which, `$orderBy` in which order, `$select` which members. The `$` may be left out where no field \
             has the name; in a shell it needs single quotes. curl encodes spaces, `>` and quotes with `--data-urlencode`. {what}: \
             spreadsheets import it as UTF-8, its columns as text."
        ),
        source: format!(
            "curl -sG '{url}' \\\n  {query} -d '$limit=2'\ncurl -sG '{url}{address}' \\\n  {query} -d '$select=id'"
        ),
        answer: None,
    }
}

fn once(create: &Operation<'_>, root: &str) -> Recipe {
    // The same id for both calls.
    let curl = snippet::curl(&call(create, root)).replace(snippet::NEW_ID, "$id");
    let curl = curl.replacen("curl ", "curl -i ", 1).replacen("\n  -", "\n    -", 3);
    Recipe {
        name: "create",
        title: "Create, and be safe to try again",
        text: "A write with a `Request-ID` happens once, however often it is sent. Choose an id for what you want to do, and \
               send the same request with the same id again when no answer came or the answer says `\"retry\": true`. Here the \
               second call creates nothing: it has the first answer again, with `Idempotency-Replayed: true`."
            .to_owned(),
        source: format!("id={}\nfor attempt in 1 2; do\n  {curl}\ndone", snippet::NEW_ID),
        answer: None,
    }
}

fn unless_changed(change: &Operation<'_>, root: &str) -> Recipe {
    let mut call = call(change, root);
    let url = call.url.clone();
    call.has_request_id = false;
    call.if_match.get_or_insert(url);
    let right = snippet::curl(&call);
    let plain = right.split_once('\n').map_or(&*right, |(_, plain)| plain);
    let wrong = plain.replace("\"If-Match: $etag\"", "'If-Match: \"0\"'");
    Recipe {
        name: "change",
        title: "Change what nobody else has changed",
        text: "Send the `ETag` that you read as `If-Match`. The first call changes the resource only as long as it is what was \
               read. The second names another state, as after somebody else's change, and is refused with 412 \
               `PreconditionFailed`: read the resource again, and decide anew."
            .to_owned(),
        source: format!("{right}\n{wrong}"),
        answer: None,
    }
}

fn dry_run(write: &Operation<'_>, root: &str) -> Recipe {
    let mut call = call(write, root);
    call.has_request_id = false;
    call.url.push_str("?$validate=true");
    if !write.parameters.iter().any(|parameter| parameter.name == "If-Match" && parameter.required) {
        call.if_match = None;
    }
    Recipe {
        name: "dry-run",
        title: "Try without doing it",
        text: "With `$validate=true` every check of the real call is made and nothing is changed. The status is the real \
               call's, `values` is the resource as it is now, and `meta.preview` is what it would be."
            .to_owned(),
        source: snippet::curl(&call),
        answer: None,
    }
}

fn error(list: &Operation<'_>, root: &str) -> Recipe {
    let url = call(list, root).url;
    let path =
        url.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    let answer = sample::refusal(&Refusal::new(400, vec![Reason::UnknownParameter]), path, false);
    Recipe {
        name: "error",
        title: "Read an error",
        text: "A refusal says everything in `status.additionalInfo`. Decide by `reason`, which is one of those that the \
               operation lists; send again only where `retry` is true, after `retryAfterMillis`; show `errors` to whoever \
               can mend the request: each has one place and what is wrong there, and all are told at once."
            .to_owned(),
        source: format!("curl '{url}?$limt=2'"),
        answer: answer.get("status").cloned(),
    }
}
