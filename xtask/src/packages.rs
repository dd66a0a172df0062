//! Tools of other languages: what is installed below `target/`, from lock files, without scripts of the packages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use xtask::command::{Result, is_installed, root, target};

/// A folder below `target/` with copies of the project's files, so that nothing is installed beside the sources.
#[derive(Debug)]
pub(crate) struct Workbench {
    folder: PathBuf,
}

impl Workbench {
    /// The folder `name`, with the files of `from` in it.
    pub(crate) fn new(name: &str, from: &str) -> Result<Self> {
        let folder = target().join(name);
        let copy = || -> std::io::Result<()> {
            fs::create_dir_all(&folder)?;
            for entry in fs::read_dir(root().join(from))? {
                let entry = entry?;
                if entry.file_type()?.is_file() {
                    fs::copy(entry.path(), folder.join(entry.file_name()))?;
                }
            }
            Ok(())
        };
        copy().map_err(|reason| format!("{from} cannot be copied to {}: {reason}", folder.display()))?;
        Ok(Self { folder })
    }

    /// A file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A program of Python's packages.
    pub(crate) fn python(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join("venv").join(PROGRAMS).join(program));
        command.current_dir(&self.folder);
        command
    }

    /// A program of Node's packages.
    pub(crate) fn node(&self, script: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(script).current_dir(&self.folder);
        command
    }

    /// Installs `requirements.txt` into an environment of its own.
    pub(crate) fn install_python(&self) -> Result {
        let python = ["python3", "python"].into_iter().find(|name| is_installed(Command::new(name)));
        let python = python.ok_or("python3 is not installed")?;
        self.install("requirements.txt", "venv", |folder| {
            let mut environment = Command::new(python);
            environment.args(["-m", "venv", "venv"]).current_dir(folder);
            let mut packages = self.python("python");
            packages.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
            packages.args(["--requirement", "requirements.txt"]);
            vec![environment, packages]
        })
    }

    /// Installs `package-lock.json`.
    pub(crate) fn install_node(&self) -> Result {
        if !is_installed(Command::new("node")) {
            return Err("node is not installed".to_owned());
        }
        // On Windows npm is a script, which has to be named as one.
        let npm = ["npm", "npm.cmd"].into_iter().find(|name| is_installed(Command::new(name)));
        let npm = npm.ok_or("npm is not installed")?;
        self.install("package-lock.json", "node_modules", |folder| {
            let mut packages = Command::new(npm);
            packages.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
            vec![packages]
        })
    }

    /// Runs the commands unless what they make is there already, from the same lock file.
    fn install(&self, lock: &str, made: &str, commands: impl FnOnce(&Path) -> Vec<Command>) -> Result {
        let wanted =
            fs::read(self.path(lock)).map_err(|reason| format!("{lock} cannot be read: {reason}"))?;
        let installed = self.path(made).join("installed");
        if fs::read(&installed).is_ok_and(|found| found == wanted) {
            return Ok(());
        }
        let _ = fs::remove_dir_all(self.path(made));
        for mut command in commands(&self.folder) {
            let done = xtask::command::run(&mut command);
            done.map_err(|reason| format!("{reason}; does the registry of its packages answer?"))?;
        }
        fs::write(installed, wanted).map_err(|reason| format!("{made} cannot be written to: {reason}"))
    }
}

/// Where an environment of Python has its programs.
const PROGRAMS: &str = if cfg!(windows) { "Scripts" } else { "bin" };
