use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub streams: Vec<std::net::TcpStream>,
}

fn main() {}
