//! The input that fuzzing found worth keeping, in each run of the tests; `fuzz` looks for more.

use std::{fs, path::PathBuf};

use rest_standard_tests::fuzz::{TARGETS, World};

/// The most that is kept, in bytes.
const MOST: u64 = 300_000;

fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fuzz/kept")
}

#[test]
fn r104_kept_input_of_every_target_is_answered_without_a_5xx_and_the_same_by_every_store() {
    let world = World::start(true);
    let mut size = 0;
    for (name, target) in TARGETS {
        let mut files: Vec<_> = fs::read_dir(kept().join(name))
            .expect("each target has a folder")
            .map(|entry| entry.expect("it can be listed").path())
            .collect();
        assert!(!files.is_empty(), "nothing is kept for `{name}`");
        files.sort();
        for file in files {
            let data = fs::read(&file).expect("it can be read");
            size += data.len() as u64;
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| target(&world, &data)));
            assert!(outcome.is_ok(), "{}: {:?}", file.display(), String::from_utf8_lossy(&data));
        }
    }
    assert!(size <= MOST, "{size} bytes are kept; `cargo fuzz cmin` leaves what reaches nothing new out");
}
