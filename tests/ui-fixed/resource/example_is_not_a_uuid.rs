use rest_standard::prelude::*;

#[resource(collection = "devices", example = "cbb96ec2-edae-47c4-87e9-86eb8b9c5ce4")]
pub struct Device {
    pub owner: String,
}

fn main() {}
