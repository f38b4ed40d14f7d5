#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tapcard_fuzz::targets::secure_messaging(data));
