//! Which format an answer has: what the suffix of the path says, else `$format`, else `Accept`, else JSON.

use http::{HeaderMap, HeaderValue, header};

use super::Request;
use crate::{
    document::{Accepted, ErrorFormat, Exchange, PROBLEM},
    error::{Error, Fault, Reason, Result},
    query::{Format, Standard, pairs},
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
        return Accepted { list: json, other: json, error: ErrorFormat::Json };
    }
    let [json, xml, csv] = Format::ALL.map(|format| quality(headers, format.media_type()));
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
    let both = [(Format::Json, json), (Format::Xml, xml), (Format::Csv, csv)];
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
        list: page(&[json, xml, csv, problem]).or_else(|| best(&both)),
        other: page(&[json, xml, problem]).or_else(|| best(&both[..2])),
        error,
    }
}

/// Settles the format of a success, once the parameters are read: `parameter` is `$format`, and only a list can be CSV.
pub(super) fn settle(
    exchange: &mut Exchange,
    parameter: Option<Format>,
    is_list: bool,
    faults: &mut Vec<Fault>,
) {
    let suffix = Format::of_path(&exchange.uri);
    let mut fault = |detail: String| {
        faults.push(Fault::parameter(Reason::InvalidParameter, Standard::Format.name(), detail));
    };
    if let (Some(suffix), Some(parameter)) = (suffix, parameter)
        && suffix != parameter
    {
        let (suffix, parameter) = (suffix.name(), parameter.name());
        fault(format!("is `{parameter}`, but the path ends in `.{suffix}`; leave one of them out"));
    } else if suffix == Some(Format::Csv) && !is_list {
        fault(
            "is `csv` by the suffix of the path, which lists alone have; take `.json` or `.xml`".to_owned(),
        );
    } else if parameter == Some(Format::Csv) && !is_list {
        fault("must be `json` or `xml`, got `csv`, which lists alone have".to_owned());
    }
    exchange.named = suffix.or(parameter);
    exchange.format = exchange.named.or_else(|| by_accept(exchange, is_list)).unwrap_or_default();
}

/// Refuses a request whose answer the client would not take.
pub(super) fn check(exchange: &Exchange, is_list: bool) -> Result<()> {
    if exchange.named.is_some() || by_accept(exchange, is_list).is_some() {
        return Ok(());
    }
    let all = if is_list {
        "`application/json`, `application/xml`, `text/csv` or `text/html`"
    } else {
        "`application/json`, `application/xml` or `text/html`"
    };
    let text = format!("This address answers in {all}, which `Accept` leaves out.");
    Err(Error::new(Reason::NotAcceptable, text))
}

fn by_accept(exchange: &Exchange, is_list: bool) -> Option<Format> {
    if is_list { exchange.accepted.list } else { exchange.accepted.other }
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
