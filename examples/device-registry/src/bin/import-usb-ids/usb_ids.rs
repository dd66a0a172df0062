//! The USB ID list: vendors, their products, and nothing else of it.
//!
//! The format is that of `usb.ids`: a vendor is four hexadecimal digits, two spaces and a name; its products follow, with a
//! tab in front; interfaces, with two, are left out. Behind the vendors come sections on device classes, languages and the
//! like, whose lines begin with a word in capitals: the list ends there.

/// What a list says, and which of its lines say nothing.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) vendors: Vec<Vendor>,
    pub(crate) unread: Vec<Unread>,
}

/// A vendor with its products.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Vendor {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) products: Vec<Product>,
}

/// A product.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) id: u16,
    pub(crate) name: String,
}

/// A line that could not be used, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    pub(crate) line: usize,
    pub(crate) reason: &'static str,
}

/// Reads a list in UTF-8 or Latin-1, line by line, as real lists mix them.
pub(crate) fn parse(bytes: &[u8]) -> List {
    let mut reader = Reader::default();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let text = decode(line);
        if text.trim().is_empty() || text.starts_with('#') || text.starts_with("\t\t") {
            continue;
        }
        let used = match text.strip_prefix('\t') {
            Some(product) => reader.product(product),
            None if begins_section(&text) => break,
            None => reader.vendor(&text),
        };
        if let Err(reason) = used {
            reader.list.unread.push(Unread { line: index + 1, reason });
        }
    }
    reader.list
}

/// The list as far as it is read.
#[derive(Debug, Default)]
struct Reader {
    list: List,
    /// The vendor that products belong to, by its place; none below a line that could not be used.
    current: Option<usize>,
}

impl Reader {
    fn vendor(&mut self, text: &str) -> Result<(), &'static str> {
        self.current = None;
        let (id, name) = entry(text)?;
        let vendors = &mut self.list.vendors;
        self.current = vendors.iter().position(|vendor| vendor.id == id);
        if self.current.is_some() {
            return Err("the vendor is in the list already");
        }
        self.current = Some(vendors.len());
        vendors.push(Vendor { id, name, products: Vec::new() });
        Ok(())
    }

    fn product(&mut self, text: &str) -> Result<(), &'static str> {
        let (id, name) = entry(text)?;
        let vendor = self.current.and_then(|current| self.list.vendors.get_mut(current));
        let vendor = vendor.ok_or("a product without a vendor above it")?;
        if vendor.products.iter().any(|product| product.id == id) {
            return Err("the product is in the list already");
        }
        vendor.products.push(Product { id, name });
        Ok(())
    }
}

/// Four hexadecimal digits and a name.
fn entry(text: &str) -> Result<(u16, String), &'static str> {
    let (id, name) = text.split_at_checked(4).ok_or("no four hexadecimal digits in front")?;
    if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) || !name.starts_with([' ', '\t']) {
        return Err("no four hexadecimal digits in front");
    }
    let name = name.trim();
    if name.is_empty() {
        return Err("no name behind the number");
    }
    let id = u16::from_str_radix(id, 16).map_err(|_| "no four hexadecimal digits in front")?;
    Ok((id, name.to_owned()))
}

/// Whether a line such as `C 00  (Defined at Interface level)` ends the vendors.
fn begins_section(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or_default();
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()) && entry(text).is_err()
}

/// The line as text without the control characters that no JSON text may hold.
fn decode(line: &[u8]) -> String {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        // The first 256 characters of Unicode are those of Latin-1.
        Err(_) => line.iter().map(|byte| char::from(*byte)).collect(),
    };
    text.chars().filter(|char| *char == '\t' || !char.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(id: u16, name: &str) -> Product {
        Product { id, name: name.to_owned() }
    }

    #[test]
    fn vendors_have_the_products_below_them() {
        let list = parse(
            b"# comment\n\n1d6b  Linux Foundation\n\t0002  2.0 root hub\n\t0003  3.0 root hub\n1d6c  Other\n",
        );
        assert_eq!(list.unread, []);
        assert_eq!(
            list.vendors,
            [
                Vendor {
                    id: 0x1d6b,
                    name: "Linux Foundation".to_owned(),
                    products: vec![product(2, "2.0 root hub"), product(3, "3.0 root hub")],
                },
                Vendor { id: 0x1d6c, name: "Other".to_owned(), products: Vec::new() },
            ]
        );
    }

    #[test]
    fn interfaces_are_left_out() {
        let list = parse(b"0001  A\n\t0001  B\n\t\t00  interface\n");
        assert_eq!(list.vendors[0].products, [product(1, "B")]);
        assert_eq!(list.unread, []);
    }

    #[test]
    fn the_list_ends_where_the_classes_begin() {
        for section in ["C 00  (Defined at Interface level)", "HID 21  HID", "AT 0100  USB Undefined"] {
            let list = parse(format!("0001  A\n{section}\n\t01  Audio\n0002  B\n").as_bytes());
            assert_eq!(list.vendors.len(), 1, "{section}");
        }
    }

    #[test]
    fn a_vendor_whose_digits_are_capitals_is_no_section() {
        assert_eq!(parse(b"DEAD  Beef\n").vendors[0].id, 0xdead);
    }

    #[test]
    fn lines_in_latin_1_and_in_utf_8_are_both_read() {
        let list = parse(b"0001  Caf\xe9\r\n0002  Caf\xc3\xa9\r\n");
        assert_eq!(list.vendors[0].name, "Café");
        assert_eq!(list.vendors[1].name, "Café");
    }

    #[test]
    fn control_characters_are_left_out() {
        assert_eq!(parse(b"0001  A\x00\x1bB\x7f\n").vendors[0].name, "AB");
    }

    #[test]
    fn a_vendor_that_comes_again_gets_the_products_below_it() {
        let list = parse(b"0001  A\n0002  B\n0001  A again\n\t0003  C\n");
        assert_eq!(list.vendors[0].products, [product(3, "C")]);
        assert_eq!(list.vendors[1].products, []);
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_line() {
        let list =
            parse(b"\t0001  early\n0001  A\n0001  A again\n\t0002  B\n\t0002  B again\n\t00g3  C\n0004  \n\t0005  D\n");
        let unread: Vec<_> = list.unread.iter().map(|unread| (unread.line, unread.reason)).collect();
        assert_eq!(
            unread,
            [
                (1, "a product without a vendor above it"),
                (3, "the vendor is in the list already"),
                (5, "the product is in the list already"),
                (6, "no four hexadecimal digits in front"),
                (7, "no name behind the number"),
                (8, "a product without a vendor above it"),
            ]
        );
        assert_eq!(list.vendors.len(), 1);
    }
}
