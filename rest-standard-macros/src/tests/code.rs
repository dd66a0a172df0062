use crate::code::Code;

#[test]
fn codes_are_counted_up_and_explained() {
    let is_code = |text: &str| text.len() == 5 && text[2..].bytes().all(|byte| byte.is_ascii_digit());
    for (earlier, code) in [None].into_iter().chain(Code::ALL.iter().map(Some)).zip(Code::ALL) {
        let earlier = earlier.map_or("RS000", |code| code.text());
        assert!(
            earlier < code.text() && is_code(code.text()),
            "{}: codes are appended, never reused",
            code.text()
        );
        assert!(!code.title().ends_with('.') && code.reason().ends_with('.'), "{}", code.text());
    }
}
