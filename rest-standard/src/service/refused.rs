//! Why the items of a batch are refused: one error that names every one of them.

use std::time::Duration;

use crate::error::{Error, Fault, Locator, Reason, Result};

/// Collects the faults of the items.
#[derive(Debug, Default)]
pub(super) struct Refused {
    faults: Vec<Fault>,
    /// How many items are refused.
    items: usize,
    /// The sentence of an author's for the only item that is refused.
    sentence: Option<String>,
    retry_after: Option<Duration>,
}

impl Refused {
    /// Adds the fault of one item.
    pub(super) fn fault(&mut self, fault: Fault) {
        self.items += 1;
        self.faults.push(fault);
    }

    /// Keeps what an item did, or why it is refused. `item` is the item's place and `body` that of the resource's members.
    ///
    /// # Errors
    ///
    /// A fault of the service, which says nothing about the item.
    pub(super) fn sort<T>(&mut self, outcome: Result<T>, item: &str, body: &str) -> Result<Option<T>> {
        let error = match outcome {
            Ok(done) => return Ok(Some(done)),
            Err(error) if error.reason().status() >= 500 => return Err(error),
            Err(error) => error,
        };
        let before = self.faults.len();
        let mut is_placed = false;
        for fault in error.faults() {
            let mut fault = fault.clone();
            if let Locator::Pointer(pointer) = &fault.locator {
                is_placed = true;
                // The id of an item stands beside its patch.
                let at = if pointer == "/id" { item } else { body };
                fault = Fault::pointer(fault.reason, format!("{at}{pointer}"), fault.detail);
            }
            self.faults.push(fault);
        }
        if !is_placed {
            let sentence = error.description().trim_end_matches('.');
            self.faults
                .insert(before, Fault::pointer(error.reason(), item, format!("is refused: {sentence}")));
        }
        // The error's own reason is what answers, whatever its faults are called.
        for fault in &mut self.faults[before..] {
            fault.reason = error.reason();
        }
        self.items += 1;
        self.sentence = Some(error.description().to_owned()).filter(|_| !error.is_told_by_faults());
        self.retry_after = self.retry_after.max(error.retry_after());
        Ok(None)
    }

    /// The refusal of the whole batch, where an item is refused: the kind that the book's chapter of errors puts first
    /// answers.
    pub(super) fn finish(self) -> Result<()> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let Self { faults, items, sentence, retry_after } = self;
        let reason = faults.iter().map(|fault| fault.reason).min_by_key(|reason| rank(*reason));
        let mut error = Error::from_faults(faults);
        if let Some(reason) = reason {
            error = error.with_reason(reason);
        }
        if let Some(sentence) = sentence.filter(|_| items == 1) {
            error = error.with_description(sentence);
        }
        Err(match retry_after {
            Some(delay) => error.with_retry_after(delay),
            None => error,
        })
    }
}

/// Which kind of refusal comes before another one.
fn rank(reason: Reason) -> u8 {
    match reason.status() {
        401 | 403 => 0,
        400 => 1,
        404 => 2,
        412 | 428 => 3,
        409 => 5,
        _ => 4,
    }
}
