//! Texts in constants, where `format!` and `==` do not work.

/// A text put together in a constant, where `format!` does not work.
pub(super) struct Text {
    bytes: [u8; 512],
    length: usize,
}

impl Text {
    pub(super) const fn new(text: &str) -> Self {
        Self { bytes: [0; 512], length: 0 }.and(text)
    }

    pub(super) const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() && self.length < self.bytes.len() {
            self.bytes[self.length] = text[at];
            self.length += 1;
            at += 1;
        }
        self
    }

    pub(super) const fn and_number(self, number: i64) -> Self {
        let (mut digits, mut at, mut rest) = ([b'0'; 20], 20, number.unsigned_abs());
        while at == 20 || rest > 0 {
            at -= 1;
            digits[at] = b"0123456789"[(rest % 10) as usize];
            rest /= 10;
        }
        let sign = if number < 0 { self.and("-") } else { self };
        match std::str::from_utf8(digits.split_at(at).1) {
            Ok(digits) => sign.and(digits),
            Err(_) => sign,
        }
    }

    pub(super) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// Compares two texts in a constant.
pub(super) const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}
