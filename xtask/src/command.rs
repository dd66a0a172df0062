//! Running programs: which cargo, from which folder, and what is kept of what they print.

use std::{
    env,
    ffi::OsStr,
    io::{self, BufRead, BufReader, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

/// What a task ends with; the text is for the person who called it.
pub type Result<T = ()> = std::result::Result<T, String>;

/// The workspace's folder.
#[must_use]
pub fn root() -> PathBuf {
    let own =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    own.parent().map_or_else(|| own.clone(), Path::to_path_buf)
}

/// The folder that cargo builds into.
#[must_use]
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |given| root().join(given))
}

/// A call of the cargo that runs this task, in the workspace's folder.
pub fn cargo<I: IntoIterator<Item: AsRef<OsStr>>>(args: I) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// Whether `program` can be called; all programs asked for understand `--version`.
#[must_use]
pub fn is_installed(mut program: Command) -> bool {
    program
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a program with this one's input and output.
///
/// # Errors
///
/// When it cannot be started or fails.
pub fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|reason| not_started(command, &reason))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}", line(command))) }
}

/// Runs a program, shows what it prints, and puts the lines that `keep` chooses into `kept`.
///
/// # Errors
///
/// When it cannot be started or fails.
pub fn run_and_keep(command: &mut Command, keep: fn(&str) -> bool, kept: &mut Vec<String>) -> Result {
    if io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|reason| not_started(command, &reason))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let errors =
        thread::spawn(move || stderr.map_or_else(Vec::new, |stderr| show(stderr, &mut io::stderr(), keep)));
    kept.extend(stdout.map_or_else(Vec::new, |stdout| show(stdout, &mut io::stdout(), keep)));
    kept.extend(errors.join().unwrap_or_default());
    let status = child.wait().map_err(|reason| not_started(command, &reason))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}", line(command))) }
}

/// Runs a program beside others; gives what it printed, once it has ended, and what became of it.
pub fn run_quietly(mut command: Command) -> (String, Result) {
    // One pipe for both streams, so that lines stay in their order.
    let output = io::pipe().and_then(|(reader, writer)| {
        let child = command.stdout(writer.try_clone()?).stderr(writer).spawn();
        let line = line(&command);
        // The command holds ends of the pipe, which would stay open.
        drop(command);
        Ok((reader, child?, line))
    });
    let (mut reader, mut child, line) = match output {
        Ok(started) => started,
        Err(reason) => return (String::new(), Err(format!("a program could not be run: {reason}"))),
    };
    let mut printed = Vec::new();
    let _ = reader.read_to_end(&mut printed);
    let outcome = match child.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed: {status}")),
        Err(reason) => Err(format!("`{line}` could not be run: {reason}")),
    };
    (String::from_utf8_lossy(&printed).into_owned(), outcome)
}

/// The command as a person would type it.
#[must_use]
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_else(|| command.get_program());
    let set = command.get_envs().filter_map(|(name, value)| {
        let value = value?.to_string_lossy();
        Some(if value.contains(' ') {
            format!("{}='{value}'", name.to_string_lossy())
        } else {
            format!("{}={value}", name.to_string_lossy())
        })
    });
    set.chain([program.to_string_lossy().into_owned()])
        .chain(command.get_args().map(|arg| arg.to_string_lossy().into_owned()))
        .collect::<Vec<_>>()
        .join(" ")
}

fn not_started(command: &Command, reason: &io::Error) -> String {
    format!("`{}` could not be run: {reason}", line(command))
}

fn show(from: impl Read, to: &mut impl Write, keep: fn(&str) -> bool) -> Vec<String> {
    let mut kept = Vec::new();
    let mut from = BufReader::new(from);
    let mut bytes = Vec::new();
    while from.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
        // A closed terminal must not end the program that writes to it.
        let _ = to.write_all(&bytes).and_then(|()| to.flush());
        let text = String::from_utf8_lossy(&bytes);
        if keep(&text) {
            kept.push(text.trim().to_owned());
        }
        bytes.clear();
    }
    kept
}
