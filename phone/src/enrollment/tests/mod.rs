mod check_in;
mod fixture;
mod malicious;
mod own_part;
mod scripted_server;
mod with_server;
