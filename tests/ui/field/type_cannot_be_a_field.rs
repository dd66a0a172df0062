use rest_standard::prelude::*;

#[resource(collection = "devices")]
pub struct Device {
    pub stream: std::net::TcpStream,
}

fn main() {}
