//! Two things with one name in the document keep the service from starting.

use rest_standard::{
    command::{Resources, Service},
    testing::TestService,
};

/// What the service says when it does not start.
async fn refusal(declare: impl FnOnce(Resources) -> Resources + Send + 'static) -> String {
    let service = Service::new("clashes").version("v1", declare);
    let panic = tokio::spawn(TestService::memory(service)).await.expect_err("the service does not start");
    let panic = panic.into_panic();
    panic.downcast_ref::<String>().expect("a panic has a message").clone()
}

mod home {
    use rest_standard::prelude::*;

    /// Where somebody lives.
    #[resource_value]
    pub(super) struct Address {
        /// The street.
        pub(super) street: String,
    }

    /// Somebody.
    #[resource(collection = "people")]
    pub(super) struct Person {
        /// Where they live.
        pub(super) home: Option<Address>,
    }
}

mod network {
    use rest_standard::prelude::*;

    /// Where a machine is reached.
    #[resource_value]
    pub(super) struct Address {
        /// The host.
        pub(super) host: String,
    }

    /// A machine.
    #[resource(collection = "machines")]
    pub(super) struct Machine {
        /// Where it is reached.
        pub(super) address: Option<Address>,
    }
}

mod derived {
    use rest_standard::prelude::*;

    /// A part.
    #[resource(collection = "parts")]
    pub(super) struct Part {
        /// The name.
        pub(super) display_name: String,
    }

    /// A patch on a part.
    #[resource(collection = "part-patches")]
    pub(super) struct PartPatch {
        /// The name.
        pub(super) display_name: String,
    }
}

#[tokio::test]
async fn two_structs_of_one_name_are_refused_with_both() {
    let told = refusal(|api| api.resource::<home::Person>().resource::<network::Machine>()).await;
    assert!(
        told.contains(
            "two schemas are called `Address`: the value `Address` (street), and the value `Address` (host)"
        ),
        "{told}"
    );
}

#[tokio::test]
async fn a_type_that_is_called_like_the_patch_of_another_is_refused_with_both() {
    let told = refusal(|api| api.resource::<derived::Part>().resource::<derived::PartPatch>()).await;
    assert!(
        told.contains("two schemas are called `PartPatch`: ")
            && told.contains("the merge patch of `Part`")
            && told.contains("the resource `PartPatch`"),
        "{told}"
    );
}

#[tokio::test]
async fn one_struct_in_two_places_is_one_schema() {
    mod shared {
        use rest_standard::prelude::*;

        /// The other user of the same struct.
        #[resource(collection = "visitors")]
        pub(super) struct Visitor {
            /// Where they come from.
            pub(super) from: Option<super::home::Address>,
        }
    }
    let service = Service::new("shared")
        .version("v1", |api| api.resource::<home::Person>().resource::<shared::Visitor>());
    let client = TestService::memory(service).await.client();
    let document = client.get("/api/v1/openapi.json").await.assert_status(200).body;
    let schemas = document["components"]["schemas"].as_object().expect("there are schemas");
    assert!(schemas.contains_key("Address") && schemas.contains_key("AddressInput"), "{:?}", schemas.keys());
}
