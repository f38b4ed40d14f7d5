"""What Python programs do with the card by python-pkcs11: log in, sign, decrypt or agree on a secret.

Arguments: the module, a wrong PIN, the right PIN.
"""

import hashlib
import sys

import pkcs11
from pkcs11 import KDF, MGF, Attribute, KeyType, Mechanism, ObjectClass

MESSAGE = b"what Alice has signed"

module, wrong_pin, pin = sys.argv[1:]
token = pkcs11.lib(module).get_token()
try:
    token.open(user_pin=wrong_pin)
except pkcs11.exceptions.PinIncorrect:
    print("wrong PIN: refused")


def good(what, is_good):
    if not is_good:
        sys.exit(f"{what}: bad")
    print(f"{what}: good")


def private_key(session, label):
    return session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)


def public_key(session, label):
    return session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)


with token.open(user_pin=pin) as session:
    labels = [one[Attribute.LABEL] for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})]
    print(len(labels), "certificates:", ", ".join(labels))
    key, verifying = (find(session, "PIV Authentication") for find in (private_key, public_key))
    management, encrypting = (find(session, "Key Management") for find in (private_key, public_key))
    if key.key_type == KeyType.RSA:
        for name, mechanism, parameter in [
            ("PKCS #1", Mechanism.SHA256_RSA_PKCS, None),
            ("PSS", Mechanism.SHA256_RSA_PKCS_PSS, (Mechanism.SHA256, MGF.SHA256, 32)),
        ]:
            signature = key.sign(MESSAGE, mechanism=mechanism, mechanism_param=parameter)
            good(name, verifying.verify(MESSAGE, signature, mechanism=mechanism, mechanism_param=parameter))
        parameter = (Mechanism.SHA256, MGF.SHA256, None)
        secret = encrypting.encrypt(MESSAGE, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=parameter)
        opened = management.decrypt(secret, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=parameter)
        good("OAEP", opened == MESSAGE)
    else:
        digest = hashlib.sha256(MESSAGE).digest()
        signature = key.sign(digest, mechanism=Mechanism.ECDSA)
        good("ECDSA", verifying.verify(digest, signature, mechanism=Mechanism.ECDSA))
        shared = management.derive_key(
            KeyType.GENERIC_SECRET,
            256,
            mechanism_param=(KDF.NULL, None, encrypting[Attribute.EC_POINT]),
            template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True},
        )
        good("ECDH", len(shared[Attribute.VALUE]) == 32)
