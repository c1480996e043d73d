#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| shellsift_fuzz::results(data));
