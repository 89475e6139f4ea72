//! Progress and messages on stderr: a bar per stage on a terminal, plain lines otherwise, or
//! JSON lines.

use super::args::{Colour, Global, LogFormat};
use super::{EXIT_INTERRUPTED, EXIT_NO_RESULT, interrupt};
use crate::pipeline::{Reporter, Stage};
use crate::problem::{Kind, Problem};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The stderr of the program.
pub(crate) struct Console {
    quiet: bool,
    verbose: bool,
    json: bool,
    colour: bool,
    terminal: bool,
    current: Mutex<Option<Current>>,
    interrupted: Arc<AtomicBool>,
    /// Whether the user was told that it was heard.
    heard: AtomicBool,
}

struct Current {
    flight: String,
    stage: Stage,
    bar: ProgressBar,
}

impl Console {
    /// A console as the global options ask for it.
    pub(crate) fn new(global: &Global) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let colour = match global.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none(),
        };
        Self {
            quiet: global.quiet,
            verbose: global.verbose > 0,
            json: global.log_format == LogFormat::Json,
            colour,
            terminal,
            current: Mutex::new(None),
            interrupted: Arc::default(),
            heard: AtomicBool::new(false),
        }
    }

    /// From now on Ctrl-C asks the command to end; it must ask [`Reporter::go_on`] for that.
    pub(crate) fn listen(&self) {
        if let Err(error) = interrupt::listen(&self.interrupted) {
            let what = format!("Ctrl-C will end the program at once ({error})");
            self.warning(&Problem::io(what));
        }
    }

    /// Says why a command has no result, or that it was asked to end and how to go on. Out: the exit
    /// code.
    pub(crate) fn failed(&self, problems: &[Problem], go_on: &str) -> u8 {
        let current = self.current.lock();
        let current = current
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        if let Some(current) = current {
            current.bar.finish_and_clear();
        }
        if problems.iter().any(|p| p.kind == Kind::Interrupted) {
            self.note(&format!("interrupted; what was finished is kept; {go_on}"));
            return EXIT_INTERRUPTED;
        }
        for problem in problems {
            self.error(problem);
        }
        EXIT_NO_RESULT
    }

    /// A problem that ends the command.
    pub(crate) fn error(&self, problem: &Problem) {
        self.problem("error", "31", None, problem);
    }

    /// A problem the command survives.
    pub(crate) fn warning(&self, problem: &Problem) {
        self.problem("warning", "33", None, problem);
    }

    /// A line for people; silent with `--quiet`.
    pub(crate) fn note(&self, message: &str) {
        if self.quiet {
            return;
        }
        if self.json {
            self.line(&serde_json::json!({ "level": "info", "message": message }).to_string());
        } else {
            self.line(message);
        }
    }

    /// A line of result on stdout. A closed pipe ends the output silently.
    pub(crate) fn print(&self, line: &str) {
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{line}");
    }

    fn problem(&self, level: &str, code: &str, stage: Option<Stage>, problem: &Problem) {
        if self.json {
            let record = serde_json::json!({
                "level": level,
                "stage": stage.map(Stage::word),
                "item": problem.file,
                "field": problem.field,
                "message": problem.what,
                "hint": problem.hint,
            });
            self.line(&record.to_string());
        } else if self.colour {
            self.line(&format!("\x1b[1;{code}m{level}:\x1b[0m {problem}"));
        } else {
            self.line(&format!("{level}: {problem}"));
        }
    }

    fn line(&self, text: &str) {
        let current = self
            .current
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let write = || {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "{text}");
        };
        match current.as_ref() {
            Some(current) => current.bar.suspend(write),
            None => write(),
        }
    }
}

impl Reporter for Console {
    fn begin(&self, flight: &str, stage: Stage, total: usize) {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        if self.quiet || self.json || !self.terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        } else if let Ok(style) =
            ProgressStyle::with_template("{msg:28} {bar:30} {pos}/{len} {elapsed} (eta {eta})")
        {
            bar.set_style(style);
            bar.set_message(format!("{flight} {}", stage.word()));
        }
        let mut current = self
            .current
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *current = Some(Current {
            flight: flight.to_owned(),
            stage,
            bar,
        });
    }

    fn advance(&self, count: usize) {
        let current = self
            .current
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(current) = current.as_ref() {
            current.bar.inc(count as u64);
        }
    }

    fn end(&self, summary: &str) {
        let finished = {
            let mut current = self
                .current
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            current.take()
        };
        let Some(finished) = finished else { return };
        finished.bar.finish_and_clear();
        if self.quiet {
            return;
        }
        if self.json {
            let record = serde_json::json!({
                "level": "info", "stage": finished.stage.word(), "item": finished.flight, "message": summary,
            });
            self.line(&record.to_string());
        } else {
            self.line(&format!(
                "{} {:9} {summary}",
                finished.flight,
                finished.stage.word()
            ));
        }
    }

    fn skip(&self, stage: Stage, problem: &Problem) {
        self.problem("skipped", "33", Some(stage), problem);
    }

    fn warn(&self, stage: Stage, problem: &Problem) {
        if !self.quiet || self.verbose {
            self.problem("warning", "33", Some(stage), problem);
        }
    }

    fn interrupted(&self) -> bool {
        let asked = self.interrupted.load(Ordering::Relaxed);
        if asked && !self.heard.swap(true, Ordering::Relaxed) {
            self.note("ending after the work in hand; Ctrl-C again ends at once");
        }
        asked
    }
}
