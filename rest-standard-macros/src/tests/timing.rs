use std::time::{Duration, Instant};

use super::tokens;
use crate::expand::expand_resource;

pub(super) const ARGUMENTS: &str = "collection = \"devices\", parent = DeviceType, changes, rules";

pub(super) const ITEM: &str = "
        /// One installed device.
        pub struct Device {
            /// The name that people see.
            #[field(length = 1..=64, filter, order)]
            pub display_name: String,
            /// The account that installed it.
            #[field(filter)]
            pub owner: String,
            /// How loud it rings.
            #[field(range = 0..=10, default = 5, filter, order)]
            pub volume: i64,
            /// The number on its back.
            #[field(immutable, unique)]
            pub serial_number: String,
            /// Whether it is switched on.
            #[field(default = true)]
            pub enabled: bool,
            /// Free words.
            pub tags: Vec<String>,
            /// Where it stands.
            pub time_zone: Option<String>,
            /// Its country.
            pub region_code: Option<String>,
            /// What it speaks.
            pub language_code: Option<String>,
            /// When it was installed.
            pub installed_at: Option<Timestamp>,
        }";

/// The median time of `rounds` expansions of a resource with ten fields.
pub(crate) fn median(rounds: usize) -> Duration {
    let (arguments, item) = (tokens(ARGUMENTS), tokens(ITEM));
    let mut times: Vec<_> = (0..rounds)
        .map(|_| {
            let started = Instant::now();
            std::hint::black_box(expand_resource(arguments.clone(), item.clone()));
            started.elapsed()
        })
        .collect();
    times.sort();
    times[rounds / 2]
}

#[test]
fn ten_fields_expand_within_three_milliseconds() {
    let median = median(200);
    println!("#[resource] with ten fields: {} µs", median.as_micros());
    if !cfg!(debug_assertions) {
        assert!(median < Duration::from_millis(3), "{median:?}");
    }
}
