//! Commands as bytes, and data elements (ISO/IEC 7816-4, 5.1 and 5.2.2).

/// A header, its data, and whether an answer is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apdu {
    pub header: [u8; 4],
    pub data: Vec<u8>,
    pub answers: bool,
}

impl Apdu {
    pub fn new(header: [u8; 4], data: Vec<u8>, answers: bool) -> Self {
        Self {
            header,
            data,
            answers,
        }
    }

    /// Short where the data fits, extended otherwise.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.header.to_vec();
        let length = self.data.len();
        if length > 255 {
            out.push(0);
            out.extend((length as u16).to_be_bytes());
        } else if length > 0 {
            out.push(length as u8);
        }
        out.extend(&self.data);
        if self.answers {
            out.extend(if length > 255 { &[1, 0][..] } else { &[0] });
        }
        out
    }

    /// The first part of a chain: all but the last four bytes.
    pub fn first(&self) -> Self {
        let mut header = self.header;
        header[0] |= 0x10;
        Self::new(header, self.data[..self.data.len() - 4].to_vec(), false)
    }

    /// The last part.
    pub fn last(&self) -> Self {
        let data = self.data[self.data.len() - 4..].to_vec();
        Self::new(self.header, data, self.answers)
    }
}

/// A data element with a tag of any length and a value of up to 65,535 bytes.
pub fn element(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut out = tag_bytes(tag);
    match value.len() {
        length @ 0..0x80 => out.push(length as u8),
        length @ 0x80..0x100 => out.extend([0x81, length as u8]),
        length => {
            out.push(0x82);
            out.extend((length as u16).to_be_bytes());
        }
    }
    out.extend(value);
    out
}

/// The dynamic authentication template.
pub fn template(fields: &[(u32, &[u8])]) -> Vec<u8> {
    let inner: Vec<u8> = fields
        .iter()
        .flat_map(|(tag, value)| element(*tag, value))
        .collect();
    element(0x7C, &inner)
}

/// The bytes of a tag.
pub fn tag_bytes(tag: u32) -> Vec<u8> {
    let bytes = tag.to_be_bytes().into_iter();
    bytes.skip_while(|byte| *byte == 0).collect()
}
