// Generated from, with the options `collection = "devices", parent = DeviceType, changes, rules`:
//
// /// One installed device.
// pub struct Device {
//     /// The name that people see.
//     #[field(length = 1..=64, filter, order)]
//     pub display_name: String,
//     /// The account that installed it.
//     #[field(filter)]
//     pub owner: String,
//     /// How loud it rings.
//     #[field(range = 0..=10, default = 5, filter, order)]
//     pub volume: i64,
//     /// The number on its back.
//     #[field(immutable, unique)]
//     pub serial_number: String,
//     /// Whether it is switched on.
//     #[field(default = true)]
//     pub enabled: bool,
//     /// Free words.
//     pub tags: Vec<String>,
//     /// Where it stands.
//     pub time_zone: Option<String>,
//     /// Its country.
//     pub region_code: Option<String>,
//     /// What it speaks.
//     pub language_code: Option<String>,
//     /// When it was installed.
//     pub installed_at: Option<Timestamp>,
// }

/// One installed device.
pub struct Device {
    /// The name that people see.
    pub display_name: String,
    /// The account that installed it.
    pub owner: String,
    /// How loud it rings.
    pub volume: i64,
    /// The number on its back.
    pub serial_number: String,
    /// Whether it is switched on.
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
}
const _: () = {
    use ::rest_standard::__private::{self as __rs, NoCustomMethods as _, NoTarget as _};
    const __RS_0: __rs::Column<String> = __rs::field("displayName", "display_name")
        .length(1u64, 64u64)
        .filter()
        .order();
    const __RS_1: __rs::Column<String> = __rs::field("owner", "owner").filter();
    const __RS_2: __rs::Column<i64> = __rs::field("volume", "volume")
        .range(::core::option::Option::Some(0i64), ::core::option::Option::Some(10i64))
        .default(|| __RS_2.integer(5))
        .filter()
        .order();
    const __RS_3: __rs::Column<String> = __rs::field("serialNumber", "serial_number")
        .unique()
        .immutable();
    const __RS_4: __rs::Column<bool> = __rs::field("enabled", "enabled")
        .default(|| __RS_4.boolean(true));
    const __RS_5: __rs::Column<Vec<String>> = __rs::field("tags", "tags");
    const __RS_6: __rs::Column<Option<String>> = __rs::field("timeZone", "time_zone")
        .standard(__rs::Format::TimeZone);
    const __RS_7: __rs::Column<Option<String>> = __rs::field("regionCode", "region_code")
        .standard(__rs::Format::RegionCode);
    const __RS_8: __rs::Column<Option<String>> = __rs::field(
            "languageCode",
            "language_code",
        )
        .standard(__rs::Format::LanguageCode);
    const __RS_9: __rs::Column<Option<Timestamp>> = __rs::field(
        "installedAt",
        "installed_at",
    );
    #[automatically_derived]
    #[allow(deprecated, clippy::needless_update)]
    impl __rs::Resource for Device {
        type Parent = DeviceType;
        const DESCRIPTOR: &'static __rs::Descriptor = &__rs::Descriptor {
            name: "Device",
            segment: "devices",
            shape: __rs::Shape::Collection(__rs::IdKind::Uuid),
            parent: __rs::parent_of::<Self>(),
            doc: "One installed device.",
            example_id: ::core::option::Option::None,
            fields: &[
                __RS_0.documented("The name that people see."),
                __RS_1.documented("The account that installed it."),
                __RS_2.documented("How loud it rings."),
                __RS_3.documented("The number on its back."),
                __RS_4.documented("Whether it is switched on."),
                __RS_5.documented("Free words."),
                __RS_6.documented("Where it stands."),
                __RS_7.documented("Its country."),
                __RS_8.documented("What it speaks."),
                __RS_9.documented("When it was installed."),
            ],
            views: &[],
            methods: __rs::Methods::ALL,
            custom_methods: __rs::CustomMethodsOf::<Self>::LIST,
            rules: ::core::option::Option::Some(__rs::rules_of::<Self>()),
            changes: true,
            ..__rs::PLAIN
        };
        fn decode(mut __row: __rs::Row) -> __rs::Result<Self> {
            ::core::result::Result::Ok(Self {
                display_name: __RS_0.decode(&mut __row, 0)?,
                owner: __RS_1.decode(&mut __row, 1)?,
                volume: __RS_2.decode(&mut __row, 2)?,
                serial_number: __RS_3.decode(&mut __row, 3)?,
                enabled: __RS_4.decode(&mut __row, 4)?,
                tags: __RS_5.decode(&mut __row, 5)?,
                time_zone: __RS_6.decode(&mut __row, 6)?,
                region_code: __RS_7.decode(&mut __row, 7)?,
                language_code: __RS_8.decode(&mut __row, 8)?,
                installed_at: __RS_9.decode(&mut __row, 9)?,
            })
        }
        fn encode(&self) -> __rs::Row {
            __rs::row([
                __RS_0.encode(&self.display_name),
                __RS_1.encode(&self.owner),
                __RS_2.encode(&self.volume),
                __RS_3.encode(&self.serial_number),
                __RS_4.encode(&self.enabled),
                __RS_5.encode(&self.tags),
                __RS_6.encode(&self.time_zone),
                __RS_7.encode(&self.region_code),
                __RS_8.encode(&self.language_code),
                __RS_9.encode(&self.installed_at),
            ])
        }
    }
    impl __rs::DeclaresRules for Device {}
    const _: () = __rs::check_segment::<Device>("devices");
};
