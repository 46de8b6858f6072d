//! The vocabulary that all rooms share: closed families as plain data, and the options of every door.

pub mod option;
pub mod wording;

pub use wording::Door;
