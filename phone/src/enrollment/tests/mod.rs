mod check_in;
mod fixture;
mod malicious;
mod own_part;
mod scripted_server;
mod unblock;
mod with_server;
