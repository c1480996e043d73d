#![no_main]

use shellsift_fuzz::code::structure::Language;

libfuzzer_sys::fuzz_target!(|data: &[u8]| shellsift_fuzz::lexer(data, Language::Php));
