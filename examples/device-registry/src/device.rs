//! Installed devices.

use rest_standard::prelude::*;

use crate::{DeviceState, DeviceType, Site, StateMachine};

/// One installed device.
#[resource(
    collection = "devices",
    parent = DeviceType,
    example = "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4",
    index(volume, display_name),
    view(name = "summary", fields(display_name, volume, owner)),
    across_parents,
    changes,
    rules,
    export,
    import
)]
#[derive(Debug)]
pub struct Device {
    /// The name that people read.
    #[field(length = 1..=64, example = "Front door alarm", filter, order, search)]
    pub display_name: String,
    /// Whom it belongs to.
    #[field(length = ..=120, example = "jaykmr", filter, order, search)]
    pub owner: String,
    /// How loud it is, from silent to deafening.
    #[field(range = 0..=10, default = 5, example = 7, filter, order)]
    pub volume: i64,
    /// The number on its label; no two devices have the same.
    #[field(length = ..=64, example = "HA-0001", immutable, unique, filter, order, search)]
    pub serial_number: String,
    /// Whether it takes part at all.
    #[field(default = true, filter, order)]
    pub enabled: bool,
    /// Words to find it by.
    #[field(length = ..=100, example = vec!["entrance".to_owned(), "ground floor".to_owned()], filter)]
    pub tags: Vec<String>,
    /// The time zone of its place, such as `Europe/Berlin`.
    #[field(length = ..=64, example = "Europe/Berlin", filter)]
    pub time_zone: Option<String>,
    /// The country of its place, such as `DE`.
    #[field(example = "DE", filter)]
    pub region_code: Option<String>,
    /// The language that it speaks, such as `de`.
    #[field(length = ..=35, example = "de", filter)]
    pub language_code: Option<String>,
    /// Where it is installed.
    #[field(references = Site, example = "harbour-street", filter)]
    pub site: Option<String>,
}

impl Rules for Device {
    /// A new device is in its type's initial mode; the state is written in the same commit.
    async fn on_create(&mut self, cx: &mut Context<Self>) -> Result<()> {
        let device_type = cx.parent::<DeviceType>();
        let machine = cx.read(&device_type.singleton::<StateMachine>()).await?;
        cx.put(&cx.singleton::<DeviceState>(), &DeviceState { mode: machine.initial }).await
    }
}
