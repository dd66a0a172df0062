//! The texts that name places: the address to listen on, the public URL, hosts, the base path, the database.
//!
//! Each is checked once, where it comes in, with a reason that a person can act on.

use std::{
    fmt::Display,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    str::FromStr,
};

use http::{Uri, uri::Authority};

/// Where a service keeps its resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// Nowhere: they are forgotten when the process ends.
    Memory,
    /// In an SQLite file.
    Sqlite(PathBuf),
    /// In a Postgres database, by its URL.
    Postgres(String),
}

impl Database {
    /// What OpenTelemetry's conventions call the engine, where it is one that they know.
    pub(super) const fn system(&self) -> Option<&'static str> {
        match self {
            Self::Memory => None,
            Self::Sqlite(_) => Some("sqlite"),
            Self::Postgres(_) => Some("postgresql"),
        }
    }
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return postgres(text);
        }
        match text.strip_prefix("sqlite:") {
            Some(_) if cfg!(not(feature = "sqlite")) => {
                Err("this program was built without SQLite; the database can only be `memory`".to_owned())
            }
            Some("") => Err("the path is missing: `sqlite:registry.db`".to_owned()),
            Some(":memory:") => Err("for a database that nothing outlives, say `memory`".to_owned()),
            Some(path) if path.starts_with("//") => {
                let path = path.trim_start_matches('/');
                Err(format!(
                    "the path follows the colon directly: `sqlite:/{path}`, or `sqlite:{path}` for a relative one"
                ))
            }
            Some(path) => Ok(Self::Sqlite(PathBuf::from(path))),
            None => Err(format!("expected {DATABASES}")),
        }
    }
}

/// What a database can be, in the words of help and errors.
pub(super) const DATABASES: &str = if cfg!(feature = "postgres") {
    "`sqlite:PATH`, `postgres://USER@HOST/DATABASE` or `memory`"
} else {
    "`sqlite:PATH` or `memory`"
};

#[cfg(feature = "postgres")]
fn postgres(url: &str) -> Result<Database, String> {
    use crate::store::postgres::PostgresOptions;
    // A URL may have a password in it, so that no message repeats it.
    url.parse::<PostgresOptions>()?;
    Ok(Database::Postgres(url.to_owned()))
}

#[cfg(not(feature = "postgres"))]
fn postgres(_: &str) -> Result<Database, String> {
    Err("this program was built without Postgres: the feature `postgres` of rest-standard brings it"
        .to_owned())
}

impl Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(url) => f.write_str(&crate::store::postgres::PostgresOptions::shown(url)),
            #[cfg(not(feature = "postgres"))]
            Self::Postgres(_) => f.write_str("postgres"),
        }
    }
}

/// The addresses that `text` names: `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
pub(super) fn listen(text: &str) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = text.parse() {
        return Ok(vec![address]);
    }
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(format!("expected an address and a port, such as `{}`", hint(text)));
    };
    if port.parse::<u16>().is_err() {
        return Err(format!("`{port}` is not a port; expected a number up to 65535, or 0 for any free one"));
    }
    if host.is_empty() {
        return Err(format!("the address before the port is missing: `127.0.0.1:{port}`"));
    }
    match text.to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect()),
        Err(_) => Err(format!("`{host}` is neither an IP address nor the name of one")),
    }
}

fn hint(text: &str) -> String {
    match text.parse::<u16>() {
        Ok(port) => format!("127.0.0.1:{port}"),
        Err(_) => "127.0.0.1:8080".to_owned(),
    }
}

/// Whether only programs on the same machine reach `address`.
pub(super) fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// A collector's URL as a refusal shows it: without its user and password.
pub(super) fn shown_collector(text: &str) -> String {
    text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, place)| format!("[redacted]@{place}"))
}

/// The URL of a collector of OpenTelemetry.
pub(super) fn collector(text: &str) -> Result<Uri, String> {
    if !cfg!(feature = "otlp") {
        return Err("this program was built without traces, the feature `otlp`".to_owned());
    }
    let example = "such as `http://localhost:4318`";
    let uri: Uri = text.parse().map_err(|_| format!("it is not a URL, {example}"))?;
    // It would go unsent, and into the log with the URL.
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        let say = "`OTEL_EXPORTER_OTLP_HEADERS=authorization=Basic%20…`";
        return Err(format!(
            "a collector's URL has no user and no password; send them as a header, by {say}"
        ));
    }
    match (uri.scheme_str(), uri.query()) {
        (Some("http" | "https"), None) => Ok(uri),
        (Some("http" | "https"), Some(_)) => {
            Err("a collector's URL has no query; leave `?` and what follows out".to_owned())
        }
        _ => Err(format!("it must begin with `http://` or `https://`, {example}")),
    }
}

/// Checks a public URL and gives the form that links start with: no slash at the end, no default port, lower case.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(format!("the scheme is missing: `https://{text}`"));
    };
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return Err(format!("the scheme `{scheme}` is not one of `https` and `http`")),
    };
    if let Some(part) = rest.split_once('#') {
        return Err(format!("links cannot start with a fragment; leave `#{}` out", part.1));
    }
    let uri: Uri =
        text.parse().map_err(|_| "it is not a URL, such as `https://devices.example.com`".to_owned())?;
    let Some(authority) = uri.authority() else { return Err("the host is missing".to_owned()) };
    if uri.query().is_some() {
        return Err("links cannot start with a query; leave `?` and what follows out".to_owned());
    }
    if uri.path() != "/" && !uri.path().is_empty() {
        return Err(format!(
            "it has a path; leave `{}` out, and say `--base-path` for what addresses start with",
            uri.path()
        ));
    }
    let authority = host(authority.as_str())?;
    let authority = authority.strip_suffix(&format!(":{default_port}")).unwrap_or(&authority);
    Ok(format!("{scheme}://{authority}"))
}

/// Whether the host of an authority is a domain that its owner registered, and not one below it: `example.com`,
/// `example.co.uk`. Private suffixes, such as a hoster's, are no reason: their owner has the domain above.
pub(super) fn is_apex(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let is_name = !host.starts_with('[') && host.parse::<std::net::Ipv4Addr>().is_err();
    let domain =
        psl::domain(host.as_bytes()).filter(|domain| domain.suffix().typ() == Some(psl::Type::Icann));
    is_name && domain.is_some_and(|domain| domain == host)
}

/// Checks the name of a host, with a port where it is not the scheme's own, and gives it in lower case.
pub(super) fn host(text: &str) -> Result<String, String> {
    if text.contains("://") || text.contains('/') {
        return Err(
            "expected a host alone, such as `devices.example.com`, without scheme and path".to_owned()
        );
    }
    let authority: Authority = text
        .parse()
        .map_err(|_| format!("`{text}` is not a host, such as `devices.example.com` or `10.0.0.7:8080`"))?;
    if authority.as_str().contains('@') {
        return Err("a user name has no place in it; leave everything up to `@` out".to_owned());
    }
    let name = authority.host();
    let is_address = name.starts_with('[');
    if name.is_empty() || (!is_address && name.split('.').any(|label| !is_label(label))) {
        return Err(format!("`{name}` is not the name of a host; expected letters, digits, `-` and `.`"));
    }
    if authority.as_str().len() > name.len() && authority.port_u16().is_none_or(|port| port == 0) {
        return Err(format!("`{text}` has no port behind its colon; expected a number up to 65535"));
    }
    Ok(authority.as_str().to_ascii_lowercase())
}

/// Checks an origin (RFC 6454) and gives it as browsers write it: in lower case, without the scheme's own port.
pub(super) fn origin(text: &str) -> Result<String, String> {
    match text {
        "*" => {
            return Err(
                "any page that a browser shows could then read and write everything; name each origin"
                    .to_owned(),
            );
        }
        "null" => {
            return Err(
                "files, sandboxed frames and redirected requests of any page call themselves that; name an origin"
                    .to_owned(),
            );
        }
        _ => {}
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(format!("the scheme is missing: `https://{text}`"));
    };
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => ":80",
        "https" => ":443",
        _ => return Err(format!("the scheme `{scheme}` is not one of `https` and `http`")),
    };
    if let Some(at) = rest.find(['/', '?', '#']) {
        return Err(format!("an origin ends with its host and port; leave `{}` out", &rest[at..]));
    }
    if rest.contains('*') {
        return Err("an origin has no wildcard; name each".to_owned());
    }
    let authority = host(rest)?;
    let authority = authority.strip_suffix(default_port).unwrap_or(&authority);
    Ok(format!("{scheme}://{authority}"))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Checks a base path and gives it without a slash at the end; `/` is the empty one.
pub(super) fn base_path(text: &str) -> Result<String, String> {
    let path = text.strip_suffix('/').unwrap_or(text);
    if path.is_empty() {
        return Ok(String::new());
    }
    let Some(segments) = path.strip_prefix('/') else {
        return Err(format!("it must start with a slash: `/{path}`"));
    };
    for segment in segments.split('/') {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if segment.is_empty() || segment == "." || segment == ".." || !segment.bytes().all(plain) {
            return Err(format!(
                "`{segment}` cannot be a segment of it; expected letters, digits, `-`, `.`, `_` and `~`"
            ));
        }
    }
    Ok(path.to_owned())
}

/// Whether `text` is lower-case words joined by hyphens, the first one starting with a letter.
pub(super) fn is_kebab_case(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

/// Whether `text` is `v` and a number from 1, or a date.
pub(super) fn is_version_label(text: &str) -> bool {
    let number = text.strip_prefix('v').is_some_and(|number| {
        !number.starts_with('0') && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    number || (text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok())
}
