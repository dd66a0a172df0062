//! What an empty registry begins with, so that there is something to look at.

use std::collections::BTreeMap;

use rest_standard::{clap, prelude::*};
use uuid::uuid;

use crate::{
    Attribute, AttributeKind, Device, DeviceCategory, DeviceState, DeviceType, Mode, Site, StateMachine,
    Transition,
};

/// What the registry does when its database is empty.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SampleOptions {
    /// Leaves an empty database empty
    #[arg(long)]
    pub no_sample_data: bool,
}

/// The device that the documentation speaks of.
const FIRST_DEVICE: Uuid = uuid!("cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4");
/// The ids of the other devices are made from this one and their serial numbers.
const DEVICE_IDS: Uuid = uuid!("5ff4ea4e-4f23-4d0c-9a3c-5b7a6c0f4b0e");

/// A device type with its number of devices.
struct Sample {
    slug: &'static str,
    display_name: &'static str,
    manufacturer: Option<&'static str>,
    category: DeviceCategory,
    devices: usize,
}

const SAMPLES: &[Sample] = &[
    Sample {
        slug: "house-alarm",
        display_name: "House alarm",
        manufacturer: Some("Sirens & Sons"),
        category: DeviceCategory::Alarm,
        devices: 119,
    },
    Sample {
        slug: "door-lock",
        display_name: "Door lock",
        manufacturer: Some("Bolt Works"),
        category: DeviceCategory::Lock,
        devices: 60,
    },
    Sample {
        slug: "garden-camera",
        display_name: "Garden camera",
        manufacturer: Some("Sirens & Sons"),
        category: DeviceCategory::Camera,
        devices: 24,
    },
    Sample {
        slug: "smoke-detector",
        display_name: "Smoke detector",
        manufacturer: None,
        category: DeviceCategory::Sensor,
        devices: 12,
    },
    Sample {
        slug: "weather-vane",
        display_name: "Weather vane",
        manufacturer: None,
        category: DeviceCategory::Other,
        devices: 0,
    },
];

/// A place for devices.
struct SampleSite {
    slug: &'static str,
    display_name: &'static str,
    time_zone: &'static str,
    region_code: &'static str,
    language_code: &'static str,
    floors: &'static str,
}

const SITES: &[SampleSite] = &[
    SampleSite {
        slug: "harbour-street",
        display_name: "Harbour Street 12",
        time_zone: "Europe/Berlin",
        region_code: "DE",
        language_code: "de",
        floors: "4",
    },
    SampleSite {
        slug: "orchard-lane",
        display_name: "Orchard Lane 3",
        time_zone: "Europe/Dublin",
        region_code: "IE",
        language_code: "en-IE",
        floors: "2",
    },
    SampleSite {
        slug: "praca-velha",
        display_name: "Praça Velha 7",
        time_zone: "Europe/Lisbon",
        region_code: "PT",
        language_code: "pt-PT",
        floors: "3",
    },
];

const OWNERS: &[&str] = &["amira", "jaykmr", "lotte", "mateo", "yuki"];
const ROOMS: &[&str] =
    &["attic", "cellar", "garage", "hall", "kitchen", "nursery", "porch", "stairs", "study"];

/// Fills an empty registry, unless the command line says otherwise.
pub(crate) async fn fill(mut cx: Context<Root>) -> Result<()> {
    if cx.state::<SampleOptions>().no_sample_data {
        return Ok(());
    }
    for site in SITES {
        self::site(&mut cx, site).await?;
    }
    for sample in SAMPLES {
        device_type(&mut cx, sample).await?;
    }
    attributes(&mut cx).await?;
    // A smoke detector that is off would be of no use, so its first mode is another than everywhere else.
    let machine = StateMachine {
        initial: Mode::On,
        transitions: vec![
            Transition { from: Mode::On, to: Mode::Ring, verb: "ring".to_owned() },
            Transition { from: Mode::Ring, to: Mode::On, verb: "silence".to_owned() },
        ],
    };
    cx.put(&cx.key(["smoke-detector".into()]), &machine).await?;
    first_device(&mut cx).await?;
    for sample in SAMPLES {
        for number in 1..=sample.devices {
            device(&mut cx, sample, number).await?;
        }
    }
    Ok(())
}

async fn site(cx: &mut Context<Root>, sample: &SampleSite) -> Result<()> {
    let site = Site {
        display_name: sample.display_name.to_owned(),
        time_zone: Some(sample.time_zone.to_owned()),
        region_code: Some(sample.region_code.to_owned()),
        language_code: Some(sample.language_code.to_owned()),
        labels: BTreeMap::from([("floors".to_owned(), sample.floors.to_owned())]),
    };
    cx.put(&cx.key([sample.slug.into()]), &site).await
}

async fn device_type(cx: &mut Context<Root>, sample: &Sample) -> Result<()> {
    let device_type = DeviceType {
        display_name: sample.display_name.to_owned(),
        manufacturer: sample.manufacturer.map(str::to_owned),
        category: sample.category,
    };
    cx.put(&cx.key([sample.slug.into()]), &device_type).await
}

async fn attributes(cx: &mut Context<Root>) -> Result<()> {
    let attributes = [
        ("house-alarm", "loudness", "Loudness", AttributeKind::Number, Some("dB"), true),
        ("house-alarm", "battery", "Runs on a battery", AttributeKind::Flag, None, false),
        ("garden-camera", "resolution", "Resolution", AttributeKind::Number, Some("megapixel"), true),
        ("door-lock", "key-shape", "Shape of the key", AttributeKind::Text, None, false),
    ];
    for (device_type, slug, display_name, kind, unit, is_required) in attributes {
        let attribute = Attribute {
            display_name: display_name.to_owned(),
            kind,
            unit: unit.map(str::to_owned),
            is_required,
        };
        cx.put(&cx.key([device_type.into(), slug.into()]), &attribute).await?;
    }
    Ok(())
}

async fn first_device(cx: &mut Context<Root>) -> Result<()> {
    let device = Device {
        display_name: "Front door alarm".to_owned(),
        owner: "jaykmr".to_owned(),
        volume: 5,
        serial_number: "HA-0000".to_owned(),
        enabled: true,
        tags: vec!["front".to_owned(), "ground floor".to_owned()],
        time_zone: Some("Europe/Berlin".to_owned()),
        region_code: Some("DE".to_owned()),
        language_code: Some("de".to_owned()),
        site: Some("harbour-street".to_owned()),
    };
    cx.put(&cx.key(["house-alarm".into(), FIRST_DEVICE.into()]), &device).await
}

async fn device(cx: &mut Context<Root>, sample: &Sample, number: usize) -> Result<()> {
    let initials: String = sample.slug.split('-').filter_map(|word| word.chars().next()).collect();
    let serial_number = format!("{}-{number:04}", initials.to_uppercase());
    let room = ROOMS[number % ROOMS.len()];
    let device = Device {
        display_name: format!("{} {number}, {room}", sample.display_name),
        owner: OWNERS[number % OWNERS.len()].to_owned(),
        volume: i64::try_from(number % 11)?,
        serial_number: serial_number.clone(),
        enabled: !number.is_multiple_of(7),
        tags: vec![room.to_owned()],
        time_zone: None,
        region_code: None,
        language_code: None,
        // Every fourth is on stock, at no site.
        site: SITES.get(number % (SITES.len() + 1)).map(|site| site.slug.to_owned()),
    };
    let id = Uuid::new_v5(&DEVICE_IDS, serial_number.as_bytes());
    let ids = [Id::from(sample.slug), Id::from(id)];
    cx.put(&cx.key(ids.clone()), &device).await?;
    // Every third device has been switched on since it was installed.
    if number.is_multiple_of(3) {
        cx.put(&cx.key(ids), &DeviceState { mode: Mode::On }).await?;
    }
    Ok(())
}
