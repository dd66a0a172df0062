//! The lamps in two releases, as a rolling upgrade meets them. `lamps-before` and `lamps-after` are their programs.

/// The release before.
pub mod before {
    use rest_standard::prelude::*;

    /// Whether a lamp shines.
    #[resource_enum]
    pub enum Mode {
        /// It does not.
        Off = 0,
        /// It does.
        On = 1,
    }

    /// A lamp.
    #[resource(collection = "lamps", id = Slug, changes, upsert)]
    #[derive(Debug)]
    pub struct Lamp {
        /// What people call it.
        #[field(order)]
        pub name: String,
        /// Whether it shines.
        pub mode: Mode,
        /// How often it was switched.
        #[field(default = 0)]
        pub turns: i32,
    }

    /// The service.
    pub fn service() -> Service {
        Service::new("lamps").version("v1", |api| api.resource::<Lamp>())
    }
}

/// The release after: more fields, a variant more, a collection more, a field searched and one without index.
pub mod after {
    use rest_standard::prelude::*;

    /// Whether a lamp shines.
    #[resource_enum]
    pub enum Mode {
        /// It does not.
        Off = 0,
        /// It does.
        On = 1,
        /// A little.
        Dimmed = 2,
    }

    /// A lamp.
    #[resource(collection = "lamps", id = Slug, changes, upsert)]
    #[derive(Debug)]
    pub struct Lamp {
        /// What people call it.
        #[field(search, filter)]
        pub name: String,
        /// Whether it shines.
        pub mode: Mode,
        /// How often it was switched.
        #[field(default = 0)]
        pub turns: i32,
        /// What is to be known of it.
        pub note: Option<String>,
        /// Its light.
        #[field(default = "white", filter)]
        pub color: String,
        /// What it is for.
        pub tags: Vec<String>,
    }

    /// What switches a lamp.
    #[resource(collection = "switches", parent = Lamp)]
    #[derive(Debug)]
    pub struct Switch {
        /// Where it is.
        pub place: String,
        /// The other lamp that it switches.
        #[field(references = Lamp)]
        pub other: Option<String>,
    }

    /// The service.
    pub fn service() -> Service {
        Service::new("lamps").version("v1", |api| api.resource::<Lamp>().resource::<Switch>())
    }
}
