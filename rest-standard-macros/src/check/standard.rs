//! Fields whose names have a meaning in every service.

use crate::{
    code::Code,
    diag::{Problem, Sink},
    model::{RawField, Standard},
    symbol,
};

/// What the name says of the field; names are those of JSON, which clients see.
pub(super) fn of(json: &str) -> Option<Standard> {
    Some(match json {
        "name" | symbol::DISPLAY_NAME => Standard::Text,
        "timeZone" => Standard::Format(symbol::TIME_ZONE),
        "regionCode" => Standard::Format(symbol::REGION_CODE),
        "languageCode" => Standard::Format(symbol::LANGUAGE_CODE),
        "labels" => Standard::Labels,
        _ => return None,
    })
}

/// Refuses a `format` beside the one that the name has.
pub(super) fn format(raw: &RawField, json: &str, standard: Option<Standard>, sink: &mut Sink) {
    let (Some(Standard::Format(own)), Some(written)) = (standard, &raw.options.format) else { return };
    if written.value == own {
        return;
    }
    sink.push(
        Problem::at(
            Code::StandardFormat,
            &written.value,
            format!("a field called `{json}` has the `format = {own}`"),
        )
        .note("the name means the same in every service")
        .help("leave `format` out, or give the field another name"),
    );
}
