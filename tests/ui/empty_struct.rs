use netdsl::prelude::*;

network! {
    pub struct Net {}
}

fn main() {
    let _ = Net::new(0);
}
