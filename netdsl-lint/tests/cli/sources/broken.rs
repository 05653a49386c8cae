network! {
    pub struct Misspelt {
        input: [4],
        Dens(3, activation = Tahn),
        loss: MeanSquaredEror,
    }
}

network! { garbage }
