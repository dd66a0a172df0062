//! Export: GET of a whole collection, row by row, as it was at one moment.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream;
use http::Method;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};

use super::{
    Api, Refusal,
    call::Call,
    list::{RESOURCE_SIZE, scope},
    read::is_frozen,
};
use crate::{
    document::{
        Data, Detail, Exchange, JsonWriter, Outcome, Site, View, csv_columns, csv_header, csv_rows,
        write_resource,
    },
    error::{Error, Reason, Result},
    query::{Format, Holds, Selection, Standard},
    store::{Count, Excerpt, Extent, Pieces, Scan},
    tree::NodeId,
};

/// How many exports run at a time; further ones are refused with 503.
pub(super) const MOST: usize = 2;
/// After how long a client that was refused so should ask again.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Answers an Export. The first rows are read before anything is answered, so that whatever is wrong by then is told.
pub(super) async fn export(call: &mut Call) -> Result<(Outcome, Data), Refusal> {
    let mut accepted = Standard::EXPORT.to_vec();
    accepted.extend(call.node().descriptor.soft_delete.map(|_| Standard::ShowDeleted));
    call.parse_query(&accepted, Holds::Export);
    call.refuse_conditions();
    call.refuse_faults()?;
    let api = call.api.clone();
    let turn = api.exports.clone().try_acquire_owned().map_err(|_| {
        let text = format!("{MOST} exports run already, as many as the service does at a time.");
        Error::new(Reason::Unavailable, text).with_retry_after(ASK_AGAIN)
    })?;
    let limit = api.settings.limits.export_time;
    let deadline = Instant::now() + limit;
    let late = || {
        let text = format!("The export did not begin within {} s.", limit.as_secs_f64());
        Error::new(Reason::Timeout, text)
    };
    let begun = timeout_at(deadline, begin(call, turn, deadline)).await;
    Ok((Outcome { status: 200, ..Outcome::default() }, begun.map_err(|_| late())??))
}

async fn begin(call: &mut Call, turn: OwnedSemaphorePermit, deadline: Instant) -> Result<Data> {
    let node = call.node();
    let scan = Scan {
        node: node.id,
        scope: scope(call).await?,
        live: node.descriptor.soft_delete.is_some() && !call.parameters.show_deleted,
        equals: std::mem::take(&mut call.parameters.equals),
        filter: call.parameters.filter.take(),
        order: std::mem::take(&mut call.parameters.order),
        after: None,
        offset: 0,
        limit: u64::MAX,
        bytes: usize::MAX,
        count: Count::None,
    };
    let selected = call.parameters.select.take();
    let node = call.node();
    let (selection, extent) = match selected {
        Some(selection) => {
            let extent = selection.extent(scan.order.iter().map(|(column, _)| *column));
            (selection, extent)
        }
        None => (Selection::without_links(node.descriptor), Extent::Whole),
    };
    let mut pieces = call.api.store.export(&scan, &extent).await?;
    let first = pieces.next().await?;
    let frozen = is_frozen(&call.api, node, &call.target.path).await?;
    let columns = (call.exchange.format == Format::Csv).then(|| csv_columns(node, Some(&selection)));
    let collection_url = call.site().collection_url(node, &call.target.path);
    let export = Export {
        api: call.api.clone(),
        exchange: call.exchange.clone(),
        node: node.id,
        selection,
        frozen,
        collection_url,
        columns,
        pieces,
        deadline,
        _turn: turn,
    };
    // HEAD is answered with what is known by now.
    if call.exchange.method == Method::HEAD {
        return Ok(Data::Rows(Box::pin(stream::empty())));
    }
    let head = export.columns.as_deref().map(csv_header).unwrap_or_default();
    Ok(Data::Rows(Box::pin(stream::unfold(State::Begun(export, head, first), step))))
}

/// An export that is being sent.
struct Export {
    api: Arc<Api>,
    exchange: Arc<Exchange>,
    node: NodeId,
    selection: Selection,
    frozen: bool,
    collection_url: String,
    /// The columns of CSV; absent for NDJSON.
    columns: Option<Vec<String>>,
    pieces: Pieces,
    /// When it ends, read to its end or not.
    deadline: Instant,
    /// Its place among those that run at a time.
    _turn: OwnedSemaphorePermit,
}

/// How far an export is.
enum State {
    /// Nothing was sent: what stands before the rows, and the first of them.
    Begun(Export, Vec<u8>, Option<Vec<Excerpt>>),
    Sending(Export),
    Over,
}

async fn step(state: State) -> Option<(Result<Bytes>, State)> {
    let mut export = match state {
        State::Begun(export, mut head, first) => {
            let is_over = first.is_none();
            head.extend(first.map(|rows| export.render(rows)).unwrap_or_default());
            if head.is_empty() {
                return None;
            }
            let next = if is_over { State::Over } else { State::Sending(export) };
            return Some((Ok(head.into()), next));
        }
        State::Sending(export) => export,
        State::Over => return None,
    };
    let next = {
        let next = pin!(export.pieces.next());
        timeout_at(export.deadline, next).await
    };
    let outcome = next.unwrap_or_else(|_| {
        let limit = export.api.settings.limits.export_time.as_secs_f64();
        Err(Error::new(Reason::Timeout, format!("The export did not end within {limit} s.")))
    });
    match outcome {
        Ok(Some(rows)) => {
            let piece = export.render(rows);
            Some((Ok(piece.into()), State::Sending(export)))
        }
        Ok(None) => None,
        Err(error) => {
            export.exchange.broke_off(&error);
            Some((Err(error), State::Over))
        }
    }
}

impl Export {
    fn render(&self, rows: Vec<Excerpt>) -> Vec<u8> {
        let node = self.api.tree.node(self.node);
        let site = Site { tree: &self.api.tree, root: &self.exchange.root };
        let mut lines = JsonWriter::with_capacity(rows.len() * RESOURCE_SIZE);
        for excerpt in rows {
            let view = View { node, excerpt, selection: Some(&self.selection), frozen: self.frozen };
            write_resource(&mut lines, site, &view, &self.collection_url, Detail::Stored);
            lines.end_line();
        }
        let lines = lines.into_bytes();
        match &self.columns {
            Some(columns) => csv_rows(&lines, columns),
            None => lines,
        }
    }
}
