#![no_main]

rest_standard_fuzz::target!("order");
