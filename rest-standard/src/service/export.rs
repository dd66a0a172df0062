//! Export: GET of a whole collection, row by row, as it was at one moment.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Method;
use tokio::{
    sync::{
        OwnedSemaphorePermit,
        mpsc::{self, Receiver, Sender},
    },
    time::{Instant, timeout_at},
};

use super::{
    Api, Refusal,
    call::Call,
    elements::{Around, RESOURCE_SIZE, complete_order, file_name, optional, scope},
    expand::expand,
    route::Target,
};
use crate::{
    document::{
        Data, Exchange, Expanded, JsonWriter, Outcome, Site, csv_columns, csv_expanded_columns, csv_header,
        csv_rows,
    },
    error::{Error, Reason, Result},
    query::{Format, Holds, Own, Selection, Standard},
    store::{Count, Excerpt, Pieces, Scan},
};

/// How many exports run at a time; further ones are refused with 503.
pub(super) const MOST: usize = 2;
/// After how long a client that was refused so should ask again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Answers an Export. The first rows are read before anything is answered, so that whatever is wrong by then is told.
pub(super) async fn export(call: &mut Call) -> Result<(Outcome, Data), Refusal> {
    let mut accepted = Standard::EXPORT.to_vec();
    accepted.extend(optional(call.node().descriptor));
    call.parse_query(&accepted, Holds::Export);
    call.refuse_conditions();
    complete_order(call);
    call.refuse_faults()?;
    let api = call.api.clone();
    let turn = api.exports.clone().try_acquire_owned().map_err(|_| {
        let text = format!(
            "{MOST} exports run already, as many as the service does at a time; ask again when one has ended."
        );
        Error::new(Reason::Unavailable, text).with_retry_after(ASK_AGAIN)
    })?;
    let limit = api.settings.limits.export_time;
    let deadline = Instant::now() + limit;
    let late = || {
        let text = format!("The export did not begin within {} s.", limit.as_secs_f64());
        Error::new(Reason::Timeout, text)
    };
    let begun = timeout_at(deadline, begin(call, turn, deadline)).await;
    let file_name = Some(file_name(call, false));
    Ok((Outcome { status: 200, file_name, ..Outcome::default() }, begun.map_err(|_| late())??))
}

async fn begin(call: &mut Call, turn: OwnedSemaphorePermit, deadline: Instant) -> Result<Data> {
    let node = call.node();
    let scan = Scan {
        node: node.id,
        scope: scope(call).await?,
        live: node.descriptor.soft_delete.is_some() && !call.parameters.show_deleted,
        equals: std::mem::take(&mut call.parameters.equals),
        filter: call.parameters.filter.take(),
        search: std::mem::take(&mut call.parameters.search),
        order: std::mem::take(&mut call.parameters.order),
        after: None,
        offset: 0,
        limit: u64::MAX,
        bytes: usize::MAX,
        count: Count::None,
    };
    let extent = call.parameters.extent(scan.order.iter().map(|(column, _)| *column));
    let selected = call.parameters.select.take();
    let selection = selected.unwrap_or_else(|| Selection::without_links(call.node().descriptor));
    let mut pieces = call.api.store.export(&scan, &extent).await?;
    let first = pieces.next().await?;
    let expand = std::mem::take(&mut call.parameters.expand);
    let node = call.node();
    let columns = (call.exchange.format == Format::Csv).then(|| {
        let mut columns = csv_columns(node, Some(&selection));
        columns.extend(csv_expanded_columns(&call.api.tree, node, &Expanded::of(node, &expand)));
        columns
    });
    let export = Export {
        api: call.api.clone(),
        exchange: call.exchange.clone(),
        target: call.target.clone(),
        selection,
        expand,
        columns,
        pieces,
        deadline,
        turn: Some(turn),
    };
    // HEAD is answered with what is known by now.
    if call.exchange.method == Method::HEAD {
        return Ok(Data::Rows(Box::pin(stream::empty())));
    }
    let (lines, sent) = mpsc::channel(1);
    tokio::spawn(export.run(first, lines));
    // Who compresses an answer asks again after its end.
    Ok(Data::Rows(Box::pin(stream::unfold(Some(sent), next).fuse())))
}

/// What is sent of an export; `None` is its end.
type Lines = Result<Option<Bytes>>;

/// The next lines. A channel that closes without the end is an export that broke off.
async fn next(sent: Option<Receiver<Lines>>) -> Option<(Result<Bytes>, Option<Receiver<Lines>>)> {
    let mut sent = sent?;
    match sent.recv().await {
        Some(Ok(Some(lines))) => Some((Ok(lines), Some(sent))),
        Some(Ok(None)) => None,
        Some(Err(error)) => Some((Err(error), None)),
        None => Some((Err(Error::internal("an export ended without its end")), None)),
    }
}

/// An export that is being sent, by a task of its own: it ends in time, whether or not its client takes anything.
struct Export {
    api: Arc<Api>,
    exchange: Arc<Exchange>,
    target: Target,
    selection: Selection,
    /// The places of the fields that are expanded.
    expand: Vec<usize>,
    /// The columns of CSV; absent for NDJSON.
    columns: Option<Vec<String>>,
    pieces: Pieces,
    /// When it ends, read to its end or not.
    deadline: Instant,
    /// Its place among those that run at a time, until all of it was read.
    turn: Option<OwnedSemaphorePermit>,
}

impl Export {
    async fn run(mut self, first: Option<Vec<Excerpt>>, lines: Sender<Lines>) {
        let deadline = self.deadline;
        let (api, exchange) = (self.api.clone(), self.exchange.clone());
        let outcome = tokio::select! {
            // Nobody is left who would be told.
            () = lines.closed() => return,
            outcome = timeout_at(deadline, self.send(first, &lines)) => outcome,
        };
        let outcome = outcome.unwrap_or_else(|_| {
            let limit = api.settings.limits.export_time.as_secs_f64();
            Err(Error::new(Reason::Timeout, format!("The export did not end within {limit} s.")))
        });
        if lines.is_closed() {
            return;
        }
        // The snapshot and the turn are given back at once, also where the client takes no more.
        drop(self);
        if let Err(error) = outcome {
            exchange.broke_off(&error);
            let _ = lines.try_send(Err(error));
        }
    }

    async fn send(&mut self, first: Option<Vec<Excerpt>>, lines: &Sender<Lines>) -> Result<()> {
        let gone = |_| Error::internal("nobody takes the export any more");
        let mut text = self.columns.as_deref().map(csv_header).unwrap_or_default();
        let mut rows = first;
        while let Some(piece) = rows {
            text.extend(self.render(&piece).await?);
            lines.send(Ok(Some(std::mem::take(&mut text).into()))).await.map_err(gone)?;
            rows = self.pieces.next().await?;
        }
        if !text.is_empty() {
            lines.send(Ok(Some(text.into()))).await.map_err(gone)?;
        }
        // Whoever has the end may ask for the next one at once.
        self.turn = None;
        lines.send(Ok(None)).await.map_err(gone)
    }

    async fn render(&self, rows: &[Excerpt]) -> Result<Vec<u8>> {
        let node = self.api.tree.node(self.target.node);
        let site = Site { tree: &self.api.tree, root: &self.exchange.root };
        let around = Around::of(&self.api, node, &self.target, site, rows).await?;
        let mut expanded = expand(&self.api, node, &self.expand, rows).await?;
        // As the rows are, which have links only where these are selected.
        if let Some(expanded) = &mut expanded {
            expanded.without_links = !self.selection.has(Own::Links);
        }
        let mut lines = JsonWriter::with_capacity(rows.len() * RESOURCE_SIZE);
        for excerpt in rows {
            around.write(&mut lines, site, node, Some(&self.selection), expanded.as_ref(), excerpt);
            lines.end_line();
        }
        let lines = lines.into_bytes();
        Ok(match &self.columns {
            Some(columns) => csv_rows(&lines, columns),
            None => lines,
        })
    }
}
