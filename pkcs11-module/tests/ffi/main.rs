//! The C functions as a careless or hostile program calls them, on a machine without a reader: every pointer
//! NULL, every handle wrong, every state out of order. Nothing may crash, and each answer is the standard's.

#![allow(
    unsafe_code,
    reason = "the tests are the C program that calls the module"
)]

#[cfg(test)]
mod arguments;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod initialize;
#[cfg(test)]
mod interfaces;
#[cfg(test)]
mod library;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod loaded;
#[cfg(test)]
mod not_offered;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod privileged;
#[cfg(test)]
mod slots;
