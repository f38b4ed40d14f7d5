#!/usr/bin/env python3
"""A host written from docs/card-extensions.md alone, through PC/SC: Debian's Python with its pyscard and cryptography.

    host_of_the_document.py PIN CERTIFICATE-OF-9A CERTIFICATE-OF-9E

9A holds an RSA key, 9E one on P-256; their certificates, in DER, are in the card's objects. With - for the PIN it is typed at
the phone. Each step prints a line.
"""
import hashlib
import pathlib
import re
import sys
import zlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.x509.oid import NameOID
from smartcard.System import readers

ALGORITHMS = {1: hashes.SHA256(), 2: hashes.SHA384(), 3: hashes.SHA512()}
MESSAGE = b"signed in one command"


def elements(data):
    """The elements of BER-TLV, as (tag, value)."""
    while data:
        end = 1
        if data[0] & 0x1F == 0x1F:
            while data[end] & 0x80:
                end += 1
            end += 1
        tag, data = int.from_bytes(data[:end], "big"), data[end:]
        length, start = data[0], 1
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[1:start], "big")
        yield tag, data[start : start + length]
        data = data[start + length :]


class Card:
    def __init__(self):
        for reader in readers():
            self.connection = reader.createConnection()
            try:
                self.connection.connect()
                return
            except Exception:
                continue
        sys.exit("there is no card in any reader")

    def send(self, header, data=b"", le=b"\0"):
        """The status word, and all of the answer's data."""
        body = bytes([len(data)]) + data if data else b""
        answer, sw1, sw2 = self.connection.transmit(list(bytes.fromhex(header) + body + le))
        while sw1 == 0x61:
            more, sw1, sw2 = self.connection.transmit([0x00, 0xC0, 0x00, 0x00, sw2])
            answer += more
        return sw1 << 8 | sw2, bytes(answer)

    def need(self, header, data=b"", le=b"\0"):
        status, answer = self.send(header, data, le)
        if status != 0x9000:
            sys.exit(f"{header} was answered with {status:04X}")
        return answer

    def announcement(self):
        template = dict(elements(self.need("00A40400", bytes.fromhex("A00000030800001000"))))
        url = dict(elements(template[0x61]))[0x5F50].decode("ascii")
        version, parameters = url.split("?")
        assert version == "tapcard:1", url
        known = dict(parameter.split("=") for parameter in parameters.split("&"))
        assert re.fullmatch("[0-9a-f]{32}", known["d"]), url
        self.seconds = int(known["v"]) if "v" in known else None
        return known["d"], int(known["p"]), bytes.fromhex(known["g"]), bytes.fromhex(known["n"]).decode()

    def verify_at_phone(self):
        """The PIN is typed at the phone: how that ended."""
        assert 1 <= self.seconds <= 600
        note = b"host_of_the_document"
        refused, _ = self.send("00200180", b"123456\xff\xff", b"")
        assert refused == 0x6A80
        status, _ = self.send("00200180", bytes([0x0C, len(note)]) + note, b"")
        return status

    def objects(self):
        """The public objects by their tags, and their digest."""
        answer = dict(elements(self.need("00CB3FFF", bytes.fromhex("5C035FD443"))))
        inflater = zlib.decompressobj(wbits=-15)
        plain = inflater.decompress(answer[0x53], 1_048_576)
        assert inflater.eof
        listed = list(elements(plain))
        assert [tag for tag, _ in listed] == [0x5C, 0x53] * (len(listed) // 2)
        tags = [int.from_bytes(tag, "big") for _, tag in listed[0::2]]
        assert tags == sorted(set(tags)), tags
        contents = [content for _, content in listed[1::2]]
        return dict(zip(tags, contents)), hashlib.sha256(plain).hexdigest()[:32]

    def sign(self, key, scheme, algorithm, note=None):
        """The status word and the signature."""
        hashed = hashlib.new(ALGORITHMS[algorithm].name, MESSAGE).digest()
        data = bytes([0x84, 1, key, 0x80, 2, scheme, algorithm, 0x90, len(hashed)]) + hashed
        if note is not None:
            data += bytes([0x0C, len(note)]) + note
        return self.send("002A9E9A", data)


def main():
    pin, rsa_file, ec_file = sys.argv[1:]
    card = Card()
    digest, tries, guid, holder = card.announcement()
    print(f"announced: {tries} tries")

    objects, computed = card.objects()
    assert computed == digest
    expected = {0x5FC105: pathlib.Path(rsa_file), 0x5FC101: pathlib.Path(ec_file)}
    for tag, path in expected.items():
        fields = dict(elements(objects[tag]))
        assert fields[0x70] == path.read_bytes() and fields[0x71] == b"\0"
    print(f"read: {len(objects)} objects")

    assert dict(elements(objects[0x5FC102]))[0x34] == guid
    rsa, ec_certificate = (x509.load_der_x509_certificate(path.read_bytes()) for path in expected.values())
    (common_name,) = rsa.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert common_name.value.encode()[:32].decode(errors="ignore") == holder
    print(f"called: {holder}")

    rsa_key, ec_key = rsa.public_key(), ec_certificate.public_key()
    status, _ = card.sign(0x9A, 1, 1)
    assert status == 0x6982
    if pin == "-":
        print(f"typed at the phone: {card.verify_at_phone():04X}")
    else:
        assert card.seconds is None
        card.need("00200080", pin.encode().ljust(8, b"\xff"), b"")
    for algorithm, function in ALGORITHMS.items():
        for scheme, padder in [
            (1, padding.PKCS1v15()),
            (2, padding.PSS(padding.MGF1(function), function.digest_size)),
        ]:
            status, signature = card.sign(0x9A, scheme, algorithm, b"host_of_the_document")
            assert status == 0x9000, f"{status:04X}"
            rsa_key.verify(signature, MESSAGE, padder, function)
        status, signature = card.sign(0x9E, 3, algorithm)
        assert status == 0x9000 and len(signature) == 64
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        ec_key.verify(utils.encode_dss_signature(r, s), MESSAGE, ec.ECDSA(function))
    print("signed: 9 times")

    refused = [card.sign(0x9A, 3, 1), card.sign(0x9E, 1, 1), card.sign(0x9D, 1, 1), card.sign(0x9E, 3, 1, b"x" * 65)]
    print("refused:", *(f"{status:04X}" for status, _ in refused))


main()
