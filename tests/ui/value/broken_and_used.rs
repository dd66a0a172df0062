use rest_standard::prelude::*;

#[resource_value]
pub struct Place {
    #[field(filter)]
    pub latitude: f64,
    pub longitude: f64,
}

#[resource(collection = "devices")]
pub struct Device {
    #[field(default = Place { latitude: 0.0, longitude: 0.0 })]
    pub place: Place,
    pub others: Vec<Place>,
}

#[custom_methods]
impl Device {
    #[custom_method]
    async fn move_to(&mut self, to: Place, _cx: &mut Context<Self>) -> Result<Place> {
        self.place = to;
        Err(Error::not_found("nowhere"))
    }
}

fn main() {}
