//! The language between host and card: APDUs, BER-TLV, the PIV data model and a host-side PIV client. No I/O.
