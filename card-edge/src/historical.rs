//! The historical bytes of an ATR or ATS, taken apart (ISO/IEC 7816-4, 12.1.1).
//!
//! They say what a chip or its operating system can do. An application shows there only if its issuer
//! wrote its identifier down, which phones in card emulation mode cannot do.

/// The data objects that historical bytes may hold, by their compact-TLV tag (ISO/IEC 7816-4, 12.1.1.3 to 12.1.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// 1: country code, and what the issuer adds.
    CountryCode(&'a [u8]),
    /// 2: issuer identification number, and what the issuer adds.
    IssuerIdentification(&'a [u8]),
    /// 3: how applications are selected and whether DIR and ATR files exist.
    CardServiceData(u8),
    /// 4: initial access data.
    InitialAccessData(&'a [u8]),
    /// 5: data that the card's issuer chose.
    IssuerData(&'a [u8]),
    /// 6: data of chip, maker and operating system.
    PreIssuingData(&'a [u8]),
    /// 7: card capabilities, one to three bytes.
    Capabilities(&'a [u8]),
    /// F: an application identifier.
    ApplicationIdentifier(&'a [u8]),
    /// Any other tag.
    Other(u8, &'a [u8]),
}

/// What historical bytes are, by their first one, the category indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HistoricalBytes<'a> {
    /// There are none.
    None,
    /// 00 and 80: compact-TLV data objects, and the card's status where it gives one.
    Compact {
        /// The data objects in their order.
        fields: Vec<Field<'a>>,
        /// Life cycle status byte and status word; either may be 00 where it is not given.
        status: Option<(u8, u16)>,
    },
    /// Any other category, or bytes that are not what their category says: known to their maker alone.
    Proprietary(&'a [u8]),
}

impl<'a> HistoricalBytes<'a> {
    /// Takes historical bytes apart. Every byte string is something, if only proprietary.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Self {
        let parsed = match bytes {
            [] => return Self::None,
            [0x00, rest @ ..] => rest.split_last_chunk::<3>().and_then(|(objects, status)| {
                let [life_cycle, high, low] = *status;
                let status = Some((life_cycle, u16::from_be_bytes([high, low])));
                fields(objects).map(|fields| Self::Compact { fields, status })
            }),
            [0x80, rest @ ..] => fields(rest).map(|mut fields| {
                let status = match fields.last() {
                    Some(Field::Other(8, [life_cycle])) => Some((*life_cycle, 0)),
                    Some(Field::Other(8, [high, low])) => {
                        Some((0, u16::from_be_bytes([*high, *low])))
                    }
                    Some(Field::Other(8, [life_cycle, high, low])) => {
                        Some((*life_cycle, u16::from_be_bytes([*high, *low])))
                    }
                    _ => None,
                };
                if status.is_some() {
                    fields.pop();
                }
                Self::Compact { fields, status }
            }),
            _ => None,
        };
        parsed.unwrap_or(Self::Proprietary(bytes))
    }

    /// The first application identifier among them, if any.
    #[must_use]
    pub fn application_identifier(&self) -> Option<&'a [u8]> {
        self.fields().iter().find_map(|field| match field {
            Field::ApplicationIdentifier(aid) => Some(*aid),
            Field::CountryCode(_)
            | Field::IssuerIdentification(_)
            | Field::CardServiceData(_)
            | Field::InitialAccessData(_)
            | Field::IssuerData(_)
            | Field::PreIssuingData(_)
            | Field::Capabilities(_)
            | Field::Other(..) => None,
        })
    }

    /// The data objects; none where the bytes are proprietary.
    #[must_use]
    pub fn fields(&self) -> &[Field<'a>] {
        match self {
            Self::Compact { fields, .. } => fields,
            Self::None | Self::Proprietary(_) => &[],
        }
    }
}

/// Reads compact-TLV objects: tag in the high nibble, length in the low one. `None` where they are torn.
fn fields(mut bytes: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while let Some((head, rest)) = bytes.split_first() {
        let (value, rest) = rest.split_at_checked(usize::from(head & 0x0F))?;
        bytes = rest;
        fields.push(match (head >> 4, value) {
            (1, value) => Field::CountryCode(value),
            (2, value) => Field::IssuerIdentification(value),
            (3, [service]) => Field::CardServiceData(*service),
            (4, value) => Field::InitialAccessData(value),
            (5, value) => Field::IssuerData(value),
            (6, value) => Field::PreIssuingData(value),
            (7, value) => Field::Capabilities(value),
            (0xF, value) => Field::ApplicationIdentifier(value),
            (tag, value) => Field::Other(tag, value),
        });
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_tells_capabilities_and_no_application() {
        let bytes = [0x00, 0x31, 0xC1, 0x73, 0xC8, 0x40, 0x00, 0x00, 0x90, 0x00];
        let parsed = HistoricalBytes::parse(&bytes);
        assert_eq!(
            parsed,
            HistoricalBytes::Compact {
                fields: vec![
                    Field::CardServiceData(0xC1),
                    Field::Capabilities(&[0xC8, 0x40, 0x00]),
                ],
                status: Some((0, 0x9000)),
            }
        );
        assert_eq!(parsed.application_identifier(), None);
    }

    #[test]
    fn a_virtual_smart_card_names_its_gids_application() {
        // The ATR of Windows' TPM virtual smart card: 3B 8D 01 80 FB A0 .. 01 CF.
        let bytes = [
            0x80, 0xFB, 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59, 0x04, 0x01,
        ];
        assert_eq!(
            HistoricalBytes::parse(&bytes).application_identifier(),
            bytes.get(2..)
        );
    }

    #[test]
    fn what_is_torn_or_of_another_category_is_proprietary() {
        assert_eq!(HistoricalBytes::parse(&[]), HistoricalBytes::None);
        assert_eq!(
            HistoricalBytes::parse(b"Yubikey"),
            HistoricalBytes::Proprietary(b"Yubikey")
        );
        assert_eq!(
            HistoricalBytes::parse(&[0x80, 0x75, 1]),
            HistoricalBytes::Proprietary(&[0x80, 0x75, 1])
        );
        assert_eq!(
            HistoricalBytes::parse(&[0x80, 0x31, 0x80, 0x81, 0x05]),
            HistoricalBytes::Compact {
                fields: vec![Field::CardServiceData(0x80)],
                status: Some((5, 0)),
            }
        );
    }
}
