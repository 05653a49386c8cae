//! Every kernel that computes with registers against its plain twin, for numbers of all sorts and of any number.

mod activations;
mod layers;
mod losses;
mod numbers;
mod tape;
