//! The flags of every service, the author's among them, each with an environment variable.

use std::{
    any::{Any, TypeId},
    ffi::OsString,
    sync::Arc,
    time::Duration,
};

use bytesize::ByteSize;
use clap::{
    Arg, ArgMatches, Args, Command, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, Resettable, TypedValueParser},
    error::{ContextKind, ContextValue, ErrorKind},
};
use http::Uri;
use jiff::SignedDuration;
use tracing_subscriber::EnvFilter;

use super::{
    address::{self, Database},
    lint::{LINTS, Levels, Selected},
};
use crate::{json, service::Limits};

/// The whole command line.
#[derive(Debug)]
pub(super) struct CommandLine {
    pub(super) action: Action,
    pub(super) author: Option<(TypeId, Arc<dyn Any + Send + Sync>)>,
}

/// What the program is to do.
#[derive(Debug)]
pub(super) enum Action {
    Serve(Box<Serve>),
    OpenApi(OpenApi),
    Routes(Routes),
    Check(Check),
    Migrate(Migrate),
    Backup(Backup),
    Copy(Copy),
    ImportSchema(ImportSchema),
}

#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Raw {
    #[command(flatten)]
    serve: Serve,
    #[command(subcommand)]
    action: Option<RawAction>,
}

#[derive(Debug, Subcommand)]
enum RawAction {
    /// Answers requests
    Serve(Box<Serve>),
    /// Prints the OpenAPI document, or what changed in it
    #[command(name = "openapi")]
    OpenApi(OpenApi),
    /// Prints every address with its methods
    Routes(Routes),
    /// Checks the declarations and says what could be better
    Check(Check),
    /// Brings a database up to the declared resources, or prints the SQL that would
    Migrate {
        #[command(subcommand)]
        action: Migrate,
    },
    /// Copies an SQLite database, which may be in use, into a new file
    Backup(Backup),
    /// Copies all resources from one database to another, of whichever kind; goes on where it broke off
    Copy(Copy),
    /// Writes the declarations of a database's tables, and reads it only
    ImportSchema(ImportSchema),
}

/// What `migrate` is to do.
#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// Prints the SQL between the database and the declared resources, and changes nothing
    Plan(OnDatabase),
    /// Runs it in one transaction
    Apply(OnDatabase),
}

/// Which database a command is about.
#[derive(Args, Debug)]
pub(super) struct OnDatabase {
    /// Where the resources are kept
    #[arg(long, value_name = "DATABASE")]
    pub(super) database: Option<Database>,
}

/// The flags of `backup`.
#[derive(Args, Debug)]
pub(super) struct Backup {
    #[command(flatten)]
    pub(super) on: OnDatabase,
    /// The file that is made
    #[arg(long, value_name = "FILE")]
    pub(super) to: std::path::PathBuf,
}

/// The flags of `copy`.
#[derive(Args, Debug)]
pub(super) struct Copy {
    /// The database that is read; no service may use it
    #[arg(long, value_name = "DATABASE")]
    pub(super) from: Database,
    /// The database that is written: a new one, or one that an earlier copy did not end with
    #[arg(long, value_name = "DATABASE")]
    pub(super) to: Database,
}

/// The flags of `import-schema`.
#[derive(Args, Debug)]
pub(super) struct ImportSchema {
    /// The database: an SQLite file, or Postgres, whose tables are those of the first schema on the search path
    #[arg(long, value_name = "DATABASE")]
    pub(super) database: Database,
    /// The folder for the files, such as `src`; what is there already is not overwritten
    #[arg(long, value_name = "FOLDER")]
    pub(super) out: std::path::PathBuf,
}

/// The flags of `routes`.
#[derive(Args, Debug)]
pub(super) struct Routes {
    #[command(flatten)]
    pub(super) base: Base,
    /// Prints the parameters and bodies that each address takes below it
    #[arg(long)]
    pub(super) parameters: bool,
}

/// The flags of `check`.
#[derive(Args, Debug)]
pub(super) struct Check {
    /// Makes a lint an error, and the exit code 1; a code, a name or `all`, several separated by commas
    #[arg(long, value_name = "LINT", value_delimiter = ',', ignore_case = true, hide_possible_values = true, value_parser = lints())]
    deny: Vec<Selected>,
    /// Says nothing of a lint, also where it is denied
    #[arg(long, value_name = "LINT", value_delimiter = ',', ignore_case = true, hide_possible_values = true, value_parser = lints())]
    allow: Vec<Selected>,
    /// The scheme and host that links start with, which is checked too
    #[arg(long, value_name = "URL", value_parser = address::public_url)]
    pub(super) public_url: Option<String>,
}

impl Check {
    /// How the lints are weighed.
    pub(super) fn levels(&self) -> Levels {
        Levels { denied: self.deny.clone(), allowed: self.allow.clone() }
    }
}

/// Reads the name or code of a lint; clap names the nearest one where it is none.
fn lints() -> impl TypedValueParser<Value = Selected> {
    let names = LINTS.iter().map(|lint| PossibleValue::new(lint.name).alias(lint.code));
    PossibleValuesParser::new(names.chain([PossibleValue::new("all")]))
        .try_map(|text| Selected::named(&text).ok_or("there is no such lint"))
}

/// What decides how addresses look.
#[derive(Args, Clone, Debug)]
pub(super) struct Base {
    /// What every address starts with; `/` for nothing
    #[arg(long, value_name = "PATH", value_parser = address::base_path)]
    pub(super) base_path: Option<String>,
}

/// The flags of `openapi`.
#[derive(Args, Debug)]
pub(super) struct OpenApi {
    /// The form of the document: 3.1, or 3.0 for generators that need it
    #[arg(long, value_name = "NUMBER", value_enum, default_value_t = Form::V3_1)]
    pub(super) spec: Form,
    /// Prints the differences from the document in this file, in words, and ends with code 1 where one breaks clients
    #[arg(long, value_name = "FILE", conflicts_with = "spec")]
    pub(super) diff: Option<std::path::PathBuf>,
    /// The scheme and host that addresses in the document start with; `http://localhost:8080` where nothing says another
    #[arg(long, value_name = "URL", value_parser = address::public_url)]
    pub(super) public_url: Option<String>,
    #[command(flatten)]
    pub(super) base: Base,
}

/// A form of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// OpenAPI 3.1
    #[value(name = "3.1")]
    V3_1,
    /// OpenAPI 3.0.3
    #[value(name = "3.0")]
    V3_0,
}

/// The flags of `serve`.
#[derive(Args, Debug)]
pub(super) struct Serve {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080", value_parser = parse_listen)]
    pub(super) listen: Listen,
    /// Where `/metrics` is, for Prometheus, with `/health/live` and `/health/ready`; nowhere unless this is given
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = parse_listen)]
    pub(super) admin_listen: Option<Listen>,
    /// Where the resources are kept: `sqlite:PATH` or `memory`
    #[arg(long, value_name = "DATABASE")]
    pub(super) database: Option<Database>,
    /// When a commit is durable: `full` waits for the disk, `normal` may lose the last commits when the machine fails
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Durability::Full)]
    pub(super) synchronous: Durability,
    /// The scheme and host that links start with; without it they start with the request's own host
    #[arg(long, value_name = "URL", value_parser = address::public_url)]
    pub(super) public_url: Option<String>,
    #[command(flatten)]
    pub(super) base: Base,
    /// A host that requests may name, beside loopback and the public URL's; several are separated by commas
    #[arg(long, value_name = "HOST", value_delimiter = ',', value_parser = address::host)]
    pub(super) allow_host: Vec<String>,
    /// An origin whose pages may read and write, such as `https://app.example.com`; several are separated by commas
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', value_parser = address::origin)]
    pub(super) allow_origin: Vec<String>,
    /// Allows an address that others reach, although anybody may then read and write everything
    #[arg(long)]
    pub(super) allow_anonymous: bool,
    /// Starts only on a database that is up to date, as where `migrate apply` brings it up
    #[arg(long)]
    pub(super) no_migrate: bool,
    /// Leaves the documentation page out
    #[arg(long)]
    pub(super) no_docs: bool,
    /// Answers without compression, as where a proxy in front compresses
    #[arg(long)]
    pub(super) no_compression: bool,
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or directives such as `info,rest_standard=debug`
    #[arg(long, value_name = "FILTER", default_value = "info", value_parser = log_filter)]
    pub(super) log: String,
    /// The collector that traces are sent to by OTLP over HTTP, such as `http://localhost:4318`; none unless this is given
    #[arg(long, value_name = "URL", value_parser = address::collector)]
    pub(super) otlp_endpoint: Option<Uri>,
    /// How log lines look
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
    #[command(flatten)]
    limits: RawLimits,
}

impl Serve {
    /// The author's limits with those that flags set.
    pub(super) fn limits(&self, defaults: &Limits) -> Result<Limits, String> {
        let raw = &self.limits;
        let limits = Limits {
            body: raw.max_body.unwrap_or(defaults.body),
            depth: raw.max_depth.map_or(defaults.depth, |depth| depth as usize),
            uri: raw.max_uri.unwrap_or(defaults.uri),
            body_time: raw.body_timeout.unwrap_or(defaults.body_time),
            time: raw.request_timeout.unwrap_or(defaults.time),
            page_default: raw.page_size.unwrap_or(defaults.page_default),
            page_max: raw.max_page_size.unwrap_or(defaults.page_max),
            count: defaults.count,
            page_bytes: defaults.page_bytes,
            batch: raw.max_batch.map_or(defaults.batch, |items| items as usize),
            export_time: raw.export_timeout.unwrap_or(defaults.export_time),
            import: raw.max_import.map_or(defaults.import, |size| size as u64),
        };
        if limits.page_default > limits.page_max {
            return Err(format!(
                "a page of {} elements, the default, is larger than the largest one, {}; say --page-size or --max-page-size",
                limits.page_default, limits.page_max
            ));
        }
        Ok(limits)
    }
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
struct RawLimits {
    /// The largest body of a request
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_body: Option<usize>,
    /// The deepest nesting of a JSON body
    #[arg(long, value_name = "LEVELS", value_parser = clap::value_parser!(u16).range(1..=json::MOST_DEPTH as i64))]
    max_depth: Option<u16>,
    /// The longest path and query of a request
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_uri: Option<usize>,
    /// How long one answer may take
    #[arg(long, value_name = "TIME", value_parser = duration)]
    request_timeout: Option<Duration>,
    /// How long a request's body may take to arrive
    #[arg(long, value_name = "TIME", value_parser = duration)]
    body_timeout: Option<Duration>,
    /// The elements of a page when a request asks for no number
    #[arg(long, value_name = "ELEMENTS", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    page_size: Option<u64>,
    /// The most elements of a page, whatever a request asks for
    #[arg(long, value_name = "ELEMENTS", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    max_page_size: Option<u64>,
    /// The most items of a batch
    #[arg(long, value_name = "ITEMS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    max_batch: Option<u32>,
    /// The largest body of an import; a line of it is limited as other bodies are
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_import: Option<usize>,
    /// How long an export may take from its beginning to its end
    #[arg(long, value_name = "TIME", value_parser = duration)]
    export_timeout: Option<Duration>,
}

/// When a commit of the SQLite store is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Durability {
    Full,
    Normal,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// An address to listen on, as given and as resolved.
#[derive(Clone, Debug)]
pub(super) struct Listen {
    pub(super) text: String,
    pub(super) addresses: Vec<std::net::SocketAddr>,
}

fn parse_listen(text: &str) -> Result<Listen, String> {
    Ok(Listen { text: text.to_owned(), addresses: address::listen(text)? })
}

fn log_filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text).map_err(|error| error.to_string())?;
    Ok(text.to_owned())
}

fn size(text: &str) -> Result<usize, String> {
    let size: ByteSize =
        text.parse().map_err(|_| "expected a size, such as `64KiB`, `1MiB` or `1048576`".to_owned())?;
    match usize::try_from(size.as_u64()) {
        Ok(0) | Err(_) => Err("expected a size from 1 byte to what memory can hold".to_owned()),
        Ok(size) => Ok(size),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed: Result<SignedDuration, _> = text.parse();
    match parsed.map(Duration::try_from) {
        Ok(Ok(duration)) if !duration.is_zero() && duration <= Duration::from_secs(86_400) => Ok(duration),
        Ok(_) => Err("expected a time above 0 and up to a day, which is `24h`".to_owned()),
        Err(_) => Err(
            "expected a time with its unit, such as `500ms`, `30s` or `2m`, of up to a day, which is `24h`"
                .to_owned(),
        ),
    }
}

/// A size as a flag would say it.
fn size_text(bytes: usize) -> String {
    match bytes {
        bytes if bytes > 0 && bytes.is_multiple_of(1 << 30) => format!("{}GiB", bytes >> 30),
        bytes if bytes > 0 && bytes.is_multiple_of(1 << 20) => format!("{}MiB", bytes >> 20),
        bytes if bytes > 0 && bytes.is_multiple_of(1 << 10) => format!("{}KiB", bytes >> 10),
        bytes => format!("{bytes}B"),
    }
}

/// A time as a flag would say it.
fn duration_text(duration: Duration) -> String {
    SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{duration:?}"), |duration| format!("{duration:#}"))
}

/// The author's own flags, without their type.
#[derive(Clone, Copy)]
pub(super) struct AuthorArguments {
    augment: fn(Command) -> Command,
    parse: fn(&ArgMatches) -> Result<Arc<dyn Any + Send + Sync>, clap::Error>,
    pub(super) ty: TypeId,
}

impl AuthorArguments {
    pub(super) fn of<A: Args + Send + Sync + 'static>() -> Self {
        Self {
            augment: A::augment_args,
            parse: |matches| Ok(Arc::new(A::from_arg_matches(matches)?)),
            ty: TypeId::of::<A>(),
        }
    }

    /// The value when no flag is given.
    pub(super) fn without_command_line(self, name: &str) -> Result<Arc<dyn Any + Send + Sync>, clap::Error> {
        let command = (self.augment)(Command::new(name.to_owned()));
        let matches = environment(command, name).try_get_matches_from([name])?;
        (self.parse)(&matches)
    }

    /// The flags that the framework has already.
    pub(super) fn clashes(self) -> Vec<String> {
        let framework = Serve::augment_args(Command::new("framework"));
        let author = (self.augment)(Command::new("author"));
        let taken = |arg: &Arg| {
            matches!(arg.get_long(), Some("help" | "version"))
                || framework.get_arguments().any(|other| {
                    other.get_id() == arg.get_id()
                        || (arg.get_long().is_some() && other.get_long() == arg.get_long())
                })
        };
        author
            .get_arguments()
            .filter(|arg| taken(arg))
            .map(|arg| arg.get_long().unwrap_or(arg.get_id().as_str()).to_owned())
            .collect()
    }
}

/// What the help says of a service before any flag is read.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    /// The service's name.
    pub(super) name: &'a str,
    /// The database unless a flag names one.
    pub(super) database: &'a str,
    /// The limits unless flags say otherwise.
    pub(super) limits: &'a Limits,
    /// The author's own flags.
    pub(super) author: Option<AuthorArguments>,
}

/// Reads a command line.
///
/// # Errors
///
/// clap's error, which also is how it gives the text of `--help`.
pub(super) fn parse(
    shown: Shown<'_>,
    line: impl IntoIterator<Item = OsString>,
) -> Result<CommandLine, clap::Error> {
    let line: Vec<_> = line.into_iter().collect();
    let first = line.get(1).and_then(|argument| argument.to_str()).unwrap_or_default();
    let mut command = command(shown, first);
    let matches =
        command.try_get_matches_from_mut(&line).map_err(|error| explained(error, &command, &line))?;
    let raw = Raw::from_arg_matches(&matches)?;
    let (action, flags) = match raw.action {
        None => (Action::Serve(Box::new(raw.serve)), Some(&matches)),
        Some(RawAction::Serve(serve)) => (Action::Serve(serve), matches.subcommand_matches("serve")),
        Some(RawAction::OpenApi(flags)) => (Action::OpenApi(flags), None),
        Some(RawAction::Routes(routes)) => (Action::Routes(routes), None),
        Some(RawAction::Check(check)) => (Action::Check(check), None),
        Some(RawAction::Migrate { action }) => (Action::Migrate(action), None),
        Some(RawAction::Backup(backup)) => (Action::Backup(backup), None),
        Some(RawAction::Copy(copy)) => (Action::Copy(copy), None),
        Some(RawAction::ImportSchema(import)) => (Action::ImportSchema(import), None),
    };
    let author = match (shown.author, flags) {
        (Some(author), Some(flags)) => Some((author.ty, (author.parse)(flags)?)),
        _ => None,
    };
    Ok(CommandLine { action, author })
}

/// The command line whose first argument is `first`.
fn command(shown: Shown<'_>, first: &str) -> Command {
    let name = shown.name;
    // The derived command is called like this crate; the service's own name goes over it.
    let command = Raw::command().name(name.to_owned()).bin_name(name.to_owned());
    let about = "Answers requests; this is what the program does when no command is given";
    let is_named = command.find_subcommand(first).is_some();
    let mut command = serve(command, shown);
    if is_named {
        // These are the flags of a `serve` that nobody asks for; its variables are no business of the named command.
        command = command.mut_args(|arg| arg.env(Resettable::Reset));
    }
    command
        .version(concat!("on rest-standard ", env!("CARGO_PKG_VERSION")))
        .about(format!("The service {name}"))
        .long_about(None::<&str>)
        .mut_subcommand("serve", |command| serve(command, shown).about(about).long_about(None::<&str>))
        .mut_subcommand("routes", |command| environment(command, name))
        .mut_subcommand("check", |command| environment(command, name).after_help(lint_names()))
        .mut_subcommand("openapi", |command| environment(command, name))
        .mut_subcommand("backup", |command| on_database(command, shown))
        .mut_subcommand("migrate", |command| {
            let plan = |command: Command| on_database(command, shown);
            command.mut_subcommand("plan", plan).mut_subcommand("apply", plan)
        })
}

/// Completes a command about a database.
fn on_database(command: Command, shown: Shown<'_>) -> Command {
    let help = format!("Where the resources are kept: {} [default: {}]", address::DATABASES, shown.database);
    environment(command.mut_arg("database", |arg| arg.help(help)), shown.name)
}

fn lint_names() -> String {
    let lines = LINTS.iter().map(|lint| format!("\n  {}  {:22} {}", lint.code, lint.name, lint.title));
    format!("Lints:{}", lines.collect::<String>())
}

/// Completes a command that has the flags of `serve`.
fn serve(command: Command, shown: Shown<'_>) -> Command {
    let Shown { name, database, limits, author } = shown;
    let help = format!("Where the resources are kept: {} [default: {database}]", address::DATABASES);
    let defaults = [
        ("max_body", size_text(limits.body)),
        ("max_depth", limits.depth.to_string()),
        ("max_uri", size_text(limits.uri)),
        ("request_timeout", duration_text(limits.time)),
        ("body_timeout", duration_text(limits.body_time)),
        ("page_size", limits.page_default.to_string()),
        ("max_page_size", limits.page_max.to_string()),
        ("max_batch", limits.batch.to_string()),
        ("max_import", size_text(usize::try_from(limits.import).unwrap_or(usize::MAX))),
        ("export_timeout", duration_text(limits.export_time)),
    ];
    let mut command = command.mut_arg("database", |arg| arg.help(help));
    for (flag, default) in defaults {
        command = command.mut_arg(flag, |arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            arg.help(format!("{help} [default: {default}]"))
        });
    }
    if let Some(author) = author {
        command = (author.augment)(command.next_help_heading("Options of this service"));
    }
    environment(command, name)
}

/// Gives every flag that has none an environment variable: the service's name and the flag's, in upper snake case.
fn environment(command: Command, name: &str) -> Command {
    let prefix = name.replace('-', "_").to_uppercase();
    command.mut_args(|arg| match arg.get_long() {
        Some(long) if arg.get_env().is_none() && !matches!(long, "help" | "version") => {
            let variable = format!("{prefix}_{}", long.replace('-', "_").to_uppercase());
            arg.env(variable).hide_env_values(true)
        }
        _ => arg,
    })
}

/// The error of a value with the variable that it comes from, and without what may be a secret in it.
fn explained(mut error: clap::Error, command: &Command, line: &[OsString]) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        _ => String::new(),
    };
    let (arg, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    let flag = arg.split([' ', '=', '[']).next().unwrap_or_default();
    // Other programs' databases are named with user and password, and a collector may be.
    let shown = match (flag, value.split_once(':')) {
        ("--database" | "--from" | "--to", Some((scheme, _))) if scheme != "sqlite" => {
            Some(format!("{scheme}:[redacted]"))
        }
        ("--otlp-endpoint", _) => Some(address::shown_collector(&value)),
        _ => None,
    };
    if let Some(shown) = shown {
        error.insert(ContextKind::InvalidValue, ContextValue::String(shown));
    }
    let is_given =
        line.iter().filter_map(|given| given.to_str()).any(|given| given.split('=').next() == Some(flag));
    let variable = flag.strip_prefix("--").filter(|_| !is_given).and_then(|flag| variable(command, flag));
    if let (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(variable)) = (error.kind(), variable) {
        let tip = format!("the value comes from the variable {variable}").into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// The variable of a flag, of whatever command.
fn variable(command: &Command, flag: &str) -> Option<String> {
    let own = command.get_arguments().find(|arg| arg.get_long() == Some(flag)).and_then(Arg::get_env);
    let own = own.map(|variable| variable.to_string_lossy().into_owned());
    own.or_else(|| command.get_subcommands().find_map(|command| variable(command, flag)))
}
