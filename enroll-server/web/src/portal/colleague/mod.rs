//! Who works here, for administrators.

pub mod disable;
pub mod list;
pub mod new;
pub mod role;
pub mod second_factor;
pub mod show;
