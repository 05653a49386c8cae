//! What is found of networks, and what is said of it.

mod blame;
mod checked;
mod zeros;
