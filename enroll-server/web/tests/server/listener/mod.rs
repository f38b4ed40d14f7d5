//! The listeners over real sockets: every phase of a connection has its deadline, addresses have their caps, and the
//! end of the server waits for nobody who has nothing under way.

mod answers;
mod caps;
mod client;
mod client_certificate;
mod fixture;
mod memory;
mod phases;
mod proxy;
mod stop;
