#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tapcard_fuzz::card::gids_card(data));
