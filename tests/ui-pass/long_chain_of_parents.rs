//! Five levels, with a singleton between and children of it.

pub mod one {
    #[rest_standard::resource(collection = "continents", id = Slug, example = "europe")]
    pub struct Continent {}

    pub mod two {
        #[rest_standard::resource(collection = "countries", parent = super::Continent, id = Slug)]
        pub struct Country {
            pub name: String,
        }

        #[rest_standard::resource(singleton = "government", parent = self::Country)]
        pub struct Government {
            pub since: Option<rest_standard::prelude::Date>,
        }
    }
}

#[rest_standard::resource(collection = "ministries", parent = crate::long_chain_of_parents::one::two::Government)]
pub struct Ministry {
    pub name: String,
}

#[rest_standard::resource(collection = "departments", parent = Ministry, id = Integer, example = 7)]
pub struct Department {
    pub name: String,
}

pub fn main() {
    use rest_standard::resource::Resource;
    let parent = Department::DESCRIPTOR.parent.expect("it has one")();
    assert_eq!((parent.name, Department::DESCRIPTOR.example_id), ("Ministry", Some("7")));
}
