#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tapcard_fuzz::c_api::hostile_card(data));
