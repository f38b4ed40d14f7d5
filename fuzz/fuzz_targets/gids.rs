#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tapcard_fuzz::targets::gids_card_edge(data));
