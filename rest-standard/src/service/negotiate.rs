//! Which format an answer has: what the suffix of the path says, else `$format`, else `Accept`, else JSON.

use http::{HeaderMap, HeaderValue, header};

use super::Request;
use crate::{
    document::{Accepted, ErrorFormat, Exchange, PROBLEM},
    error::{Error, Fault, Reason, Result},
    query::{Format, Holds, Standard, pairs},
};

/// The format that the URL names. The bare name `format` may be a field's, so it counts only once the parameters are read.
pub(super) fn named(request: &Request) -> Option<Format> {
    Format::of_path(&request.path).or_else(|| {
        let mut asked =
            request.query.contains("format=").then(|| pairs(&request.query)).into_iter().flatten();
        let asked = asked.find(|pair| pair.name == Standard::Format.name())?;
        Format::named(&asked.value)
    })
}

/// What `Accept` lets the answer be.
pub(super) fn accepted(headers: &HeaderMap) -> Accepted {
    // A list without an element says nothing (RFC 9110 §5.6.1.2).
    let says_nothing = |line: &HeaderValue| line.as_bytes().iter().all(|byte| b" \t,".contains(byte));
    if headers.get_all(header::ACCEPT).iter().all(says_nothing) {
        let json = Some(Format::Json);
        let export = Some(Format::Ndjson);
        return Accepted { list: json, export, other: json, error: ErrorFormat::Json };
    }
    let [json, xml, csv, ndjson] = Format::ALL.map(|format| quality(headers, format.media_type()));
    let problem = quality(headers, PROBLEM);
    let best = |ranked: &[(Format, f32)]| {
        let mut best: Option<(Format, f32)> = None;
        // Of several that are wanted as much, the first.
        for (format, quality) in ranked.iter().filter(|(_, quality)| *quality > 0.0) {
            if best.is_none_or(|(_, other)| *quality > other) {
                best = Some((*format, *quality));
            }
        }
        best.map(|(format, _)| format)
    };
    let all = [(Format::Json, json), (Format::Xml, xml), (Format::Csv, csv)];
    let export = [(Format::Ndjson, ndjson), (Format::Csv, csv)];
    // A page is for those that want it more than anything else.
    let html = quality(headers, Format::Html.media_type());
    let is_page = |others: &[f32]| html > others.iter().copied().fold(0.0, f32::max);
    let error = if is_page(&[json, xml, problem]) {
        ErrorFormat::Html
    } else if problem > json && problem >= xml {
        ErrorFormat::Problem
    } else if xml > json {
        ErrorFormat::Xml
    } else {
        ErrorFormat::Json
    };
    let page = |others: &[f32]| is_page(others).then_some(Format::Html);
    Accepted {
        list: page(&[json, xml, csv, problem]).or_else(|| best(&all)),
        export: best(&export),
        other: page(&[json, xml, problem]).or_else(|| best(&all[..2])),
        error,
    }
}

/// Settles the format of a success, once the parameters are read: `parameter` is `$format`, and what the answer holds decides
/// which there are.
pub(super) fn settle(
    exchange: &mut Exchange,
    parameter: Option<Format>,
    holds: Holds,
    faults: &mut Vec<Fault>,
) {
    let suffix = Format::of_path(&exchange.uri);
    let formats = holds.formats();
    let mut fault = |detail: String| {
        faults.push(Fault::parameter(Reason::InvalidParameter, Standard::Format.name(), detail));
    };
    let suffixes = || joined(formats.iter().map(|format| format!("`.{}`", format.name())));
    let names = || joined(formats.iter().map(|format| format!("`{}`", format.name())));
    if let (Some(suffix), Some(parameter)) = (suffix, parameter)
        && suffix != parameter
    {
        let (suffix, parameter) = (suffix.name(), parameter.name());
        fault(format!("is `{parameter}`, but the path ends in `.{suffix}`; leave one of them out"));
    } else if let Some(suffix) = suffix.filter(|suffix| !formats.contains(suffix)) {
        let (suffix, who) = (suffix.name(), who_has(suffix));
        fault(format!("is `{suffix}` by the suffix of the path, {who}; take {}", suffixes()));
    } else if let Some(parameter) = parameter.filter(|parameter| !formats.contains(parameter)) {
        let (parameter, who) = (parameter.name(), who_has(parameter));
        fault(format!("must be {}, got `{parameter}`, {who}", names()));
    }
    exchange.named = suffix.or(parameter);
    exchange.format = exchange.named.or_else(|| by_accept(exchange, holds)).unwrap_or(formats[0]);
}

fn who_has(format: Format) -> &'static str {
    match format {
        Format::Json | Format::Xml | Format::Html => "which an export does not have",
        Format::Csv => "which lists and exports alone have",
        Format::Ndjson => "which exports alone have",
    }
}

/// Refuses a request whose answer the client would not take.
pub(super) fn check(exchange: &Exchange, holds: Holds) -> Result<()> {
    if exchange.named.is_some() || by_accept(exchange, holds).is_some() {
        return Ok(());
    }
    let formats = holds.formats().iter().chain(holds.has_page().then_some(&Format::Html));
    let all = joined(formats.map(|format| format!("`{}`", format.media_type())));
    let text = format!("This address answers in {all}, which `Accept` leaves out.");
    Err(Error::new(Reason::NotAcceptable, text))
}

/// Words with commas, and `or` before the last.
fn joined(words: impl Iterator<Item = String>) -> String {
    let words: Vec<_> = words.collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn by_accept(exchange: &Exchange, holds: Holds) -> Option<Format> {
    match holds {
        Holds::Other => exchange.accepted.other,
        Holds::List => exchange.accepted.list,
        Holds::Export => exchange.accepted.export,
    }
}

/// What `Accept` says about a media type (RFC 9110 §12.5.1): its quality, by the most specific range that covers it.
fn quality(headers: &HeaderMap, media_type: &str) -> f32 {
    let family = media_type.split('/').next().unwrap_or_default();
    let is_family =
        |range: &str| range.strip_suffix("/*").is_some_and(|other| other.eq_ignore_ascii_case(family));
    let mut best: Option<(u8, f32)> = None;
    let lines = headers.get_all(header::ACCEPT).into_iter();
    for range in lines.flat_map(|line| line.to_str().unwrap_or_default().split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let specificity = match parts.next().unwrap_or_default() {
            exact if exact.eq_ignore_ascii_case(media_type) => 3,
            range if is_family(range) => 2,
            "*/*" => 1,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        // A weight that is none takes the range out.
        let weight = |quality: &str| quality.parse().ok().filter(|weight| (0.0..=1.0).contains(weight));
        let quality = quality.map_or(1.0, |quality| weight(quality).unwrap_or(0.0));
        if best.is_none_or(|(other, _)| specificity > other) {
            best = Some((specificity, quality));
        }
    }
    best.map_or(0.0, |(_, quality)| quality)
}
