//! How far the import is: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::atomic::{AtomicUsize, Ordering},
};

use indicatif::{ProgressBar, ProgressStyle};

/// How many lines there are where no bar can be shown.
const LINES: usize = 10;

/// Shows how many of all entries have their answer.
#[derive(Debug)]
pub(crate) enum Progress {
    Bar(ProgressBar),
    Lines { done: AtomicUsize, total: usize },
}

impl Progress {
    /// Nothing done of `total`, shown on standard error.
    pub(crate) fn new(total: usize) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines { done: AtomicUsize::new(0), total };
        }
        let bar = ProgressBar::new(total as u64);
        let template = "{bar:40} {human_pos} of {human_len}, {per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    /// So many more entries have their answer.
    pub(crate) fn advance(&self, entries: usize) {
        match self {
            Self::Bar(bar) => bar.inc(entries as u64),
            Self::Lines { done, total } => {
                let before = done.fetch_add(entries, Ordering::Relaxed);
                let (done, step) = (before + entries, total.div_ceil(LINES));
                if done / step > before / step || done == *total {
                    // Nobody may be reading; the import goes on.
                    let _ = writeln!(std::io::stderr(), "{done} of {total}");
                }
            }
        }
    }

    /// Takes the bar off the terminal.
    pub(crate) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
