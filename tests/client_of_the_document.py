#!/usr/bin/env python3
"""Enrolls a phone, written from docs/enrollment-protocol.md alone: JSON over HTTPS, and openssl for keys and requests.

    client_of_the_document.py FOLDER LINK [--lose-answer]

FOLDER keeps what a phone keeps: root, keys, and what is to be sent again if the answer is lost. With --lose-answer the
answer is thrown away, as by a phone that is killed. Prints the phone's id and a line for each certificate.
"""
import base64
import hashlib
import json
import pathlib
import re
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
import uuid

ALGORITHMS = {
    "RSA-2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "RSA-3072": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    "RSA-4096": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
    "P-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "P-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
}
# A request brings a key and nothing else.
CONFIGURATION = "[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = phone\n"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def ask(address, context, body=None):
    """The answer to a request; a refusal is printed as the server says it, and ends the program with its status."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=40, context=context) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        refusal = json.load(error)
        sys.exit(f"{error.code} {refusal['error']}: {refusal['message']}")


def trusted_root(server, fingerprint, folder):
    """The root that the link means, in a file."""
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    root = base64.b64decode(ask(f"{server}/api/v1/authority", unchecked)["root"])
    found = base64.b32encode(hashlib.sha256(root).digest()).decode().rstrip("=")
    if found != fingerprint.upper():
        sys.exit("the server is not the one that the invitation is for")
    path = folder / "root.pem"
    path.write_text(ssl.DER_cert_to_PEM_cert(root))
    return path


def new_request(slot, algorithm, folder):
    """A key for a slot, and its certification request."""
    key, request, configuration = (folder / f"{slot}{end}" for end in (".key", ".csr", ".cnf"))
    configuration.write_text(CONFIGURATION)
    openssl("genpkey", *ALGORITHMS[algorithm], "-out", key)
    digest = "-sha384" if algorithm == "P-384" else "-sha256"
    openssl("req", "-new", digest, "-config", configuration, "-key", key, "-outform", "DER", "-out", request)
    return {"slot": slot, "csr": base64.b64encode(request.read_bytes()).decode()}


def main(folder, link, *options):
    folder = pathlib.Path(folder)
    folder.mkdir(exist_ok=True)
    parts = re.fullmatch(r"(https://[^/]+)/invitation/([A-Za-z2-7]{32})#sha256=([A-Za-z2-7]{52})", link)
    server, token, fingerprint = parts.groups()
    context = ssl.create_default_context(cafile=trusted_root(server, fingerprint, folder))
    kept = folder / "request.json"
    if not kept.exists():
        offer = ask(f"{server}/api/v1/enrollment/offer", context, {"protocol": 1, "invitation": token})
        body = {
            "protocol": 1,
            "invitation": token,
            "phone": {"name": "a client of the document", "guid": uuid.uuid4().hex},
            "requests": [new_request(one["slot"], one["algorithm"], folder) for one in offer["slots"]],
        }
        kept.write_text(json.dumps(body))
    answer = ask(f"{server}/api/v1/enrollment", context, json.loads(kept.read_text()))
    if "--lose-answer" in options:
        return
    issuers = folder / "issuers.pem"
    issuers.write_text("".join(ssl.DER_cert_to_PEM_cert(base64.b64decode(one)) for one in answer["issuers"]))
    print(answer["phone"])
    for one in answer["certificates"]:
        slot, der = one["slot"], base64.b64decode(one["certificate"])
        certificate = folder / f"{slot}.pem"
        certificate.write_text(ssl.DER_cert_to_PEM_cert(der))
        openssl("verify", "-CAfile", folder / "root.pem", "-untrusted", issuers, certificate)
        key = subprocess.run(["openssl", "pkey", "-in", folder / f"{slot}.key", "-pubout"], check=True, capture_output=True)
        of = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True)
        if key.stdout != of.stdout:
            sys.exit(f"slot {slot}: the certificate is for another key")
        print(slot, hashlib.sha256(der).hexdigest())


main(*sys.argv[1:])
