use crate::code::Code;

#[test]
fn codes_are_counted_up_and_explained() {
    for (index, code) in Code::ALL.iter().enumerate() {
        assert_eq!(code.text(), format!("RS{:03}", index + 1), "codes are appended, never reused");
        assert!(!code.title().ends_with('.') && code.reason().ends_with('.'), "{}", code.text());
    }
}
