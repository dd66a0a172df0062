//! The short form: a few seconds of each fault, and each planted bug found by the checker.

use std::process::{Command, Output};

/// Runs the program as `cargo xtask torture` does, for some seconds.
fn torture(on: &str, seconds: u32, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_torture"))
        .args(["run", "--on", on, "--clients", "8", "--seconds", &seconds.to_string()])
        .args(more)
        .output()
        .expect("the program starts")
}

fn shown(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn assert_keeps(output: &Output) {
    assert!(output.status.success(), "{}", shown(output));
}

/// Asserts that runs with a bug end because of these invariants. What a short run meets is a matter of chance, so that up to
/// three may find them together.
#[track_caller]
fn assert_violates(bug: &str, invariants: &[&str]) {
    let mut found = String::new();
    let is_missed = |found: &str, invariant: &&&str| !found.contains(&format!("VIOLATED {invariant}: "));
    for _ in 0..3 {
        let output = torture("sqlite", 2, &["--plant", bug]);
        let text = shown(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        found.push_str(&text);
        if !invariants.iter().any(|invariant| is_missed(&found, &invariant)) {
            return;
        }
    }
    let missed: Vec<_> = invariants.iter().filter(|invariant| is_missed(&found, invariant)).collect();
    panic!("{bug} was not found by {missed:?}: {found}");
}

#[test]
fn sqlite_keeps_its_promises() {
    assert_keeps(&torture("sqlite", 5, &[]));
}

#[test]
fn replicas_on_postgres_with_a_standby_keep_their_promises() {
    assert_keeps(&torture("postgres", 6, &[]));
}

#[test]
fn a_lost_commit_is_found_and_a_number_that_two_clients_count_to() {
    assert_violates("lose-commits", &["acknowledged", "counted", "answer"]);
}

#[test]
fn a_write_that_happens_twice_is_found_and_an_answer_that_is_not_repeated() {
    assert_violates("forget-requests", &["once", "replay"]);
}

#[test]
fn half_a_transfer_is_found() {
    assert_violates("half-batches", &["total"]);
}

#[test]
fn a_revision_that_is_not_compared_is_found() {
    assert_violates("ignore-revisions", &["total"]);
}

#[test]
fn a_read_that_goes_back_is_found() {
    assert_violates("stale-reads", &["recency"]);
}

#[test]
fn a_row_that_a_page_leaves_out_is_found() {
    assert_violates("skip-rows", &["walk"]);
}

#[test]
fn a_change_that_is_not_recorded_is_found() {
    assert_violates("lose-changes", &["changes"]);
}
